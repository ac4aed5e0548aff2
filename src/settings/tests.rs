use super::*;
use rstest::rstest;
use secrecy::ExposeSecret;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

fn sources(env: &[(&str, &str)]) -> Sources {
    let mut env: BTreeMap<String, String> = env.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect();
    env.entry("HOME".into()).or_insert_with(|| "/home/ann".into());
    Sources { env, ..Sources::default() }
}

fn load(env: &[(&str, &str)]) -> Result<Settings, String> {
    Settings::load(&sources(env)).map_err(|e| e.to_string())
}

fn load_file(text: &str, env: &[(&str, &str)]) -> Result<Settings, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tuner.toml");
    fs::write(&path, text).unwrap();
    let sources = Sources { file: Some(path), ..sources(env) };
    Settings::load(&sources).map_err(|e| e.to_string().replace(&format!("{}/", folder.path().display()), ""))
}

fn shown(settings: &Settings, key: &str) -> (String, String) {
    let found = settings.show().iter().find(|shown| shown.key == key).unwrap();
    (found.value.clone(), found.origin.to_string())
}

#[test]
fn without_anything_the_defaults_hold() {
    let settings = load(&[]).unwrap();
    assert_eq!(settings.data_dir.to_str(), Some("/home/ann/.local/share/tuner"));
    assert_eq!(settings.server.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(settings.server.public_url.as_str(), "http://127.0.0.1:8080/");
    assert_eq!(settings.database.url.expose_secret(), "sqlite:///home/ann/.local/share/tuner/tuner.db");
    assert!(settings.server.tls.is_none() && settings.server.trusted_proxies.is_empty());
    assert!(settings.server.cors_origins.is_empty() && settings.net.allowed_networks.is_empty());
    assert_eq!(settings.server.metrics, MetricsAudience::Loopback);
    assert_eq!(settings.auth.keys, TokenKeys::Own);
    assert_eq!((settings.auth.issuer.as_str(), settings.auth.audience.as_str()), ("tuner", "tuner"));
    assert!(settings.limits.enabled && settings.auth.provision && !settings.production);
    assert_eq!(settings.thresholds, Thresholds::default());
}

#[test]
fn the_checkpoint_of_the_audit_lies_in_the_data_folder_or_elsewhere() {
    let path = |env| load(env).unwrap().audit.checkpoint_file.display().to_string();
    assert_eq!(path(&[("TUNER_DATA_DIR", "/data")]), "/data/audit-checkpoints.ndjson");
    let named = [("TUNER_DATA_DIR", "/data"), ("TUNER_AUDIT__CHECKPOINT_FILE", "/other/marks")];
    assert_eq!(path(&named), "/other/marks");
}

#[test]
fn the_data_folder_follows_xdg() {
    let settings = load(&[("XDG_DATA_HOME", "/data")]).unwrap();
    assert_eq!(settings.data_dir.to_str(), Some("/data/tuner"));
}

#[test]
fn flags_go_over_environment_over_file_over_defaults() {
    let file = "data_dir = '/file'\n[server]\nlisten = '127.0.0.1:1'\n[scan]\nconcurrency = 3\n";
    let env = [("TUNER_DATA_DIR", "/env"), ("TUNER_SERVER__LISTEN", "127.0.0.1:2")];
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.toml");
    fs::write(&path, file).unwrap();
    let flags = vec![Flag { name: "--data-dir", key: "data_dir", value: "/flag".into() }];
    let settings = Settings::load(&Sources { file: Some(path), flags, ..sources(&env) }).unwrap();
    assert_eq!(shown(&settings, "data_dir"), ("/flag".into(), "--data-dir".into()));
    assert_eq!(shown(&settings, "server.listen"), ("127.0.0.1:2".into(), "TUNER_SERVER__LISTEN".into()));
    let (value, origin) = shown(&settings, "scan.concurrency");
    assert!(value == "3" && origin.ends_with("t.toml:5"), "{value} {origin}");
    assert_eq!(shown(&settings, "production"), ("false".into(), "default".into()));
}

#[rstest]
#[case(&[("TUNER_SERVER__LISEN", "x")], "unknown environment variable TUNER_SERVER__LISEN; did you mean TUNER_SERVER__LISTEN?")]
#[case(&[("TUNER_COLOUR", "x")], "unknown environment variable TUNER_COLOUR")]
#[case(&[("TUNER_server__listen", "x")], "unknown environment variable TUNER_server__listen")]
#[case(&[("TUNER_SERVER__LISTEN__FILE", "x")], "unknown environment variable TUNER_SERVER__LISTEN__FILE")]
#[case(&[("TUNER_SERVER__LISTEN", "localhost")], "TUNER_SERVER__LISTEN: 'localhost' is not an address and port; write it as 127.0.0.1:8080 or [::1]:8080")]
#[case(&[("TUNER_PRODUCTION", "yes")], "TUNER_PRODUCTION: takes true or false, not 'yes'")]
#[case(&[("TUNER_SCAN__CONCURRENCY", "many")], "TUNER_SCAN__CONCURRENCY: takes a whole number, not 'many'")]
#[case(&[("TUNER_SCAN__CONCURRENCY", "0")], "TUNER_SCAN__CONCURRENCY: use 1 to 64")]
#[case(&[("TUNER_LOG_FORMAT", "xml")], "TUNER_LOG_FORMAT: 'xml' is not a log format; use text or json")]
#[case(&[("TUNER_AWS__HOME_REGION", "mars")], "TUNER_AWS__HOME_REGION: 'mars' is not an AWS region; write it as us-east-1")]
#[case(&[("TUNER_AWS__ENDPOINT_URL", "ftp://x")], "TUNER_AWS__ENDPOINT_URL: write a URL that begins with http:// or https://, without query or password")]
#[case(&[("TUNER_AWS__PRINCIPAL", "ann")], "TUNER_AWS__PRINCIPAL: write an account ID or arn:aws:iam::123456789012:role/name")]
#[case(&[("TUNER_AUTH__JWKS_FILE", "/k")], "auth.issuer: an outside issuer's keys need its name; set TUNER_AUTH__ISSUER")]
#[case(&[("TUNER_AUTH__JWKS_URL", "http://idp/k"), ("TUNER_AUTH__ISSUER", "i")], "TUNER_AUTH__JWKS_URL: keys over plain HTTP can be forged on the way; use https://")]
#[case(&[("TUNER_THRESHOLDS__LOOK_BACK_DAYS", "0")], "TUNER_THRESHOLDS__LOOK_BACK_DAYS: thresholds.look_back_days is 0; use 1 to 63")]
#[case(&[("TUNER_LIMITS__LOCK_MINUTES", "0")], "TUNER_LIMITS__LOCK_MINUTES: must be at least 1; TUNER_LIMITS__ENABLED=false turns limits off")]
#[case(&[("TUNER_MASTER_KEY", "secretsmanager:a#b")], "TUNER_MASTER_KEY: the secret 'a' was not read")]
#[case(&[("TUNER_MASTER_KEY", "secretsmanager:")], "TUNER_MASTER_KEY: write it as secretsmanager:NAME or secretsmanager:NAME#KEY")]
#[case(&[("TUNER_MASTER_KEY", "secretsmanager:a#")], "TUNER_MASTER_KEY: write it as secretsmanager:NAME or secretsmanager:NAME#KEY")]
#[case(&[("TUNER_SERVER__PUBLIC_URL", "secretsmanager:a")], "TUNER_SERVER__PUBLIC_URL: only secrets and the database's URL may stand in AWS Secrets Manager")]
#[case(&[("TUNER_DATABASE__URL", "postgres://ann:geheim@h/d")], "TUNER_DATABASE__URL: write it as sqlite:///path/tuner.db or mysql://user@host/name")]
#[case(&[("TUNER_SERVER__TLS_KEY", "/k.pem")], "server.tls_certificate: a certificate and its key belong together; set both or neither")]
#[case(&[("TUNER_SERVER__TLS_CERTIFICATE", "/c.pem")], "server.tls_key: a certificate and its key belong together; set both or neither")]
#[case(&[("TUNER_SERVER__TLS_MIN_VERSION", "1.1")], "TUNER_SERVER__TLS_MIN_VERSION: '1.1' is not a version of TLS; use 1.3 or 1.2")]
#[case(&[("TUNER_SERVER__TLS_CERTIFICATE", "/c"), ("TUNER_SERVER__TLS_KEY", "/k"), ("TUNER_SERVER__PUBLIC_URL", "http://t.example")], "TUNER_SERVER__PUBLIC_URL: a certificate is configured; write a URL that begins with https://")]
#[case(&[("TUNER_SERVER__LISTEN", "0.0.0.0:80"), ("TUNER_PRODUCTION", "1")], "TUNER_SERVER__LISTEN: production mode serves plain HTTP to this machine only; set a certificate (server.tls_certificate, server.tls_key), or server.public_url to the https:// address of the proxy in front of Tuner")]
#[case(&[("TUNER_SERVER__TRUSTED_PROXIES", "10.0.0.0/8,proxy")], "TUNER_SERVER__TRUSTED_PROXIES: 'proxy' is not a network; write it as 10.0.0.0/8 or fd00::/8")]
#[case(&[("TUNER_SERVER__TRUSTED_PROXIES", "0.0.0.0/0")], "TUNER_SERVER__TRUSTED_PROXIES: a network of all addresses would let every client say who it is")]
#[case(&[("TUNER_SERVER__CORS_ORIGINS", "*")], "TUNER_SERVER__CORS_ORIGINS: write each origin in full, as https://app.example; there is no wildcard")]
#[case(&[("TUNER_SERVER__CORS_ORIGINS", "https://app.example/path")], "TUNER_SERVER__CORS_ORIGINS: write each origin in full, as https://app.example; there is no wildcard")]
#[case(&[("TUNER_SERVER__METRICS", "all")], "TUNER_SERVER__METRICS: 'all' is not an audience; use loopback, public or off")]
#[case(&[("TUNER_NET__ALLOWED_NETWORKS", "10.0.0.0/33")], "TUNER_NET__ALLOWED_NETWORKS: '10.0.0.0/33' is not a network; write it as 10.0.0.0/8 or fd00::/8")]
#[case(&[("HOME", "")], "data_dir: there is no home directory; set TUNER_DATA_DIR")]
fn a_mistake_is_named_in_one_line(#[case] env: &[(&str, &str)], #[case] message: &str) {
    assert_eq!(load(env).unwrap_err(), message);
}

#[test]
fn the_network_is_read_into_types() {
    let settings = load(&[
        ("TUNER_PRODUCTION", "1"),
        ("TUNER_SERVER__LISTEN", "0.0.0.0:443"),
        ("TUNER_SERVER__TLS_CERTIFICATE", "/c.pem"),
        ("TUNER_SERVER__TLS_KEY", "/k.pem"),
        ("TUNER_SERVER__TLS_MIN_VERSION", "1.2"),
        ("TUNER_SERVER__TRUSTED_PROXIES", "10.0.0.0/8, 192.0.2.7,fd00::/8"),
        ("TUNER_SERVER__CORS_ORIGINS", "https://app.example/ http://localhost:3000"),
        ("TUNER_NET__ALLOW_PRIVATE", "true"),
    ])
    .unwrap();
    let server = settings.server;
    assert_eq!(server.tls.unwrap().min_version, TlsVersion::V1_2);
    assert_eq!(server.public_url.as_str(), "https://0.0.0.0/");
    let listed: Vec<String> = server.trusted_proxies.iter().map(ToString::to_string).collect();
    assert_eq!(listed, ["10.0.0.0/8", "192.0.2.7/32", "fd00::/8"]);
    assert_eq!(server.cors_origins, ["https://app.example", "http://localhost:3000"]);
    assert!(settings.net.production && settings.net.allow_private);
    let proxied = [("TUNER_SERVER__LISTEN", "0.0.0.0:80"), ("TUNER_SERVER__PUBLIC_URL", "https://t.example")];
    assert!(load(&[proxied[0], proxied[1], ("TUNER_PRODUCTION", "1")]).is_ok(), "TLS ends in front of Tuner");
}

#[rstest]
#[case("[server]\nlisten = \n", "tuner.toml:2: ")]
#[case("[server]\n\nlisen = 'x'\n", "tuner.toml:3: unknown key 'server.lisen'; did you mean server.listen?")]
#[case("colour = 'x'\n", "tuner.toml:1: unknown key 'colour'")]
#[case("[server.tls]\na = 1\n", "tuner.toml:1: unknown key 'server.tls'")]
#[case("production = 'yes'\n", "tuner.toml:1: 'production' takes a value of type boolean")]
#[case(
    "[scan]\nconcurrency = -1\n",
    "settings: invalid value: integer `-1`, expected u32 in `scan.concurrency`"
)]
#[case("[aws]\nhome_region = 'x'\n", "tuner.toml:2: aws.home_region: 'x' is not an AWS region")]
fn a_mistake_in_the_file_is_named_with_its_line(#[case] text: &str, #[case] message: &str) {
    let error = load_file(text, &[]).unwrap_err();
    assert!(error.starts_with(message) && !error.contains('\n'), "{error}");
}

