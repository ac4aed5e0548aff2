//! What keeps a call from being made: approvals, kill switches, tags, roles, the audit, leases.

use super::{Shop, link, until};
use crate::support::{server::Engine, stand_in};
use jiff::SignedDuration;
use rstest::rstest;
use serde_json::json;
use tuner::{
    domain::schedule::{ActionStatus, ApprovalDecision},
    service::{
        scheduler::{RunReport, RunRequest},
        schedules::{ApprovalFilter, decide_approval, list_approvals, stop_scheduler},
    },
};

fn codes(report: &RunReport) -> Vec<&str> {
    let mut codes: Vec<&str> = report.not_done.iter().map(|what| what.code.as_str()).collect();
    codes.dedup();
    codes
}

/// Slow looks give the test a moment between plan and call.
async fn slow_looks(shop: &Shop) {
    shop.fault(
        json!({"kind": "latency", "service": "ec2", "operation": "DescribeInstances", "milliseconds": 1_500}),
    )
    .await;
}

async fn looks(shop: &Shop) -> u64 {
    let calls = stand_in::admin("GET", "calls", serde_json::Value::Null).await;
    let calls = calls.as_array().unwrap().clone();
    let ours = calls.iter().filter(|call| {
        call["accountId"] == shop.account.as_str() && call["operation"] == "DescribeInstances"
    });
    ours.map(|call| call["count"].as_u64().unwrap()).sum()
}

#[rstest]
#[tokio::test]
async fn most_of_a_fleet_at_once_waits_for_an_administrator(
    #[values(Engine::Sqlite, Engine::MySql)] engine: Engine,
) {
    let shop = Shop::open(engine).await;
    shop.make(12).await;
    shop.seen_and_due().await;
    let report = shop.run(RunRequest::default()).await;
    assert_eq!(codes(&report), ["waitingForApproval"]);
    shop.forward(SignedDuration::from_mins(1)).await;
    shop.tick().await;
    let cx = shop.now_cx();
    let open = list_approvals(shop.app(), &cx, &ApprovalFilter::default(), None, 10).await.unwrap();
    assert_eq!(open.len(), 1, "nobody is asked twice");
    assert_eq!((open[0].resources.len(), shop.changes().await.len()), (12, 0));

    decide_approval(shop.app(), &cx, open[0].id, ApprovalDecision::ApproveOnce, None).await.unwrap();
    // Long after the catch-up window: what waited was decided in time.
    shop.forward(SignedDuration::from_hours(2)).await;
    shop.tick().await;
    assert_eq!(shop.changes().await.len(), 12);
    shop.close().await;
}

#[rstest]
#[tokio::test]
async fn an_approval_that_nobody_gave_is_not_asked_for_again(
    #[values(Engine::Sqlite, Engine::MySql)] engine: Engine,
) {
    let shop = Shop::open(engine).await;
    shop.make(12).await;
    shop.seen_and_due().await;
    shop.tick().await;
    // After 21 hours the schedule wants them to run again, and after 24 to stop: another thing to ask for.
    shop.forward(SignedDuration::from_hours(20)).await;
    shop.tick().await;
    let all = list_approvals(shop.app(), &shop.now_cx(), &ApprovalFilter::default(), None, 10).await.unwrap();
    assert_eq!((all.len(), shop.changes().await.len()), (1, 0));
    shop.close().await;
}

#[rstest]
#[tokio::test]
async fn the_kill_switch_holds_everything_back(#[values(Engine::Sqlite, Engine::MySql)] engine: Engine) {
    let shop = Shop::open(engine).await;
    shop.make(2).await;
    shop.seen_and_due().await;
    stop_scheduler(shop.app(), &shop.now_cx(), "audit week").await.unwrap();
    let report = shop.run(RunRequest::default()).await;
    assert_eq!((codes(&report), shop.calls().await.len()), (vec!["killSwitch"], 0));
    shop.close().await;
}

#[rstest]
#[tokio::test]
async fn a_kill_switch_between_plan_and_call_is_in_time(
    #[values(Engine::Sqlite, Engine::MySql)] engine: Engine,
) {
    let shop = Shop::open(engine).await;
    shop.make(2).await;
    shop.seen_and_due().await;
    slow_looks(&shop).await;
    let before = looks(&shop).await;
    let (report, ()) = tokio::join!(shop.run(RunRequest::default()), async {
        until("it looks", async || looks(&shop).await > before).await;
        stop_scheduler(shop.app(), &shop.now_cx(), "now").await.unwrap();
    });
    assert_eq!(shop.calls().await.len(), 0, "{report:?}");
    assert_eq!(shop.statuses().await, [ActionStatus::Abandoned; 2]);
    shop.close().await;
}

