//! What goes wrong at AWS: said, survived, never taken for "no saving".

use crate::support::{
    stand_in::{self, fault, make_role, make_role_with, new_account, trust_with_external_id, url},
    tuner::{Run, run, tuner},
};
use rstest::rstest;
use serde_json::{Value, json};
use std::{path::Path, process::Command};

fn scan_command(folder: &Path, role: &str, external_id: &str) -> Command {
    let mut command = tuner(folder);
    command.env("TUNER_AWS__ENDPOINT_URL", url());
    command.args([
        "scan",
        "--format",
        "json",
        "--regions",
        "us-east-1",
        "--role-arn",
        role,
        "--external-id",
        external_id,
    ]);
    command
}

async fn scan(role: &str, external_id: &str) -> Run {
    let folder = tempfile::tempdir().unwrap();
    let mut command = scan_command(folder.path(), role, external_id);
    tokio::task::spawn_blocking(move || run(&mut command)).await.unwrap()
}

#[tokio::test]
async fn a_role_that_does_not_know_us_is_said() {
    let account = new_account();
    let role = make_role(&account, &trust_with_external_id("another")).await;
    scan(&role, "mine").await.fails(1, "external ID");
    scan(&format!("arn:aws:iam::{account}:role/Missing"), "mine")
        .await
        .fails(1, "check that the role exists");
}

#[rstest]
#[case::denied("deny", "accessDenied")]
#[case::broken_page("garbage", "invalidReply")]
#[case::server_error("error500", "serviceError")]
#[case::expired("expired", "expiredCredentials")]
#[tokio::test]
async fn a_failing_call_is_a_gap_and_the_scan_is_partial(#[case] kind: &str, #[case] reason: &str) {
    let account = new_account();
    let role = make_role(&account, &trust_with_external_id("mine")).await;
    fault(json!({"accountId": account, "service": "ec2", "operation": "DescribeVolumes", "kind": kind}))
        .await;
    let scanned = scan(&role, "mine").await;
    assert_eq!(scanned.code, 4, "{}", scanned.err);
    let report: Value = serde_json::from_str(&scanned.out).unwrap();
    assert_eq!(report["scan"]["status"], "partial");
    let gaps: Vec<(&str, &str)> = report["gaps"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|g| g["action"] == "ec2:DescribeVolumes")
        .map(|g| (g["region"].as_str().unwrap(), g["reason"].as_str().unwrap()))
        .collect();
    assert_eq!(gaps, [("us-east-1", reason)]);
}

#[tokio::test]
async fn throttling_is_waited_out_and_counted() {
    let account = new_account();
    let role = make_role(&account, &trust_with_external_id("mine")).await;
    fault(json!({"accountId": account, "service": "ec2", "operation": "DescribeVolumes", "kind": "throttle", "times": 2})).await;
    let report: Value = serde_json::from_str(&scan(&role, "mine").await.out).unwrap();
    assert_eq!(report["apiUsage"]["throttledCalls"], 2);
    assert!(
        report["gaps"].as_array().unwrap().iter().all(|g| g["action"] != "ec2:DescribeVolumes"),
        "{}",
        report["gaps"]
    );
}

#[tokio::test]
async fn an_account_with_exactly_the_reference_policy_still_scans() {
    let account = new_account();
    let reference: Value = serde_json::from_str(REFERENCE_POLICY).unwrap();
    let role = make_role_with(&account, &trust_with_external_id("mine"), &reference).await;
    let scanned = scan(&role, "mine").await;
    assert_eq!(scanned.code, 4, "{}", scanned.err);
    let report: Value = serde_json::from_str(&scanned.out).unwrap();
    let gaps = report["gaps"].as_array().unwrap().iter().filter(|g| g["reason"] == "accessDenied");
    let denied: Vec<&str> = gaps.map(|g| g["action"].as_str().unwrap()).collect();
    assert!(denied.contains(&"rds:DescribeDBClusterSnapshots"), "{denied:?}");
    assert!(!denied.contains(&"ec2:DescribeVolumes"), "{denied:?}");
}

/// The twelve service groups that customers were given first.
const REFERENCE_POLICY: &str = include_str!("reference-read-only-policy.json");

#[test]
fn an_unreachable_endpoint_is_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = tuner(folder.path());
    command.env("TUNER_AWS__ENDPOINT_URL", "http://127.0.0.1:1").args(["scan", "--regions", "us-east-1"]);
    run(&mut command).fails(1, "AWS");
}

#[test]
fn missing_credentials_are_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = tuner(folder.path());
    command.env_remove("AWS_ACCESS_KEY_ID").env_remove("AWS_SECRET_ACCESS_KEY").args([
        "scan",
        "--regions",
        "us-east-1",
    ]);
    run(&mut command).fails(1, "credentials");
}

#[tokio::test]
async fn an_interrupted_scan_writes_nothing() {
    let account = new_account();
    let role = make_role(&account, &trust_with_external_id("mine")).await;
    fault(json!({"accountId": account, "service": "ec2", "operation": "DescribeVolumes", "kind": "latency", "milliseconds": 20_000})).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("report.json");
    let mut command = scan_command(folder.path(), &role, "mine");
    command
        .arg("--output")
        .arg(&file)
        .stderr(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped());
    let mut child = command.spawn().unwrap();
    // The account's first call to the slow operation says that the scan is in the middle.
    while !asked_for_volumes(&account).await {
        assert!(child.try_wait().unwrap().is_none(), "the scan ended before it was interrupted");
    }
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let ended: Run = child.wait_with_output().unwrap().into();
    ended.fails(1, "interrupted");
    assert!(!file.exists());
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().flatten().map(|e| e.file_name()).collect();
    assert!(left.iter().all(|name| !name.to_string_lossy().ends_with(".part")), "{left:?}");
}

async fn asked_for_volumes(account: &str) -> bool {
    let calls = stand_in::admin("GET", "calls", Value::Null).await;
    calls.as_array().unwrap().iter().any(|c| c["accountId"] == account && c["operation"] == "DescribeVolumes")
}