#[test]
fn an_absent_file_is_an_error_that_names_it() {
    let error = load(&[("TUNER_CONFIG", "/nowhere/t.toml")]).unwrap_err();
    assert!(error.starts_with("cannot read /nowhere/t.toml: "), "{error}");
}

#[test]
fn variables_of_tests_and_of_others_are_left_alone() {
    assert!(load(&[("TUNER_TEST_MYSQL_URL", "x"), ("PATH", "x"), ("TUNERS", "x")]).is_ok());
}

#[test]
fn an_empty_variable_is_not_set() {
    assert!(load(&[("TUNER_SERVER__LISTEN", ""), ("TUNER_MASTER_KEY__FILE", "")]).is_ok());
}

#[test]
fn a_secret_comes_from_a_file_without_its_newline() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("secret");
    fs::write(&path, "geheim\n\n").unwrap();
    let path = path.to_str().unwrap();
    let settings = load(&[("TUNER_EXTERNAL_ID__SECRET__FILE", path)]).unwrap();
    assert_eq!(settings.external_id.secret.as_ref().unwrap().expose_secret(), "geheim\n");
    let both = load(&[("TUNER_EXTERNAL_ID__SECRET__FILE", path), ("TUNER_EXTERNAL_ID__SECRET", "x")]);
    assert_eq!(
        both.unwrap_err(),
        "TUNER_EXTERNAL_ID__SECRET__FILE: TUNER_EXTERNAL_ID__SECRET is set too; keep one of them"
    );
}

