//! Every route × every role × a second organisation, as one golden table. A new route changes it.

use crate::support::server::{Client, Engine, Server};
use reqwest::Method;
use serde_json::{Value, json};
use std::fmt::Write;

const ACCOUNT: &str = "555555555555";

/// What the guard said: the handler's own answer to an empty body does not matter here.
fn verdict(status: u16) -> &'static str {
    match status {
        401 => "sign in",
        403 => "forbidden",
        404 => "not there",
        500..=599 => "BROKEN",
        _ => "let in",
    }
}

#[tokio::test]
async fn every_route_for_every_role() {
    let server = Server::start(Engine::Sqlite).await;
    let made = server.org_admin.post("/accounts", json!({"accountId": ACCOUNT, "name": "x"})).await;
    assert_eq!(made.status.as_u16(), 201, "{}", made.body);
    let granted = |name: &str, role: &str| server.member("main", name, role, &[ACCOUNT]);
    let people: [(&str, Client); 6] = [
        ("anon", server.anon()),
        ("viewer", granted("v", "TUNER_VIEWER")),
        ("user", granted("u", "TUNER_USER")),
        ("admin", granted("a", "TUNER_ADMIN")),
        ("other_org", server.member("other", "m", "ORGANIZATION_ADMIN", &[])),
        ("org_admin", server.org_admin.clone()),
    ];
    let document = server.anon().get("/api/v1/openapi.json").await.body;
    let mut operations: Vec<(String, String)> = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        operations
            .extend(methods.as_object().unwrap().keys().map(|method| (path.clone(), method.to_uppercase())));
    }
    // DELETE last: it takes away what the others ask for.
    operations.sort_by_key(|(path, method)| (method == "DELETE", path.clone(), method.clone()));
    let mut table = String::new();
    for (path, method) in operations {
        write!(table, "{method:6} {path}:").unwrap();
        for (who, client) in &people {
            write!(table, " {who}={}", verdict(ask(client, &method, &path).await)).unwrap();
        }
        table.push('\n');
    }
    insta::assert_snapshot!(table);
}

async fn ask(client: &Client, method: &str, path: &str) -> u16 {
    let some_id = "01a20166-ab8a-7143-b07a-8650a4d867c3";
    let path = path.replace("{accountId}", ACCOUNT).replace("{scanId}", some_id).replace("{id}", some_id);
    let body = if path.ends_with("/setup") {
        json!({"setupToken": "x", "name": "y"})
    } else {
        Value::Object(serde_json::Map::new())
    };
    client.call(Method::from_bytes(method.as_bytes()).unwrap(), &path, body).await.status.as_u16()
}
