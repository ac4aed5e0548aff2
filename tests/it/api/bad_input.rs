//! Wrong requests: the right 4xx as problem+json with a stable code, nothing leaked, no panic.

use crate::support::server::{Engine, Server};
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn wrong_requests_are_told_apart() {
    let server = Server::start(Engine::Sqlite).await;
    let owner = &server.org_admin;
    let post = |path: &'static str, body: Value| owner.call(Method::POST, path, body);
    post("/accounts", json!({"accountId": "12345", "name": "x"})).await.is_problem(400, "invalidAccountId");
    post("/accounts", json!({"accountId": "123456789012"})).await.is_problem(400, "invalidRequest");
    post("/accounts", json!({"accountId": "123456789012", "name": " "}))
        .await
        .is_problem(400, "invalidRequest");
    post("/accounts", json!({"accountId": "123456789012", "name": "x", "role": "y"}))
        .await
        .is_problem(400, "unknownField");
    assert_eq!(
        post("/accounts", json!({"accountId": "123456789012", "name": "x"})).await.status.as_u16(),
        201
    );
    post("/accounts", json!({"accountId": "123456789012", "name": "x"})).await.is_problem(409, "conflict");
    post("/accounts/123456789012/link", json!({"roleArn": "arn:aws:iam::123456789012:user/x"}))
        .await
        .is_problem(400, "invalidRequest");
    post("/accounts/123456789012/scans", json!({})).await.is_problem(409, "notLinked");
    post("/accounts/123456789012/scans", json!({"regions": ["nowhere"]}))
        .await
        .is_problem(400, "invalidRequest");
    owner.get("/recommendations?nonsense=1").await.is_problem(400, "unknownField");
    owner.get("/recommendations/not-a-uuid").await.is_problem(400, "invalidRequest");
    owner.get("/nothing").await.is_problem(404, "notFound");
    owner.call(Method::PUT, "/accounts", json!({})).await.is_problem(405, "methodNotAllowed");
    let text = owner.request(Method::POST, "/accounts").header("content-type", "text/plain").body("{}");
    owner.send(text).await.is_problem(415, "unsupportedMediaType");
    let json_type = owner.request(Method::POST, "/accounts").header("content-type", "application/json");
    owner.send(json_type.body("x".repeat((1 << 20) + 1))).await.is_problem(413, "payloadTooLarge");
}

#[tokio::test]
async fn wrong_filters_name_themselves() {
    let server = Server::start(Engine::Sqlite).await;
    for path in [
        "/recommendations?service=S4",
        "/recommendations?rule=nothing",
        "/recommendations?region=mars",
        "/recommendations?status=OPEN",
        "/recommendations?sort=price",
        "/recommendations?minMonthlySavings=lots",
        "/recommendations?limit=501",
        "/recommendations?cursor=abc",
        "/recommendations?tag=%3Dx",
        "/recommendations?accountId=1",
        "/costs?groupBy=mood",
        "/costs?from=yesterday",
        "/costs?from=2026-02-02&to=2026-02-01",
        "/resources?kind=Toaster",
    ] {
        let reply = server.org_admin.get(path).await;
        assert_eq!(reply.status.as_u16(), 400, "{path}: {}", reply.body);
        assert!(reply.body["code"].is_string() && reply.body["detail"].is_string(), "{path}: {}", reply.body);
    }
}

#[tokio::test]
async fn a_set_up_token_works_once() {
    let server = Server::start(Engine::Sqlite).await;
    let again = json!({"setupToken": server.setup_token, "name": "eve"});
    server.anon().post("/auth/setup", again).await.is_problem(401, "unauthenticated");
}
