//! `/webhooks` and `tuner webhook`, as people use them and misuse them.

use super::{ALLOWED, Receiver};
use crate::support::server::{Engine, Server};
use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

fn body(url: &str) -> Value {
    json!({"name": "ops", "url": url, "events": ["scheduler.actionFailed", "scheduler.missed"]})
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::mysql(Engine::MySql)]
#[tokio::test]
async fn an_endpoint_is_registered_tested_changed_and_removed(#[case] engine: Engine) {
    let server = Server::start_with(engine, &[ALLOWED]).await;
    let (owner, mut receiver) = (&server.org_admin, Receiver::start().await);
    let made = owner.post("/webhooks", body(&receiver.url())).await;
    assert_eq!(made.status.as_u16(), 201, "{}", made.body);
    assert_eq!(made.headers["cache-control"], "no-store");
    let secret = made.body["secret"].as_str().unwrap();
    let origin = format!("http://127.0.0.1:{}", receiver.port());
    assert_eq!((&made.body["origin"], &made.body["status"]), (&json!(origin), &json!("active")));
    let of = format!("/webhooks/{}", made.body["webhookId"].as_str().unwrap());

    let tested = owner.post(&format!("{of}/test"), json!({})).await.body;
    assert_eq!(tested, json!({"delivered": true, "answerStatus": 204, "failure": null}));
    let message = receiver.next().await;
    assert!(message.is_signed_with(secret));
    assert_eq!(message.body()["type"], "webhook.test");
    receiver.answer(404);
    let tested = owner.post(&format!("{of}/test"), json!({})).await.body;
    assert_eq!(tested, json!({"delivered": false, "answerStatus": 404, "failure": "notAccepted"}));
    let page = owner.get(&format!("{of}/deliveries?limit=1")).await;
    assert_eq!(
        (&page.items()[0]["status"], &page.items()[0]["type"]),
        (&json!("givenUp"), &json!("webhook.test")),
        "a test is not tried again"
    );
    let next = page.body["nextCursor"].as_str().unwrap();
    let page = owner.get(&format!("{of}/deliveries?limit=1&cursor={next}")).await;
    assert_eq!((&page.items()[0]["status"], page.body.get("nextCursor")), (&json!("delivered"), None));

    let rotated = owner.post(&format!("{of}/rotate-secret"), json!({})).await;
    assert_eq!(
        (rotated.status.as_u16(), &rotated.headers["cache-control"]),
        (200, &"no-store".parse().unwrap())
    );
    assert_ne!(rotated.body["secret"], secret);
    let change = json!({"name": "night shift", "events": ["scheduler.deviation"], "disabled": true});
    let changed = owner.call(Method::PATCH, &of, change).await.body;
    assert_eq!(
        (&changed["name"], &changed["status"], &changed["events"]),
        (&json!("night shift"), &json!("disabled"), &json!(["scheduler.deviation"]))
    );
    let enabled = owner.call(Method::PATCH, &of, json!({"disabled": false})).await.body;
    assert_eq!((&enabled["name"], &enabled["status"]), (&json!("night shift"), &json!("active")));
    let listed = owner.get("/webhooks").await;
    assert_eq!(listed.items().len(), 1);
    for answer in [&listed.body, &changed, &enabled, &owner.get(&of).await.body] {
        assert!(!answer.to_string().contains("canary") && answer.get("secret").is_none(), "{answer}");
    }
    assert_eq!(owner.call(Method::DELETE, &of, json!({})).await.status.as_u16(), 204);
    owner.get(&of).await.is_problem(404, "notFound");
}

