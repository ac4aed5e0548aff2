//! Overrides: one at a time for a scope, with an end, ended by whoever may.

use super::{SHOP, add_account, id_of, in_hours, make_schedule, office};
use crate::support::{
    fleet::plant_instance,
    server::{Engine, Server},
};
use reqwest::Method;
use rstest::rstest;
use serde_json::json;

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::mysql(Engine::MySql)]
#[tokio::test]
async fn one_at_a_time_decides_for_a_scope(#[case] engine: Engine) {
    let server = Server::start(engine).await;
    add_account(&server, SHOP).await;
    plant_instance(&server.database, SHOP, "i-1", Some("office")).await;
    let admin = server.member("main", "a", "TUNER_ADMIN", &[SHOP]);
    let id = make_schedule(&admin, office()).await;
    let of_schedule = |from: i64, until: i64| json!({"scheduleId": id, "state": "running", "reason": "release", "from": in_hours(from), "until": in_hours(until)});
    let first = admin.post("/overrides", of_schedule(0, 2)).await;
    assert_eq!((first.status.as_u16(), &first.body["active"]), (201, &json!(true)), "{}", first.body);
    assert_eq!(first.body["createdByName"], json!("a"));
    let overlapping = admin.post("/overrides", of_schedule(1, 3)).await;
    overlapping.is_problem(409, "conflict");
    let override_id = id_of(&first.body, "overrideId");
    assert!(overlapping.body["detail"].as_str().unwrap().contains(&override_id), "it names the other one");
    let later = admin.post("/overrides", of_schedule(2, 3)).await;
    assert_eq!((later.status.as_u16(), &later.body["active"]), (201, &json!(false)), "{}", later.body);
    let resource = json!({"accountId": SHOP, "region": "eu-west-1", "kind": "instance", "resourceId": "i-1"});
    let body = json!({"resource": resource, "state": "leave", "reason": "debugging", "until": in_hours(1)});
    let of_resource = admin.post("/overrides", body).await;
    assert_eq!(of_resource.status.as_u16(), 201, "another scope: {}", of_resource.body);
    assert_eq!(admin.get("/overrides").await.items().len(), 3);
    admin.call(Method::DELETE, &format!("/schedules/{id}"), json!({})).await.is_problem(409, "conflict");
    let ended = admin.call(Method::DELETE, &format!("/overrides/{override_id}"), json!({})).await;
    assert_eq!((ended.status.as_u16(), &ended.body["active"]), (200, &json!(false)), "{}", ended.body);
    let again = admin.call(Method::DELETE, &format!("/overrides/{override_id}"), json!({})).await;
    assert_eq!(again.body["endedAt"], ended.body["endedAt"], "it ended once");
    assert_eq!(admin.get("/overrides").await.items().len(), 2);
    assert_eq!(admin.get("/overrides?over=true").await.items().len(), 3);
    assert_eq!(admin.get(&format!("/overrides?accountId={SHOP}")).await.items().len(), 1);
    assert_eq!(admin.post("/overrides", of_schedule(0, 1)).await.status.as_u16(), 201, "there is room again");
    let users = server.org_admin.get("/users").await;
    let user = users.items().iter().find(|user| user["name"] == "a").unwrap();
    let export = format!("/users/{}/data-export", id_of(user, "userId"));
    let exported = server.org_admin.get(&export).await.body;
    assert_eq!(exported["overrides"].as_array().unwrap().len(), 4, "what a person set is theirs to have");
}
