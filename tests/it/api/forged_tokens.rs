//! Forged tokens against the running program: 401 as a problem, nothing said about why, an event for each.

use crate::support::{
    forger::{Key, key_set, now, part, sign_with_secret, with},
    program::{Program, http},
    tuner,
};
use serde_json::{Value, json};
use std::{cell::RefCell, fs};
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::any};

const FORGED: &str = r#"tuner_security_events_total{event="token.forged"}"#;

thread_local! {
    /// Whom the tokens of a test name: Tuner's own must name the member's id too.
    static USER_ID: RefCell<String> = RefCell::new("u-1".to_owned());
}

fn claims() -> Value {
    json!({
        "sub": "owner", "userId": USER_ID.with_borrow(String::clone), "organizationId": "main", "roles": ["ORGANIZATION_ADMIN"],
        "iat": now(), "exp": now() + 3600, "iss": "tuner", "aud": "tuner",
    })
}

/// Status and body of a request with this `Authorization`.
async fn present(program: &Program, authorization: &str) -> (u16, String, Value) {
    let request =
        http().get(format!("{}/api/v1/auth/me", program.url)).header("authorization", authorization);
    let answer = request.send().await.unwrap();
    let media_type = answer.headers()["content-type"].to_str().unwrap().to_owned();
    (answer.status().as_u16(), media_type, answer.json().await.unwrap())
}

/// Changes of the header, all signed with the right key.
fn forged_headers(ours: &Key, theirs: &Key) -> Vec<(String, String)> {
    let table = [
        ("alg", json!("none")),
        ("alg", json!("None")),
        ("alg", json!("HS256")),
        ("alg", json!("RS384")),
        ("alg", json!("PS256")),
        ("alg", json!("ES256")),
        ("alg", json!("rs256")),
        ("alg", json!(["RS256"])),
        ("alg", Value::Null),
        ("kid", json!("nobody")),
        ("kid", json!("")),
        ("kid", json!("../../../../etc/passwd")),
        ("kid", json!("' OR '1'='1")),
        ("kid", json!("a\u{0}b")),
        ("kid", json!(7)),
        ("kid", Value::Null),
        ("jku", json!("https://evil.example/jwks.json")),
        ("x5u", json!("https://evil.example/cert.pem")),
        ("x5c", json!(["MIIB"])),
        ("jwk", theirs.public().clone()),
        ("crit", json!(["exp"])),
        ("crit", json!([])),
        ("typ", json!("dpop+jwt")),
    ];
    let forge = |(field, value): (&str, Value)| {
        let header = with(ours.header(), field, value.clone());
        (format!("header {field} {value}"), ours.sign(&header, &claims()))
    };
    table.into_iter().map(forge).collect()
}

/// Changes of the claims, all signed with the right key.
fn forged_claims(ours: &Key) -> Vec<(String, String)> {
    let table = [
        ("iss", json!("evil")),
        ("iss", json!(["tuner", "evil"])),
        ("iss", json!("tuner ")),
        ("iss", Value::Null),
        ("aud", json!("other")),
        ("aud", json!([])),
        ("aud", json!(["other"])),
        ("aud", Value::Null),
        ("exp", Value::Null),
        ("exp", json!((now() + 3600).to_string())),
        ("exp", json!(1e300)),
        ("exp", json!(true)),
        ("nbf", json!("now")),
        ("roles", json!("ORGANIZATION_ADMIN")),
        ("roles", json!(["ORGANIZATION_ADMIN", "ROOT"])),
        ("roles", json!(["organization_admin"])),
        ("roles", json!([])),
        ("roles", json!({"0": "ORGANIZATION_ADMIN"})),
        ("roles", json!([["ORGANIZATION_ADMIN"]])),
        ("roles", Value::Null),
        ("sub", json!("")),
        ("sub", json!("owner\u{0}")),
        ("sub", json!(1)),
        ("sub", json!("x".repeat(191))),
        ("sub", Value::Null),
        ("userId", Value::Null),
        ("organizationId", json!("main|other")),
        ("organizationId", json!("main\u{0}")),
        ("organizationId", json!("x".repeat(65))),
        ("organizationId", json!(["main"])),
        ("organizationId", Value::Null),
    ];
    let forge = |(field, value): (&str, Value)| {
        (format!("claim {field} {value}"), ours.token(&with(claims(), field, value)))
    };
    table.into_iter().map(forge).collect()
}

