//! Schedules, calendars and assignments: made, read, replaced, deleted.

use super::{SHOP, add_account, id_of, make_schedule, office};
use crate::support::server::{Engine, Server};
use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::mysql(Engine::MySql)]
#[tokio::test]
async fn a_schedule_is_normalised_and_the_same_one_changes_nothing(#[case] engine: Engine) {
    let server = Server::start(engine).await;
    let admin = server.member("main", "a", "TUNER_ADMIN", &[]);
    let id = make_schedule(&admin, office()).await;
    let path = format!("/schedules/{id}");
    let first = admin.get(&path).await.body;
    assert_eq!((&first["revision"], &first["updatedBy"]), (&json!(1), &json!("a")));
    assert_eq!(first["options"]["stopNew"], json!(true), "what was left out has its default");
    assert_eq!(first["options"]["catchUpMinutes"], json!(60));
    let same = admin.call(Method::PUT, &path, office()).await;
    assert_eq!((same.status.as_u16(), &same.body), (200, &first));
    // What GET gives is what PUT takes.
    let mut again: Value = first.clone();
    for field in ["scheduleId", "suspended", "problem", "changedAt", "createdAt", "updatedAt", "updatedBy"] {
        again.as_object_mut().unwrap().remove(field);
    }
    assert_eq!(admin.call(Method::PUT, &path, again).await.body, first);
    let mut changed = office();
    changed["periods"][0]["begin"] = json!("08:00");
    let replaced = admin.call(Method::PUT, &path, changed.clone()).await.body;
    assert_eq!(replaced["revision"], json!(2));
    assert_ne!(replaced["changedAt"], first["changedAt"]);
    changed["periods"][0]["begin"] = json!("09:00");
    changed["revision"] = json!(1);
    let stale = admin.call(Method::PUT, &path, changed).await;
    stale.is_problem(409, "conflict");
    assert!(stale.body["detail"].as_str().unwrap().contains("revision 1 was meant, it is at 2"));
    let listed = admin.get("/schedules?limit=1").await;
    assert_eq!((listed.items().len(), &listed.items()[0]["name"]), (1, &json!("office")));
    assert_eq!(admin.call(Method::DELETE, &path, json!({})).await.status.as_u16(), 204);
    admin.get(&path).await.is_problem(404, "notFound");
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::mysql(Engine::MySql)]
#[tokio::test]
async fn a_calendar_changes_the_schedules_that_use_it(#[case] engine: Engine) {
    let server = Server::start(engine).await;
    let owner = &server.org_admin;
    let mut with_holidays = office();
    with_holidays["holidays"] = json!(["de"]);
    let early = owner.post("/schedules", with_holidays.clone()).await;
    early.is_problem(400, "invalidRequest");
    assert_eq!(early.body["errors"][0]["field"], json!("holidays[0]"), "{}", early.body);
    let calendar = json!({"name": "de", "dates": ["2026-12-31"], "yearly": ["12-25"]});
    let made = owner.post("/calendars", calendar.clone()).await;
    assert_eq!(made.status.as_u16(), 201, "{}", made.body);
    let calendar_path = format!("/calendars/{}", id_of(&made.body, "calendarId"));
    let id = make_schedule(owner, with_holidays).await;
    let changed_at = || async { owner.get(&format!("/schedules/{id}")).await.body["changedAt"].clone() };
    let before = changed_at().await;
    let same = owner.call(Method::PUT, &calendar_path, calendar).await;
    assert_eq!((same.status.as_u16(), changed_at().await), (200, before.clone()), "nothing has changed");
    let other = json!({"name": "de", "dates": [], "yearly": ["12-25"], "revision": 1});
    let replaced = owner.call(Method::PUT, &calendar_path, other.clone()).await;
    assert_eq!(replaced.body["revision"], json!(2), "{}", replaced.body);
    assert_ne!(changed_at().await, before);
    owner.call(Method::PUT, &calendar_path, other).await.is_problem(409, "conflict");
    for refused in [
        owner.call(Method::DELETE, &calendar_path, json!({})).await,
        owner.call(Method::PUT, &calendar_path, json!({"name": "at"})).await,
    ] {
        refused.is_problem(409, "conflict");
        assert!(refused.body["detail"].as_str().unwrap().contains("is used by the schedules office"));
    }
    owner.call(Method::DELETE, &format!("/schedules/{id}"), json!({})).await;
    assert_eq!(owner.call(Method::DELETE, &calendar_path, json!({})).await.status.as_u16(), 204);
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::mysql(Engine::MySql)]
#[tokio::test]
async fn a_schedule_in_use_is_not_deleted(#[case] engine: Engine) {
    let server = Server::start(engine).await;
    add_account(&server, SHOP).await;
    let owner = &server.org_admin;
    let id = make_schedule(owner, office()).await;
    let (path, assignments) = (format!("/schedules/{id}"), format!("/schedules/{id}/assignments"));
    let body = json!({"accountId": SHOP, "region": "eu-west-1", "tag": {"key": "team", "value": "data"}});
    let made = owner.post(&assignments, body.clone()).await;
    assert_eq!((made.status.as_u16(), &made.body["tag"]["key"]), (201, &json!("team")), "{}", made.body);
    let again = owner.post(&assignments, body).await;
    again.is_problem(409, "conflict");
    assert!(again.body["detail"].as_str().unwrap().contains("assigned to \"office\" already"));
    let refused = owner.call(Method::DELETE, &path, json!({})).await;
    refused.is_problem(409, "conflict");
    assert!(refused.body["detail"].as_str().unwrap().contains("delete its assignments first"));
    let one = format!("{assignments}/{}", id_of(&made.body, "assignmentId"));
    assert_eq!(owner.call(Method::DELETE, &one, json!({})).await.status.as_u16(), 204);
    owner.call(Method::DELETE, &one, json!({})).await.is_problem(404, "notFound");
    assert_eq!(owner.get(&assignments).await.items().len(), 0);
    assert_eq!(owner.call(Method::DELETE, &path, json!({})).await.status.as_u16(), 204);
}

#[tokio::test]
async fn a_name_is_taken_once() {
    let server = Server::start(Engine::Sqlite).await;
    let owner = &server.org_admin;
    make_schedule(owner, office()).await;
    owner.post("/schedules", office()).await.is_problem(409, "conflict");
    let mut other = office();
    other["name"] = json!("nights");
    let id = make_schedule(owner, other).await;
    owner.call(Method::PUT, &format!("/schedules/{id}"), office()).await.is_problem(409, "conflict");
}
