//! What changes at AWS after the last look and before the call: AWS itself refuses then, by tag and by role.

use super::stage::eventually;
use crate::{
    support::{
        server::Engine,
        stand_in::{admin, change_role},
    },
    ticking::Shop,
};
use rstest::rstest;
use serde_json::{Value, json};
use tuner::{domain::schedule::ActionStatus, service::scheduler::RunRequest};

/// A tick during which somebody does something between the last look and the call.
async fn tick_and_meanwhile(shop: &Shop, done: impl AsyncFn()) {
    shop.fault(json!({"kind": "latency", "service": "ec2", "operation": "DescribeInstances",
        "milliseconds": 2_000, "after": true, "times": 1}))
        .await;
    let looks = async || {
        let faults = admin("GET", "calls", Value::Null).await;
        let calls = faults.as_array().unwrap().clone();
        let ours = calls.iter().filter(|call| {
            call["accountId"] == shop.account.as_str() && call["operation"] == "DescribeInstances"
        });
        ours.map(|call| call["count"].as_u64().unwrap()).sum::<u64>()
    };
    let before = looks().await;
    tokio::join!(shop.run(RunRequest::default()), async {
        eventually("a look", async || looks().await > before).await;
        done().await;
    });
}

#[rstest]
#[tokio::test]
async fn a_tag_that_goes_after_the_last_look_is_respected(
    #[values(Engine::Sqlite, Engine::MySql)] engine: Engine,
) {
    let shop = Shop::open(engine).await;
    let ids = shop.make(2).await;
    shop.seen_and_due().await;
    tick_and_meanwhile(&shop, async || shop.change(&ids[0], json!({"tags": {"Scheduler": null}})).await)
        .await;
    assert_eq!(shop.changes().await, [ids[1].clone()], "{:?}", shop.calls().await);
    assert_eq!(shop.statuses().await, [ActionStatus::Accepted, ActionStatus::Refused]);
    shop.close().await;
}

#[rstest]
#[tokio::test]
async fn a_role_that_may_not_any_more_after_the_last_look_changes_nothing(
    #[values(Engine::Sqlite, Engine::MySql)] engine: Engine,
) {
    let shop = Shop::open(engine).await;
    shop.make(2).await;
    shop.seen_and_due().await;
    let role = format!("arn:aws:iam::{}:role/TunerScheduler", shop.account);
    let look = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "ec2:Describe*", "Resource": "*"}]});
    tick_and_meanwhile(&shop, async || change_role(&role, &look).await).await;
    assert_eq!(shop.changes().await.len(), 0, "{:?}", shop.calls().await);
    assert_eq!(shop.statuses().await, [ActionStatus::Refused; 2]);
    shop.close().await;
}
