//! The master key: told at the start if it is the wrong one, changed while everything stays readable.

use super::process::Home;
use reqwest::Method;
use serde_json::json;
use sqlx::{Connection, Executor};
use std::fs;

/// Behind Tuner's back.
async fn run_sql(home: &Home, sql: &'static str) {
    let url = format!("sqlite://{}", home.path("tuner.db").display());
    let mut connection = sqlx::SqliteConnection::connect(&url).await.unwrap();
    connection.execute(sql).await.unwrap();
    connection.close().await.unwrap();
}

#[test]
fn a_wrong_master_key_is_told_at_the_start_and_nothing_is_lost() {
    let mut home = Home::new(&[]);
    let id = home.add_account("acme", "222222222222");
    home.set("TUNER_MASTER_KEY", &"c".repeat(64));
    for command in [["serve"].as_slice(), &["account", "list"], &["db", "rotate-keys"]] {
        home.run(command).fails(1, "wrapped by another master key (local:");
    }
    home.env.clear();
    assert_eq!(home.external_ids("acme").unwrap(), [id]);
}

#[test]
fn a_lost_master_key_is_not_replaced_in_silence() {
    let home = Home::new(&[]);
    home.add_account("acme", "222222222222");
    fs::remove_file(home.path("master_key")).unwrap();
    home.run(&["serve"]).fails(1, "wrapped by another master key");
}

#[test]
fn a_master_key_is_changed_without_touching_a_value() {
    let mut home = Home::new(&[]);
    let ids = [home.add_account("acme", "222222222222"), home.add_account("globex", "222222222222")];
    let former = fs::read_to_string(home.path("master_key")).unwrap();
    home.set("TUNER_MASTER_KEY", &"c".repeat(64));
    home.set("TUNER_MASTER_KEY_PREVIOUS", &former);
    let all = |home: &Home| {
        [home.external_ids("acme"), home.external_ids("globex")].map(|ids| ids.unwrap().remove(0))
    };
    assert_eq!(all(&home), ids, "before");
    let told = home.succeeds(&["db", "rotate-keys", "--master-only"]);
    assert_eq!(
        told,
        "acme: 1 data keys wrapped anew, 0 values sealed anew\nglobex: 1 data keys wrapped anew, 0 values sealed anew\n"
    );
    home.env.retain(|(name, _)| name != "TUNER_MASTER_KEY_PREVIOUS");
    assert_eq!(all(&home), ids, "after");
    home.set("TUNER_MASTER_KEY", &former);
    home.run(&["account", "list", "--organization", "acme"]).fails(1, "wrapped by another master key");
}

#[test]
fn data_keys_are_changed_for_every_organization() {
    let home = Home::new(&[]);
    let first = [home.add_account("acme", "222222222222"), home.add_account("acme", "333333333333")];
    let second = home.add_account("globex", "222222222222");
    let told = home.succeeds(&["db", "rotate-keys"]);
    assert!(
        told.starts_with(
            "acme: 0 data keys wrapped anew, new data key, 2 values sealed anew, 1 retired keys kept, "
        ),
        "{told}"
    );
    assert_eq!(home.external_ids("acme").unwrap(), first);
    assert_eq!(home.external_ids("globex").unwrap(), [second]);
}

#[tokio::test]
async fn a_value_that_was_moved_is_reported_and_left() {
    let home = Home::new(&[]);
    home.add_account("acme", "222222222222");
    run_sql(&home, "UPDATE account SET next_external_id = external_id").await;
    let ran = home.run(&["db", "rotate-keys"]);
    assert_eq!(ran.code, 1, "{}", ran.err);
    assert!(ran.out.contains("1 VALUES DO NOT OPEN and were left as they are"), "{}", ran.out);
}

/// Two processes on one database: the server answers with the old key, then with the new one.
#[tokio::test]
async fn a_running_server_goes_on_through_a_rotation() {
    let home = Home::new(&[("TUNER_LOG", "warn")]);
    let running = home.serve();
    let http = reqwest::Client::new();
    let call = async |method: reqwest::Method, path: &str, token: &str, body: serde_json::Value| {
        let request = http.request(method, format!("{}/api/v1{path}", running.url)).bearer_auth(token);
        let reply = request.json(&body).send().await.unwrap();
        reply.json::<serde_json::Value>().await.unwrap()
    };
    let setup = json!({"setupToken": running.setup_token, "name": "owner"});
    let made = call(Method::POST, "/auth/setup", "-", setup).await;
    let token = made["accessToken"].as_str().unwrap();
    let account = json!({"accountId": "222222222222", "name": "Shop"});
    let added = call(Method::POST, "/accounts", token, account).await;
    home.succeeds(&["db", "rotate-keys"]);
    let seen = call(Method::GET, "/accounts/222222222222", token, json!({})).await;
    assert!(added["externalId"].is_string());
    assert_eq!(seen["externalId"], added["externalId"]);
    // Somebody with a hand in the database moves a value: refused, and told by the event's stable name.
    run_sql(&home, "UPDATE account SET next_external_id = external_id").await;
    let refused = call(Method::GET, "/accounts/222222222222", token, json!({})).await;
    assert_eq!(refused["code"], "internal");
    let (_, log) = running.stop();
    assert!(log.contains("externalId.refused") && log.contains("account.id=222222222222"), "{log}");
}
