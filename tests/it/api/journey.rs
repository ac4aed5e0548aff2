//! The main job through the API, on both engines: link, scan, look, scan again.

use crate::support::server::{Client, Engine, Server};
use jiff::civil::Date;
use rstest::rstest;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tuner::domain::money::MicroUsd;

const SHOP: &str = "222222222222";

fn micro(value: &Value) -> MicroUsd {
    value.as_str().unwrap().parse().unwrap()
}

/// Id → what must survive a re-scan.
fn by_id(list: &[Value]) -> BTreeMap<String, Value> {
    let key = |r: &Value| r["recommendationId"].as_str().unwrap().to_owned();
    list.iter()
        .map(|r| (key(r), json!([r["firstSeen"], r["fingerprint"], r["countedMonthlySavings"]])))
        .collect()
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::mysql(Engine::MySql)]
#[tokio::test]
async fn an_account_is_linked_scanned_and_advised(#[case] engine: Engine) {
    let server = Server::start(engine).await;
    let owner = &server.org_admin;
    let linked = server.link(SHOP).await;
    assert_eq!(linked["status"], "linked");
    assert_eq!(linked["verification"]["steps"].as_array().unwrap().len(), 4);

    let scan = server.scan(SHOP, &["us-east-1", "eu-west-1"]).await;
    assert_eq!((&scan["status"], &scan["gaps"]), (&json!("complete"), &json!([])), "{scan}");
    assert!(scan["apiUsage"]["totalCalls"].as_u64().unwrap() > 20);

    let list = owner.get("/recommendations?limit=500").await.items().clone();
    assert!(list.len() > 20, "{} recommendations", list.len());
    assert!(
        list.iter().map(|r| micro(&r["estimatedMonthlySavings"])).rev().is_sorted(),
        "best savings first"
    );

    let totals = owner.get("/savings/summary").await.body;
    let counted: MicroUsd = list.iter().map(|r| micro(&r["countedMonthlySavings"])).sum();
    assert_eq!(micro(&totals["estimatedMonthlySavings"]), counted);
    assert_eq!(totals["byAccount"][0]["accountId"], SHOP);

    let one = owner.get(&format!("/recommendations/{}", list[0]["recommendationId"].as_str().unwrap())).await;
    assert_eq!(one.body, list[0], "the same alone as in the list");

    assert!(micro(&owner.get("/costs?groupBy=service").await.body["total"]).is_positive());
    the_month_is_what_was_spent_and_what_is_forecast(owner).await;
    let granted = owner.get(&format!("/accounts/{SHOP}/permissions")).await.body;
    assert!(granted["permissions"].as_array().unwrap().iter().all(|p| p["status"] != "denied"), "{granted}");

    let again = server.scan(SHOP, &["us-east-1", "eu-west-1"]).await;
    assert_eq!(again["status"], "complete");
    let second = owner.get("/recommendations?limit=500").await;
    assert_eq!(by_id(second.items()), by_id(&list), "a re-scan keeps identity, first seen and totals");
    assert_eq!(owner.get(&format!("/accounts/{SHOP}/scans")).await.items().len(), 2);
}

