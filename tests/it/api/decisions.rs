//! Snooze, dismiss, implement, reopen: who may, what follows, what does not.

use crate::support::server::{Engine, Server};
use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

const DATA_PLATFORM: &str = "333333333333";
const FAR: &str = "2030-01-01T00:00:00Z";

/// A server with a scanned account, and the path of its best recommendation.
async fn scanned(engine: Engine) -> (Server, String) {
    let server = Server::start(engine).await;
    server.link(DATA_PLATFORM).await;
    server.scan(DATA_PLATFORM, &["eu-west-1"]).await;
    let list = server.org_admin.get("/recommendations?limit=1").await;
    let path = format!("/recommendations/{}", list.items()[0]["recommendationId"].as_str().unwrap());
    (server, path)
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::mysql(Engine::MySql)]
#[tokio::test]
async fn a_decision_takes_a_recommendation_out_of_the_totals_and_back(#[case] engine: Engine) {
    let (server, path) = scanned(engine).await;
    let user = server.member("main", "eve", "TUNER_USER", &[DATA_PLATFORM]);
    let total = async || user.get("/savings/summary").await.body["estimatedMonthlySavings"].clone();
    let before = total().await;
    let dismissed = user.post(&format!("{path}/dismiss"), json!({"reason": "needed"})).await;
    assert_eq!((dismissed.status.as_u16(), &dismissed.body["status"]), (200, &json!("DISMISSED")));
    assert_ne!(total().await, before);
    for (step, body, status) in [
        ("snooze", json!({"until": FAR}), "SNOOZED"),
        ("implement", json!({"note": "done by hand"}), "IMPLEMENTED"),
        ("reopen", json!({}), "ACTIVE"),
    ] {
        let answer = user.post(&format!("{path}/{step}"), body).await;
        assert_eq!((answer.status.as_u16(), &answer.body["status"]), (200, &json!(status)), "{step}");
    }
    assert_eq!(total().await, before);
}

#[rstest]
#[case::a_viewer("TUNER_VIEWER", &[DATA_PLATFORM], 403, "forbidden")]
#[case::an_admin_without_the_account("TUNER_ADMIN", &[], 404, "notFound")]
#[tokio::test]
async fn who_may_not_decide(
    #[case] role: &str,
    #[case] accounts: &[&str],
    #[case] status: u16,
    #[case] code: &str,
) {
    let (server, path) = scanned(Engine::Sqlite).await;
    let client = server.member("main", "eve", role, accounts);
    for (step, body) in [
        ("snooze", json!({"until": FAR})),
        ("dismiss", json!({"reason": "x"})),
        ("implement", json!({})),
        ("reopen", json!({})),
    ] {
        client.post(&format!("{path}/{step}"), body).await.is_problem(status, code);
    }
}

#[tokio::test]
async fn a_wrong_decision_is_a_problem_and_changes_nothing() {
    let (server, path) = scanned(Engine::Sqlite).await;
    let ask = async |step: &str, body: Value| {
        server.org_admin.call(Method::POST, &format!("{path}/{step}"), body).await
    };
    ask("snooze", json!({"until": "2020-01-01T00:00:00Z"})).await.is_problem(400, "invalidRequest");
    ask("snooze", json!({"until": "tomorrow"})).await.is_problem(400, "invalidRequest");
    ask("snooze", json!({})).await.is_problem(400, "invalidRequest");
    ask("dismiss", json!({"reason": ""})).await.is_problem(400, "invalidRequest");
    ask("dismiss", json!({"reason": "x", "by": "somebody"})).await.is_problem(400, "unknownField");
    ask("implement", json!({"note": "x".repeat(1001)})).await.is_problem(400, "invalidRequest");
    ask("reopen", json!({})).await.is_problem(409, "conflict");
    assert_eq!(server.org_admin.get(&path).await.body["status"], "ACTIVE");
}
