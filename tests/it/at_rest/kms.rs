//! AWS KMS as the master key, and a customer's own key, against the stand-in's KMS.

use super::process::Home;
use crate::support::{
    database::TestDatabase,
    stand_in::{call_json, new_account},
};
use serde_json::json;

const REGION: &str = "eu-central-1";

async fn new_key() -> String {
    let made = call_json(REGION, "TrentService.CreateKey", json!({})).await;
    made["KeyMetadata"]["Arn"].as_str().unwrap().to_owned()
}

async fn set_key(arn: &str, operation: &str) {
    call_json(REGION, &format!("TrentService.{operation}"), json!({"KeyId": arn.rsplit('/').next()})).await;
}

#[tokio::test]
async fn a_master_key_in_kms_protects_every_organization() {
    let arn = new_key().await;
    let home = Home::new(&[("TUNER_MASTER_KEY", &format!("kms:{arn}"))]);
    let id = home.add_account("acme", &new_account());
    assert_eq!(home.external_ids("acme").unwrap(), std::slice::from_ref(&id));
    assert!(!home.path("master_key").exists());
    assert!(home.succeeds(&["config", "show"]).contains(&arn));
    set_key(&arn, "DisableKey").await;
    home.run(&["serve"]).fails(1, "(DisabledException)");
    set_key(&arn, "EnableKey").await;
    assert_eq!(home.external_ids("acme").unwrap(), [id]);
}

#[tokio::test]
async fn a_key_that_is_not_there_is_told_before_anything_is_kept() {
    let arn = format!("arn:aws:kms:{REGION}:123456789012:key/00000000-0000-0000-0000-000000000000");
    let home = Home::new(&[("TUNER_MASTER_KEY", &format!("kms:{arn}"))]);
    home.run(&["serve"])
        .fails(1, &format!("AWS KMS does not make a data key with the key {arn} (NotFoundException)"));
    let home = Home::new(&[("TUNER_MASTER_KEY", "kms:alias/tuner")]);
    home.run(&["serve"]).fails(1, "TUNER_MASTER_KEY: that is not the ARN of a KMS key");
}

#[tokio::test]
async fn a_server_moves_from_a_file_to_kms() {
    let mut home = Home::new(&[]);
    let id = home.add_account("acme", &new_account());
    let file = home.path("master_key").display().to_string();
    home.set("TUNER_MASTER_KEY", &format!("kms:{}", new_key().await));
    home.run(&["serve"]).fails(1, "wrapped by another master key");
    home.set("TUNER_MASTER_KEY_PREVIOUS__FILE", &file);
    home.succeeds(&["db", "rotate-keys", "--master-only"]);
    home.env.retain(|(name, _)| name == "TUNER_MASTER_KEY");
    std::fs::remove_file(file).unwrap();
    assert_eq!(home.external_ids("acme").unwrap(), [id]);
}

#[tokio::test]
async fn a_customers_own_key_is_theirs_to_turn_off() {
    let (own, home) = (new_key().await, Home::new(&[]));
    let (id, other) = (home.add_account("acme", &new_account()), home.add_account("globex", &new_account()));
    let told = home.succeeds(&["db", "organization-key", "--organization", "acme", "--kms-key", &own]);
    assert_eq!(told, format!("acme: data keys are wrapped by {own} (1 wrapped anew)\n"));
    assert_eq!(home.external_ids("acme").unwrap(), std::slice::from_ref(&id));
    set_key(&own, "DisableKey").await;
    // Their organisation is closed; the server and everybody else go on.
    assert_eq!(home.external_ids("globex").unwrap(), [other]);
    let refused = home.external_ids("acme").unwrap_err();
    assert!(refused.contains("cannot answer just now") && refused.lines().count() == 1, "{refused}");
    let rotated = home.run(&["db", "rotate-keys"]);
    assert_eq!(rotated.code, 1);
    assert!(
        rotated.out.contains("acme: failed, nothing is lost: ")
            && rotated.out.contains("AWS KMS does not make a data key with the key"),
        "{}",
        rotated.out
    );
    assert!(
        rotated.out.contains("globex: 0 data keys wrapped anew, new data key, 1 values sealed anew"),
        "{}",
        rotated.out
    );
    set_key(&own, "EnableKey").await;
    home.succeeds(&["db", "rotate-keys"]);
    assert_eq!(home.external_ids("acme").unwrap(), std::slice::from_ref(&id));
    home.succeeds(&["db", "organization-key", "--organization", "acme", "--server-key"]);
    set_key(&own, "DisableKey").await;
    assert_eq!(home.external_ids("acme").unwrap(), [id]);
}

#[tokio::test]
async fn a_key_that_does_not_work_changes_nothing() {
    let (own, home) = (new_key().await, Home::new(&[]));
    let id = home.add_account("acme", &new_account());
    set_key(&own, "DisableKey").await;
    home.run(&["db", "organization-key", "--organization", "acme", "--kms-key", &own])
        .fails(1, "(DisabledException)");
    assert_eq!(home.external_ids("acme").unwrap(), [id]);
    home.run(&["db", "organization-key", "--organization", "nobody", "--kms-key", &own])
        .fails(2, "no organization nobody");
    home.run(&["db", "organization-key", "--organization", "acme", "--kms-key", "alias/x"])
        .fails(2, "ARN of a KMS key");
}

/// The encryption context names the organisation: KMS itself refuses.
#[tokio::test]
async fn wrapped_keys_that_were_swapped_are_refused_by_kms() {
    for db in [TestDatabase::empty_sqlite().await, TestDatabase::empty_mysql().await] {
        let master = format!("kms:{}", new_key().await);
        let home = Home::new(&[("TUNER_MASTER_KEY", &master), ("TUNER_DATABASE__URL", &db.url)]);
        for organization in ["acme", "globex"] {
            home.add_account(organization, "222222222222");
        }
        db.run("UPDATE data_key SET wrapped = (SELECT x FROM (SELECT MIN(wrapped) AS x FROM data_key) t)")
            .await;
        let opened = ["acme", "globex"].map(|organization| home.external_ids(organization));
        // At the start one key of each master is tried: where it is the swapped one, nothing starts.
        assert!(opened.iter().any(Result::is_err), "{opened:?}");
        assert!(opened.iter().filter_map(|o| o.as_ref().err()).all(|e| e.lines().count() == 1));
        db.remove().await;
    }
}
