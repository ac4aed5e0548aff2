//! `/users`: roles and grants that count at once, the last administrator, export and erasure.

use crate::support::server::{Client, Engine, Server};
use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

const PASSWORD: &str = "violet anchor mumbles softly";
const SHOP: &str = "555555555555";

async fn patch(server: &Server, user: &str, change: Value) -> (u16, Value) {
    let reply = server.org_admin.call(Method::PATCH, &format!("/users/{user}"), change).await;
    (reply.status.as_u16(), reply.body)
}

async fn status(client: &Client, path: &str) -> u16 {
    client.get(path).await.status.as_u16()
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::mysql(Engine::MySql)]
#[tokio::test]
async fn what_is_changed_counts_in_the_next_request(#[case] engine: Engine) {
    let server = Server::start(engine).await;
    let made = server.org_admin.post("/accounts", json!({"accountId": SHOP, "name": "Shop"})).await;
    assert_eq!(made.status.as_u16(), 201, "{}", made.body);
    let (id, ann) = server.local_user("ann", "TUNER_VIEWER", PASSWORD).await;
    let shop = format!("/accounts/{SHOP}");
    assert_eq!(status(&ann, &shop).await, 404);
    let (code, view) = patch(&server, &id, json!({"accountIds": [SHOP], "displayName": "Ann B."})).await;
    assert_eq!((code, &view["accountIds"], &view["displayName"]), (200, &json!([SHOP]), &json!("Ann B.")));
    assert_eq!(status(&ann, &shop).await, 200);
    assert_eq!(status(&ann, "/users").await, 403);
    patch(&server, &id, json!({"role": "ORGANIZATION_ADMIN"})).await;
    assert_eq!(ann.get("/users").await.items().len(), 2);
    assert_eq!(ann.get(&format!("/users/{id}")).await.body["accountIds"], Value::Null, "all of them");
    patch(&server, &id, json!({"role": "TUNER_VIEWER", "accountIds": []})).await;
    assert_eq!((status(&ann, "/users").await, status(&ann, &shop).await), (403, 404));
    let (code, view) = patch(&server, &id, json!({"disabled": true})).await;
    assert_eq!((code, &view["disabled"]), (200, &json!(true)));
    assert_eq!(status(&ann, "/auth/me").await, 401);
    let log_in = json!({"name": "ann", "password": PASSWORD});
    server.anon().post("/auth/login", log_in.clone()).await.is_problem(401, "unauthenticated");
    patch(&server, &id, json!({"disabled": false})).await;
    assert_eq!(server.anon().post("/auth/login", log_in).await.status.as_u16(), 200);
    assert_eq!(patch(&server, &id, json!({"accountIds": ["999999999999"]})).await.0, 404);
    assert_eq!(patch(&server, &id, json!({"role": "ROOT"})).await.0, 400);
    assert_eq!(patch(&server, &id, json!({"password": "x"})).await.0, 400);
}

