//! Secrets that are known to the test, planted everywhere; then everything that Tuner says and keeps is searched
//! for them. The log is asked for all that it can say.

use super::process::{Home, files};
use crate::support::{
    database::TestDatabase,
    server::Engine,
    stand_in::{make_role, new_account},
};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD},
};
use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

const HMAC: &str = "canary-hmac-0c4f2b7e91d35a68";
const MASTER: &str = "c0ffee00c0ffee11c0ffee22c0ffee33c0ffee44c0ffee55c0ffee66c0ffee77";
const FORMER_MASTER: &str = "badcafe0badcafe1badcafe2badcafe3badcafe4badcafe5badcafe6badcafe7";
const PASSWORD: &str = "canaryDbPassword7d21";
const AWS_SECRET: &str = "canaryAwsSecretAccessKey5519";
const AWS_TOKEN: &str = "canaryAwsSessionToken8846";
const GUESS: &str = "canary-guess-5c1d";
const HOOK: &str = "canary-hook-93be07";

/// A secret under its name, in all the forms in which it might be printed.
struct Canary {
    name: &'static str,
    forms: Vec<Vec<u8>>,
}

impl Canary {
    fn of(name: &'static str, bytes: &[u8]) -> Self {
        let texts =
            [hex::encode(bytes), hex::encode_upper(bytes), format!("{bytes:?}"), format!("{bytes:02x?}")];
        let mut forms: Vec<Vec<u8>> = texts.map(String::into_bytes).into();
        forms.push(bytes.to_vec());
        // Inside a longer base64 text it begins at one of three offsets; the ends blur with what is beside it.
        for offset in 0..3 {
            let padded = [&vec![b'x'; offset], bytes].concat();
            let inner = |text: String| text.get(4..text.len() - 4).unwrap_or_default().as_bytes().to_vec();
            forms.extend([inner(STANDARD_NO_PAD.encode(&padded)), inner(URL_SAFE_NO_PAD.encode(&padded))]);
        }
        Self { name, forms }
    }

    /// Key material that is given in hex: its bytes, too.
    fn of_hex(name: &'static str, text: &str) -> [Self; 2] {
        [Self::of(name, text.as_bytes()), Self::of(name, &hex::decode(text).unwrap())]
    }

    #[track_caller]
    fn is_not_in(&self, place: &str, bytes: &[u8]) {
        for form in &self.forms {
            let found = bytes.windows(form.len()).position(|part| part == form);
            let around =
                found.map(|at| String::from_utf8_lossy(&bytes[at.saturating_sub(200)..at]).into_owned());
            assert_eq!(around, None, "{} is in {place}", self.name);
        }
    }
}

/// A user of the test's MySQL server with a password of its own.
async fn with_password(db: &TestDatabase) -> String {
    let name = url::Url::parse(&db.url).unwrap().path().trim_start_matches('/').to_owned();
    for host in ["localhost", "127.0.0.1"] {
        db.texts(format!("CREATE USER '{name}'@'{host}' IDENTIFIED BY '{PASSWORD}'")).await;
        db.texts(format!("GRANT ALL ON {name}.* TO '{name}'@'{host}'")).await;
    }
    let mut url = url::Url::parse(&db.url).unwrap();
    url.set_username(&name).unwrap();
    url.set_password(Some(PASSWORD)).unwrap();
    url.into()
}

struct Caller {
    base: String,
    token: Option<String>,
    /// Every answer, headers and body.
    answers: Vec<u8>,
}

impl Caller {
    async fn call(&mut self, method: Method, path: &str, body: Value) -> Value {
        let mut request = reqwest::Client::new().request(method, format!("{}/api/v1{path}", self.base));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        let reply = request.json(&body).send().await.unwrap();
        self.answers.extend(format!("{:?}", reply.headers()).bytes());
        let text = reply.text().await.unwrap();
        self.answers.extend(text.bytes());
        serde_json::from_str(&text).unwrap_or_default()
    }
}

