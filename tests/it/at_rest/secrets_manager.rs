//! Settings that stand in AWS Secrets Manager, against the stand-in's.

use super::process::Home;
use crate::support::{
    in_process::OWN_ACCOUNT,
    stand_in::{call_json, fault},
};
use serde_json::json;

async fn keep(region: &str, name: &str, text: &str) -> String {
    let body = json!({"Name": name, "SecretString": text, "ClientRequestToken": "0123456789012345678901234567890123"});
    let made = call_json(region, "secretsmanager.CreateSecret", body).await;
    made["ARN"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_server_takes_its_secrets_from_there() {
    let other = Home::new(&[]);
    other.succeeds(&["account", "list", "--organization", "acme"]);
    let pem = std::fs::read_to_string(other.path("token_signing_key.pem")).unwrap();
    let all =
        json!({"master": "d".repeat(64), "hmac": "canary-of-the-hmac-secret-0123456789", "signing": pem});
    keep("us-east-1", "tuner/all", &all.to_string()).await;
    let arn = keep("eu-west-1", "tuner/hmac", "canary-of-the-hmac-secret-0123456789").await;
    let mut home = Home::new(&[
        ("TUNER_PRODUCTION", "true"),
        ("TUNER_MASTER_KEY", "secretsmanager:tuner/all#master"),
        ("TUNER_EXTERNAL_ID__SECRET", "secretsmanager:tuner/all#hmac"),
        ("TUNER_AUTH__SIGNING_KEY", "secretsmanager:tuner/all#signing"),
    ]);
    let id = home.add_account("acme", "222222222222");
    assert_eq!(home.succeeds(&["config", "check"]), "The settings are valid.\n");
    let shown = home.succeeds(&["config", "show", "--format", "json"]);
    assert!(shown.contains("secretsmanager:tuner/all#master by TUNER_MASTER_KEY"), "{shown}");
    for secret in ["dddddddd", "canary-of", "PRIVATE KEY"] {
        assert!(!shown.contains(secret), "{secret}");
    }
    for made in ["master_key", "external_id_secret", "token_signing_key.pem"] {
        assert!(!home.path(made).exists(), "{made}");
    }
    // The same value by ARN, from another region; and given directly.
    home.set("TUNER_EXTERNAL_ID__SECRET", &format!("secretsmanager:{arn}"));
    let check = ["external-id", "check", "--account", "222222222222", "--organization", "acme", &id];
    home.succeeds(&check);
    home.set("TUNER_EXTERNAL_ID__SECRET", "canary-of-the-hmac-secret-0123456789");
    home.succeeds(&check);
}

#[tokio::test]
async fn what_is_missing_is_said_in_one_line_that_names_the_variable() {
    let fails = |value: &str, words: &str| {
        let home = Home::new(&[("TUNER_MASTER_KEY", value)]);
        for command in [["serve"].as_slice(), &["config", "check"], &["config", "show"]] {
            let ran = home.run(command);
            ran.fails(1, &format!("TUNER_MASTER_KEY: {words}"));
            assert!(!ran.err.contains("geheim"), "{}", ran.err);
        }
        assert!(!home.path("master_key").exists(), "nothing is made in its place");
    };
    fails("secretsmanager:tuner/nothing", "AWS Secrets Manager has no secret 'tuner/nothing' in us-east-1");
    keep("us-east-1", "tuner/object", r#"{"a": "geheim"}"#).await;
    fails(
        "secretsmanager:tuner/object#b",
        "the secret 'tuner/object' is no JSON object with a text under 'b'",
    );
    let home = Home::new(&[("TUNER_MASTER_KEY", "secretsmanager:tuner/object#a")]);
    home.run(&["serve"]).fails(1, "TUNER_MASTER_KEY: a master key is 64 hex digits");
}

#[tokio::test]
async fn a_denied_secret_says_what_to_allow() {
    let arn = keep("ap-south-1", "tuner/denied", "geheim").await;
    // Tuner's own account: scans of other tests list the secrets of customers.
    fault(json!({"kind": "deny", "service": "secretsmanager", "accountId": OWN_ACCOUNT, "region": "ap-south-1"})).await;
    let home = Home::new(&[("TUNER_DATABASE__URL", &format!("secretsmanager:{arn}"))]);
    home.run(&["config", "check"]).fails(1, "TUNER_DATABASE__URL: AWS does not let Tuner read the secret");
}
