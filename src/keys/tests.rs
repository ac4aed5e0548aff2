use super::*;
use crate::settings::Sources;
use std::{fs, os::unix::fs::PermissionsExt, path::Path, sync::Barrier};

fn settings(folder: &Path, env: &[(&str, &str)]) -> Settings {
    let mut env: std::collections::BTreeMap<String, String> =
        env.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect();
    env.insert("TUNER_DATA_DIR".into(), folder.display().to_string());
    Settings::load(&Sources { env, ..Sources::default() }).unwrap()
}

fn load(folder: &Path, env: &[(&str, &str)]) -> Result<Keys, String> {
    Keys::load_or_create(&settings(folder, env)).map_err(|e| e.to_string())
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn local(keys: &Keys) -> [u8; 32] {
    match &keys.master {
        Master::Local(key) => *key.expose(),
        Master::Kms(arn) => panic!("{arn}"),
    }
}

/// Spares the RSA key where a test is about something else.
const OUTSIDE: [(&str, &str); 2] = [("TUNER_AUTH__JWKS_FILE", "/k"), ("TUNER_AUTH__ISSUER", "idp")];

#[test]
fn the_first_start_makes_what_the_second_one_reads() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("a/b");
    let first = load(&folder, &[]).unwrap();
    assert_eq!(mode(&folder), 0o700);
    for name in [EXTERNAL_ID_SECRET, SIGNING_KEY, MASTER_KEY] {
        assert_eq!(mode(&folder.join(name)), 0o600, "{name}");
    }
    assert_eq!(fs::read_to_string(folder.join(EXTERNAL_ID_SECRET)).unwrap().len(), 64);
    assert!(
        fs::read_to_string(folder.join(SIGNING_KEY)).unwrap().starts_with("-----BEGIN PRIVATE KEY-----\n")
    );
    let second = load(&folder, &[]).unwrap();
    assert_eq!(local(&first), local(&second));
    assert_eq!(first.signing.unwrap().key_id(), second.signing.unwrap().key_id());
    let id = first.external_ids.issue("123456789012".parse().unwrap(), &"acme".parse().unwrap());
    let check = second.external_ids.check(&id, "123456789012".parse().unwrap(), &"acme".parse().unwrap());
    assert_eq!(check, Ok(()));
}

#[test]
fn a_generated_secret_keeps_its_meaning_in_the_environment() {
    let home = tempfile::tempdir().unwrap();
    let first = load(home.path(), &OUTSIDE).unwrap();
    let secret = fs::read_to_string(home.path().join(EXTERNAL_ID_SECRET)).unwrap();
    let mut env = OUTSIDE.to_vec();
    env.push(("TUNER_EXTERNAL_ID__SECRET", &secret));
    let second = load(tempfile::tempdir().unwrap().path(), &env).unwrap();
    let (account, organization) = ("123456789012".parse().unwrap(), "acme".parse().unwrap());
    let id = first.external_ids.issue(account, &organization);
    assert_eq!(second.external_ids.check(&id, account, &organization), Ok(()));
}

#[test]
fn starts_at_the_same_time_agree() {
    let home = tempfile::tempdir().unwrap();
    let barrier = Barrier::new(8);
    let keys: Vec<[u8; 32]> = std::thread::scope(|scope| {
        let start = || {
            barrier.wait();
            local(&load(home.path(), &OUTSIDE).unwrap())
        };
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(start)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(keys.windows(2).all(|pair| pair[0] == pair[1]));
}

#[test]
fn a_file_that_others_may_read_is_refused() {
    let home = tempfile::tempdir().unwrap();
    load(home.path(), &OUTSIDE).unwrap();
    let path = home.path().join(MASTER_KEY);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    let expected = format!("{0} may be read by others (mode 640); run: chmod 600 {0}", path.display());
    assert_eq!(load(home.path(), &OUTSIDE).unwrap_err(), expected);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).unwrap();
    assert!(load(home.path(), &OUTSIDE).is_ok());
}

#[test]
fn a_damaged_file_is_named_in_one_line() {
    for (name, content, reason) in [
        (MASTER_KEY, "", "the file is empty; remove it to have a new one made"),
        (
            MASTER_KEY,
            "abc",
            "a master key is 64 hex digits or 32 bytes in base64, or kms: and the ARN of a KMS key",
        ),
        (EXTERNAL_ID_SECRET, "short", "the external ID secret has 5 bytes; give it at least 32"),
        (SIGNING_KEY, "nonsense", "that is not an RSA private key in PEM form"),
    ] {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join(name);
        fs::write(&path, content).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        assert_eq!(load(home.path(), &[]).unwrap_err(), format!("{}: {reason}", path.display()));
    }
}

#[test]
fn a_leftover_of_a_crash_does_not_hinder_the_next_start() {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("master_key.tmp"), "half").unwrap();
    assert!(load(home.path(), &OUTSIDE).is_ok());
    assert!(!home.path().join("master_key.tmp").exists());
}

#[test]
fn production_wants_its_secrets_given() {
    let home = tempfile::tempdir().unwrap();
    let error = load(home.path(), &[("TUNER_PRODUCTION", "true")]).unwrap_err();
    assert_eq!(
        error,
        "production mode makes no secrets of its own; set TUNER_MASTER_KEY, TUNER_EXTERNAL_ID__SECRET, \
         TUNER_AUTH__SIGNING_KEY"
    );
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0);
    let secret = "5".repeat(64);
    let mut env = OUTSIDE.to_vec();
    env.extend([
        ("TUNER_PRODUCTION", "true"),
        ("TUNER_MASTER_KEY", &secret),
        ("TUNER_EXTERNAL_ID__SECRET", &secret),
    ]);
    assert!(load(home.path(), &env).unwrap().signing.is_none());
}

#[test]
fn a_kms_key_needs_no_file_and_is_good_enough_for_production() {
    let home = tempfile::tempdir().unwrap();
    let arn = "kms:arn:aws:kms:eu-central-1:123456789012:key/a";
    let (old, secret) = ("6".repeat(64), "5".repeat(64));
    let mut env = OUTSIDE.to_vec();
    env.extend([
        ("TUNER_PRODUCTION", "true"),
        ("TUNER_MASTER_KEY", arn),
        ("TUNER_MASTER_KEY_PREVIOUS", &old),
        ("TUNER_EXTERNAL_ID__SECRET", &secret),
    ]);
    let keys = load(home.path(), &env).unwrap();
    assert!(matches!(keys.master, Master::Kms(_)));
    assert!(matches!(keys.previous_master, Some(Master::Local(_))));
    assert!(!home.path().join(MASTER_KEY).exists());
    env.push(("TUNER_MASTER_KEY_PREVIOUS", "nonsense"));
    assert!(load(home.path(), &env).unwrap_err().starts_with("TUNER_MASTER_KEY_PREVIOUS: a master key is"));
}

#[test]
fn debug_output_shows_no_key() {
    let home = tempfile::tempdir().unwrap();
    let shown = format!("{:?}", load(home.path(), &[]).unwrap());
    for name in [EXTERNAL_ID_SECRET, MASTER_KEY] {
        assert!(!shown.contains(&fs::read_to_string(home.path().join(name)).unwrap()), "{name}");
    }
    assert!(shown.contains("[redacted]") && shown.contains("MasterKey(…)"));
}