async fn the_month_is_what_was_spent_and_what_is_forecast(owner: &Client) {
    let month = owner.get("/costs/forecast").await.body;
    let of_shop = &month["byAccount"][0];
    assert_eq!(of_shop["accountId"], SHOP);
    assert!(micro(&month["forecast"]).is_positive(), "{month}");
    assert_eq!(micro(&month["expectedMonth"]), micro(&month["spent"]) + micro(&month["forecast"]));
    let from: Date = of_shop["from"].as_str().unwrap().parse().unwrap();
    let days = owner.get(&format!("/costs?groupBy=day&from={}&to={from}", from.first_of_month())).await;
    let before = days.items().iter().filter(|day| day["key"] != from.to_string());
    assert_eq!(micro(&month["spent"]), before.map(|day| micro(&day["amount"])).sum());
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::mysql(Engine::MySql)]
#[tokio::test]
async fn lists_are_filtered_and_paged(#[case] engine: Engine) {
    let server = Server::start(engine).await;
    let owner = &server.org_admin;
    server.link(SHOP).await;
    server.scan(SHOP, &["us-east-1"]).await;
    let of_shop = format!("accountId={SHOP}");
    for (filter, field, value) in [
        ("service=EBS", "service", "EBS"),
        ("rule=eip-unassociated", "rule", "eip-unassociated"),
        ("region=us-east-1", "region", "us-east-1"),
        (of_shop.as_str(), "accountId", SHOP),
    ] {
        let found = owner.get(&format!("/recommendations?limit=500&{filter}")).await;
        assert!(!found.items().is_empty(), "{filter}");
        assert!(found.items().iter().all(|r| r[field] == value), "{filter}");
    }
    let above = owner.get("/recommendations?minMonthlySavings=50").await;
    assert!(above.items().iter().all(|r| micro(&r["estimatedMonthlySavings"]) >= MicroUsd::from_usd(50)));
    let tagged = owner.get("/recommendations?limit=500&tag=team%3Dweb").await;
    assert!(!tagged.items().is_empty() && tagged.items().iter().all(|r| r["tags"]["team"] == "web"));
    assert_eq!(owner.get("/recommendations?region=ap-south-1").await.items().len(), 0);

    let whole: Vec<Value> = owner.get("/recommendations?limit=500").await.items().clone();
    let mut paged = Vec::new();
    let mut path = "/recommendations?limit=7".to_owned();
    loop {
        let page = owner.get(&path).await;
        paged.extend(page.items().clone());
        let Some(cursor) = page.body["nextCursor"].as_str() else { break };
        path = format!("/recommendations?limit=7&cursor={cursor}");
    }
    assert_eq!(paged, whole, "pages join without gap or repetition");

    let volumes = owner.get("/resources?kind=EbsVolume&limit=500").await;
    assert!(volumes.items().len() > 5);
    let id = volumes.items()[0]["id"].as_str().unwrap().to_owned();
    assert_eq!(owner.get(&format!("/resources/{id}")).await.body, volumes.items()[0]);
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::mysql(Engine::MySql)]
#[tokio::test]
async fn a_scan_of_one_region_leaves_the_others_as_they_are(#[case] engine: Engine) {
    let server = Server::start(engine).await;
    server.link(SHOP).await;
    server.scan(SHOP, &["us-east-1", "eu-west-1"]).await;
    let europe = "/recommendations?limit=500&region=eu-west-1";
    let before = server.org_admin.get(europe).await.items().clone();
    assert!(!before.is_empty());
    server.scan(SHOP, &["us-east-1"]).await;
    assert_eq!(by_id(server.org_admin.get(europe).await.items()), by_id(&before));
}

#[tokio::test]
async fn only_granted_accounts_are_seen() {
    let server = Server::start(Engine::Sqlite).await;
    server.link(SHOP).await;
    server.scan(SHOP, &["eu-west-1"]).await;
    let granted = server.member("main", "vera", "TUNER_VIEWER", &[SHOP]);
    let stranger = server.member("main", "sam", "TUNER_ADMIN", &[]);
    let foreigner = server.member("other", "mallory", "ORGANIZATION_ADMIN", &[]);
    assert!(!granted.get("/recommendations").await.items().is_empty());
    for nobody in [&stranger, &foreigner] {
        assert_eq!(nobody.get("/recommendations").await.items().len(), 0);
        assert_eq!(nobody.get("/accounts").await.items().len(), 0);
        assert_eq!(nobody.get("/resources").await.items().len(), 0);
        assert_eq!(nobody.get("/savings/summary").await.body["estimatedMonthlySavings"], "0.00");
        let theirs = nobody.get(&format!("/accounts/{SHOP}")).await;
        let nothing = nobody.get("/accounts/999999999999").await;
        theirs.is_problem(404, "notFound");
        assert_eq!(theirs.body["detail"], nothing.body["detail"], "not yours looks like not there");
    }
}
