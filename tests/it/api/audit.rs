//! What the running server writes down, refuses without it, and gives back.

use crate::support::{
    server::{Client, Engine, Server},
    stand_in::{admin, new_account},
};
use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

/// The whole audit as the organisation's administrator exports it, oldest first.
async fn log(client: &Client) -> Vec<Value> {
    let request = client.request(Method::GET, "/audit-log").header("accept", "application/x-ndjson");
    let reply = request.send().await.unwrap();
    assert_eq!(reply.status().as_u16(), 200);
    assert_eq!(reply.headers()["content-type"], "application/x-ndjson");
    let text = reply.text().await.unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn of<'a>(log: &'a [Value], action: &str) -> Vec<&'a Value> {
    log.iter().filter(|entry| entry["action"] == action).collect()
}

async fn intact(client: &Client) -> Value {
    let verified = client.get("/audit-log/verify").await.body;
    assert_eq!(verified["intact"], true, "{verified}");
    verified
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::mysql(Engine::MySql)]
#[tokio::test]
async fn an_effect_tells_who_what_when_and_how_it_ended(#[case] engine: Engine) {
    let server = Server::start(engine).await;
    let account = new_account();
    let made = server.org_admin.request(Method::POST, "/accounts").header("user-agent", "shop/1");
    let made = server.org_admin.send(made.json(&json!({"accountId": account, "name": "geheim"}))).await;
    assert_eq!(made.status.as_u16(), 201);
    server.org_admin.post("/accounts", json!({"accountId": account, "name": "x"})).await;
    let log = log(&server.org_admin).await;
    let entries = of(&log, "create_account");
    assert_eq!(entries.len(), 4, "{entries:?}");
    let (intent, outcome) = (entries[0], entries[1]);
    assert_eq!((&intent["phase"], &intent["outcome"]), (&json!("intent"), &json!("pending")));
    assert_eq!(intent["actor"]["kind"], "member");
    assert_eq!(intent["actor"]["name"], "owner");
    assert_eq!((&intent["ipAddress"], &intent["userAgent"]), (&json!("127.0.0.1"), &json!("shop/1")));
    assert_eq!((&outcome["phase"], &outcome["outcome"]), (&json!("outcome"), &json!("succeeded")));
    assert_eq!(outcome["intentSequence"], intent["sequence"]);
    assert_eq!((&outcome["accountId"], &outcome["status"]), (&json!(account), &json!(201)));
    assert_eq!(outcome["requestId"], intent["requestId"]);
    let again = entries[3];
    assert_eq!((&again["outcome"], &again["code"]), (&json!("failed"), &json!("conflict")));
    assert!(!json!(log).to_string().contains("geheim"), "bodies are not kept");
    assert!(intact(&server.org_admin).await["entries"].as_u64().unwrap() >= 4);
}

#[tokio::test]
async fn what_was_made_is_named() {
    let server = Server::start(Engine::Sqlite).await;
    let user = server.org_admin.post("/users", json!({"name": "bob", "role": "TUNER_VIEWER"})).await.body;
    let key = json!({"name": "cron", "role": "TUNER_ADMIN", "scopes": ["scheduler:run"]});
    let key = server.org_admin.post("/api-keys", key).await.body;
    let log = log(&server.org_admin).await;
    for (action, target) in [
        ("create_user", format!("userId={}", user["userId"].as_str().unwrap())),
        ("create_api_key", format!("keyId={}", key["apiKeyId"].as_str().unwrap())),
    ] {
        assert_eq!(of(&log, action)[1]["target"], target, "{action}");
    }
}

/// Nobody is known yet who calls them: they stand in nobody's chain.
const OF_STRANGERS: [&str; 3] =
    ["/api/v1/auth/setup", "/api/v1/auth/login", "/api/v1/auth/invitations/accept"];
/// After them the tester could not read the audit.
const ENDS_THE_TOKEN: [&str; 2] = ["/api/v1/auth/logout", "/api/v1/auth/logout-everywhere"];