#[test]
fn every_threshold_can_be_set_from_the_environment() {
    for (name, ..) in Thresholds::default().describe() {
        let variable = format!("TUNER_THRESHOLDS__{}", name.to_ascii_uppercase());
        assert!(load(&[(&variable, "7")]).is_ok(), "{variable}");
    }
    let settings = load(&[("TUNER_THRESHOLDS__NONPROD_VALUES", "dev, lab")]).unwrap();
    assert_eq!(settings.thresholds.nonprod_values, ["dev", "lab"]);
}

#[test]
fn an_account_as_principal_means_its_root() {
    let principal = |text| load(&[("TUNER_AWS__PRINCIPAL", text)]).unwrap().aws.principal.unwrap();
    assert_eq!(principal("123456789012"), "arn:aws:iam::123456789012:root");
    assert_eq!(principal("arn:aws-cn:iam::123456789012:role/a/b"), "arn:aws-cn:iam::123456789012:role/a/b");
}

#[test]
fn no_secret_is_ever_shown() {
    let settings = load(&[
        ("TUNER_DATABASE__URL", "mysql://ann:geheim@db.example:3306/tuner?ssl-key=geheim"),
        ("TUNER_MASTER_KEY", "geheim"),
        ("TUNER_EXTERNAL_ID__SECRET", "geheim"),
    ])
    .unwrap();
    let all = format!("{settings:?} {:?}", settings.show());
    assert!(!all.contains("geheim"), "{all}");
    assert_eq!(shown(&settings, "master_key").0, "(set)");
    assert_eq!(shown(&settings, "auth.signing_key").0, "(generated in data dir)");
    assert_eq!(shown(&settings, "database.url").0, "mysql://ann@db.example:3306/tuner (password set)");
}