/// Tokens whose signature or form is wrong.
fn forged_forms(ours: &Key, theirs: &Key) -> Vec<(String, String)> {
    let good = ours.token(&claims());
    let (message, signature) = good.rsplit_once('.').unwrap();
    let (header, body) = message.split_once('.').unwrap();
    let hs256 = with(ours.header(), "alg", json!("HS256"));
    let public = ours.public().to_string();
    let modulus = ours.public()["n"].as_str().unwrap();
    let twice = |object: Value, name: &str, value: &str| {
        object.to_string().replacen('{', &format!("{{\"{name}\":\"{value}\","), 1)
    };
    let raised = part(&with(claims(), "organizationId", json!("other")).to_string());
    let named = |name: &str, token: String| (name.to_owned(), token);
    // One signature in 64 begins with an A.
    let changed = if signature.starts_with('A') { 'B' } else { 'A' };
    vec![
        named("alg none without signature", format!("{}.{body}.", part(r#"{"alg":"none"}"#))),
        named("alg none with the old signature", format!("{}.{body}.{signature}", part(r#"{"alg":"none"}"#))),
        named("HS256 with the public key", sign_with_secret(&hs256, &claims(), public.as_bytes())),
        named("HS256 with the modulus", sign_with_secret(&hs256, &claims(), modulus.as_bytes())),
        named("HS256 that says RS256", sign_with_secret(&ours.header(), &claims(), public.as_bytes())),
        named("another key under our name", theirs.sign(&ours.header(), &claims())),
        named("another key under its own name", theirs.token(&claims())),
        named("other claims under our signature", format!("{header}.{raised}.{signature}")),
        named("no signature", message.to_owned()),
        named("an empty signature", format!("{message}.")),
        named("a truncated signature", good[..good.len() - 8].to_owned()),
        named("a changed signature", format!("{message}.{changed}{}", &signature[1..])),
        named("no claims", format!("{header}..{signature}")),
        named("no header", format!(".{body}.{signature}")),
        named("a part too many", format!("{good}.x")),
        named("five parts, as if encrypted", format!("{good}.x.y")),
        named("padding", format!("{header}=.{body}.{signature}")),
        named("a space within", format!("{header} .{body}.{signature}")),
        named("two tokens", format!("{good},{good}")),
        named("a second scheme", format!("{good}, Bearer {good}")),
        named("nonsense", "nonsense".to_owned()),
        named("dots", "..".to_owned()),
        named("oversized", ours.token(&with(claims(), "x", json!("x".repeat(9000))))),
        named("deeply nested", ours.sign_text(&ours.header().to_string(), &"[".repeat(3000))),
        named("a claim twice", ours.sign_text(&ours.header().to_string(), &twice(claims(), "sub", "eve"))),
        named("a header twice", ours.sign_text(&twice(ours.header(), "alg", "none"), &claims().to_string())),
        named("claims in UTF-16", ours.sign_text(&ours.header().to_string(), "\u{feff}{\0\"\0}")),
    ]
}

#[tokio::test]
async fn no_forged_token_signs_anybody_in() {
    let program = Program::serve(&[("TUNER_LOG", "debug")]);
    let token = program.set_up().await;
    let (_, _, me) = present(&program, &format!("Bearer {token}")).await;
    USER_ID.set(me["userId"].as_str().unwrap().to_owned());
    let ours = Key::read(&fs::read_to_string(program.folder().join("data/token_signing_key.pem")).unwrap());
    let theirs = Key::generate();
    let (status, ..) = present(&program, &format!("Bearer {}", ours.token(&claims()))).await;
    assert_eq!(status, 200, "what the forgeries are made of is right");

    let forgeries =
        [forged_headers(&ours, &theirs), forged_claims(&ours), forged_forms(&ours, &theirs)].concat();
    for (number, (name, token)) in (1..).zip(&forgeries) {
        let (status, media_type, body) = present(&program, &format!("Bearer {token}")).await;
        let problem = (status, media_type.as_str(), &body["code"], &body["detail"]);
        let expected =
            (401, "application/problem+json", &json!("unauthenticated"), &json!("the token is not valid"));
        assert_eq!(problem, expected, "{name}");
        assert_eq!(program.metric(FORGED).await, number, "{name} is an event");
    }
    let log = program.log();
    assert!(!log.contains("panicked"), "{log}");
    for (name, token) in forgeries.iter().filter(|(_, token)| token.len() > 40) {
        assert!(!log.contains(&token[token.len() - 30..]), "{name} is in the log");
    }
}

#[tokio::test]
async fn what_time_or_the_directory_refuses_is_no_forgery() {
    let program = Program::serve(&[]);
    program.set_up().await;
    let ours = Key::read(&fs::read_to_string(program.folder().join("data/token_signing_key.pem")).unwrap());
    for (field, value, detail) in [
        ("exp", json!(now() - 61), "the token has expired"),
        ("exp", json!(0), "the token has expired"),
        ("nbf", json!(now() + 3600), "the token is not valid"),
        ("iat", json!(now() + 3600), "the token is not valid"),
        ("sub", json!("nobody"), "the token is not valid"),
        ("organizationId", json!("elsewhere"), "the token is not valid"),
    ] {
        let token = ours.token(&with(claims(), field, value));
        let (status, media_type, body) = present(&program, &format!("Bearer {token}")).await;
        assert_eq!((status, media_type.as_str()), (401, "application/problem+json"), "{field}");
        assert_eq!(body["detail"], detail, "{field}");
    }
    assert_eq!(program.metric(FORGED).await, 0);
}

#[tokio::test]
async fn an_odd_authorization_header_is_refused_before_it_is_read() {
    let program = Program::serve(&[]);
    program.set_up().await;
    for odd in ["", "Bearer", "Basic b3duZXI6", "Token abc", "Bearer\tabc"] {
        let (status, _, body) = present(&program, odd).await;
        assert_eq!((status, &body["code"]), (401, &json!("unauthenticated")), "{odd:?}");
    }
    let raw = |headers: &str| {
        program.raw(format!("GET /api/v1/auth/me HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n"))
    };
    let twice = raw("Authorization: Bearer a.b.c\r\nAuthorization: Bearer a.b.c\r\n").await;
    assert!(twice.starts_with("HTTP/1.1 401 ") && twice.contains("not several"), "{twice}");
    assert!(raw("Authorization: Bearer a.b\0.c\r\n").await.starts_with("HTTP/1.1 400 "));
    assert!(raw("Authorization: Bearer a.b\u{e9}.c\r\n").await.starts_with("HTTP/1.1 401 "));
    let endless = raw(&format!("Authorization: Bearer {}\r\n", "a".repeat(60_000))).await;
    assert!(endless.starts_with("HTTP/1.1 401 "), "{endless}");
}

fn at_issuer(organization: &str) -> Value {
    let claims =
        with(with(claims(), "iss", json!("https://issuer.example")), "organizationId", json!(organization));
    with(claims, "sub", json!("ann"))
}

#[tokio::test]
async fn an_unknown_key_makes_the_issuer_answer_once_a_minute_at_most() {
    let (known, unknown) = (Key::generate(), Key::generate());
    let issuer = MockServer::start().await;
    let keys = ResponseTemplate::new(200).set_body_json(key_set(&[&known]));
    Mock::given(any()).respond_with(keys).mount(&issuer).await;
    let program = Program::serve(&[
        ("TUNER_AUTH__ISSUER", "https://issuer.example"),
        ("TUNER_AUTH__JWKS_URL", &issuer.uri()),
    ]);
    let bearer = |key: &Key| format!("Bearer {}", key.token(&at_issuer("acme")));
    let (status, _, me) = present(&program, &bearer(&known)).await;
    assert_eq!((status, &me["organizationId"], &me["subject"]), (200, &json!("acme"), &json!("ann")));
    for _ in 0..5 {
        assert_eq!(present(&program, &bearer(&unknown)).await.0, 401);
    }
    assert_eq!(issuer.received_requests().await.unwrap().len(), 1);
    assert_eq!(program.metric(FORGED).await, 5);
}

#[tokio::test]
async fn keys_in_a_file_change_without_a_restart() {
    let (first, second) = (Key::generate(), Key::generate());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("jwks.json");
    fs::write(&path, key_set(&[&first]).to_string()).unwrap();
    let file = path.display().to_string();
    let program =
        Program::serve(&[("TUNER_AUTH__ISSUER", "https://issuer.example"), ("TUNER_AUTH__JWKS_FILE", &file)]);
    let status =
        async |key: &Key| present(&program, &format!("Bearer {}", key.token(&at_issuer("acme")))).await.0;
    assert_eq!((status(&first).await, status(&second).await), (200, 401));
    fs::write(&path, key_set(&[&first, &second]).to_string()).unwrap();
    assert_eq!((status(&first).await, status(&second).await), (200, 200));
    fs::write(&path, key_set(&[&second]).to_string()).unwrap();
    assert_eq!((status(&first).await, status(&second).await), (401, 200), "withdrawn");
}

#[tokio::test]
async fn without_provisioning_a_token_names_only_whom_we_know() {
    let key = Key::generate();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("jwks.json").display().to_string();
    fs::write(&file, key_set(&[&key]).to_string()).unwrap();
    let settings = [
        ("TUNER_AUTH__ISSUER", "https://issuer.example"),
        ("TUNER_AUTH__JWKS_FILE", file.as_str()),
        ("TUNER_AUTH__PROVISION", "false"),
    ];
    let program = Program::serve(&settings);
    let status = async |organization: &str| {
        present(&program, &format!("Bearer {}", key.token(&at_issuer(organization)))).await.0
    };
    assert_eq!(status("acme").await, 401);
    let mut command = tuner::tuner(&program.folder().join("data"));
    command.envs(settings).args([
        "user",
        "add",
        "--organization",
        "acme",
        "--user",
        "ann",
        "--role",
        "TUNER_VIEWER",
    ]);
    let added = tuner::run(&mut command);
    assert_eq!(added.code, 0, "{}", added.err);
    assert_eq!((status("acme").await, status("other").await), (200, 401));
}

#[test]
fn an_issuer_that_lies_inside_stops_the_start_in_one_line() {
    for (address, words) in [
        ("https://169.254.169.254/keys", "169.254.169.254 does not lead to the outside world"),
        ("https://10.0.0.7/keys", "net.allowed_networks"),
        ("https://[::ffff:192.168.0.1]/keys", "192.168.0.1 does not lead to the outside world"),
        ("http://issuer.example/keys", "TUNER_AUTH__JWKS_URL: keys over plain HTTP"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let mut command = tuner::tuner(folder.path());
        command.env("TUNER_AUTH__ISSUER", "https://issuer.example").env("TUNER_AUTH__JWKS_URL", address);
        tuner::run(command.env("TUNER_LOG", "off").arg("serve")).fails(1, words);
    }
}
