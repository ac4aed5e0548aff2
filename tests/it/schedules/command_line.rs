//! `tuner schedule`: schedules as files, and all else by name.

use super::{SHOP, add_account, office};
use crate::support::{
    fleet::{plant_approval, plant_instance},
    server::{Engine, Server},
};
use rstest::rstest;
use serde_json::{Value, json};
use std::{fs, path::PathBuf};
use tempfile::TempDir;

fn fine(server: &Server, arguments: &[&str]) -> String {
    let ran = server.run(&[&["schedule"], arguments].concat());
    assert_eq!(ran.code, 0, "{arguments:?}: {}{}", ran.out, ran.err);
    ran.out
}

fn json_of(server: &Server, arguments: &[&str]) -> Value {
    serde_json::from_str(&fine(server, &[arguments, &["--format", "json"]].concat())).unwrap()
}

fn write(folder: &TempDir, name: &str, content: &Value) -> PathBuf {
    let path = folder.path().join(name);
    fs::write(&path, content.to_string()).unwrap();
    path
}

fn bundle() -> Value {
    let mut schedule = office();
    schedule["holidays"] = json!(["de"]);
    json!({
        "calendars": [{"name": "de", "yearly": ["12-25"]}],
        "schedules": [schedule],
        "assignments": [{"schedule": "office", "accountId": SHOP, "tag": {"key": "team", "value": "data"}}],
    })
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::mysql(Engine::MySql)]
#[tokio::test]
async fn files_are_applied_once_and_as_a_whole(#[case] engine: Engine) {
    let server = Server::start(engine).await;
    add_account(&server, SHOP).await;
    let folder = tempfile::tempdir().unwrap();
    let file = write(&folder, "bundle.json", &bundle());
    let file = file.to_str().unwrap();
    let look = fine(&server, &["apply", "--dry-run", file]);
    assert!(look.contains("3 of 3 would be changed; nothing was written."), "{look}");
    assert_eq!(server.org_admin.get("/schedules").await.items().len(), 0);
    let first = fine(&server, &["apply", file]);
    assert!(first.contains("created   schedule   office") && first.contains("3 of 3 changed."), "{first}");
    let before = server.org_admin.get("/schedules").await.body;
    let second = fine(&server, &["apply", file]);
    assert!(second.contains("0 of 3 changed."), "{second}");
    assert_eq!(server.org_admin.get("/schedules").await.body, before, "nothing was touched");
    let mut changed = bundle();
    changed["schedules"][0]["periods"][0]["begin"] = json!("08:00");
    let other = write(&folder, "changed.json", &changed);
    let look = fine(&server, &["apply", "--dry-run", other.to_str().unwrap()]);
    assert!(look.contains(r#"periods[0].begin: "07:00" -> "08:00""#), "{look}");
    changed["assignments"][0]["accountId"] = json!("999999999999");
    let bad = write(&folder, "bad.json", &changed);
    server.run(&["schedule", "apply", bad.to_str().unwrap()]).fails(1, "assignments[0].accountId");
    assert_eq!(server.org_admin.get("/schedules").await.body, before, "all of it or nothing");
    let applied = json_of(&server, &["apply", other.to_str().unwrap()]);
    assert_eq!(applied["applied"][1]["effect"], json!("changed"), "{applied}");
}

#[tokio::test]
async fn what_a_file_says_wrong_is_named() {
    let server = Server::start(Engine::Sqlite).await;
    let folder = tempfile::tempdir().unwrap();
    let mut zone = office();
    zone["timezone"] = json!("Mars/Olympus");
    let mut unknown = office();
    unknown["colour"] = json!("red");
    for (name, content, words) in [
        ("zone.json", zone, "timezone"),
        ("unknown.json", unknown, "colour"),
        ("twice.json", json!({"schedules": [office(), office()]}), "is there twice"),
        ("empty.json", json!({}), "missing field"),
    ] {
        let file = write(&folder, name, &content);
        server.run(&["schedule", "apply", file.to_str().unwrap()]).fails(1, words);
    }
    server.run(&["schedule", "apply", "/nonexistent.json"]).fails(1, "/nonexistent.json");
    assert_eq!(server.org_admin.get("/schedules").await.items().len(), 0);
}

#[tokio::test]
async fn schedules_are_listed_shown_assigned_and_deleted() {
    let server = Server::start(Engine::Sqlite).await;
    add_account(&server, SHOP).await;
    let folder = tempfile::tempdir().unwrap();
    let file = write(&folder, "office.json", &office());
    fine(&server, &["apply", file.to_str().unwrap()]);
    assert!(fine(&server, &["list"]).contains("Europe/Berlin"));
    assert_eq!(json_of(&server, &["list"])[0]["name"], json!("office"));
    let made = json_of(&server, &["assign", "office", "--account", SHOP, "--tag", "team=data"]);
    assert!(fine(&server, &["show", "office"]).contains("team=data"));
    server.run(&["schedule", "delete", "office"]).fails(1, "delete its assignments first");
    fine(&server, &["unassign", "office", made["assignmentId"].as_str().unwrap()]);
    fine(&server, &["delete", "office"]);
    server.run(&["schedule", "show", "office"]).fails(1, "there is no schedule called");
    let entries = server.org_admin.get("/audit-log?action=apply_schedules").await;
    assert_eq!(
        entries.items()[0]["target"],
        json!("calendars=0 schedules=1 assignments=0"),
        "{}",
        entries.body
    );
}

#[tokio::test]
async fn overrides_suspensions_stops_and_approvals_are_set_by_name() {
    let server = Server::start(Engine::Sqlite).await;
    add_account(&server, SHOP).await;
    plant_instance(&server.database, SHOP, "i-1", Some("office")).await;
    let approval = plant_approval(&server.database, SHOP).await;
    super::make_schedule(&server.org_admin, office()).await;
    let set = [
        "override",
        "set",
        "--schedule",
        "office",
        "--state",
        "running",
        "--reason",
        "release",
        "--for",
        "2h",
    ];
    let over = json_of(&server, &set);
    server.run(&[&["schedule"][..], &set].concat()).fails(1, "end it first");
    assert!(fine(&server, &["override", "list"]).contains("schedule office"));
    fine(&server, &["override", "end", over["overrideId"].as_str().unwrap()]);
    assert_eq!(json_of(&server, &["override", "list"]), json!([]));
    let resource = format!("{SHOP}/eu-west-1/instance/i-1");
    fine(
        &server,
        &["override", "set", "--resource", &resource, "--state", "leave", "--reason", "x", "--for", "1h"],
    );
    fine(&server, &["suspend", "office", "--reason", "moving"]);
    assert!(fine(&server, &["list"]).contains("suspended: moving"));
    fine(&server, &["resume", "office"]);
    fine(&server, &["suspend", "--account", SHOP, "--reason", "moving"]);
    let suspension = format!("/accounts/{SHOP}/scheduler-suspension");
    assert_eq!(server.org_admin.get(&suspension).await.body["suspendedBy"], json!("operator"));
    fine(&server, &["resume", "--account", SHOP]);
    fine(&server, &["stop", "--reason", "incident"]);
    assert_eq!(server.org_admin.get("/scheduler/stop").await.body["stopped"], json!(true));
    fine(&server, &["go"]);
    assert_eq!(json_of(&server, &["approvals", "list"])[0]["approvalId"], json!(approval));
    fine(&server, &["approvals", "refuse", approval, "--note", "not today"]);
    server.run(&["schedule", "approvals", "approve", approval]).fails(1, "refused by operator already");
    let resources = json_of(&server, &["resources"]);
    assert_eq!(resources[0]["schedule"]["name"], json!("office"));
    assert!(fine(&server, &["resources"]).contains("i-1"));
    assert_eq!(json_of(&server, &["actions"]), json!([]));
    assert_eq!(json_of(&server, &["savings"])["total"]["hoursOff"], json!("0.00"));
}