async fn load_with(env: &[(&str, &str)], texts: &[(&str, Result<&str, &str>)]) -> Result<Settings, String> {
    let texts: SecretTexts = texts
        .iter()
        .map(|(name, text)| ((*name).to_owned(), text.map(Into::into).map_err(str::to_owned)))
        .collect();
    let read = async |_, names: BTreeSet<String>| {
        assert_eq!(names, texts.keys().cloned().collect());
        texts
    };
    Settings::load_with(&sources(env), read).await.map_err(|e| e.to_string())
}

#[tokio::test]
async fn secrets_are_read_from_secrets_manager_whole_or_by_key() {
    let env = [
        ("TUNER_DATABASE__URL", "secretsmanager:tuner/db#url"),
        ("TUNER_EXTERNAL_ID__SECRET", "secretsmanager:arn:aws:secretsmanager:eu-west-1:1:secret:x"),
    ];
    let json = r#"{"url": "mysql://ann:geheim@db.example:3306/tuner", "port": 1}"#;
    let texts =
        [("tuner/db", Ok(json)), ("arn:aws:secretsmanager:eu-west-1:1:secret:x", Ok("geheim-geheim"))];
    let settings = load_with(&env, &texts).await.unwrap();
    assert_eq!(settings.database.url.expose_secret(), "mysql://ann:geheim@db.example:3306/tuner");
    assert_eq!(settings.external_id.secret.as_ref().unwrap().expose_secret(), "geheim-geheim");
    assert!(!format!("{settings:?}").contains("geheim"));
    let (value, origin) = shown(&settings, "database.url");
    assert_eq!(value, "mysql://ann@db.example:3306/tuner (password set)");
    assert_eq!(origin, "secretsmanager:tuner/db#url by TUNER_DATABASE__URL");
}

