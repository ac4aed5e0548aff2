//! Entering a customer's account: which roles link, which do not, and what Tuner asks of AWS.

use crate::support::{
    server::{Engine, Server},
    stand_in::{admin, change_role, make_role, new_account, read_only_policy, trust, trust_with_external_id},
};
use rstest::rstest;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Adds an account and answers its external ID.
async fn add(server: &Server, account: &str) -> String {
    let made = server.org_admin.post("/accounts", json!({"accountId": account, "name": "New"})).await;
    made.body["externalId"].as_str().unwrap_or_else(|| panic!("{}", made.body)).to_owned()
}

#[rstest]
#[case::right("StringEquals", None, None)]
#[case::no_condition("none", None, Some("refuseWithoutExternalId"))]
#[case::wildcard("StringLike", Some("*"), Some("refuseWrongExternalId"))]
#[case::wrong_id("StringEquals", Some("another"), Some("assumeWithExternalId"))]
#[tokio::test]
async fn only_a_role_that_enforces_the_external_id_links(
    #[case] operator: &str,
    #[case] value: Option<&str>,
    #[case] failed_step: Option<&str>,
) {
    let server = Server::start(Engine::Sqlite).await;
    let account = new_account();
    let ours = add(&server, &account).await;
    let condition = match operator {
        "none" => Value::Null,
        operator => json!({operator: {"sts:ExternalId": value.unwrap_or(&ours)}}),
    };
    let role = make_role(&account, &trust(condition)).await;
    let linked = server.org_admin.post(&format!("/accounts/{account}/link"), json!({"roleArn": role})).await;
    let status = server.org_admin.get(&format!("/accounts/{account}")).await.body["status"].clone();
    match failed_step {
        None => assert_eq!((linked.status.as_u16(), status), (200, json!("linked")), "{}", linked.body),
        Some(step) => {
            linked.is_problem(422, "roleNotVerified");
            let failed: Vec<&str> = linked.body["errors"]
                .as_array()
                .unwrap()
                .iter()
                .map(|e| e["field"].as_str().unwrap())
                .collect();
            assert!(failed.contains(&step), "{failed:?}");
            assert_eq!(status, "pending");
        }
    }
}

#[tokio::test]
async fn the_external_id_comes_from_the_server_alone() {
    let server = Server::start(Engine::Sqlite).await;
    let body = json!({"accountId": new_account(), "name": "x", "externalId": "mine"});
    server.org_admin.post("/accounts", body).await.is_problem(400, "unknownField");
}

#[tokio::test]
async fn a_role_of_another_account_is_refused() {
    let server = Server::start(Engine::Sqlite).await;
    let (account, other) = (new_account(), new_account());
    let ours = add(&server, &account).await;
    let role = make_role(&other, &trust_with_external_id(&ours)).await;
    let linked = server.org_admin.post(&format!("/accounts/{account}/link"), json!({"roleArn": role})).await;
    linked.is_problem(422, "roleNotVerified");
}

#[tokio::test]
async fn a_role_that_drifted_is_not_used() {
    let server = Server::start(Engine::Sqlite).await;
    let account = new_account();
    server.link(&account).await;
    make_role(&account, &trust(Value::Null)).await;
    let verified = server.org_admin.post(&format!("/accounts/{account}/verify"), json!({})).await;
    assert_eq!(verified.body["status"], "drifted", "{}", verified.body);
    let scan = server.org_admin.post(&format!("/accounts/{account}/scans"), json!({})).await;
    scan.is_problem(409, "notLinked");
}

#[tokio::test]
async fn a_rotation_keeps_the_old_id_until_the_new_one_is_accepted() {
    let server = Server::start(Engine::Sqlite).await;
    let account = new_account();
    let first = server.link(&account).await["externalId"].clone();
    let rotate = format!("/accounts/{account}/external-id/rotate");
    let begun = server.org_admin.post(&rotate, json!({})).await.body;
    assert_eq!(begun["externalId"], first);
    let next = begun["nextExternalId"].clone();
    assert_ne!(next, first);
    let verify = format!("/accounts/{account}/verify");
    let still = server.org_admin.post(&verify, json!({})).await.body;
    assert_eq!((&still["externalId"], &still["status"]), (&first, &json!("linked")));
    make_role(&account, &begun["trustPolicy"]).await;
    let done = server.org_admin.post(&verify, json!({})).await.body;
    assert_eq!((&done["externalId"], &done["status"]), (&next, &json!("linked")), "{done}");
    assert_eq!(done["nextExternalId"], Value::Null);
}

