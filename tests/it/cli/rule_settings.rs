//! `tuner rules settings`, `tuner exclusion` and `tuner scan --policy`.

use crate::support::{
    server::{Engine, Server},
    stand_in::{make_role, trust_with_external_id, url},
    tuner::{Run, run, tuner},
};
use serde_json::Value;
use std::fs;

const SHOP: &str = "222222222222";

async fn scan_with(policy: &str, more: &[&str]) -> Run {
    let role = make_role(SHOP, &trust_with_external_id("given-by-hand")).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("policy.toml");
    fs::write(&file, policy).unwrap();
    let mut command = tuner(folder.path());
    command.env("TUNER_AWS__ENDPOINT_URL", url());
    command.args(["scan", "--role-arn", &role, "--external-id", "given-by-hand", "--format", "json"]);
    command.args(["--regions", "us-east-1", "--policy", file.to_str().unwrap()]).args(more);
    tokio::task::spawn_blocking(move || run(&mut command)).await.unwrap()
}

fn report(run: &Run) -> Value {
    assert_eq!(run.code, 0, "{}", run.err);
    serde_json::from_str(&run.out).unwrap()
}

fn rules_of(report: &Value) -> Vec<&str> {
    report["recommendations"].as_array().unwrap().iter().map(|r| r["rule"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_file_says_by_what_a_lone_scan_judges() {
    let everything = report(&scan_with("", &[]).await);
    let rule = rules_of(&everything)[0];
    let without = report(&scan_with(&format!("[rules]\n{rule} = false\n"), &[]).await);
    assert!(!rules_of(&without).contains(&rule));
    let policy = format!("[[exclusions]]\nrules = [\"{rule}\"]\nreason = \"kept\"\n");
    let excluded = report(&scan_with(&policy, &[]).await);
    assert!(!rules_of(&excluded).contains(&rule));
    let count = u64::try_from(rules_of(&everything).iter().filter(|r| **r == rule).count()).unwrap();
    assert_eq!(excluded["summary"]["excludedCount"], count);
    let named = report(&scan_with(&format!("[rules]\n{rule} = false\n"), &["--rules", rule]).await);
    assert!(rules_of(&named).contains(&rule), "named by hand it runs");
}

#[tokio::test]
async fn required_tags_are_looked_for_once_they_are_named() {
    let found = report(
        &scan_with(
            "[thresholds]\nrequired_tags = [\"nobody-has-this\"]\n",
            &["--rules", "resource-untagged"],
        )
        .await,
    );
    let rows = found["recommendations"].as_array().unwrap();
    assert!(rows.len() > 5, "{found}");
    for row in rows {
        assert_eq!(
            (&row["rule"], &row["estimatedMonthlySavings"]),
            (&"resource-untagged".into(), &"0.00".into())
        );
        assert!(row["tags"].get("nobody-has-this").is_none());
    }
}

#[tokio::test]
async fn a_file_with_a_mistake_is_refused_before_aws_is_asked() {
    scan_with("[rules]\nno-such-rule = true\n", &[]).await.fails(2, "rules.no-such-rule");
    scan_with("[thresholds]\nlook_back_days = 99\n", &[]).await.fails(2, "thresholds.look_back_days");
    scan_with("[[exclusions]]\ntags = [\"==x\"]\nreason = \"x\"\n", &[]).await.fails(1, "line ");
}

#[tokio::test]
async fn settings_are_applied_shown_and_reset() {
    let server = Server::start(Engine::Sqlite).await;
    server.run(&["account", "add", SHOP, "--name", "Shop", "--organization", "main"]);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("rules.toml");
    fs::write(&file, "[thresholds]\nlook_back_days = 30\n").unwrap();
    let file = file.to_str().unwrap();
    let run = |arguments: &[&str]| {
        let done = server.run(&[&["rules", "settings"], arguments].concat());
        assert_eq!(done.code, 0, "{}", done.err);
        done.out
    };
    assert!(run(&["apply", file, "--dry-run"]).contains("Nothing was written"));
    assert!(run(&["apply", file]).contains("Version 1"));
    assert!(run(&["apply", file, "--account", SHOP]).contains("Version 1"));
    let shown: Value = serde_json::from_str(&run(&["show", "--account", SHOP, "--format", "json"])).unwrap();
    assert_eq!(shown["effectiveThresholds"]["look_back_days"], 30);
    run(&["reset", "--account", SHOP]);
    let shown: Value = serde_json::from_str(&run(&["show", "--account", SHOP, "--format", "json"])).unwrap();
    assert_eq!(shown["settings"]["thresholds"], serde_json::json!({}));
    assert!(run(&["show"]).contains("look_back_days"));
}

#[tokio::test]
async fn exclusions_are_added_listed_and_removed() {
    let server = Server::start(Engine::Sqlite).await;
    let run = |arguments: &[&str]| server.run(&[&["exclusion"], arguments].concat());
    let added = run(&["add", "--tag", "env==dev", "--tag", "keep", "--reason", "goes away weekly"]);
    assert_eq!(added.code, 0, "{}", added.err);
    let id = added.out.split('.').next().unwrap().to_owned();
    let listed = run(&["list"]).out;
    assert!(
        listed.contains(&id) && listed.contains("env==dev or keep") && listed.contains("for good"),
        "{listed}"
    );
    run(&["add", "--reason", "everything"]).fails(1, "give tags");
    run(&["add", "--tag", "=~x", "--reason", "x"]).fails(2, "tag");
    run(&["add", "--rule", "no-such", "--reason", "x"]).fails(2, "no rule");
    assert_eq!(run(&["remove", &id]).code, 0);
    run(&["remove", &id]).fails(1, "nothing here");
}