#[tokio::test]
async fn people_are_listed_in_pages_and_named_once() {
    let server = Server::start(Engine::Sqlite).await;
    for name in ["ann", "bob"] {
        let body = json!({"name": name, "role": "TUNER_USER"});
        assert_eq!(server.org_admin.post("/users", body).await.status.as_u16(), 201);
    }
    let again = server.org_admin.post("/users", json!({"name": "ann", "role": "TUNER_USER"})).await;
    again.is_problem(409, "conflict");
    let first = server.org_admin.get("/users?limit=2").await;
    let names: Vec<&str> = first.items().iter().map(|user| user["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["owner", "ann"]);
    let next = format!("/users?limit=2&cursor={}", first.body["nextCursor"].as_str().unwrap());
    let second = server.org_admin.get(&next).await;
    assert_eq!((second.items().len(), &second.items()[0]["name"]), (1, &json!("bob")));
    for wrong in [json!({"name": "", "role": "TUNER_USER"}), json!({"name": "a\nb", "role": "TUNER_USER"})] {
        server.org_admin.post("/users", wrong).await.is_problem(400, "invalidRequest");
    }
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::mysql(Engine::MySql)]
#[tokio::test]
async fn somebody_always_administers(#[case] engine: Engine) {
    let server = Server::start(engine).await;
    let owner = server.org_admin.get("/auth/me").await.body["userId"].as_str().unwrap().to_owned();
    for change in [json!({"role": "TUNER_ADMIN"}), json!({"disabled": true})] {
        let (code, body) = patch(&server, &owner, change).await;
        assert_eq!((code, &body["code"]), (409, &json!("lastAdministrator")));
    }
    let gone = server.org_admin.call(Method::DELETE, &format!("/users/{owner}"), Value::Null).await;
    gone.is_problem(409, "lastAdministrator");
    // Two administrators take each other's role at the same time, again and again.
    let (mut ids, mut clients) = (vec![owner], vec![server.org_admin.clone()]);
    for round in 0..3 {
        let (id, client) = server_admin(&clients[0], &server, &format!("admin-{round}")).await;
        ids.push(id);
        clients.push(client);
        let demote = |by: usize, whom: usize| {
            let path = format!("/users/{}", ids[whom]);
            let client = clients[by].clone();
            async move { client.call(Method::PATCH, &path, json!({"role": "TUNER_VIEWER"})).await }
        };
        let (one, other) = tokio::join!(demote(0, 1), demote(1, 0));
        let done = [one.status.as_u16(), other.status.as_u16()];
        assert_eq!(done.iter().filter(|status| **status == 200).count(), 1, "{done:?}");
        assert!(done.iter().all(|status| [200, 403, 409].contains(status)), "{done:?}");
        // Who is left goes first in the next round.
        if done[0] != 200 {
            ids.swap(0, 1);
            clients.swap(0, 1);
        }
        ids.truncate(1);
        clients.truncate(1);
    }
}

async fn server_admin(by: &Client, server: &Server, name: &str) -> (String, Client) {
    let made = by.post("/users", json!({"name": name, "role": "ORGANIZATION_ADMIN"})).await;
    assert_eq!(made.status.as_u16(), 201, "{}", made.body);
    (made.body["userId"].as_str().unwrap().to_owned(), server.signed_in("main", name))
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::mysql(Engine::MySql)]
#[tokio::test]
async fn a_person_is_exported_without_secrets_and_erased(#[case] engine: Engine) {
    let server = Server::start(engine).await;
    let (id, ann) = server.local_user("ann@example.com", "TUNER_ADMIN", PASSWORD).await;
    let key = json!({"name": "cron", "role": "TUNER_ADMIN", "scopes": ["recommendations:read"]});
    let key = ann.post("/api-keys", key).await.body["key"].as_str().unwrap().to_owned();
    let log_in = json!({"name": "ann@example.com", "password": PASSWORD, "session": "cookie"});
    let cookie = server.anon().post("/auth/login", log_in.clone()).await.cookie().to_owned();

    let export = server.org_admin.get(&format!("/users/{id}/data-export")).await;
    assert!(export.headers["content-disposition"].to_str().unwrap().starts_with("attachment"));
    let data = &export.body;
    assert_eq!((&data["name"], &data["role"]), (&json!("ann@example.com"), &json!("TUNER_ADMIN")));
    assert_eq!(
        (data["sessions"].as_array().unwrap().len(), &data["sessions"][0]["ip"]),
        (1, &json!("127.0.0.1"))
    );
    assert_eq!((&data["apiKeys"][0]["name"], data["decisions"].is_array()), (&json!("cron"), true));
    let text = data.to_string();
    for secret in ["argon2", "passwordHash", "seed", &key, cookie.split_once('=').unwrap().1] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    assert!(
        ann.get(&format!("/users/{id}/data-export")).await.status.as_u16() == 403,
        "an administrator's task"
    );

    let path = format!("/users/{id}");
    let erase = || server.org_admin.call(Method::DELETE, &path, Value::Null);
    assert_eq!(erase().await.status.as_u16(), 204);
    erase().await.is_problem(404, "notFound");
    for path in [format!("/users/{id}"), format!("/users/{id}/data-export")] {
        server.org_admin.get(&path).await.is_problem(404, "notFound");
    }
    assert!(!server.org_admin.get("/users").await.body.to_string().contains("ann@example.com"));
    assert_eq!(status(&ann, "/auth/me").await, 401);
    assert_eq!(status(&server.anon().with_token(&key), "/auth/me").await, 401);
    let with_cookie = server.anon();
    let request = with_cookie.request(Method::GET, "/auth/me").header("cookie", cookie);
    assert_eq!(with_cookie.send(request).await.status.as_u16(), 401);
    server.anon().post("/auth/login", log_in).await.is_problem(401, "unauthenticated");
}
