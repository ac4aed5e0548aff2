//! Nobody learns what another organisation, or an account that was not granted, has; and roles are held.

use super::{DATA, SHOP, add_account, id_of, in_hours, make_schedule, office};
use crate::support::{
    fleet::{plant_action, plant_approval, plant_day_off, plant_instance},
    server::{Engine, Server},
};
use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

const CANARY: &str = "canary-4711";

/// Everything there is to see, with the canary in each free text.
async fn fill(server: &Server) -> Vec<String> {
    let owner = &server.org_admin;
    add_account(server, SHOP).await;
    let db = &server.database;
    plant_instance(db, SHOP, CANARY, Some(CANARY)).await;
    plant_action(db, SHOP, CANARY).await;
    plant_day_off(db, SHOP, CANARY, "2026-11-20", "onDemand").await;
    let approval = plant_approval(db, SHOP).await;
    let calendar = owner.post("/calendars", json!({"name": CANARY, "yearly": ["12-25"]})).await;
    let mut document = office();
    (document["name"], document["holidays"]) = (json!(CANARY), json!([CANARY]));
    let id = make_schedule(owner, document).await;
    owner.post(&format!("/schedules/{id}/assignments"), json!({"accountId": SHOP})).await;
    let body = json!({"scheduleId": id, "state": "running", "reason": CANARY, "until": in_hours(2)});
    let over = owner.post("/overrides", body).await;
    owner.call(Method::PUT, "/scheduler/stop", json!({"reason": CANARY})).await;
    owner
        .call(Method::PUT, &format!("/accounts/{SHOP}/scheduler-suspension"), json!({"reason": CANARY}))
        .await;
    vec![
        format!("/schedules/{id}"),
        format!("/schedules/{id}/preview"),
        format!("/schedules/{id}/assignments"),
        format!("/calendars/{}", id_of(&calendar.body, "calendarId")),
        format!("/overrides/{}", id_of(&over.body, "overrideId")),
        format!("/scheduler/approvals/{approval}"),
        format!("/scheduler/resources/{SHOP}/eu-west-1/instance/{CANARY}"),
        format!("/accounts/{SHOP}/scheduler-suspension"),
    ]
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::mysql(Engine::MySql)]
#[tokio::test]
async fn another_organization_sees_nothing(#[case] engine: Engine) {
    let server = Server::start(engine).await;
    let ones = fill(&server).await;
    let other = server.member("globex", "gus", "ORGANIZATION_ADMIN", &[]);
    for path in &ones {
        assert_eq!(server.org_admin.get(path).await.status.as_u16(), 200, "{path}");
        other.get(path).await.is_problem(404, "notFound");
    }
    for path in [
        "/schedules",
        "/calendars",
        "/overrides?over=true",
        "/scheduler/stop",
        "/scheduler/approvals",
        "/scheduler/runs",
        "/scheduler/actions",
        "/scheduler/resources?gone=true",
        "/scheduler/savings?from=2026-11-01",
        "/scheduler/savings/resources?from=2026-11-01",
    ] {
        let (own, theirs) = (server.org_admin.get(path).await, other.get(path).await);
        assert_eq!(theirs.status.as_u16(), 200, "{path}");
        assert_ne!(own.body, theirs.body, "{path}: there is something to see");
        for secret in [CANARY, SHOP] {
            assert!(!theirs.body.to_string().contains(secret), "{path} shows {secret}");
        }
    }
    // The same names are free there.
    let calendar = other.post("/calendars", json!({"name": CANARY})).await;
    assert_eq!(calendar.status.as_u16(), 201, "{}", calendar.body);
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::mysql(Engine::MySql)]
#[tokio::test]
async fn an_account_that_is_not_granted_does_not_exist(#[case] engine: Engine) {
    let server = Server::start(engine).await;
    fill(&server).await;
    add_account(&server, DATA).await;
    let admin = server.member("main", "a", "TUNER_ADMIN", &[DATA]);
    let id = make_schedule(&admin, office()).await;
    let resource = |account: &str| json!({"accountId": account, "region": "eu-west-1", "kind": "instance", "resourceId": CANARY});
    let over = |account: &str| json!({"resource": resource(account), "state": "leave", "reason": "x", "until": in_hours(1)});
    let hidden = admin.post("/overrides", over(SHOP)).await;
    hidden.is_problem(404, "notFound");
    assert_eq!(hidden.anonymous(), admin.post("/overrides", over("999999999999")).await.anonymous());
    let assign = format!("/schedules/{id}/assignments");
    admin.post(&assign, json!({"accountId": SHOP})).await.is_problem(404, "notFound");
    assert_eq!(admin.post(&assign, json!({"accountId": DATA})).await.status.as_u16(), 201);
    for path in [
        "/scheduler/resources",
        "/scheduler/actions",
        "/scheduler/approvals",
        "/scheduler/savings/resources?from=2026-11-01",
    ] {
        assert_eq!(admin.get(path).await.items(), &Vec::<Value>::new(), "{path}");
    }
    let suspension = format!("/accounts/{SHOP}/scheduler-suspension");
    admin.call(Method::PUT, &suspension, json!({"reason": "x"})).await.is_problem(404, "notFound");
    admin.call(Method::DELETE, &suspension, json!({})).await.is_problem(404, "notFound");
}

#[tokio::test]
async fn everybody_looks_and_administrators_change() {
    let server = Server::start(Engine::Sqlite).await;
    let id = make_schedule(&server.org_admin, office()).await;
    let one = format!("/schedules/{id}");
    for (name, role) in [("v", "TUNER_VIEWER"), ("u", "TUNER_USER")] {
        let client = server.member("main", name, role, &[]);
        assert_eq!(client.get(&one).await.status.as_u16(), 200);
        let preview = client.post("/schedules/preview", json!({"schedule": office()})).await;
        assert_eq!(preview.status.as_u16(), 200, "to look is not to change: {}", preview.body);
        for (method, path) in [
            (Method::POST, "/schedules".to_owned()),
            (Method::PUT, one.clone()),
            (Method::DELETE, one.clone()),
            (Method::POST, format!("{one}/suspend")),
            (Method::POST, format!("{one}/assignments")),
            (Method::POST, "/overrides".to_owned()),
            (Method::POST, "/calendars".to_owned()),
            (Method::PUT, "/scheduler/stop".to_owned()),
        ] {
            client.call(method, &path, json!({})).await.is_problem(403, "forbidden");
        }
    }
    let scopes = ["scheduler:run"];
    let key = server
        .org_admin
        .post("/api-keys", json!({"name": "k", "role": "TUNER_ADMIN", "scopes": scopes}))
        .await;
    let key = server.anon().with_token(key.body["key"].as_str().unwrap());
    key.get("/schedules").await.is_problem(403, "forbidden");
    key.call(Method::PUT, "/scheduler/stop", json!({"reason": "x"})).await.is_problem(403, "forbidden");
}