#[rstest]
#[case(
    "secretsmanager:s#a",
    Ok("{\"b\": \"geheim\"}"),
    "the secret 's' is no JSON object with a text under 'a'"
)]
#[case("secretsmanager:s#a", Ok("{\"a\": 1}"), "the secret 's' is no JSON object with a text under 'a'")]
#[case("secretsmanager:s#a", Ok("geheim"), "the secret 's' is no JSON object with a text under 'a'")]
#[case("secretsmanager:s", Ok(""), "the secret 's' is empty")]
#[case(
    "secretsmanager:s",
    Err("AWS Secrets Manager has no secret 's'"),
    "AWS Secrets Manager has no secret 's'"
)]
#[tokio::test]
async fn what_is_not_there_is_said_in_one_line(
    #[case] reference: &str,
    #[case] text: Result<&str, &str>,
    #[case] message: &str,
) {
    let error = load_with(&[("TUNER_MASTER_KEY", reference)], &[("s", text)]).await.unwrap_err();
    assert_eq!(error, format!("TUNER_MASTER_KEY: {message}"));
}

#[tokio::test]
async fn a_database_url_from_secrets_manager_is_checked_without_showing_it() {
    let env = [("TUNER_DATABASE__URL", "secretsmanager:s")];
    let error = load_with(&env, &[("s", Ok("postgres://ann:geheim@h/d"))]).await.unwrap_err();
    assert!(error.starts_with("TUNER_DATABASE__URL: write it as sqlite:"), "{error}");
}

#[test]
fn the_name_of_a_kms_key_is_shown() {
    let arn = "kms:arn:aws:kms:eu-central-1:123456789012:key/a";
    let settings = load(&[("TUNER_MASTER_KEY", arn)]).unwrap();
    assert_eq!(shown(&settings, "master_key").0, arn);
    assert_eq!(shown(&settings, "master_key_previous").0, "(not set)");
}

#[test]
fn a_data_folder_with_odd_characters_still_gives_a_database() {
    let settings = load(&[("TUNER_DATA_DIR", "/a b/c?d")]).unwrap();
    assert_eq!(settings.database.url.expose_secret(), "sqlite:///a%20b/c%3Fd/tuner.db");
}