#[tokio::test]
async fn what_is_wrong_is_said_without_the_address() {
    let server = Server::start(Engine::Sqlite).await;
    let owner = &server.org_admin;
    let with = |field: &str, value: Value| {
        let mut body = body("https://hooks.example.com/x-canary");
        body[field] = value;
        body
    };
    for (bad, code) in [
        (with("url", json!("https://127.0.0.1/x-canary")), "invalidRequest"),
        (with("url", json!("http://hooks.example.com/x-canary")), "invalidRequest"),
        (with("url", json!("https://u:x-canary@hooks.example.com/")), "invalidRequest"),
        (with("url", json!(["https://hooks.example.com/x-canary"])), "invalidRequest"),
        (with("url", Value::Null), "invalidRequest"),
        (with("events", json!([])), "invalidRequest"),
        (with("events", json!(["webhook.test"])), "invalidRequest"),
        (with("events", json!(["scheduler.everything"])), "invalidRequest"),
        (with("events", json!("scheduler.missed")), "invalidRequest"),
        (with("name", json!(" ")), "invalidRequest"),
        (with("name", json!("a\u{1b}[31m")), "invalidRequest"),
        (with("accountIds", json!(["12"])), "invalidAccountId"),
        (with("accountIds", json!(["999999999999"])), "notFound"),
        (with("accountIds", json!([])), "invalidRequest"),
        (with("secret", json!("whsec_mine")), "unknownField"),
    ] {
        let answer = owner.post("/webhooks", bad.clone()).await;
        assert_eq!(answer.body["code"], code, "{bad}: {}", answer.body);
        assert!(!answer.body.to_string().contains("x-canary"), "{}", answer.body);
    }
    assert_eq!(owner.get("/webhooks").await.items().len(), 0);
}

#[tokio::test]
async fn an_organization_has_twenty_at_most() {
    let server = Server::start(Engine::Sqlite).await;
    for _ in 0..20 {
        let made = server.org_admin.post("/webhooks", body("https://hooks.example.com/")).await;
        assert_eq!(made.status.as_u16(), 201, "{}", made.body);
    }
    let one_more = server.org_admin.post("/webhooks", body("https://hooks.example.com/")).await;
    one_more.is_problem(409, "conflict");
    let other = server.member("globex", "gus", "ORGANIZATION_ADMIN", &[]);
    assert_eq!(other.post("/webhooks", body("https://hooks.example.com/")).await.status.as_u16(), 201);
}

#[tokio::test]
async fn the_command_line_adds_lists_tests_and_removes() {
    let server = Server::start_with(Engine::Sqlite, &[ALLOWED]).await;
    let mut receiver = Receiver::start().await;
    let allowed = |arguments: &[&str]| server.run_with(&[ALLOWED], arguments);
    let added = allowed(&["webhook", "add", "--name", "ops", "--url", &receiver.url()]);
    assert_eq!(added.code, 0, "{}", added.err);
    let secret = added.out.trim().to_owned();
    assert!(secret.starts_with("whsec_") && !added.err.contains("canary"), "{} {}", added.out, added.err);
    let list: Value = serde_json::from_str(&allowed(&["webhook", "list", "--format", "json"]).out).unwrap();
    let id = list[0]["webhookId"].as_str().unwrap();
    assert_eq!(list[0]["events"].as_array().unwrap().len(), 5, "all of them by default");
    let table = allowed(&["webhook", "list"]).out;
    assert!(table.contains("http://127.0.0.1:") && !table.contains("canary"), "{table}");
    assert_eq!(allowed(&["webhook", "test", id]).out, "The endpoint took it (status 204).\n");
    assert!(receiver.next().await.is_signed_with(&secret));
    receiver.answer(500);
    allowed(&["webhook", "test", id]).fails(1, "the endpoint did not take it: notAccepted (status 500)");
    server.run(&["webhook", "test", id]).fails(1, "addressRefused");
    assert_eq!(allowed(&["webhook", "remove", id]).code, 0);
    allowed(&["webhook", "remove", id]).fails(1, "nothing here");
    let inside = ["webhook", "add", "--name", "x", "--url", "https://10.0.0.1/x-canary"];
    let refused = allowed(&inside);
    refused.fails(1, "does not lead to the outside world");
    assert!(!refused.err.contains("x-canary"), "{}", refused.err);
    allowed(&["webhook", "add", "--name", "x", "--url", "https://a.example/", "--events", "all"])
        .fails(2, "scheduler.actionFailed");
}
