//! A run that is asked for: with a key that may do nothing else, and at the command line.

use crate::support::server::{Engine, Server};
use rstest::rstest;
use serde_json::{Value, json};

#[rstest]
#[tokio::test]
async fn a_key_for_it_alone_runs_the_scheduler(#[values(Engine::Sqlite, Engine::MySql)] engine: Engine) {
    let server = Server::start(engine).await;
    let new = json!({"name": "cron", "role": "TUNER_ADMIN", "scopes": ["scheduler:run"]});
    let made = server.org_admin.post("/api-keys", new).await;
    let cron = server.anon().with_token(made.body["key"].as_str().unwrap());
    let ran = cron.post("/scheduler/run", json!({})).await;
    assert_eq!(ran.status.as_u16(), 200, "{}", ran.body);
    assert_eq!((&ran.body["status"], &ran.body["dryRun"]), (&json!("complete"), &json!(false)));
    let kept = server.org_admin.get("/scheduler/runs").await;
    assert_eq!(kept.items()[0]["runId"], ran.body["runId"], "{}", kept.body);
    cron.get("/schedules").await.is_problem(403, "forbidden");
    let other = json!({"accountId": "999999999999"});
    cron.post("/scheduler/run", other).await.is_problem(404, "notFound");
    cron.post("/scheduler/run", json!({"dryrun": true})).await.is_problem(400, "unknownField");
    let viewer = server.member("main", "vic", "TUNER_VIEWER", &[]);
    viewer.post("/scheduler/run", json!({})).await.is_problem(403, "forbidden");
}

#[rstest]
#[tokio::test]
async fn cron_runs_it_at_the_command_line(#[values(Engine::Sqlite, Engine::MySql)] engine: Engine) {
    let server = Server::start(engine).await;
    let account = json!({"accountId": "222222222222", "name": "Shop"});
    server.org_admin.post("/accounts", account).await;
    let dry = server.run(&["schedule", "run", "--dry-run", "--format", "json"]);
    assert_eq!(dry.code, 0, "{}{}", dry.out, dry.err);
    let report: Value = serde_json::from_str(&dry.out).unwrap();
    assert_eq!((&report["dryRun"], &report["counts"]["accounts"]), (&json!(true), &json!(1)));
    let ran = server.run(&["schedule", "run"]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("0 of 0 resources in 1 accounts"), "{}", ran.out);
    let nothing = server.run(&["schedule", "run", "--account", "999999999999"]);
    assert_eq!(nothing.code, 1);
}
