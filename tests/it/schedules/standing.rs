//! What holds the scheduler back: suspensions, kill switches, approvals that are waited for.

use super::{SHOP, add_account, make_schedule, office};
use crate::support::{
    fleet::plant_approval,
    server::{Engine, Server},
};
use reqwest::Method;
use rstest::rstest;
use serde_json::json;

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::mysql(Engine::MySql)]
#[tokio::test]
async fn schedules_and_accounts_are_suspended_and_go_on(#[case] engine: Engine) {
    let server = Server::start(engine).await;
    add_account(&server, SHOP).await;
    let owner = &server.org_admin;
    let id = make_schedule(owner, office()).await;
    let schedule = |verb: &str| format!("/schedules/{id}/{verb}");
    owner.post(&schedule("suspend"), json!({"reason": " "})).await.is_problem(400, "invalidRequest");
    let held = owner.post(&schedule("suspend"), json!({"reason": "moving"})).await.body;
    assert_eq!((&held["suspended"]["reason"], &held["revision"]), (&json!("moving"), &json!(1)));
    let again = owner.post(&schedule("suspend"), json!({"reason": "other"})).await.body;
    assert_eq!(again["suspended"], held["suspended"], "the first reason stays");
    let resumed = owner.post(&schedule("resume"), json!({})).await.body;
    assert_eq!(resumed["suspended"], json!(null));
    assert_ne!(resumed["changedAt"], held["changedAt"], "its present state is due");
    let account = format!("/accounts/{SHOP}/scheduler-suspension");
    assert_eq!(owner.get(&account).await.body["suspended"], json!(false));
    let held = owner.call(Method::PUT, &account, json!({"reason": "migration"})).await;
    assert_eq!((held.status.as_u16(), &held.body["suspended"]), (200, &json!(true)), "{}", held.body);
    assert_eq!(owner.get(&account).await.body["reason"], json!("migration"));
    assert_eq!(owner.call(Method::DELETE, &account, json!({})).await.status.as_u16(), 204);
    assert_eq!(owner.get(&account).await.body["suspended"], json!(false));
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::mysql(Engine::MySql)]
#[tokio::test]
async fn a_kill_switch_tells_who_and_why(#[case] engine: Engine) {
    let server = Server::start(engine).await;
    let owner = &server.org_admin;
    assert_eq!(owner.get("/scheduler/stop").await.body, json!({"stopped": false, "stops": []}));
    let on = owner.call(Method::PUT, "/scheduler/stop", json!({"reason": "incident"})).await;
    assert_eq!((on.status.as_u16(), &on.body["stopped"]), (200, &json!(true)), "{}", on.body);
    let stop = &owner.get("/scheduler/stop").await.body["stops"][0];
    assert_eq!((&stop["reason"], &stop["stoppedBy"]), (&json!("incident"), &json!("owner")));
    let all = server.run(&["schedule", "stop", "--installation", "--reason", "maintenance"]);
    assert_eq!(all.code, 0, "{}", all.err);
    assert_eq!(owner.call(Method::DELETE, "/scheduler/stop", json!({})).await.status.as_u16(), 204);
    let left = owner.get("/scheduler/stop").await.body;
    assert_eq!((&left["stopped"], &left["stops"][0]["scope"]), (&json!(true), &json!("installation")));
    let other = server.member("globex", "gus", "ORGANIZATION_ADMIN", &[]);
    assert_eq!(other.get("/scheduler/stop").await.body["stops"][0]["reason"], json!("maintenance"));
    assert_eq!(server.run(&["schedule", "go", "--installation"]).code, 0);
    assert_eq!(other.get("/scheduler/stop").await.body["stopped"], json!(false));
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::mysql(Engine::MySql)]
#[tokio::test]
async fn an_approval_is_decided_once_by_an_administrator(#[case] engine: Engine) {
    let server = Server::start(engine).await;
    add_account(&server, SHOP).await;
    let id = plant_approval(&server.database, SHOP).await;
    let (approve, refuse) =
        (format!("/scheduler/approvals/{id}/approve"), format!("/scheduler/approvals/{id}/refuse"));
    let viewer = server.member("main", "v", "TUNER_VIEWER", &[SHOP]);
    let listed = viewer.get("/scheduler/approvals?status=open").await;
    assert_eq!(listed.items()[0]["resources"][0]["resourceId"], json!("i-1"), "{}", listed.body);
    viewer.post(&approve, json!({})).await.is_problem(403, "forbidden");
    let stranger = server.member("main", "s", "TUNER_ADMIN", &[]);
    stranger.post(&approve, json!({})).await.is_problem(404, "notFound");
    let admin = server.member("main", "a", "TUNER_ADMIN", &[SHOP]);
    let decided = admin.post(&approve, json!({"standing": true, "note": "every evening"})).await;
    assert_eq!(decided.body["status"], json!("approved"), "{}", decided.body);
    assert_eq!((&decided.body["standing"], &decided.body["decidedBy"]), (&json!(true), &json!("a")));
    let late = admin.post(&refuse, json!({})).await;
    late.is_problem(409, "conflict");
    assert!(late.body["detail"].as_str().unwrap().contains("approved by a already"));
    assert_eq!(admin.get("/scheduler/approvals?status=open").await.items().len(), 0);
}
