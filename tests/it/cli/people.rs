//! `tuner user` and `tuner api-key` on the server's machine, beside the server.

use crate::support::server::{Engine, Server};
use serde_json::Value;

/// What a command prints, as JSON.
fn json(server: &Server, arguments: &[&str]) -> Value {
    let ran = server.run(arguments);
    assert_eq!(ran.code, 0, "{arguments:?}: {}", ran.err);
    serde_json::from_str(&ran.out).unwrap()
}

fn fine(server: &Server, arguments: &[&str]) -> String {
    let ran = server.run(arguments);
    assert_eq!(ran.code, 0, "{arguments:?}: {}", ran.err);
    ran.out
}

#[tokio::test]
async fn members_are_added_changed_and_erased() {
    let server = Server::start(Engine::Sqlite).await;
    let added = fine(&server, &["user", "add", "--user", "ann", "--role", "TUNER_VIEWER"]);
    assert!(added.contains("ann is TUNER_VIEWER of main.") && added.contains("/join#"), "{added}");
    let ann = server.signed_in("main", "ann");
    fine(&server, &["user", "role", "--user", "ann", "--role", "TUNER_ADMIN"]);
    assert_eq!(ann.get("/auth/me").await.body["role"], "TUNER_ADMIN");
    fine(&server, &["user", "disable", "--user", "ann"]);
    assert_eq!(ann.get("/auth/me").await.status.as_u16(), 401);
    fine(&server, &["user", "enable", "--user", "ann"]);
    assert!(fine(&server, &["user", "invite", "--user", "ann"]).contains("/join#"));
    let list = json(&server, &["user", "list", "--format", "json"]);
    assert_eq!((list.as_array().unwrap().len(), &list[1]["name"]), (2, &Value::from("ann")));
    let export = json(&server, &["user", "export", "--user", "ann"]);
    assert_eq!(export["invitation"]["usedAt"], Value::Null);
    fine(&server, &["user", "erase", "--user", "ann"]);
    server.run(&["user", "token", "--user", "ann"]).fails(1, "there is no member called");
    for arguments in [["user", "erase", "--user", "owner"], ["user", "disable", "--user", "owner"]] {
        server.run(&arguments).fails(1, "make somebody else ORGANIZATION_ADMIN first");
    }
}

#[tokio::test]
async fn keys_are_issued_listed_and_revoked() {
    let server = Server::start(Engine::Sqlite).await;
    let create = |role| {
        [
            "api-key",
            "create",
            "--user",
            "owner",
            "--name",
            "cron",
            "--scopes",
            "recommendations:read",
            "--role",
            role,
        ]
    };
    let key = server.anon().with_token(fine(&server, &create("TUNER_USER")).trim());
    assert_eq!(key.get("/recommendations").await.status.as_u16(), 200);
    let list = json(&server, &["api-key", "list", "--format", "json"]);
    assert_eq!(list[0]["scopes"], serde_json::json!(["recommendations:read"]));
    fine(&server, &["api-key", "revoke", list[0]["apiKeyId"].as_str().unwrap()]);
    assert_eq!(key.get("/recommendations").await.status.as_u16(), 401);
    server.run(&create("ROOT")).fails(2, "ORGANIZATION_ADMIN");
}
