//! What goes wrong at AWS: no answer, no capacity, a start that falls back, a server that died.

use super::Shop;
use crate::support::server::Engine;
use jiff::SignedDuration;
use rstest::rstest;
use serde_json::json;
use tuner::domain::schedule::{ActionStatus, Power};

#[rstest]
#[tokio::test]
async fn a_call_without_an_answer_is_settled_by_a_later_tick(
    #[values(Engine::Sqlite, Engine::MySql)] engine: Engine,
) {
    let shop = Shop::open(engine).await;
    shop.make(1).await;
    shop.seen_and_due().await;
    shop.fault(
        json!({"kind": "cut", "service": "ec2", "operation": "StopInstances", "after": true, "times": 1}),
    )
    .await;
    shop.tick().await;
    assert_eq!(shop.statuses().await, [ActionStatus::Unknown]);
    shop.forward(SignedDuration::from_mins(2)).await;
    shop.tick().await;
    assert_eq!(shop.statuses().await, [ActionStatus::Verified]);
    assert_eq!(shop.changes().await.len(), 1, "it was not called again");
    assert!(shop.rows().await[0].off.is_some(), "its time off counts");
    shop.close().await;
}

#[rstest]
#[tokio::test]
async fn a_server_that_died_after_the_call_is_settled(
    #[values(Engine::Sqlite, Engine::MySql)] engine: Engine,
) {
    let shop = Shop::open(engine).await;
    shop.make(1).await;
    shop.seen_and_due().await;
    shop.tick().await;
    // As a server that was killed before it heard the answer leaves it behind.
    shop.t
        .database()
        .run("UPDATE scheduler_action SET status = 'called', finished_at = NULL, verify_after = NULL")
        .await;
    shop.forward(SignedDuration::from_mins(2)).await;
    shop.tick().await;
    assert_eq!(shop.statuses().await, [ActionStatus::Verified]);
    assert_eq!(shop.changes().await.len(), 1);
    shop.close().await;
}

#[rstest]
#[tokio::test]
async fn an_intent_that_was_never_called_is_decided_anew(
    #[values(Engine::Sqlite, Engine::MySql)] engine: Engine,
) {
    let shop = Shop::open(engine).await;
    shop.make(1).await;
    shop.seen_and_due().await;
    shop.fault(json!({"kind": "throttle", "service": "ec2", "operation": "StopInstances", "times": 1})).await;
    shop.tick().await;
    // As a server that was killed between intent and call leaves it behind.
    shop.t
        .database()
        .run("UPDATE scheduler_action SET status = 'intended', called_at = NULL, finished_at = NULL, code = NULL")
        .await;
    shop.forward(SignedDuration::from_mins(7)).await;
    shop.tick().await;
    shop.forward(SignedDuration::from_mins(1)).await;
    shop.tick().await;
    assert_eq!(shop.statuses().await, [ActionStatus::Accepted, ActionStatus::Abandoned]);
    assert_eq!(shop.changes().await.len(), 1);
    shop.close().await;
}

#[rstest]
#[tokio::test]
async fn a_start_that_falls_back_fails_is_told_and_tried_again_slowly(
    #[values(Engine::Sqlite, Engine::MySql)] engine: Engine,
) {
    let shop = Shop::open(engine).await;
    shop.make(1).await;
    shop.seen_and_due().await;
    shop.tick().await;
    shop.forward(SignedDuration::from_mins(2)).await;
    shop.tick().await;
    shop.forward_to(shop.begin + SignedDuration::from_hours(24) + SignedDuration::from_secs(5)).await;
    shop.fault(json!({"kind": "fallback", "service": "ec2", "operation": "StartInstances", "reason": "Client.InternalError", "times": 1})).await;
    shop.tick().await;
    shop.forward(SignedDuration::from_mins(2)).await;
    shop.tick().await;
    let actions = shop.actions().await;
    assert_eq!(
        (actions[0].status, actions[0].code.as_deref()),
        (ActionStatus::Failed, Some("Client.InternalError"))
    );
    shop.forward(SignedDuration::from_mins(1)).await;
    shop.tick().await;
    assert_eq!(shop.actions().await.len(), 2, "not at once");
    shop.forward(SignedDuration::from_mins(6)).await;
    shop.tick().await;
    assert_eq!(shop.actions().await[0].status, ActionStatus::Accepted);
    shop.close().await;
}

#[rstest]
#[tokio::test]
async fn one_bad_machine_holds_up_no_other(#[values(Engine::Sqlite, Engine::MySql)] engine: Engine) {
    let shop = Shop::open(engine).await;
    let ids = shop.make(3).await;
    shop.make_as(json!({"kind": "instance", "stopProtection": true}), "office").await;
    shop.seen_and_due().await;
    shop.tick().await;
    let changed = shop.changes().await;
    assert!(ids.iter().all(|id| changed.contains(id)), "{changed:?}");
    assert_eq!(shop.statuses().await.iter().filter(|status| **status == ActionStatus::Refused).count(), 1);
    shop.forward(SignedDuration::from_mins(2)).await;
    shop.tick().await;
    let protected = shop.rows().await.into_iter().find(|row| row.observed.power == Power::Running).unwrap();
    assert_eq!(protected.ineligible.as_deref(), Some("stopProtected"));
    shop.close().await;
}

#[rstest]
#[tokio::test]
async fn a_region_that_cannot_be_looked_at_is_shown_and_no_reason_to_act(
    #[values(Engine::Sqlite, Engine::MySql)] engine: Engine,
) {
    let shop = Shop::open(engine).await;
    shop.make(1).await;
    shop.seen_and_due().await;
    shop.fault(json!({"kind": "deny", "service": "ec2", "operation": "DescribeInstances"})).await;
    shop.tick().await;
    assert_eq!(shop.calls().await.len(), 0);
    let db = shop.app().database.scoped(&shop.cx.scope);
    let regions = db.list_scheduled_regions(Some(shop.id())).await.unwrap();
    assert!(regions.iter().any(|region| region.failure.is_some()), "{regions:?}");
    assert_eq!(shop.rows().await[0].observed.power, Power::Running, "unknown is not gone");
    shop.close().await;
}
