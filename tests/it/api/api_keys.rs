//! `/api-keys`: shown once, narrowed by scopes, never above the issuer, revoked at once.

use crate::support::server::{Client, Engine, Reply, Server};
use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

const SHOP: &str = "555555555555";

async fn issue(client: &Client, role: &str, scopes: &[&str]) -> Reply {
    client.post("/api-keys", json!({"name": "cron", "role": role, "scopes": scopes})).await
}

fn with_key(server: &Server, made: &Reply) -> Client {
    server.anon().with_token(made.body["key"].as_str().unwrap_or_else(|| panic!("{}", made.body)))
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::mysql(Engine::MySql)]
#[tokio::test]
async fn a_key_does_what_its_scopes_say(#[case] engine: Engine) {
    let server = Server::start(engine).await;
    let made = issue(&server.org_admin, "TUNER_ADMIN", &["recommendations:read"]).await;
    assert_eq!(made.status.as_u16(), 201, "{}", made.body);
    assert_eq!(made.headers["cache-control"], "no-store");
    let key = with_key(&server, &made);
    let me = key.get("/auth/me").await.body;
    assert_eq!((&me["role"], &me["permissions"]), (&json!("TUNER_ADMIN"), &json!(["savings:view"])));
    assert_eq!(key.get("/recommendations").await.status.as_u16(), 200);
    key.post("/accounts", json!({"accountId": SHOP, "name": "x"})).await.is_problem(403, "forbidden");
    for path in ["/auth/logout", "/auth/logout-everywhere"] {
        key.post(path, Value::Null).await.is_problem(403, "forbidden");
    }
    let runs = with_key(&server, &issue(&server.org_admin, "TUNER_ADMIN", &["scheduler:run"]).await);
    for path in ["/auth/me", "/recommendations", "/accounts", "/users", "/api-keys"] {
        runs.get(path).await.is_problem(403, "forbidden");
    }
    let links = with_key(&server, &issue(&server.org_admin, "TUNER_ADMIN", &["accounts:manage"]).await);
    assert_eq!(links.post("/accounts", json!({"accountId": SHOP, "name": "x"})).await.status.as_u16(), 201);
}

#[tokio::test]
async fn a_key_is_never_above_its_issuer() {
    let server = Server::start(Engine::Sqlite).await;
    server.org_admin.post("/accounts", json!({"accountId": SHOP, "name": "x"})).await;
    let admin = server.member("main", "ann", "TUNER_ADMIN", &[]);
    issue(&admin, "ORGANIZATION_ADMIN", &["recommendations:read"]).await.is_problem(403, "aboveOwnRights");
    issue(&admin, "TUNER_ADMIN", &[]).await.is_problem(400, "invalidRequest");
    issue(&admin, "TUNER_ADMIN", &["everything"]).await.is_problem(400, "invalidRequest");
    let wide = json!({"name": "x", "role": "TUNER_ADMIN", "scopes": ["audit:read"], "accountIds": [SHOP]});
    admin.post("/api-keys", wide).await.is_problem(404, "notFound");
    let past = json!({"name": "x", "role": "TUNER_ADMIN", "scopes": ["audit:read"], "expiresAt": "2020-01-01T00:00:00Z"});
    admin.post("/api-keys", past).await.is_problem(400, "invalidRequest");
    let viewer = server.member("main", "vic", "TUNER_VIEWER", &[]);
    issue(&viewer, "TUNER_VIEWER", &["recommendations:read"]).await.is_problem(403, "forbidden");
}

#[tokio::test]
async fn a_key_is_shown_once_and_revoked_at_once() {
    let server = Server::start(Engine::Sqlite).await;
    let admin = server.member("main", "ann", "TUNER_ADMIN", &[]);
    let made = issue(&admin, "TUNER_ADMIN", &["recommendations:read"]).await;
    let (id, text) = (made.body["apiKeyId"].as_str().unwrap(), made.body["key"].as_str().unwrap());
    let key = with_key(&server, &made);
    assert_eq!(key.get("/recommendations").await.status.as_u16(), 200);
    let list = admin.get("/api-keys").await;
    assert_eq!((list.items().len(), &list.items()[0]["apiKeyId"]), (1, &json!(id)));
    let begins = list.items()[0]["prefix"].as_str().unwrap();
    assert!(text.starts_with(begins) && begins.len() == 12, "{begins}");
    assert!(!list.body.to_string().contains(text));
    assert_eq!(server.org_admin.get("/api-keys").await.items().len(), 1, "who manages users sees all");

    let path = format!("/api-keys/{id}");
    let stranger = server.member("main", "bob", "TUNER_ADMIN", &[]);
    assert!(stranger.get("/api-keys").await.items().is_empty());
    let theirs = stranger.call(Method::DELETE, &path, Value::Null).await;
    let nothing = format!("/api-keys/{}", "01a20166-ab8a-7143-b07a-8650a4d867c3");
    let nothing = stranger.call(Method::DELETE, &nothing, Value::Null).await;
    theirs.is_problem(404, "notFound");
    assert_eq!(theirs.anonymous(), nothing.anonymous());
    assert_eq!(admin.call(Method::DELETE, &path, Value::Null).await.status.as_u16(), 204);
    key.get("/recommendations").await.is_problem(401, "unauthenticated");
    assert!(admin.get("/api-keys").await.items()[0]["revokedAt"].is_string());
}
