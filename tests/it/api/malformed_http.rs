//! Requests that are no HTTP, or HTTP that two readers could read differently: one refusal, then the end.

use crate::support::program::Program;

fn post(headers: &str, body: &str) -> String {
    format!(
        "POST /api/v1/accounts HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n{headers}\r\n{body}"
    )
}

/// How a smuggled request would show itself.
const INNER: &str = "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

const AMBIGUOUS: [(&str, &str, &str); 17] = [
    ("both lengths", "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
    ("both lengths the other way", "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n"),
    ("two lengths", "Content-Length: 2\r\nContent-Length: 5\r\n", "{}"),
    ("a list of lengths", "Content-Length: 2, 2\r\n", "{}"),
    ("a signed length", "Content-Length: +2\r\n", "{}"),
    ("a negative length", "Content-Length: -2\r\n", "{}"),
    ("a length in hex", "Content-Length: 0x2\r\n", "{}"),
    ("another coding", "Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"),
    ("a misspelt coding", "Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"),
    ("identity", "Transfer-Encoding: identity\r\n", ""),
    ("two codings", "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", "0\r\n\r\n"),
    ("a space before the colon", "Content-Length : 2\r\n", "{}"),
    ("a folded header", "Content-Length:\r\n 2\r\n", "{}"),
    ("a nul in a header", "X-Odd: a\0b\r\n", ""),
    ("a bare return", "X-Odd: a\rContent-Length: 5\r\n", ""),
    ("two hosts", "Host: y\r\n", ""),
    ("a wrong chunk", "Transfer-Encoding: chunked\r\n", "xyz\r\n{}\r\n0\r\n\r\n"),
];

#[tokio::test]
async fn what_could_be_read_in_two_ways_is_refused_and_hung_up() {
    let program = Program::serve(&[]);
    for (name, headers, body) in AMBIGUOUS {
        let answer = program.raw(format!("{}{INNER}", post(headers, body))).await;
        let status = answer.split(' ').nth(1).unwrap_or_default();
        assert!(matches!(status, "400" | "401"), "{name}: {answer}");
        assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{name}, the rest was no request: {answer}");
        assert!(!answer.contains(r#"{"status":"ok"}"#), "{name}: {answer}");
    }
}

const NO_HTTP: [(&str, &str); 6] = [
    ("nothing like it", "\x16\x03\x01\x02\0\x01\0"),
    ("no version", "GET /healthz\r\n\r\n"),
    ("a strange version", "GET /healthz HTTP/9.9\r\n\r\n"),
    ("a strange method", "GE\u{7f}T /healthz HTTP/1.1\r\nHost: x\r\n\r\n"),
    ("a space in the path", "GET /health z HTTP/1.1\r\nHost: x\r\n\r\n"),
    ("a nul in the path", "GET /health\0z HTTP/1.1\r\nHost: x\r\n\r\n"),
];

#[tokio::test]
async fn what_is_no_http_is_400() {
    let program = Program::serve(&[]);
    for (name, bytes) in NO_HTTP {
        let answer = program.raw(bytes).await;
        assert!(answer.starts_with("HTTP/1.1 400 "), "{name}: {answer}");
    }
    assert!(program.raw(INNER).await.ends_with(r#"{"status":"ok"}"#), "and nothing broke");
}

#[tokio::test]
async fn headers_without_end_are_not_collected() {
    let program = Program::serve(&[]);
    let large = format!("GET /healthz HTTP/1.1\r\nHost: x\r\nX-Large: {}", "x".repeat(300_000));
    let many = format!("GET /healthz HTTP/1.1\r\nHost: x\r\n{}\r\n", "X-Many: x\r\n".repeat(5_000));
    for endless in [large, many] {
        let answer = program.raw(endless).await;
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{answer}");
    }
    assert!(program.raw(INNER).await.ends_with(r#"{"status":"ok"}"#));
}

#[tokio::test]
async fn nothing_that_a_caller_writes_makes_a_line_of_the_log() {
    let program = Program::serve(&[("TUNER_LOG_FORMAT", "text"), ("TUNER_LOG", "debug")]);
    let canary = "2026-01-01T00:00:00Z ERROR forged";
    let encoded = "%0d%0a2026-01-01T00:00:00Z%20ERROR%20forged";
    let request =
        |line: &str, more: &str| format!("{line} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{more}\r\n");
    program.raw(request(&format!("GET /api/v1/accounts/{encoded}"), "")).await;
    program.raw(request(&format!("GET /api/v1/recommendations?rule={encoded}"), "")).await;
    let own_id = format!("X-Request-Id: {canary}\r\nUser-Agent: {canary}\x1b[2J\r\n");
    let answer = program.raw(request("GET /healthz", &own_id)).await;
    assert!(!answer.contains("forged"), "the request's id is ours: {answer}");
    let log = program.log();
    assert!(!log.lines().any(|line| line.starts_with(canary)), "{log}");
    assert!(!log.contains('\x1b'), "no terminal escapes");
}

/// What must not be another way to write a path that exists, or to climb out of one.
const PATHS: [&str; 16] = [
    "/api/v1/../healthz",
    "/api/v1/%2e%2e/%2e%2e/healthz",
    "/api/v1/..;/..;/healthz",
    "/api/v1/.%2e/healthz",
    "/api/v1/%252e%252e/healthz",
    "//healthz",
    "/healthz/",
    "/healthz;x=1",
    "/healthz%00",
    "/healthz%20",
    "/HEALTHZ",
    "/%c0%ae%c0%ae/healthz",
    "/api/v1/..%2f..%2fhealthz",
    "/api/v1/..%5c..%5chealthz",
    "/api%2fv1%2fauth%2fme",
    "/./healthz",
];

#[tokio::test]
async fn a_path_is_taken_as_it_is_written() {
    let program = Program::serve(&[]);
    for path in PATHS {
        let answer =
            program.raw(format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")).await;
        assert!(answer.starts_with("HTTP/1.1 404 ") && answer.contains("problem+json"), "{path}: {answer}");
    }
}

#[tokio::test]
async fn no_id_puts_a_line_into_the_answer() {
    let program = Program::serve(&[]);
    let token = program.set_up().await;
    for path in [
        "accounts/1%0d%0aX-Odd:%20yes",
        "recommendations/%0d%0aX-Odd:%20yes",
        "accounts?name=%0d%0aX-Odd:%20yes",
    ] {
        let request = format!(
            "GET /api/v1/{path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\r\n"
        );
        let answer = program.raw(request).await;
        let head = answer.split("\r\n\r\n").next().unwrap();
        assert!(answer.starts_with("HTTP/1.1 4") && !head.contains("X-Odd"), "{path}: {answer}");
    }
}