#[rstest]
#[tokio::test]
async fn who_lost_the_lease_calls_nothing(#[values(Engine::Sqlite, Engine::MySql)] engine: Engine) {
    let shop = Shop::open(engine).await;
    shop.make(2).await;
    shop.seen_and_due().await;
    slow_looks(&shop).await;
    let before = looks(&shop).await;
    let ((), ()) = tokio::join!(
        async {
            let _ = tuner::service::scheduler::run(shop.app(), &shop.now_cx(), RunRequest::default()).await;
        },
        async {
            until("it looks", async || looks(&shop).await > before).await;
            shop.t
                .database()
                .run("UPDATE scheduler_shard SET fence = fence + 1, holder = X'00000000000000000000000000000001'")
                .await;
        }
    );
    assert_eq!(shop.calls().await.len(), 0);
    shop.close().await;
}

#[rstest]
#[tokio::test]
async fn without_an_audit_nothing_is_called(#[values(Engine::Sqlite, Engine::MySql)] engine: Engine) {
    let shop = Shop::open(engine).await;
    shop.make(2).await;
    shop.seen_and_due().await;
    // One settled action: the link was verified before the first write.
    shop.t.database().run("ALTER TABLE audit_entry RENAME TO audit_entry_away").await;
    let report = shop.run(RunRequest::default()).await;
    assert_eq!(shop.calls().await.len(), 0, "{report:?}");
    shop.t.database().run("ALTER TABLE audit_entry_away RENAME TO audit_entry").await;
    shop.forward(SignedDuration::from_mins(1)).await;
    shop.tick().await;
    assert_eq!(shop.changes().await.len(), 2, "the intent was kept");
    shop.close().await;
}

#[rstest]
#[tokio::test]
async fn a_tag_that_was_removed_since_the_plan_is_respected(
    #[values(Engine::Sqlite, Engine::MySql)] engine: Engine,
) {
    let shop = Shop::open(engine).await;
    let ids = shop.make(2).await;
    shop.seen_and_due().await;
    shop.change(&ids[0], json!({"tags": {"Scheduler": null}})).await;
    let report = shop.run(RunRequest::default()).await;
    assert_eq!(shop.changes().await, [ids[1].clone()]);
    assert_eq!(codes(&report), ["notTagged"]);
    shop.close().await;
}

#[rstest]
#[tokio::test]
async fn a_role_that_was_revoked_stops_the_account_and_is_told_once(
    #[values(Engine::Sqlite, Engine::MySql)] engine: Engine,
) {
    let log = crate::support::in_process::Log::listen();
    let shop = Shop::open(engine).await;
    shop.make(1).await;
    shop.seen_and_due().await;
    // The customer's trust policy names another external ID now. The other server has no session yet.
    let role = json!({"accountId": shop.account, "roleName": "TunerScheduler",
        "trustPolicy": stand_in::trust_with_external_id("somebody else's")});
    stand_in::admin("PUT", "roles", role).await;
    let other = shop.t.another_at(stand_in::url()).await;
    shop.tick_of(&other).await;
    shop.forward(SignedDuration::from_mins(1)).await;
    shop.tick_of(&other).await;
    assert_eq!(shop.calls().await.len(), 0);
    let told = log.events(shop.id());
    assert_eq!(told.iter().filter(|event| *event == "scheduler.accountStopped").count(), 1, "{told:?}");
    other.stop().await;
    shop.close().await;
}

#[rstest]
#[tokio::test]
async fn two_servers_do_each_thing_once(#[values(Engine::Sqlite, Engine::MySql)] engine: Engine) {
    let shop = Shop::open(engine).await;
    let mut ids = shop.make(4).await;
    shop.seen_and_due().await;
    let other = shop.t.another_at(stand_in::url()).await;
    tokio::join!(shop.tick(), shop.tick_of(&other));
    let mut changed = shop.changes().await;
    changed.sort();
    ids.sort();
    assert_eq!(changed, ids);
    assert_eq!(shop.actions().await.len(), 4);
    other.stop().await;
    shop.close().await;
}

#[rstest]
#[tokio::test]
async fn another_organisation_is_another_matter(#[values(Engine::Sqlite, Engine::MySql)] engine: Engine) {
    let shop = Shop::open(engine).await;
    shop.make(1).await;
    let rival = shop.t.organization("rival").await;
    let account = link(&shop.t, &rival).await;
    let body = json!({"accountId": account, "region": super::REGION, "kind": "instance",
        "tags": {"Scheduler": "Enabled", "Schedule": "office"}});
    stand_in::admin("POST", "resources", body).await;
    shop.seen_and_due().await;
    shop.tick().await;
    assert_eq!(shop.changes().await.len(), 1);
    let calls = stand_in::admin("GET", &format!("power-calls?accountId={account}"), json!(null)).await;
    assert_eq!(calls, json!([]), "its organisation has no schedule of that name");
    shop.close().await;
}