/// An account is linked and scanned, an ID is rotated, a webhook is told something, and much is refused. The
/// external IDs, the token, and the secrets of the webhook.
async fn journey(caller: &mut Caller, setup_token: &str) -> (Vec<String>, String, Vec<String>) {
    let made =
        caller.call(Method::POST, "/auth/setup", json!({"setupToken": setup_token, "name": "owner"})).await;
    let token = made["accessToken"].as_str().unwrap().to_owned();
    caller.token = Some(token.clone());
    let account = new_account();
    let added = caller.call(Method::POST, "/accounts", json!({"accountId": account, "name": "Shop"})).await;
    let first = added["externalId"].as_str().unwrap().to_owned();
    let role = make_role(&account, &added["trustPolicy"]).await;
    let of = format!("/accounts/{account}");
    caller.call(Method::POST, &format!("{of}/link"), json!({"roleArn": role})).await;
    caller.call(Method::POST, &format!("{of}/scans"), json!({"regions": ["eu-west-1"]})).await;
    let next = caller.call(Method::POST, &format!("{of}/external-id/rotate"), json!({})).await;
    let next = next["nextExternalId"].as_str().unwrap().to_owned();
    caller.call(Method::POST, &format!("{of}/verify"), json!({})).await;
    let hook_secrets = tell_a_webhook(caller).await;
    for path in ["/webhooks", "/accounts", "/recommendations", "/resources", "/savings/summary", "/nothing"] {
        caller.call(Method::GET, path, json!({})).await;
    }
    // Refused: a role elsewhere, unknown fields, a wrong body, wrong credentials.
    let elsewhere = json!({"roleArn": "arn:aws:iam::999999999999:role/x"});
    caller.call(Method::POST, &format!("{of}/link"), elsewhere).await;
    caller.call(Method::POST, "/accounts", json!({"accountId": account, "externalId": GUESS})).await;
    caller.call(Method::POST, "/accounts", json!([])).await;
    caller.token = Some(format!("{token}{GUESS}"));
    caller.call(Method::GET, "/accounts", json!({})).await;
    caller.token = None;
    caller.call(Method::POST, "/auth/setup", json!({"setupToken": GUESS, "name": "x"})).await;
    caller.call(Method::POST, "/auth/login", json!({"name": "owner", "password": GUESS})).await;
    (vec![first, next], token, hook_secrets)
}

/// Nobody listens there, and all that it can go wrong with goes wrong.
async fn tell_a_webhook(caller: &mut Caller) -> Vec<String> {
    let mut body =
        json!({"name": "w", "url": format!("https://127.0.0.1:1/{HOOK}"), "events": ["scheduler.missed"]});
    // What is made and rotated shows its secret, once: its answers are not searched for it.
    let mut shown = Caller { base: caller.base.clone(), token: caller.token.clone(), answers: Vec::new() };
    let made = shown.call(Method::POST, "/webhooks", body.clone()).await;
    let of = format!("/webhooks/{}", made["webhookId"].as_str().unwrap());
    let rotated = shown.call(Method::POST, &format!("{of}/rotate-secret"), json!({})).await;
    assert!(!String::from_utf8_lossy(&shown.answers).contains(HOOK));
    let tested = caller.call(Method::POST, &format!("{of}/test"), json!({})).await;
    assert_eq!(tested["failure"], "noConnection");
    caller.call(Method::GET, &format!("{of}/deliveries"), json!({})).await;
    for url in [format!("https://10.0.0.1/{HOOK}"), format!("https://{HOOK}@127.0.0.1/"), HOOK.to_owned()] {
        body["url"] = url.into();
        caller.call(Method::POST, "/webhooks", body.clone()).await;
    }
    [made, rotated].map(|made| made["secret"].as_str().unwrap()[6..].to_owned()).into()
}

/// Libraries print what they carry at these levels, whatever this test happens to plant.
fn only_tuner_speaks_below_info(log: &str) {
    assert!(log.contains("answered"), "there is a log: {log}");
    for line in log.lines() {
        let (low, ours) = match serde_json::from_str::<Value>(line) {
            Ok(entry) => {
                let of = |key: &str| entry[key].as_str().unwrap_or_default().to_owned();
                (["TRACE", "DEBUG"].contains(&&*of("level")), of("target").starts_with("tuner"))
            }
            Err(_) => (line.contains(" TRACE ") || line.contains(" DEBUG "), line.contains(" tuner::")),
        };
        assert!(!low || ours, "{line}");
    }
}

/// What the command line says where it works and where it fails.
fn said_by_commands(home: &Home, database_url: &str) -> String {
    let mut said = String::new();
    let mut run = |home: &Home, arguments: &[&str]| {
        let ran = home.run(arguments);
        said += &(ran.out + &ran.err);
    };
    for arguments in [
        ["config", "show"].as_slice(),
        &["config", "show", "--format", "json"],
        &["config", "check"],
        &["db", "status"],
        &["db", "rotate-keys"],
    ] {
        run(home, arguments);
    }
    let mut broken = Home::new(&[]);
    broken.env.clone_from(&home.env);
    for (name, value) in [
        ("TUNER_MASTER_KEY", &format!("{MASTER}0")),
        ("TUNER_AUTH__SIGNING_KEY", &format!("-----BEGIN PRIVATE KEY-----\n{MASTER}")),
        ("TUNER_MASTER_KEY", &FORMER_MASTER.to_owned()),
        ("TUNER_DATABASE__URL", &format!("mysql://tuner:{PASSWORD}@127.0.0.1:1/tuner")),
        ("TUNER_DATABASE__URL", &format!("postgres://tuner:{PASSWORD}@localhost/tuner")),
        ("TUNER_DATABASE__URL", &database_url.replacen(PASSWORD, &format!("{PASSWORD}x"), 1)),
    ] {
        broken.set(name, value);
        run(&broken, &["account", "list", "--organization", "acme"]);
        run(&broken, &["db", "status"]);
    }
    said
}

