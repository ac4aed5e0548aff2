//! The OpenID provider of `tests/oidc` (npm oidc-provider), started once for the test process on a free port.
//!
//! Tests keep apart by using people of their own.

use serde_json::Value;
use std::{
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Command, Stdio},
    sync::OnceLock,
};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
static URL: OnceLock<String> = OnceLock::new();

pub fn url() -> &'static str {
    URL.get_or_init(start)
}

/// What `tuner serve` is told to use it. Limits are off: all browsers of a test have one address.
pub fn settings() -> Vec<(&'static str, &'static str)> {
    vec![
        ("TUNER_SERVER__PUBLIC_URL", "https://tuner.example"),
        ("TUNER_LIMITS__ENABLED", "false"),
        ("TUNER_OIDC__ISSUER", url()),
        ("TUNER_OIDC__CLIENT_ID", "tuner"),
        ("TUNER_OIDC__CLIENT_SECRET", "a-secret-of-the-tests"),
        ("TUNER_OIDC__ORGANIZATION", "acme"),
        ("TUNER_OIDC__VIEWER_GROUPS", "everyone"),
        ("TUNER_OIDC__ADMIN_GROUPS", "['Cloud Admins']"),
    ]
}

/// What the provider says of a person from now on.
pub async fn set_person(claims: Value) {
    let request = reqwest::Client::new().post(format!("{}/_test/people", url())).json(&claims);
    assert!(request.send().await.expect("the provider answers").status().is_success());
}

/// What `make oidc-provider` installed.
#[allow(clippy::disallowed_methods, reason = "a test binary has no settings file")]
fn folder() -> PathBuf {
    let named = std::env::var_os("TUNER_TEST_OIDC_PROVIDER").map(PathBuf::from);
    let folder = named.unwrap_or_else(|| {
        let cache = std::env::var_os("XDG_CACHE_HOME")
            .map(PathBuf::from)
            .or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache")))
            .expect("HOME is set");
        let path =
            Command::new(format!("{ROOT}/scripts/oidc-provider-path")).arg(cache.join("tuner")).output();
        PathBuf::from(String::from_utf8(path.expect("the script runs").stdout).expect("a path").trim())
    });
    assert!(
        folder.join("complete").exists(),
        "the tests need an OpenID provider: run `make oidc-provider` (or all of them: `make test`)"
    );
    folder
}

#[allow(clippy::zombie_processes, reason = "it ends with this process, whose last breath closes its input")]
fn start() -> String {
    let mut child = Command::new("node")
        .arg(format!("{ROOT}/tests/oidc/provider.mjs"))
        .arg(folder())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("node starts");
    std::mem::forget(child.stdin.take());
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("piped"))
        .read_line(&mut line)
        .expect("it says that it is ready");
    line.trim().strip_prefix("ready ").unwrap_or_else(|| panic!("the provider said {line:?}")).to_owned()
}
