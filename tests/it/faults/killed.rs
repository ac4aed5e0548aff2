//! kill -9 at every step between plan and verification.

use super::{
    hold::Hold,
    processes::{Server, token},
    stage::{Stage, eventually},
};
use crate::support::server::Engine;
use rstest::rstest;
use serde_json::json;
use tuner::domain::{audit::AuditPhase, schedule::ActionStatus};

/// Where the process is when it is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// Planned, and looking once more before it writes anything down.
    Looking,
    IntentAudited,
    IntentWritten,
    /// The call is under way and has its effect after the process is gone.
    Calling,
    /// The call got lost on its way.
    CallLost,
    /// AWS has done it and said so.
    Answered,
    OutcomeWritten,
}

impl Step {
    const fn hold(self) -> Option<Hold> {
        match self {
            Self::Looking => None,
            Self::IntentAudited => Some(Hold::Rows),
            Self::IntentWritten => Some(Hold::Admission),
            Self::Calling | Self::CallLost | Self::Answered => Some(Hold::Outcome),
            Self::OutcomeWritten => Some(Hold::AuditOfOutcome),
        }
    }

    async fn prepare(self, stage: &Stage) {
        let stops = |mut fault: serde_json::Value| {
            (fault["service"], fault["operation"]) = (json!("ec2"), json!("StopInstances"));
            fault
        };
        match self {
            Self::Looking => {
                stage.fault(json!({"kind": "latency", "service": "ec2", "operation": "DescribeInstances", "milliseconds": 5_000})).await;
            }
            Self::Calling => {
                stage.fault(stops(json!({"kind": "latency", "milliseconds": 4_000, "times": 1}))).await;
            }
            Self::CallLost => stage.fault(stops(json!({"kind": "cut", "times": 1}))).await,
            _ => {}
        }
        if let Some(hold) = self.hold() {
            hold.set(stage.shop.t.database()).await;
        }
    }

    async fn is_reached(self, stage: &Stage, looks: u64) -> bool {
        match self {
            Self::Looking => stage.looks().await > looks,
            Self::IntentAudited => intents(stage).await == stage.ids.len(),
            Self::IntentWritten => stage.all_are(ActionStatus::Intended).await,
            Self::Calling => stage.arrived("StopInstances").await > 0,
            Self::CallLost => !stage.shop.calls().await.is_empty(),
            Self::Answered => stage.changed().await == stage.ids,
            Self::OutcomeWritten => stage.all_are(ActionStatus::Accepted).await,
        }
    }

    /// What the dead process leaves behind in the rows of its actions.
    const fn leaves(self) -> Option<ActionStatus> {
        match self {
            Self::Looking | Self::IntentAudited => None,
            Self::IntentWritten => Some(ActionStatus::Intended),
            Self::Calling | Self::CallLost | Self::Answered => Some(ActionStatus::Called),
            Self::OutcomeWritten => Some(ActionStatus::Accepted),
        }
    }
}

async fn intents(stage: &Stage) -> usize {
    let entries = stage.audited().await;
    entries.iter().filter(|entry| entry.event.phase == AuditPhase::Intent).count()
}

#[rstest]
#[case::looking(Step::Looking)]
#[case::intent_audited(Step::IntentAudited)]
#[case::intent_written(Step::IntentWritten)]
#[case::calling(Step::Calling)]
#[case::call_lost(Step::CallLost)]
#[case::answered(Step::Answered)]
#[case::outcome_written(Step::OutcomeWritten)]
#[tokio::test]
async fn who_is_killed_leaves_nothing_undone_and_nothing_to_do_twice(
    #[case] step: Step,
    #[values(Engine::Sqlite, Engine::MySql)] engine: Engine,
) {
    let stage = Stage::open(engine, 2).await;
    step.prepare(&stage).await;
    let looks = stage.looks().await;
    let process = stage.start_run();
    eventually(&format!("{step:?}"), async || step.is_reached(&stage, looks).await).await;
    process.kill();
    if let Some(hold) = step.hold() {
        hold.lift(stage.shop.t.database()).await;
    }
    stage.no_faults().await;
    let left = step.leaves().map_or_else(Vec::new, |status| vec![status; stage.ids.len()]);
    assert_eq!(stage.shop.statuses().await, left);
    if step == Step::Calling {
        eventually("its effect", async || stage.changed().await == stage.ids).await;
    }
    stage.leases_run_out().await;
    stage.run();
    stage.recover().await;
    stage.everything_was_done_once().await;
    stage.close().await;
}

#[rstest]
#[tokio::test]
async fn who_is_killed_after_the_tick_has_its_stops_verified_by_another(
    #[values(Engine::Sqlite, Engine::MySql)] engine: Engine,
) {
    let stage = Stage::open(engine, 2).await;
    stage.run();
    assert!(stage.all_are(ActionStatus::Accepted).await);
    // A minute passes, and the one who verifies is killed, too.
    stage.shop.t.database().run("UPDATE scheduler_action SET verify_after = due_at").await;
    Hold::Verification.set(stage.shop.t.database()).await;
    let looks = stage.looks().await;
    let process = stage.start_run();
    eventually("a look", async || stage.looks().await > looks).await;
    process.kill();
    Hold::Verification.lift(stage.shop.t.database()).await;
    assert!(stage.all_are(ActionStatus::Accepted).await);
    stage.leases_run_out().await;
    stage.run();
    assert!(stage.all_are(ActionStatus::Verified).await, "{:?}", stage.shop.actions().await);
    stage.recover().await;
    stage.everything_was_done_once().await;
    stage.close().await;
}

/// The timer of a server that runs for itself; it may take a minute to begin.
#[rstest]
#[tokio::test]
async fn a_server_that_is_killed_in_its_call_is_followed_by_another(
    #[values(Engine::Sqlite, Engine::MySql)] engine: Engine,
) {
    let stage = Stage::open(engine, 2).await;
    Step::Answered.prepare(&stage).await;
    let token = token(&stage);
    let server = Server::start(&stage, &token, &[("TUNER_SCHEDULER__ENABLED", "true")]);
    eventually("the call", async || stage.changed().await == stage.ids).await;
    server.process.kill();
    Hold::Outcome.lift(stage.shop.t.database()).await;
    assert!(stage.all_are(ActionStatus::Called).await);
    stage.leases_run_out().await;
    let other = Server::start(&stage, &token, &[]);
    let report = other.asked().await;
    assert_eq!(report["actions"], json!([]), "what was called is not called again: {report}");
    stage.recover().await;
    stage.everything_was_done_once().await;
    stage.close().await;
}
