//! Rule settings: who may, what is refused, and what a scan makes of them.

use crate::support::server::{Client, Engine, Reply, Server};
use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

const DATA_PLATFORM: &str = "333333333333";
const OTHER: &str = "222222222222";

async fn put(client: &Client, path: &str, body: Value) -> Reply {
    client.call(Method::PUT, path, body).await
}

fn of_account(account: &str) -> String {
    format!("/accounts/{account}/settings/rules")
}

async fn add_account(server: &Server, account: &str) {
    let made = server.org_admin.post("/accounts", json!({"accountId": account, "name": "x"})).await;
    assert_eq!(made.status.as_u16(), 201, "{}", made.body);
}

#[tokio::test]
async fn an_account_goes_over_its_organization_and_back() {
    let server = Server::start(Engine::Sqlite).await;
    add_account(&server, DATA_PLATFORM).await;
    let (admin, path) = (&server.org_admin, of_account(DATA_PLATFORM));
    let untouched = admin.get("/settings/rules").await.body;
    assert_eq!((&untouched["version"], &untouched["updatedAt"]), (&json!(0), &Value::Null));
    let organization = json!({"thresholds": {"look_back_days": 30, "ebs_unattached_days": 7}});
    assert_eq!(put(admin, "/settings/rules", organization).await.body["version"], 1);
    let account = json!({"thresholds": {"look_back_days": 7}, "rules": {"ec2-instance-idle": false}});
    let answer = put(admin, &path, account).await;
    assert_eq!(answer.status.as_u16(), 200, "{}", answer.body);
    let effective = &answer.body["effectiveThresholds"];
    assert_eq!((&effective["look_back_days"], &effective["ebs_unattached_days"]), (&json!(7), &json!(7)));
    assert_eq!(admin.get("/settings/rules").await.body["effectiveThresholds"]["look_back_days"], 30);
    assert_eq!(admin.call(Method::DELETE, &path, json!({})).await.status.as_u16(), 204);
    assert_eq!(admin.get(&path).await.body["effectiveThresholds"]["look_back_days"], 30);
}

#[rstest]
#[case::an_unknown_field(json!({"threshold": {}}), 400, "unknownField", "threshold")]
#[case::an_unknown_threshold(json!({"thresholds": {"x": 1}}), 400, "invalidRequest", "thresholds.x")]
#[case::a_wrong_value(json!({"thresholds": {"look_back_days": "x"}}), 400, "invalidRequest", "thresholds.look_back_days")]
#[case::an_unknown_rule(json!({"rules": {"x": true}}), 400, "invalidRequest", "rules.x")]
#[case::no_condition(json!({"exclusions": [{"reason": "x"}]}), 400, "invalidRequest", "exclusions[0]")]
#[case::another_account(
    json!({"exclusions": [{"accounts": ["222222222222"], "reason": "x"}]}), 400, "invalidRequest", "exclusions[0].accounts"
)]
#[tokio::test]
async fn what_is_wrong_is_named_and_changes_nothing(
    #[case] body: Value,
    #[case] status: u16,
    #[case] code: &str,
    #[case] field: &str,
) {
    let server = Server::start(Engine::Sqlite).await;
    add_account(&server, DATA_PLATFORM).await;
    let path = of_account(DATA_PLATFORM);
    let refused = put(&server.org_admin, &path, body).await;
    refused.is_problem(status, code);
    assert_eq!(refused.body["errors"][0]["field"], field, "{}", refused.body);
    assert_eq!(server.org_admin.get(&path).await.body["version"], 0);
}

#[tokio::test]
async fn a_broken_tag_expression_says_why() {
    let server = Server::start(Engine::Sqlite).await;
    let body = json!({"exclusions": [{"tags": ["env=~/(/"], "reason": "x"}]});
    let refused = put(&server.org_admin, "/settings/rules", body).await;
    refused.is_problem(400, "invalidRequest");
    assert!(refused.body["detail"].as_str().unwrap().contains("unclosed group"), "{}", refused.body);
}

