//! The AWS stand-in of `tests/aws`, started once for the test process on a free port.
//!
//! Tests keep apart by using AWS accounts of their own. The demo's two accounts are for reading only.

use serde_json::{Value, json};
use std::{
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering},
    },
};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
static URL: OnceLock<String> = OnceLock::new();
static ROLES: AtomicU64 = AtomicU64::new(1);
static ACCOUNTS: AtomicU64 = AtomicU64::new(400_000_000_000);

/// An AWS account that no other test uses.
pub fn new_account() -> String {
    format!("{:012}", ACCOUNTS.fetch_add(1, Ordering::Relaxed))
}

pub fn url() -> &'static str {
    URL.get_or_init(start)
}

/// The Python that `make venv` prepared.
#[allow(clippy::disallowed_methods, reason = "a test binary has no settings file")]
fn python() -> PathBuf {
    let named = std::env::var_os("TUNER_TEST_PYTHON").map(PathBuf::from);
    let python = named.unwrap_or_else(|| {
        let cache = std::env::var_os("XDG_CACHE_HOME")
            .map(PathBuf::from)
            .or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache")))
            .expect("HOME is set");
        let path = Command::new(format!("{ROOT}/scripts/venv-path")).arg(cache.join("tuner")).output();
        PathBuf::from(String::from_utf8(path.expect("scripts/venv-path runs").stdout).expect("a path").trim())
    });
    assert!(
        python.exists(),
        "the tests need the AWS stand-in: run `make venv` (or all of them: `make test`)"
    );
    python
}

#[allow(clippy::zombie_processes, reason = "it ends with this process, whose last breath closes its input")]
fn start() -> String {
    let mut child = Command::new(python())
        .args(["-m", "stand_in", "--port", "0", "--seed", "demo", "--exit-with-parent"])
        .env("PYTHONPATH", format!("{ROOT}/tests/aws"))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the AWS stand-in starts");
    // Its standard input closes with this process, and so it ends.
    std::mem::forget(child.stdin.take());
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("piped"))
        .read_line(&mut line)
        .expect("it says that it is ready");
    line.trim().strip_prefix("ready ").unwrap_or_else(|| panic!("the stand-in said {line:?}")).to_owned()
}

/// One request to its admin routes.
pub async fn admin(method: &str, path: &str, body: Value) -> Value {
    let method = reqwest::Method::from_bytes(method.as_bytes()).expect("a method");
    let request = reqwest::Client::new().request(method, format!("{}/_stand-in/{path}", url())).json(&body);
    let reply = request.send().await.expect("the stand-in answers");
    let (status, text) = (reply.status(), reply.text().await.expect("a text"));
    assert!(status.is_success(), "{path}: {status} {text}");
    serde_json::from_str(&text).expect("JSON")
}

/// Plays the customer: makes the role that Tuner shall assume, with Tuner's read-only policy.
pub async fn make_role(account: &str, trust_policy: &Value) -> String {
    make_role_with(account, trust_policy, &read_only_policy()).await
}

/// Many tests enter the demo's accounts at the same time: each by a role of its own.
fn role_name(account: &str) -> String {
    match account {
        "222222222222" | "333333333333" => format!("Tuner-{}", ROLES.fetch_add(1, Ordering::Relaxed)),
        _ => "Tuner".to_owned(),
    }
}

pub async fn make_role_with(account: &str, trust_policy: &Value, policy: &Value) -> String {
    let name = role_name(account);
    let role = json!({"accountId": account, "roleName": name, "trustPolicy": trust_policy, "policy": policy});
    admin("POST", "roles", role).await;
    format!("arn:aws:iam::{account}:role/{name}")
}

/// The customer changes what a role may do.
pub async fn change_role(role_arn: &str, policy: &Value) {
    let (account, name) = role_arn.trim_start_matches("arn:aws:iam::").split_once(":role/").expect("an ARN");
    admin("PUT", "roles", json!({"accountId": account, "roleName": name, "policy": policy})).await;
}

pub fn read_only_policy() -> Value {
    let text = std::fs::read_to_string(format!("{ROOT}/iam-policies/read-only.json")).expect("the policy");
    serde_json::from_str(&text).expect("JSON")
}

/// A trust policy for Tuner's own account, with the condition that is given.
pub fn trust(condition: Value) -> Value {
    let mut statement = json!({"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": "sts:AssumeRole"});
    if !condition.is_null() {
        statement["Condition"] = condition;
    }
    json!({"Version": "2012-10-17", "Statement": [statement]})
}

pub fn trust_with_external_id(id: &str) -> Value {
    trust(json!({"StringEquals": {"sts:ExternalId": id}}))
}

pub async fn fault(fault: Value) {
    admin("POST", "faults", json!([fault])).await;
}

/// What STS was asked about a role, refused or not, in its order.
pub async fn attempts(role_arn: &str) -> Vec<Value> {
    let all = admin("GET", "attempts", Value::Null).await;
    all.as_array().expect("a list").iter().filter(|a| a["roleArn"] == role_arn).cloned().collect()
}

/// Plays the operator: one call of a JSON API in Tuner's own account. The target is `TrentService.CreateKey`.
pub async fn call_json(region: &str, target: &str, body: Value) -> Value {
    let service = if target.starts_with("TrentService") { "kms" } else { "secretsmanager" };
    let scope = format!("Credential=operator/20260101/{region}/{service}/aws4_request");
    let request = reqwest::Client::new()
        .post(url())
        .header("authorization", format!("AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=0"))
        .header("x-amz-target", target)
        .header("content-type", "application/x-amz-json-1.1")
        .body(body.to_string());
    let reply = request.send().await.expect("the stand-in answers");
    let (status, text) = (reply.status(), reply.text().await.expect("a text"));
    assert!(status.is_success(), "{target}: {status} {text}");
    serde_json::from_str(&text).unwrap_or(Value::Null)
}
