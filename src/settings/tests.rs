use super::*;
use rstest::rstest;
use secrecy::ExposeSecret;
use std::{collections::BTreeMap, fs};

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
#[case(&[("TUNER_AUTH__JWKS_URL", "http://idp/k"), ("TUNER_AUTH__ISSUER", "i"), ("TUNER_PRODUCTION", "1")], "TUNER_AUTH__JWKS_URL: keys over plain HTTP can be forged on the way; use https://")]
#[case(&[("TUNER_THRESHOLDS__LOOK_BACK_DAYS", "0")], "TUNER_THRESHOLDS__LOOK_BACK_DAYS: thresholds.look_back_days is 0; use 1 to 63")]
#[case(&[("TUNER_LIMITS__LOCK_MINUTES", "0")], "TUNER_LIMITS__LOCK_MINUTES: must be at least 1; TUNER_LIMITS__ENABLED=false turns limits off")]
#[case(&[("TUNER_MASTER_KEY", "secretsmanager:a#b")], "TUNER_MASTER_KEY: values from AWS Secrets Manager are not supported by this version; give the value itself, or a file through the variable ending in __FILE")]
#[case(&[("TUNER_DATABASE__URL", "postgres://ann:geheim@h/d")], "TUNER_DATABASE__URL: write it as sqlite:///path/tuner.db or mysql://user@host/name")]
#[case(&[("HOME", "")], "data_dir: there is no home directory; set TUNER_DATA_DIR")]
fn a_mistake_is_named_in_one_line(#[case] env: &[(&str, &str)], #[case] message: &str) {
    assert_eq!(load(env).unwrap_err(), message);
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

#[test]
fn a_data_folder_with_odd_characters_still_gives_a_database() {
    let settings = load(&[("TUNER_DATA_DIR", "/a b/c?d")]).unwrap();
    assert_eq!(settings.database.url.expose_secret(), "sqlite:///a%20b/c%3Fd/tuner.db");
}
