//! One decision about many, said twice, and the history that tells of it.

use crate::support::server::{Engine, Server};
use rstest::rstest;
use serde_json::{Value, json};

const DATA_PLATFORM: &str = "333333333333";
const FAR: &str = "2030-01-01T00:00:00Z";
const RULE: &str = "ebs-volume-gp2-to-gp3";

async fn scanned(engine: Engine) -> Server {
    let server = Server::start(engine).await;
    server.link(DATA_PLATFORM).await;
    server.scan(DATA_PLATFORM, &["eu-west-1"]).await;
    server
}

async fn ids(server: &Server, status: &str) -> Vec<String> {
    let list = server.org_admin.get(&format!("/recommendations?limit=500&rule={RULE}&status={status}")).await;
    list.items().iter().map(|r| r["recommendationId"].as_str().unwrap().to_owned()).collect()
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::mysql(Engine::MySql)]
#[tokio::test]
async fn all_that_a_filter_names_is_decided_and_taken_back(#[case] engine: Engine) {
    let server = scanned(engine).await;
    let user = server.member("main", "eve", "TUNER_USER", &[DATA_PLATFORM]);
    let open = ids(&server, "ACTIVE").await;
    let count = open.len();
    assert!(count > 1, "else this shows nothing");
    let total = async || user.get("/savings/summary").await.body["estimatedMonthlySavings"].clone();
    let before = total().await;
    let filter = json!({"rule": RULE, "accountId": DATA_PLATFORM});

    let look = json!({"filter": filter, "reason": "needed", "dryRun": true});
    let answer = user.post("/recommendations/dismiss", look).await;
    assert_eq!(answer.body, json!({"matched": count, "changed": 0, "dryRun": true}));
    assert_eq!(ids(&server, "ACTIVE").await, open);

    let other = json!({"filter": filter, "reason": "needed", "expectedCount": count + 1});
    user.post("/recommendations/dismiss", other).await.is_problem(409, "conflict");
    assert_eq!(ids(&server, "ACTIVE").await, open);

    let dismiss = json!({"filter": filter, "reason": "needed", "expectedCount": count});
    let answer = user.post("/recommendations/dismiss", dismiss).await;
    assert_eq!(answer.body, json!({"matched": count, "changed": count, "dryRun": false}));
    assert_eq!(ids(&server, "DISMISSED").await.len(), count);
    assert_ne!(total().await, before);
    let again = user.post("/recommendations/dismiss", json!({"filter": filter, "reason": "needed"})).await;
    assert_eq!(again.body["changed"], 0, "there is nothing left to do");

    let of_dismissed = json!({"rule": RULE, "status": "DISMISSED"});
    let answer = user.post("/recommendations/reopen", json!({"filter": of_dismissed})).await;
    assert_eq!(answer.body["changed"], count, "{}", answer.body);
    assert_eq!(total().await, before);
    let history = user.get(&format!("/recommendations/{}/history", open[0])).await;
    let told: Vec<_> = history.items().iter().map(|step| (&step["event"], &step["userName"])).collect();
    assert_eq!(told, [(&json!("reopened"), &json!("eve")), (&json!("dismissed"), &json!("eve"))]);
    assert_eq!(history.items()[1]["note"], "needed");
}

#[tokio::test]
async fn a_decision_that_is_said_again_changes_nothing() {
    let server = scanned(Engine::Sqlite).await;
    let path = format!("/recommendations/{}", ids(&server, "ACTIVE").await[0]);
    let ask = async |step: &str, body: Value| server.org_admin.post(&format!("{path}/{step}"), body).await;
    for _ in 0..2 {
        assert_eq!(ask("snooze", json!({"until": FAR})).await.body["status"], "SNOOZED");
    }
    for _ in 0..2 {
        assert_eq!(ask("implement", json!({"note": "by hand"})).await.body["status"], "IMPLEMENTED");
    }
    // Another word about what is done already makes no sense; taken back, it may be said.
    ask("implement", json!({"note": "by somebody else"})).await.is_problem(409, "conflict");
    ask("dismiss", json!({"reason": "no"})).await.is_problem(409, "conflict");
    let history = server.org_admin.get(&format!("{path}/history")).await;
    let told: Vec<_> = history.items().iter().map(|step| step["event"].as_str().unwrap()).collect();
    assert_eq!(told, ["implemented", "snoozed"]);
    let first = server.org_admin.get(&format!("{path}/history?limit=1")).await;
    let cursor = first.body["nextCursor"].as_str().unwrap();
    let second = server.org_admin.get(&format!("{path}/history?limit=1&cursor={cursor}")).await;
    assert_eq!(second.items()[0]["event"], "snoozed");
}

