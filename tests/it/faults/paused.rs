//! Two servers on one database, of which one is paused past its lease in the middle of a tick.

use super::{
    processes::{Server, token},
    stage::{Stage, eventually},
};
use crate::support::server::Engine;
use rstest::rstest;
use serde_json::json;
use tuner::domain::schedule::ActionStatus;

#[rstest]
#[tokio::test]
async fn who_was_paused_before_the_call_is_refused(#[values(Engine::Sqlite, Engine::MySql)] engine: Engine) {
    let stage = Stage::open(engine, 2).await;
    let token = token(&stage);
    let (first, second) = (Server::start(&stage, &token, &[]), Server::start(&stage, &token, &[]));
    // What it sees is that they run; it hears of it late.
    stage.fault(json!({"kind": "latency", "service": "ec2", "operation": "DescribeInstances", "milliseconds": 2_000, "after": true})).await;
    let looks = stage.looks().await;
    let late = tokio::spawn(first.asked());
    eventually("a look", async || stage.looks().await > looks).await;
    first.process.pause();
    stage.no_faults().await;
    stage.leases_run_out().await;
    let report = second.asked().await;
    assert_eq!(report["status"], "complete", "{report}");
    assert_eq!(stage.changed().await, stage.ids);
    first.process.go_on();
    late.await.unwrap();
    assert_eq!(stage.shop.calls().await.len(), 1, "the second server's");
    stage.recover().await;
    stage.everything_was_done_once().await;
    stage.close().await;
}

#[rstest]
#[tokio::test]
async fn who_was_paused_in_the_call_is_heard_and_not_followed(
    #[values(Engine::Sqlite, Engine::MySql)] engine: Engine,
) {
    let stage = Stage::open(engine, 2).await;
    let token = token(&stage);
    let (first, second) = (Server::start(&stage, &token, &[]), Server::start(&stage, &token, &[]));
    stage.fault(json!({"kind": "latency", "service": "ec2", "operation": "StopInstances", "milliseconds": 4_000, "times": 1})).await;
    let late = tokio::spawn(first.asked());
    eventually("the call", async || stage.arrived("StopInstances").await > 0).await;
    first.process.pause();
    eventually("its effect", async || stage.changed().await == stage.ids).await;
    stage.leases_run_out().await;
    let report = second.asked().await;
    assert_eq!(report["actions"], json!([]), "what was called is not called again: {report}");
    // A minute passes: the second settles what the first has called.
    stage.shop.t.database().run("UPDATE scheduler_action SET called_at = due_at").await;
    second.asked().await;
    assert!(stage.all_are(ActionStatus::Verified).await, "{:?}", stage.shop.actions().await);
    first.process.go_on();
    late.await.unwrap();
    assert!(stage.all_are(ActionStatus::Verified).await, "what is settled stays so");
    stage.recover().await;
    stage.everything_was_done_once().await;
    stage.close().await;
}
