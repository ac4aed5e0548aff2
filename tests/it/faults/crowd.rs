//! Ten thousand machines that are due in the same minute: AWS's limit is a thousand at once for an account and
//! region, so they are in ten regions.

use crate::{
    support::{in_process::TestApp, server::Engine, stand_in::admin},
    ticking::{REGION, Shop, link},
};
use jiff::SignedDuration;
use rstest::rstest;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tuner::{
    domain::schedule::ApprovalDecision,
    service::schedules::{ApprovalFilter, decide_approval, list_approvals},
};

const REGIONS: [&str; 10] = [
    REGION,
    "eu-west-2",
    "eu-west-3",
    "eu-central-1",
    "eu-north-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
    "ca-central-1",
];
const IN_A_REGION: usize = 1_000;

async fn make(account: &str, region: &str, count: usize) {
    let body = json!({"accountId": account, "region": region, "kind": "instance", "count": count,
        "instanceType": "m5.large", "tags": {"Scheduler": "Enabled", "Schedule": "office"}});
    admin("POST", "resources", body).await;
}

async fn approve_all(shop: &Shop) {
    let cx = shop.now_cx();
    let asked = list_approvals(shop.app(), &cx, &ApprovalFilter::default(), None, 10).await.unwrap();
    let asked_for: usize = asked.iter().map(|approval| approval.resources.len()).sum();
    assert_eq!(asked_for, REGIONS.len() * IN_A_REGION + 1);
    for approval in asked {
        decide_approval(shop.app(), &cx, approval.id, ApprovalDecision::ApproveOnce, None).await.unwrap();
    }
}

/// All calls of two accounts in the order of their effects.
async fn calls_of(accounts: [&str; 2]) -> Vec<Value> {
    let calls = admin("GET", "power-calls", Value::Null).await;
    let ours = |call: &&Value| accounts.iter().any(|account| call["accountId"] == *account);
    calls.as_array().unwrap().iter().filter(ours).cloned().collect()
}

fn ids(call: &Value) -> Vec<&str> {
    call["ids"].as_array().unwrap().iter().map(|id| id.as_str().unwrap()).collect()
}

async fn statuses(shop: &Shop) -> Vec<String> {
    let sql = "SELECT DISTINCT status FROM scheduler_action WHERE kind = 'instance'";
    shop.t.database().texts(sql.to_owned()).await
}

#[rstest]
#[tokio::test]
async fn ten_thousand_in_a_minute_are_stopped_once_and_hold_up_nobody(
    #[values(Engine::Sqlite, Engine::MySql)] engine: Engine,
) {
    let shop = Shop::in_app(TestApp::open(engine).await, json!({}), SignedDuration::from_hours(1)).await;
    for region in REGIONS {
        make(&shop.account, region, IN_A_REGION).await;
    }
    let small = link(&shop.t, &shop.cx).await;
    make(&small, REGION, 1).await;
    shop.seen_and_due().await;
    shop.tick().await;
    assert_eq!(calls_of([&shop.account, &small]).await.len(), 0, "more than anybody may have meant");
    approve_all(&shop).await;

    shop.forward(SignedDuration::from_mins(1)).await;
    // Longer than the crowd's accounts wait for each other, and not as long as an answer may take.
    shop.fault(json!({"kind": "latency", "service": "ec2", "operation": "StopInstances", "region": REGION, "milliseconds": 15_000, "times": 1})).await;
    shop.tick().await;
    let calls = calls_of([&shop.account, &small]).await;
    assert!(calls.iter().all(|call| ids(call).len() <= 50 && call["operation"] == "StopInstances"));
    let named: Vec<&str> = calls.iter().flat_map(ids).collect();
    let each: BTreeSet<&str> = named.iter().copied().collect();
    assert_eq!((named.len(), each.len()), (10_001, 10_001), "each once");
    assert!(calls.iter().all(|call| ids(call).len() == call["changed"].as_array().unwrap().len()));
    let of_small = calls.iter().position(|call| call["accountId"] == small.as_str()).unwrap();
    let slow = calls.iter().rposition(|call| call["accountId"] == shop.account.as_str()).unwrap();
    assert!(of_small < slow, "the other account waited for the slow one");
    assert_eq!(statuses(&shop).await, ["accepted"]);

    shop.forward(SignedDuration::from_mins(2)).await;
    shop.tick().await;
    assert_eq!(statuses(&shop).await, ["verified"]);
    assert_eq!(calls_of([&shop.account, &small]).await.len(), calls.len(), "and no more");
    shop.close().await;
}
