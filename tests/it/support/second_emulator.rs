//! The second emulator of AWS, with real IAM checks, started once for the test process; and its customers.

use serde_json::{Value, json};
use std::{
    io::{BufRead, BufReader, Write},
    path::PathBuf,
    process::{Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering},
    },
};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
static URL: OnceLock<String> = OnceLock::new();
static ACCOUNTS: AtomicU64 = AtomicU64::new(500_000_000_000);

pub fn new_account() -> String {
    format!("{:012}", ACCOUNTS.fetch_add(1, Ordering::Relaxed))
}

pub fn url() -> &'static str {
    URL.get_or_init(start)
}

/// The Python that `make emulator` prepared.
#[allow(clippy::disallowed_methods, reason = "a test binary has no settings file")]
fn python() -> PathBuf {
    let named = std::env::var_os("TUNER_TEST_EMULATOR_PYTHON").map(PathBuf::from);
    let python = named.unwrap_or_else(|| {
        let cache = std::env::var_os("XDG_CACHE_HOME")
            .map(PathBuf::from)
            .or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache")))
            .expect("HOME is set");
        let path = Command::new(format!("{ROOT}/scripts/venv-path"))
            .arg(cache.join("tuner"))
            .arg("tests/second_emulator/requirements.txt")
            .output();
        PathBuf::from(String::from_utf8(path.expect("scripts/venv-path runs").stdout).expect("a path").trim())
    });
    assert!(
        python.exists(),
        "the tests need the second emulator: run `make emulator` (or all of them: `make test`)"
    );
    python
}

#[allow(clippy::zombie_processes, reason = "it ends with this process, whose last breath closes its input")]
fn start() -> String {
    let mut child = Command::new(python())
        .arg(format!("{ROOT}/tests/second_emulator/serve.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the second emulator starts");
    std::mem::forget(child.stdin.take());
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("piped"))
        .read_line(&mut line)
        .expect("it says that it is ready");
    line.trim().strip_prefix("ready ").unwrap_or_else(|| panic!("the emulator said {line:?}")).to_owned()
}

/// A customer does something in an account, and answers what came of it.
pub fn customer(what: &str, account: &str, given: &Value) -> Value {
    let mut child = Command::new(python())
        .arg(format!("{ROOT}/tests/second_emulator/customer.py"))
        .args([url(), what, account])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("customer.py starts");
    child.stdin.take().expect("piped").write_all(given.to_string().as_bytes()).expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success(), "{what}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// The customer makes the role by hand.
pub fn make_role(account: &str, trust_policy: &Value, policy: &Value) -> String {
    let role = json!({"roleName": "Tuner", "trustPolicy": trust_policy, "policy": policy});
    customer("make-role", account, &role).as_str().expect("an ARN").to_owned()
}

/// The customer makes the stack of a template; answers its outputs.
pub fn make_stack(account: &str, template: &str, parameters: &Value) -> Value {
    customer("make-stack", account, &json!({"name": "tuner", "template": template, "parameters": parameters}))
}