/// Whatever an unsafe request comes to, it has an intent and an outcome.
#[tokio::test]
async fn every_unsafe_route_has_an_intent_and_an_outcome() {
    let server = Server::start(Engine::Sqlite).await;
    let document = server.anon().get("/api/v1/openapi.json").await.body;
    let id = "01a20166-ab8a-7143-b07a-8650a4d867c3";
    let mut called = 0;
    for (path, methods) in document["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys().filter(|method| *method != "get") {
            let path = path.split('/').map(|part| match part {
                "{accountId}" => "999999999999",
                part if part.starts_with('{') => id,
                part => part,
            });
            let path = path.collect::<Vec<_>>().join("/");
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            if ENDS_THE_TOKEN.contains(&&*path) {
                continue;
            }
            let reply = server.org_admin.call(method, &path, json!({})).await;
            assert!(reply.status.as_u16() < 500, "{path}: {}", reply.body);
            called += usize::from(!OF_STRANGERS.contains(&&*path));
        }
    }
    let log = log(&server.org_admin).await;
    let phase = |phase: &str| log.iter().filter(|entry| entry["phase"] == phase).collect::<Vec<_>>();
    let (intents, outcomes) = (phase("intent"), phase("outcome"));
    assert_eq!((intents.len(), outcomes.len()), (called, called));
    for intent in intents {
        let own: Vec<_> = outcomes.iter().filter(|o| o["intentSequence"] == intent["sequence"]).collect();
        assert_eq!(own.len(), 1, "{intent}");
        assert_eq!(own[0]["action"], intent["action"]);
    }
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::mysql(Engine::MySql)]
#[tokio::test]
async fn what_cannot_be_audited_is_not_done(#[case] engine: Engine) {
    let server = Server::start(engine).await;
    let account = new_account();
    let linked = server.link(&account).await;
    let sessions_before = sessions(&account).await;
    server.database.run("ALTER TABLE audit_entry RENAME TO audit_elsewhere").await;
    let other = new_account();
    let body = json!({"accountId": other, "name": "x"});
    server.org_admin.post("/accounts", body.clone()).await.is_problem(503, "auditUnavailable");
    let link = json!({"roleArn": linked["roleArn"]});
    for (path, body) in [("link", link), ("verify", json!({})), ("scans", json!({}))] {
        let refused = server.org_admin.post(&format!("/accounts/{account}/{path}"), body).await;
        refused.is_problem(503, "auditUnavailable");
    }
    let deleted = server.org_admin.call(Method::DELETE, &format!("/accounts/{account}"), json!({})).await;
    deleted.is_problem(503, "auditUnavailable");
    assert_eq!(sessions(&account).await, sessions_before, "AWS heard nothing");
    server.database.run("ALTER TABLE audit_elsewhere RENAME TO audit_entry").await;
    let accounts = server.org_admin.get("/accounts").await;
    assert_eq!(accounts.items().len(), 1, "{}", accounts.body);
    assert_eq!(accounts.items()[0]["accountId"], json!(account));
    assert_eq!(server.org_admin.post("/accounts", body).await.status.as_u16(), 201, "all is well again");
    intact(&server.org_admin).await;
}

/// How often somebody entered the account.
async fn sessions(account: &str) -> usize {
    let sessions = admin("GET", "sessions", Value::Null).await;
    let of = |session: &&Value| session["roleArn"].as_str().is_some_and(|arn| arn.contains(account));
    sessions.as_array().unwrap().iter().filter(of).count()
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::mysql(Engine::MySql)]
#[tokio::test]
async fn concurrent_requests_make_one_chain(#[case] engine: Engine) {
    let server = Server::start(engine).await;
    let other = server.another();
    let client = other.of(&server.org_admin);
    let write = async |client: &Client| {
        for _ in 0..5 {
            assert_eq!(
                client
                    .post("/accounts", json!({"accountId": new_account(), "name": "x"}))
                    .await
                    .status
                    .as_u16(),
                201
            );
            assert_eq!(client.get("/accounts").await.status.as_u16(), 200);
        }
    };
    tokio::join!(write(&server.org_admin), write(&client), write(&server.org_admin), write(&client));
    let verified = intact(&server.org_admin).await;
    assert!(verified["entries"].as_u64().unwrap() >= 40, "{verified}");
    intact(&client).await;
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::mysql(Engine::MySql)]
#[tokio::test]
async fn a_server_that_is_killed_leaves_a_whole_chain(#[case] engine: Engine) {
    let mut server = Server::start(engine).await;
    let other = server.another();
    let survivor = other.of(&server.org_admin);
    let posts: Vec<_> = (0..20)
        .map(|_| {
            let body = json!({"accountId": new_account(), "name": "x"});
            tokio::spawn(server.org_admin.request(Method::POST, "/accounts").json(&body).send())
        })
        .collect();
    let mut posts = posts.into_iter();
    posts.next().unwrap().await.unwrap().unwrap();
    server.kill();
    for post in posts {
        // Some were answered, some were not.
        let _ = post.await.unwrap();
    }
    intact(&survivor).await;
    let log = log(&survivor).await;
    let intents = log.iter().filter(|entry| entry["phase"] == "intent").count();
    let accounts = survivor.get("/accounts?limit=500").await.items().len();
    assert!(intents >= accounts, "no account without its intent");
}

