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

/// Every operation that takes a JSON body: method and path.
fn writes(document: &Value) -> Vec<(Method, String)> {
    let mut found = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            if operation["requestBody"]["content"]["application/json"].is_object() {
                let path = path.replace("{accountId}", "123456789012");
                let path = path.split('/').map(|p| if p.starts_with('{') { SOME_ID } else { p });
                let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
                found.push((method, path.collect::<Vec<_>>().join("/")));
            }
        }
    }
    found
}

const SOME_ID: &str = "01a20166-ab8a-7143-b07a-8650a4d867c3";

fn utf_16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

#[tokio::test]
async fn no_route_takes_a_body_that_is_not_one_json_object() {
    let server = Server::start(Engine::Sqlite).await;
    let document = server.anon().get("/api/v1/openapi.json").await.body;
    let writes = writes(&document);
    assert!(writes.len() >= 6, "{writes:?}");
    let bodies: Vec<(&str, Vec<u8>, u16)> = vec![
        ("nothing", Vec::new(), 400),
        ("null", b"null".to_vec(), 400),
        ("a number", b"1".to_vec(), 400),
        ("a text", b"\"{}\"".to_vec(), 400),
        ("a list in place of an object", br#"["123456789012", "x", "y", null, null]"#.to_vec(), 400),
        ("an unknown field", br#"{"__proto__": {"admin": true}}"#.to_vec(), 400),
        ("not closed", b"{".to_vec(), 400),
        ("something behind", b"{} {}".to_vec(), 400),
        ("comments", b"{/* x */}".to_vec(), 400),
        ("a comma too many", br#"{"x": 1,}"#.to_vec(), 400),
        ("invalid UTF-8", b"{\"name\": \"\xff\xfe\"}".to_vec(), 400),
        ("an overlong slash", b"{\"name\": \"\xc0\xaf\"}".to_vec(), 400),
        ("half a surrogate", br#"{"name": "\ud800"}"#.to_vec(), 400),
        ("UTF-16", utf_16("{}"), 400),
        ("a byte order mark", b"\xef\xbb\xbf{}".to_vec(), 400),
        ("deep nesting", format!("{{\"name\": {}", "[".repeat(200_000)).into_bytes(), 400),
        ("deep objects", "{\"name\":".repeat(100_000).into_bytes(), 400),
        ("too large", vec![b' '; (1 << 20) + 1], 413),
    ];
    for (method, path) in &writes {
        for (what, body, status) in &bodies {
            let request = server.org_admin.request(method.clone(), path);
            let request = request.header("content-type", "application/json").body(body.clone());
            let reply = server.org_admin.send(request).await;
            assert_eq!(reply.status.as_u16(), *status, "{what} to {method} {path}: {}", reply.body);
            assert!(reply.body["code"].is_string(), "{what} to {method} {path}: {}", reply.body);
        }
    }
    assert_eq!(server.org_admin.get("/accounts").await.items().len(), 0, "nothing was made of them");
}

#[tokio::test]
async fn no_route_takes_a_body_of_another_type_or_coding() {
    let server = Server::start(Engine::Sqlite).await;
    let document = server.anon().get("/api/v1/openapi.json").await.body;
    for (method, path) in writes(&document) {
        for (name, value) in [
            ("content-type", "text/plain"),
            ("content-type", "text/json"),
            ("content-type", "application/x-www-form-urlencoded"),
            ("content-type", "multipart/form-data; boundary=x"),
            ("content-type", "application/json; charset=utf-16"),
            ("content-type", "application/jsonp"),
            ("content-encoding", "gzip"),
            ("content-encoding", "br, gzip"),
        ] {
            let mut request = server.org_admin.request(method.clone(), &path).header(name, value).body("{}");
            if name != "content-type" {
                request = request.header("content-type", "application/json");
            }
            let reply = server.org_admin.send(request).await;
            reply.is_problem(415, "unsupportedMediaType");
        }
    }
}

#[tokio::test]
async fn a_name_that_is_there_twice_is_refused_at_every_depth() {
    let server = Server::start(Engine::Sqlite).await;
    for body in [
        r#"{"accountId": "123456789012", "name": "x", "name": "y"}"#,
        r#"{"accountId": "123456789012", "accountId": "123456789013", "name": "x"}"#,
        r#"{"accountId": "123456789012", "name": "x", "\u006eame": "y"}"#,
    ] {
        let request =
            server.org_admin.request(Method::POST, "/accounts").header("content-type", "application/json");
        server.org_admin.send(request.body(body)).await.is_problem(400, "invalidRequest");
    }
}