#[tokio::test]
async fn a_change_in_the_meantime_is_a_conflict() {
    let server = Server::start(Engine::Sqlite).await;
    let ask = async |body: Value| put(&server.org_admin, "/settings/rules", body).await;
    assert_eq!(ask(json!({"version": 0})).await.body["version"], 1);
    ask(json!({"version": 0})).await.is_problem(409, "conflict");
    assert_eq!(ask(json!({"version": 1})).await.body["version"], 2);
}

/// Whoever sees one account neither sees nor loses what is said of another.
#[tokio::test]
async fn exclusions_of_accounts_that_are_not_granted_are_hidden_and_stay() {
    let server = Server::start(Engine::Sqlite).await;
    for account in [DATA_PLATFORM, OTHER] {
        add_account(&server, account).await;
    }
    let of_other = json!({"accounts": [OTHER], "reason": "theirs"});
    put(&server.org_admin, "/settings/rules", json!({"exclusions": [of_other]})).await;
    let admin = server.member("main", "ann", "TUNER_ADMIN", &[DATA_PLATFORM]);
    let seen = admin.get("/settings/rules").await.body;
    assert_eq!(seen["exclusions"], json!([]));
    put(&admin, "/settings/rules", json!({"exclusions": [of_other]})).await.is_problem(400, "invalidRequest");
    let ours = json!({"exclusions": [{"accounts": [DATA_PLATFORM], "reason": "ours"}]});
    assert_eq!(put(&admin, "/settings/rules", ours).await.body["exclusions"].as_array().unwrap().len(), 1);
    let all = server.org_admin.get("/settings/rules").await.body;
    assert_eq!(all["exclusions"].as_array().unwrap().len(), 2, "{all}");
    admin.get(&of_account(OTHER)).await.is_problem(404, "notFound");
    put(&admin, &of_account(OTHER), json!({})).await.is_problem(404, "notFound");
}

/// All recommendations in a state, by rule and resource.
async fn listed(server: &Server, status: &str) -> Vec<(String, String)> {
    let list = server.org_admin.get(&format!("/recommendations?limit=500&status={status}")).await;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let mut all: Vec<_> = list.items().iter().map(|r| (text(&r["rule"]), text(&r["resourceId"]))).collect();
    all.sort();
    all
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::mysql(Engine::MySql)]
#[tokio::test]
async fn a_scan_leaves_out_what_is_excluded_and_what_is_switched_off(#[case] engine: Engine) {
    let server = Server::start(engine).await;
    server.link(DATA_PLATFORM).await;
    let scan = async || server.scan(DATA_PLATFORM, &["eu-west-1"]).await;
    let total =
        async || server.org_admin.get("/savings/summary").await.body["estimatedMonthlySavings"].clone();
    scan().await;
    let (before, sum) = (listed(&server, "ACTIVE").await, total().await);
    let one = before.iter().find(|(rule, _)| rule == "ebs-volume-gp2-to-gp3").unwrap().clone();
    let off = "ebs-volume-unattached";
    assert!(before.iter().any(|(rule, _)| rule == off));

    let body = json!({
        "rules": {off: false},
        "exclusions": [{"resources": [one.1], "rules": [one.0], "reason": "kept on purpose"}],
    });
    assert_eq!(put(&server.org_admin, &of_account(DATA_PLATFORM), body).await.status.as_u16(), 200);
    let scanned = scan().await;
    let excluded = listed(&server, "EXCLUDED").await;
    assert!(excluded.contains(&one), "{excluded:?}");
    assert!(
        before.iter().all(|seen| excluded.contains(seen) == (*seen == one || seen.0 == off)),
        "{excluded:?}"
    );
    assert_eq!(scanned["summary"]["excludedCount"], 1, "{}", scanned["summary"]);
    assert_ne!(total().await, sum);

    put(&server.org_admin, &of_account(DATA_PLATFORM), json!({})).await;
    scan().await;
    assert_eq!(listed(&server, "ACTIVE").await, before);
    assert_eq!(listed(&server, "EXCLUDED").await, []);
    assert_eq!(total().await, sum);
}