#[tokio::test]
async fn reads_and_refusals_are_written_too() {
    let server = Server::start(Engine::Sqlite).await;
    let viewer = server.member("main", "vic", "TUNER_VIEWER", &[]);
    viewer.get("/accounts/123456789012").await.is_problem(404, "notFound");
    viewer.post("/accounts", json!({})).await.is_problem(403, "forbidden");
    viewer.get("/audit-log").await.is_problem(403, "forbidden");
    server.anon().get("/accounts").await.is_problem(401, "unauthenticated");
    let log = log(&server.org_admin).await;
    for (action, code) in
        [("get_account", "notFound"), ("create_account", "forbidden"), ("list_audit", "forbidden")]
    {
        let entry = of(&log, action)[0];
        assert_eq!((&entry["outcome"], &entry["code"]), (&json!("refused"), &json!(code)));
        assert_eq!(entry["actor"]["name"], "vic");
    }
    assert!(of(&log, "list_accounts").is_empty(), "a stranger's call is not the organisation's");
    let strangers =
        server.database.texts("SELECT action FROM audit_entry WHERE actor_kind = 'unknown'".to_owned()).await;
    assert!(strangers.contains(&"list_accounts".to_owned()), "{strangers:?}");
}

#[tokio::test]
async fn each_sees_what_is_theirs() {
    let server = Server::start(Engine::Sqlite).await;
    let (shop, secret) = (new_account(), new_account());
    for account in [&shop, &secret] {
        server.org_admin.post("/accounts", json!({"accountId": account, "name": "x"})).await;
    }
    let ann = server.member("main", "ann", "TUNER_ADMIN", &[&shop]);
    let stranger = server.member("other", "eve", "ORGANIZATION_ADMIN", &[]);
    ann.get(&format!("/accounts/{shop}")).await;
    let seen = log(&ann).await;
    assert!(!of(&seen, "create_account").is_empty());
    let text = json!(seen).to_string();
    assert!(!text.contains(&secret), "an account that was not granted does not exist");
    assert!(seen.iter().all(|e| e["accountId"] == json!(shop) || e["actor"]["name"] == "ann"), "{text}");
    let theirs = json!(log(&stranger).await).to_string();
    assert!(!theirs.contains(&shop) && !theirs.contains(&secret) && !theirs.contains("owner"), "{theirs}");
    assert_eq!(stranger.get(&format!("/audit-log?accountId={shop}")).await.items().len(), 0);
}

#[tokio::test]
async fn pages_and_filters_lead_through_all_of_it() {
    let server = Server::start(Engine::Sqlite).await;
    for _ in 0..3 {
        server.org_admin.post("/accounts", json!({"accountId": new_account(), "name": "x"})).await;
    }
    let (mut path, mut sequences) = ("/audit-log?action=create_account&limit=2".to_owned(), Vec::new());
    loop {
        let page = server.org_admin.get(&path).await;
        sequences.extend(page.items().iter().map(|entry| entry["sequence"].as_i64().unwrap()));
        let Some(cursor) = page.body["nextCursor"].as_str() else { break };
        path = format!("/audit-log?action=create_account&limit=2&cursor={cursor}");
    }
    assert_eq!(sequences.len(), 6);
    assert!(sequences.is_sorted_by(|a, b| a > b), "newest first: {sequences:?}");
    let pending = server.org_admin.get("/audit-log?outcome=pending").await;
    assert_eq!(pending.items().len(), 3);
    assert_eq!(server.org_admin.get("/audit-log?to=2020-01-01T00:00:00Z").await.items().len(), 0);
    for wrong in [
        "outcome=good",
        "userId=bob",
        "accountId=1",
        "from=yesterday",
        "cursor=x",
        "colour=blue",
        "limit=501",
    ] {
        assert_eq!(
            server.org_admin.get(&format!("/audit-log?{wrong}")).await.status.as_u16(),
            400,
            "{wrong}"
        );
    }
    let nothing = server.org_admin.get("/audit-log?action=%27%20OR%201%3D1%20--").await;
    assert_eq!(nothing.items().len(), 0);
}

#[tokio::test]
async fn a_broken_chain_is_told_and_raises_an_alarm() {
    let server = Server::start(Engine::Sqlite).await;
    server.org_admin.post("/accounts", json!({"accountId": new_account(), "name": "x"})).await;
    intact(&server.org_admin).await;
    let sequence = of(&log(&server.org_admin).await, "create_account")[0]["sequence"].clone();
    server
        .database
        .run("UPDATE audit_entry SET outcome = 'succeeded' WHERE phase = 'intent' AND action = 'create_account'")
        .await;
    let verified = server.org_admin.get("/audit-log/verify").await.body;
    assert_eq!(
        (&verified["intact"], &verified["broken"]["kind"]),
        (&json!(false), &json!("edited")),
        "{verified}"
    );
    assert_eq!(verified["broken"]["sequence"], sequence);
    let log = log(&server.org_admin).await;
    let alarm = of(&log, "audit.chainBroken");
    assert_eq!(alarm[0]["detail"], format!("entry {sequence}: edited"));
}