#[tokio::test]
async fn a_filter_that_makes_no_sense_is_refused() {
    let server = scanned(Engine::Sqlite).await;
    let open = ids(&server, "ACTIVE").await;
    let ask = async |step: &str, filter: Value, more: Value| {
        let mut body = json!({"filter": filter});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        server.org_admin.post(&format!("/recommendations/{step}"), body).await
    };
    ask("reopen", json!({}), json!({})).await.is_problem(409, "conflict");
    ask("implement", json!({"status": "RESOLVED"}), json!({})).await.is_problem(409, "conflict");
    ask("implement", json!({"status": "ANY"}), json!({})).await.is_problem(400, "invalidRequest");
    ask("implement", json!({"rule": "x"}), json!({})).await.is_problem(400, "invalidRequest");
    ask("implement", json!({"colour": "x"}), json!({})).await.is_problem(400, "unknownField");
    ask("dismiss", json!({}), json!({"reason": " "})).await.is_problem(400, "invalidRequest");
    ask("snooze", json!({}), json!({"until": "2020-01-01T00:00:00Z"}))
        .await
        .is_problem(400, "invalidRequest");
    let none = server.org_admin.post("/recommendations/implement", json!({})).await;
    none.is_problem(400, "invalidRequest");
    assert_eq!(ids(&server, "ACTIVE").await, open);
}

#[rstest]
#[case::a_viewer("TUNER_VIEWER", &[DATA_PLATFORM], 403)]
#[case::an_admin_without_the_account("TUNER_ADMIN", &[], 200)]
#[tokio::test]
async fn nobody_decides_about_what_they_do_not_see(
    #[case] role: &str,
    #[case] accounts: &[&str],
    #[case] status: u16,
) {
    let server = scanned(Engine::Sqlite).await;
    let open = ids(&server, "ACTIVE").await;
    let client = server.member("main", "eve", role, accounts);
    let answer = client.post("/recommendations/dismiss", json!({"filter": {}, "reason": "x"})).await;
    assert_eq!(answer.status.as_u16(), status);
    if status == 200 {
        assert_eq!(answer.body["matched"], 0);
        client.get(&format!("/recommendations/{}/history", open[0])).await.is_problem(404, "notFound");
    }
    assert_eq!(ids(&server, "ACTIVE").await, open);
}

#[tokio::test]
async fn the_command_line_does_the_same() {
    let server = scanned(Engine::Sqlite).await;
    let count = ids(&server, "ACTIVE").await.len();
    let run = |arguments: &[&str]| server.run(&[&["recommendations"], arguments].concat());
    let looked = run(&["dismiss", "--rule", RULE, "--reason", "needed", "--dry-run"]);
    assert!(looked.out.starts_with(&format!("{count} recommendations")), "{} {}", looked.out, looked.err);
    let wrong = (count + 1).to_string();
    run(&["dismiss", "--rule", RULE, "--reason", "needed", "--expect", &wrong]).fails(1, "names");
    let done = run(&["dismiss", "--rule", RULE, "--reason", "needed", "--expect", &count.to_string()]);
    assert_eq!(done.out, format!("{count} of {count} recommendations changed.\n"), "{}", done.err);
    run(&["dismiss", "--reason", "needed"]).fails(2, "required");
    let id = ids(&server, "DISMISSED").await.remove(0);
    let reopened = run(&["reopen", &id]);
    assert_eq!(reopened.code, 0, "{}", reopened.err);
    let history = run(&["history", &id]);
    assert!(history.out.contains("reopened") && history.out.contains("operator"), "{}", history.out);
    let shown = run(&["show", &id]);
    assert!(shown.out.contains("Arithmetic") && shown.out.contains(" = "), "{}", shown.out);
}
