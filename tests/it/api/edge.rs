//! Limits, TLS, metrics and the proxies' word, as the running program has them.

use crate::support::program::{Program, http};
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::fs;

#[tokio::test]
async fn an_address_that_asks_too_often_is_told_when_to_come_back() {
    let program = Program::serve(&[("TUNER_LIMITS__ENABLED", "true")]);
    let client = http();
    let log_in = async |path: &str| {
        let sent = client.post(format!("{}{path}", program.url));
        sent.json(&json!({"setupToken": "x", "name": "y"})).send().await.unwrap()
    };
    let mut statuses = Vec::new();
    for path in ["/api/v1/auth/setup", "/api/v1/auth/s%65tup"].iter().cycle().take(5) {
        statuses.push(log_in(path).await.status().as_u16());
    }
    assert_eq!(statuses, [401; 5]);
    let refused = log_in("/api/v1/auth/setup").await;
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    let wait: u64 = refused.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=12).contains(&wait), "{wait}");
    assert_eq!(refused.json::<Value>().await.unwrap()["code"], "tooManyRequests");
    // No proxy is listed: what this header says does not make another client of us.
    let lied =
        client.post(format!("{}/api/v1/auth/setup", program.url)).header("x-forwarded-for", "192.0.2.1");
    assert_eq!(lied.json(&json!({})).send().await.unwrap().status(), StatusCode::TOO_MANY_REQUESTS);
    let me = || client.get(format!("{}/api/v1/auth/me", program.url)).send();
    let mut taken = 0;
    while me().await.unwrap().status() != StatusCode::TOO_MANY_REQUESTS {
        taken += 1;
        assert!(taken <= 150, "the limit of 100 a minute does not hold");
    }
    assert!(taken >= 90, "{taken}");
    assert_eq!(client.get(format!("{}/healthz", program.url)).send().await.unwrap().status(), 200);
    let events = program.metric(r#"tuner_security_events_total{event="rate.limited"}"#).await;
    assert_eq!(events, 2, "one for each limit");
}

#[tokio::test]
async fn measurements_are_for_this_machine_and_name_no_tenant() {
    let program = Program::serve(&[]);
    let token = program.set_up().await;
    let accounts = format!("{}/api/v1/accounts", program.url);
    let made = http()
        .post(&accounts)
        .bearer_auth(&token)
        .json(&json!({"accountId": "123456789012", "name": "Canary"}));
    assert_ne!(made.send().await.unwrap().status(), 500);
    http().get(format!("{accounts}/123456789012")).bearer_auth(&token).send().await.unwrap();
    http().get(format!("{}/no/such/canary-path", program.url)).send().await.unwrap();
    let shown = http().get(format!("{}/metrics", program.url)).send().await.unwrap();
    assert_eq!(shown.headers()["content-type"], "text/plain; version=0.0.4");
    let text = shown.text().await.unwrap();
    for series in [
        r#"tuner_http_requests_total{method="GET",route="/api/v1/accounts/{accountId}",status="#,
        r#"tuner_http_requests_total{method="GET",route="none",status="404"} 1"#,
        r#"tuner_http_request_duration_seconds_bucket{method="POST",route="/api/v1/auth/setup",le="#,
        r#"tuner_db_connections{state="idle"}"#,
        r#"tuner_security_events_total{event="audit.chainBroken"} 0"#,
    ] {
        assert!(text.contains(series), "{series} in\n{text}");
    }
    for secret in ["123456789012", "canary", "Canary", "main", "owner", "127.0.0.1", &token] {
        assert!(!text.contains(secret), "{secret} in\n{text}");
    }
    let through_a_proxy =
        http().get(format!("{}/metrics", program.url)).header("x-forwarded-for", "192.0.2.1");
    assert_eq!(through_a_proxy.send().await.unwrap().status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn measurements_can_be_turned_off() {
    let program = Program::serve(&[("TUNER_SERVER__METRICS", "off")]);
    let shown = http().get(format!("{}/metrics", program.url)).send().await.unwrap();
    assert_eq!(shown.status(), StatusCode::NOT_FOUND);
}

/// A pair for `localhost` in a folder; the certificate, to trust it.
fn write_pair(folder: &std::path::Path) -> reqwest::Certificate {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    fs::write(folder.join("cert.pem"), made.cert.pem()).unwrap();
    fs::write(folder.join("key.pem"), made.signing_key.serialize_pem()).unwrap();
    reqwest::Certificate::from_pem(made.cert.pem().as_bytes()).unwrap()
}

async fn health(trusted: &reqwest::Certificate, port: u16) -> Result<reqwest::Response, reqwest::Error> {
    let client = reqwest::Client::builder().no_proxy().tls_certs_only([trusted.clone()]).build().unwrap();
    client.get(format!("https://localhost:{port}/healthz")).send().await
}

#[tokio::test]
async fn with_a_certificate_it_speaks_tls_and_takes_a_new_one_on_sighup() {
    let folder = tempfile::tempdir().unwrap();
    let first = write_pair(folder.path());
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (certificate, key) = (path("cert.pem"), path("key.pem"));
    let program =
        Program::serve(&[("TUNER_SERVER__TLS_CERTIFICATE", &certificate), ("TUNER_SERVER__TLS_KEY", &key)]);
    assert!(program.url.starts_with("https://127.0.0.1:"), "{}", program.url);
    let answer = health(&first, program.port()).await.unwrap();
    assert_eq!(answer.headers()["strict-transport-security"], "max-age=31536000; includeSubDomains");

    fs::write(folder.path().join("cert.pem"), "nonsense").unwrap();
    hang_up(&program);
    while !program.log().contains("the old one stays") {
        tokio::task::yield_now().await;
    }
    assert!(health(&first, program.port()).await.is_ok(), "the old pair stays");

    let second = write_pair(folder.path());
    hang_up(&program);
    while !program.log().contains("was read again") {
        tokio::task::yield_now().await;
    }
    assert!(health(&second, program.port()).await.is_ok());
    assert!(health(&first, program.port()).await.is_err());
}

fn hang_up(program: &Program) {
    let pid = i32::try_from(program.pid()).unwrap();
    let pid = rustix::process::Pid::from_raw(pid).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::HUP).unwrap();
}

#[test]
fn a_pair_that_is_of_no_use_stops_the_start_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let certificate = folder.path().join("cert.pem").display().to_string();
    let mut command = crate::support::tuner::tuner(folder.path());
    command.env("TUNER_SERVER__TLS_CERTIFICATE", &certificate).env("TUNER_SERVER__TLS_KEY", &certificate);
    crate::support::tuner::run(command.arg("serve")).fails(1, "cannot read ");
}