#[tokio::test]
async fn a_scan_takes_the_new_id_where_the_customer_replaced_the_old_one() {
    let server = Server::start(Engine::Sqlite).await;
    let account = new_account();
    server.link(&account).await;
    let begun =
        server.org_admin.post(&format!("/accounts/{account}/external-id/rotate"), json!({})).await.body;
    let next = begun["nextExternalId"].as_str().unwrap();
    make_role(&account, &trust_with_external_id(next)).await;
    let scan = server.scan(&account, &["us-east-1"]).await;
    assert_ne!(scan["status"], "failed", "{scan}");
    assert_eq!(server.org_admin.get(&format!("/accounts/{account}")).await.body["externalId"], next);
}

#[tokio::test]
async fn every_session_is_narrowed_to_what_the_collectors_declare() {
    let server = Server::start(Engine::Sqlite).await;
    let account = new_account();
    server.link(&account).await;
    server.scan(&account, &["us-east-1"]).await;
    let sessions = admin("GET", "sessions", Value::Null).await;
    let arn = format!("arn:aws:iam::{account}:role/Tuner");
    let ours: Vec<&Value> = sessions.as_array().unwrap().iter().filter(|s| s["roleArn"] == arn).collect();
    assert!(!ours.is_empty());
    let declared: BTreeSet<String> = tuner::collect::all_actions().into_iter().map(str::to_owned).collect();
    let mut together = BTreeSet::new();
    for session in ours {
        let policy: Value = match &session["policy"] {
            Value::String(text) => serde_json::from_str(text).unwrap(),
            other => other.clone(),
        };
        let allowed = policy["Statement"][0]["Action"].as_array().unwrap().iter();
        let allowed: BTreeSet<String> = allowed.map(|action| action.as_str().unwrap().to_owned()).collect();
        assert!(allowed.is_subset(&declared), "{:?}", allowed.difference(&declared));
        together.extend(allowed);
        assert_eq!(session["sessionName"], format!("tuner-session-{account}"));
        assert_eq!(session["durationSeconds"], 3600);
    }
    assert_eq!(together, declared, "the parts of a collecting session together");
}

#[tokio::test]
async fn a_denied_action_is_reported_and_closes_nothing() {
    let server = Server::start(Engine::Sqlite).await;
    let shop = "333333333333";
    let linked = server.link(shop).await;
    server.scan(shop, &["us-east-1"]).await;
    let volumes = "/recommendations?limit=500&rule=ebs-volume-unattached";
    let before = server.org_admin.get(volumes).await.items().len();
    assert!(before > 0);
    // The customer takes one permission back: in a role of this test alone.
    let mut policy = read_only_policy();
    for statement in policy["Statement"].as_array_mut().unwrap() {
        statement["Action"].as_array_mut().unwrap().retain(|action| action != "ec2:DescribeVolumes");
    }
    change_role(linked["roleArn"].as_str().unwrap(), &policy).await;
    let scan = server.scan(shop, &["us-east-1"]).await;
    assert_eq!(scan["status"], "partial", "{scan}");
    let report = server.org_admin.get(&format!("/accounts/{shop}/permissions")).await.body;
    let listed = report["permissions"].as_array().unwrap();
    let describe_volumes = listed.iter().find(|p| p["action"] == "ec2:DescribeVolumes").unwrap();
    assert_eq!(describe_volumes["status"], "denied");
    assert!(describe_volumes["neededBy"].as_array().unwrap().contains(&json!("ebs-volume-unattached")));
    assert_eq!(server.org_admin.get(volumes).await.items().len(), 0, "not confirmed any more");
    let stale = server.org_admin.get(&format!("{volumes}&status=STALE")).await;
    assert_eq!(stale.items().len(), before, "stale, not resolved");
}

/// The demo's Shop pays for an organisation; another of its accounts is not linked.
#[tokio::test]
async fn a_management_account_offers_what_its_organisation_has() {
    let server = Server::start(Engine::Sqlite).await;
    let shop = "222222222222";
    server.link(shop).await;
    let offered = server.org_admin.get(&format!("/accounts/{shop}/organization-accounts")).await;
    let rows = json!([
        {"accountId": shop, "name": "Shop", "active": true, "added": true},
        {"accountId": "444444444444", "name": "Sandbox", "active": true, "added": false},
    ]);
    assert_eq!(offered.body, json!({"readable": true, "accounts": rows}));
}

#[tokio::test]
async fn who_may_not_list_an_organisation_offers_nothing_and_fails_nothing() {
    let server = Server::start(Engine::Sqlite).await;
    let account = new_account();
    server.link(&account).await;
    let offered = server.org_admin.get(&format!("/accounts/{account}/organization-accounts")).await;
    assert_eq!((offered.status.as_u16(), offered.body), (200, json!({"readable": false, "accounts": []})));
}
