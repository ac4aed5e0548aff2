use crate::support::server::{Engine, Server};
use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

const SHOP: &str = "222222222222";

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::mysql(Engine::MySql)]
#[tokio::test]
async fn what_is_set_is_shown_and_what_is_left_out_is_off(#[case] engine: Engine) {
    let server = Server::start(engine).await;
    server.link(SHOP).await;
    let (owner, path) = (&server.org_admin, format!("/accounts/{SHOP}/scan-settings"));
    let nothing = owner.get(&path).await.body;
    assert_eq!((&nothing["plan"], &nothing["monthlyBudget"]), (&Value::Null, &Value::Null));
    let plan = json!({"cron": "30  2 * * *", "timeZone": "Europe/Berlin"});
    let set = owner.call(Method::PUT, &path, json!({"plan": plan, "monthlyBudget": "2.5"})).await.body;
    assert_eq!(set["plan"], json!({"cron": "30 2 * * *", "timeZone": "Europe/Berlin"}));
    assert_eq!((&set["monthlyBudget"], &set["leftThisMonth"]), (&json!("2.50"), &json!("2.50")));
    assert!(set["nextScanAt"].is_string());
    assert_eq!(owner.get(&path).await.body, set);
    let off = owner.call(Method::PUT, &path, json!({})).await.body;
    assert_eq!(
        (&off["plan"], &off["nextScanAt"], &off["monthlyBudget"]),
        (&Value::Null, &Value::Null, &Value::Null)
    );
}

#[rstest]
#[case::too_often(json!({"plan": {"cron": "*/5 * * * *", "timeZone": "UTC"}}), "cron")]
#[case::no_cron(json!({"plan": {"cron": "daily", "timeZone": "UTC"}}), "cron")]
#[case::no_zone(json!({"plan": {"cron": "0 4 * * *", "timeZone": "Mars"}}), "timeZone")]
#[case::no_money(json!({"monthlyBudget": "much"}), "monthlyBudget")]
#[case::debt(json!({"monthlyBudget": "-1"}), "monthlyBudget")]
#[tokio::test]
async fn what_makes_no_sense_is_refused_with_its_field(#[case] body: Value, #[case] field: &str) {
    let server = Server::start(Engine::Sqlite).await;
    server.link(SHOP).await;
    let path = format!("/accounts/{SHOP}/scan-settings");
    let refused = server.org_admin.call(Method::PUT, &path, body).await;
    refused.is_problem(400, "invalidRequest");
    assert_eq!(refused.body["errors"][0]["field"], field, "{}", refused.body);
    assert_eq!(server.org_admin.get(&path).await.body["plan"], Value::Null, "nothing half set");
}
