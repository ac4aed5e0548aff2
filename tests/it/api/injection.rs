//! Odd texts in every parameter of every list, made from the OpenAPI document: a new route is in it by itself.

use crate::support::server::{Engine, Server};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use rstest::rstest;
use serde_json::{Value, json};
use url::form_urlencoded::byte_serialize;

const SHOP: &str = "222222222222";
const SOME_ID: &str = "01a20166-ab8a-7143-b07a-8650a4d867c3";

/// None of them is the name of anything: a filter must find nothing by them.
const INJECTIONS: [&str; 16] = [
    "' OR '1'='1",
    "\" OR \"\"=\"",
    "') OR 1=1 -- ",
    "x' UNION SELECT NULL,NULL,NULL -- ",
    "1; DROP TABLE accounts; --",
    "' AND SLEEP(5) AND '1'='1",
    "'||randomblob(100000000)||'",
    "\\' OR 1=1 #",
    "%",
    "_",
    "%'",
    "team=%",
    "team=' OR '1'='1",
    "\u{0}",
    "a\u{0}b\r\nX-Odd: 1",
    "\u{1f980}'; SELECT 1",
];

/// Texts that try the types.
const ODD: [&str; 12] = [
    "-1",
    "0",
    "1e400",
    "NaN",
    "99999999999999999999999",
    "null",
    "[]",
    "{}",
    "true",
    "../..",
    "{{7*7}}",
    "+5",
];

fn encoded(text: &str) -> String {
    byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}

/// Every GET operation with its parameters of one kind.
fn reads(document: &Value, kind: &str) -> Vec<(String, Vec<String>)> {
    let mut found = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        let parameters = methods["get"]["parameters"].as_array().cloned().unwrap_or_default();
        let of_kind = parameters.iter().filter(|parameter| parameter["in"] == kind);
        let names: Vec<String> = of_kind.map(|p| p["name"].as_str().unwrap().to_owned()).collect();
        if !names.is_empty() {
            found.push((path.clone(), names));
        }
    }
    found
}

fn filled(path: &str) -> String {
    let path = path.replace("{accountId}", SHOP);
    let mut parts: Vec<&str> = path.split('/').collect();
    parts.iter_mut().filter(|part| part.starts_with('{')).for_each(|part| *part = SOME_ID);
    parts.join("/")
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::mysql(Engine::MySql)]
#[tokio::test]
async fn no_filter_finds_what_it_does_not_name(#[case] engine: Engine) {
    let server = Server::start(engine).await;
    server.link(SHOP).await;
    server.scan(SHOP, &["us-east-1"]).await;
    let owner = &server.org_admin;
    let everything = async || {
        let mut all = Vec::new();
        for path in ["/accounts", "/recommendations?limit=500", "/resources?limit=500"] {
            all.push(owner.get(path).await.body);
        }
        all
    };
    let before = everything().await;
    assert!(
        before.iter().all(|list| !list["items"].as_array().unwrap().is_empty()),
        "there is something to find"
    );

    let document = owner.get("/api/v1/openapi.json").await.body;
    for (path, names) in reads(&document, "query") {
        for (name, text) in names.iter().flat_map(|name| INJECTIONS.iter().map(move |text| (name, *text))) {
            let asked = format!("{}?{name}={}", filled(&path), encoded(text));
            let reply = owner.get(&asked).await;
            assert!(reply.status.as_u16() < 500, "{asked}: {}", reply.body);
            if reply.status == 200 && reply.body["items"].is_array() {
                assert_eq!(reply.body["items"], json!([]), "{asked}");
            }
        }
        for (name, text) in names.iter().flat_map(|name| ODD.iter().map(move |text| (name, *text))) {
            let asked = format!("{}?{name}={}", filled(&path), encoded(text));
            let reply = owner.get(&asked).await;
            assert!(reply.status.as_u16() < 500, "{asked}: {}", reply.body);
        }
    }
    assert_eq!(everything().await, before, "nothing was changed");
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::mysql(Engine::MySql)]
#[tokio::test]
async fn no_path_leads_to_what_it_does_not_name(#[case] engine: Engine) {
    let server = Server::start(engine).await;
    let made = server.org_admin.post("/accounts", json!({"accountId": SHOP, "name": "x"})).await;
    assert_eq!(made.status.as_u16(), 201, "{}", made.body);
    let document = server.org_admin.get("/api/v1/openapi.json").await.body;
    for (path, names) in reads(&document, "path") {
        for (name, text) in
            names.iter().flat_map(|name| INJECTIONS.iter().chain(&ODD).map(move |t| (name, *t)))
        {
            let asked = filled(&path.replace(&format!("{{{name}}}"), &encoded(text)));
            let reply = server.org_admin.get(&asked).await;
            assert!(matches!(reply.status.as_u16(), 400 | 404), "{asked}: {} {}", reply.status, reply.body);
            assert!(reply.body["code"].is_string(), "{asked}: {}", reply.body);
        }
    }
}

#[tokio::test]
async fn an_absurd_cursor_or_limit_is_400() {
    let server = Server::start(Engine::Sqlite).await;
    let document = server.org_admin.get("/api/v1/openapi.json").await.body;
    let of_json = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let cursors = [
        "AAAA".to_owned(),
        "=".to_owned(),
        "x".repeat(2000),
        of_json("null"),
        of_json("{}"),
        of_json("[]"),
        of_json("-1"),
        of_json("[[[[[[]]]]]]"),
        of_json("[9223372036854775808,\"x\"]"),
        of_json("\"' OR '1'='1\""),
        of_json(&"[".repeat(700)),
    ];
    let mut lists = 0;
    for (path, names) in reads(&document, "query") {
        if !names.iter().any(|name| name == "cursor") {
            continue;
        }
        lists += 1;
        for cursor in &cursors {
            let asked = format!("{}?cursor={}", filled(&path), encoded(cursor));
            let reply = server.org_admin.get(&asked).await;
            assert!(matches!(reply.status.as_u16(), 400 | 404), "{asked}: {} {}", reply.status, reply.body);
        }
        for limit in ["-1", "0", "501", "65536", "1e3", "1.5", "%20", "ten", "18446744073709551616"] {
            let asked = format!("{}?limit={limit}", filled(&path));
            let reply = server.org_admin.get(&asked).await;
            assert!(matches!(reply.status.as_u16(), 400 | 404), "{asked}: {} {}", reply.status, reply.body);
        }
    }
    assert!(lists >= 4, "{lists} lists have cursors");
}