#[rstest]
#[case::text_on_sqlite("text", Engine::Sqlite)]
#[case::json_on_mysql("json", Engine::MySql)]
#[tokio::test]
async fn no_secret_is_said_or_kept_in_plain(#[case] format: &str, #[case] engine: Engine) {
    let db = match engine {
        Engine::Sqlite => TestDatabase::empty_sqlite().await,
        Engine::MySql => TestDatabase::empty_mysql().await,
    };
    let database_url = match engine {
        Engine::Sqlite => db.url.clone(),
        Engine::MySql => with_password(&db).await,
    };
    let home = Home::new(&[
        ("TUNER_EXTERNAL_ID__SECRET", &format!("{HMAC}-{HMAC}")),
        ("TUNER_MASTER_KEY", MASTER),
        ("TUNER_MASTER_KEY_PREVIOUS", FORMER_MASTER),
        ("TUNER_DATABASE__URL", &database_url),
        ("AWS_ACCESS_KEY_ID", "AKIACANARY"),
        ("AWS_SECRET_ACCESS_KEY", AWS_SECRET),
        ("AWS_SESSION_TOKEN", AWS_TOKEN),
        ("TUNER_LOG", "trace,hyper=trace,sqlx=trace,aws_smithy_runtime=trace,h2=trace"),
        ("TUNER_LOG_FORMAT", format),
        ("TUNER_NET__ALLOWED_NETWORKS", "127.0.0.1"),
    ]);
    let running = home.serve();
    let mut caller = Caller { base: running.url.clone(), token: None, answers: Vec::new() };
    let (external_ids, token, hook_secrets) =
        journey(&mut caller, running.setup_token.as_ref().unwrap()).await;
    let setup_token = running.setup_token.clone().unwrap();
    let (out, log) = running.stop();
    only_tuner_speaks_below_info(&log);
    let commands = said_by_commands(&home, &database_url);

    let pem = std::fs::read(home.path("token_signing_key.pem")).unwrap();
    let der = STANDARD
        .decode(String::from_utf8_lossy(&pem).lines().filter(|l| !l.starts_with('-')).collect::<String>());
    // The second half of the key: the first one begins like its public half.
    let der = der.unwrap();
    let mut canaries = vec![
        Canary::of("the HMAC secret", HMAC.as_bytes()),
        Canary::of("the signing key", &der[der.len() - 64..]),
        Canary::of("the database's password", PASSWORD.as_bytes()),
        Canary::of("the AWS secret key", AWS_SECRET.as_bytes()),
        Canary::of("the AWS session token", AWS_TOKEN.as_bytes()),
        Canary::of("a wrong password", GUESS.as_bytes()),
        Canary::of("the address of a webhook", HOOK.as_bytes()),
    ];
    for secret in &hook_secrets {
        canaries.push(Canary::of("the secret of a webhook, in base64", secret.as_bytes()));
        canaries.push(Canary::of("the secret of a webhook", &STANDARD.decode(secret).unwrap()));
    }
    canaries.extend(Canary::of_hex("the master key", MASTER));
    canaries.extend(Canary::of_hex("the former master key", FORMER_MASTER));
    for canary in &canaries {
        canary.is_not_in("standard output", out.as_bytes());
        canary.is_not_in("the log", log.as_bytes());
        canary.is_not_in("an answer", &caller.answers);
        canary.is_not_in("what commands say", commands.as_bytes());
    }
    // Their owners may see these, the log may not; the set-up token is shown once, at the start.
    let mut shown: Vec<Canary> =
        external_ids.iter().map(|id| Canary::of("an external ID", id.as_bytes())).collect();
    shown.push(Canary::of("the access token", token.as_bytes()));
    shown.push(Canary::of("the set-up token", setup_token.as_bytes()));
    for canary in &shown {
        canary.is_not_in("the log", log.as_bytes());
        canary.is_not_in("what commands say", commands.as_bytes());
    }
    for (file, bytes) in kept(&home, &db) {
        for canary in canaries.iter().chain(&shown) {
            canary.is_not_in(&file, &bytes);
        }
    }
    db.remove().await;
}

/// The bytes of the database and of all else in the data folder but the key files.
fn kept(home: &Home, db: &TestDatabase) -> Vec<(String, Vec<u8>)> {
    let mut all = files(home.folder.path());
    all.retain(|(file, _)| !file.ends_with("token_signing_key.pem"));
    if let Some(path) = db.url.strip_prefix("sqlite://") {
        let database = files(std::path::Path::new(path).parent().unwrap());
        assert!(!database.is_empty());
        all.extend(database);
    }
    all
}
