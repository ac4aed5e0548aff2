//! The savings ledger as people and spreadsheets read it.

use crate::support::server::{Engine, Server};
use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

const DATA_PLATFORM: &str = "333333333333";

/// A server with a scanned account whose best recommendation was marked as implemented; its id.
async fn implemented(engine: Engine) -> (Server, String) {
    let server = Server::start(engine).await;
    server.link(DATA_PLATFORM).await;
    server.scan(DATA_PLATFORM, &["eu-west-1"]).await;
    let list = server.org_admin.get("/recommendations?limit=1").await;
    let id = list.items()[0]["recommendationId"].as_str().unwrap().to_owned();
    let eve = server.member("main", "eve", "TUNER_USER", &[DATA_PLATFORM]);
    let done = eve.post(&format!("/recommendations/{id}/implement"), json!({"note": "=done"})).await;
    assert_eq!(done.status, 200);
    (server, id)
}

async fn entry(server: &Server) -> Value {
    let entries = server.org_admin.get("/savings/realised/entries").await;
    assert_eq!(entries.items().len(), 1, "one decision, one entry");
    entries.items()[0].clone()
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::mysql(Engine::MySql)]
#[tokio::test]
async fn a_promise_is_frozen_and_looked_at_by_the_next_scan(#[case] engine: Engine) {
    let (server, id) = implemented(engine).await;
    let promised = server.org_admin.get(&format!("/recommendations/{id}")).await.body;
    let fresh = entry(&server).await;
    assert_eq!((&fresh["recommendationId"], &fresh["verification"]), (&json!(id), &json!("pending")));
    assert_eq!((&fresh["implementedByName"], &fresh["note"]), (&json!("eve"), &json!("=done")));
    for field in ["estimatedMonthlySavings", "calculation"] {
        assert_eq!(fresh[field], promised[field], "{field}");
    }
    server.scan(DATA_PLATFORM, &["eu-west-1"]).await;
    let seen = entry(&server).await;
    assert_eq!(seen["verification"], "pending", "nobody did anything at AWS");
    assert_eq!(seen["remainingMonthlySavings"], promised["estimatedMonthlySavings"]);
    assert!(!seen["verifiedAt"].is_null());
    let again =
        server.org_admin.post(&format!("/recommendations/{id}/implement"), json!({"note": "=done"})).await;
    assert_eq!(again.status, 200);
    assert_eq!(entry(&server).await["implementedAt"], fresh["implementedAt"], "said twice, promised once");
    let reopened = server.org_admin.post(&format!("/recommendations/{id}/reopen"), json!({})).await;
    assert_eq!(reopened.status, 200);
    assert!(!entry(&server).await["closedAt"].is_null());
}

#[tokio::test]
async fn of_a_person_who_was_erased_only_the_id_is_left() {
    let (server, _) = implemented(Engine::Sqlite).await;
    let by = entry(&server).await["implementedBy"].clone();
    let path = format!("/users/{}", by.as_str().unwrap());
    assert_eq!(server.org_admin.call(Method::DELETE, &path, Value::Null).await.status, 204);
    let left = entry(&server).await;
    assert_eq!((&left["implementedBy"], &left["implementedByName"]), (&by, &Value::Null));
    let file = server.run(&["savings", "entries", "--format", "csv"]).out;
    assert!(!file.contains(",eve,"), "{file}");
}

#[tokio::test]
async fn a_day_of_history_has_possible_savings_and_a_score_only_with_spend() {
    let (server, _) = implemented(Engine::Sqlite).await;
    let open = server.org_admin.get("/savings/summary").await;
    server.scan(DATA_PLATFORM, &["eu-west-1"]).await;
    let history = server.org_admin.get(&format!("/savings/history?accountId={DATA_PLATFORM}")).await;
    let today = history.items().last().unwrap();
    assert_eq!(today["possibleMonthlySavings"], open.body["estimatedMonthlySavingsAtListPrice"]);
    assert_eq!(today["possibleMonthlySavingsAfterDiscounts"], open.body["estimatedMonthlySavings"]);
    assert_eq!(today["efficiencyScore"].is_null(), today["optimisableMonthlySpend"].is_null());
}

#[tokio::test]
async fn files_for_spreadsheets_are_tables() {
    let (server, _) = implemented(Engine::Sqlite).await;
    for (file, header) in [
        ("/savings/realised.csv", "key,estimatedSavings,realisedSavings,schedulerSavings"),
        ("/savings/history.csv", "day,accountCount,possibleMonthlySavings"),
    ] {
        let reply = server.org_admin.request(Method::GET, file).send().await.unwrap();
        assert_eq!(reply.headers()["content-type"], "text/csv; charset=utf-8", "{file}");
        let text = reply.text().await.unwrap();
        assert!(text.starts_with(header), "{file}: {text}");
    }
}

#[tokio::test]
async fn who_sees_no_account_sees_no_ledger() {
    let (server, _) = implemented(Engine::Sqlite).await;
    let outsider = server.member("main", "mallory", "TUNER_VIEWER", &[]);
    for path in ["/savings/realised/entries", "/savings/realised", "/savings/history"] {
        let reply = outsider.get(path).await;
        assert_eq!((reply.status.as_u16(), reply.items().len()), (200, 0), "{path}");
    }
}

#[rstest]
#[case::backwards("/savings/realised?from=2026-11-02&to=2026-11-01")]
#[case::no_day("/savings/history?from=yesterday")]
#[case::too_long("/savings/history?from=1900-01-01&to=2026-11-01")]
#[case::no_grouping("/savings/realised?groupBy=colour")]
#[case::no_state("/savings/realised/entries?verification=perhaps")]
#[tokio::test]
async fn a_question_that_makes_no_sense_is_refused(#[case] path: &str) {
    let server = Server::start(Engine::Sqlite).await;
    server.org_admin.get(path).await.is_problem(400, "invalidRequest");
}

#[tokio::test]
async fn the_command_line_tells_the_same() {
    let (server, id) = implemented(Engine::Sqlite).await;
    let entries = server.run(&["savings", "entries", "--format", "json"]);
    let told: Value = serde_json::from_str(&entries.out).unwrap();
    assert_eq!((told[0]["recommendationId"].as_str(), entries.code), (Some(id.as_str()), 0));
    let csv = server.run(&["savings", "entries", "--format", "csv"]);
    assert!(csv.out.contains(",'=done,"), "no formula reaches a spreadsheet: {}", csv.out);
    let history = server.run(&["savings", "history", "--format", "csv"]);
    assert!(history.out.starts_with("day,accountCount,"), "{}{}", history.out, history.err);
    let summary = server.run(&["savings", "summary"]);
    assert!(summary.out.contains("total"), "{}{}", summary.out, summary.err);
    server.run(&["savings", "realised", "--by", "colour"]).fails(2, "colour");
}
