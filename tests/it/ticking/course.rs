//! The plain course: on time, once, respected by hand, caught up, counted.

use super::Shop;
use crate::support::server::Engine;
use jiff::SignedDuration;
use rstest::rstest;
use serde_json::json;
use tuner::{
    db::{AuditFilter, AuditOrder},
    domain::schedule::{Action, ActionStatus, Power},
    service::scheduler::RunRequest,
};

const DRY: RunRequest = RunRequest { dry_run: true, account: None };

#[rstest]
#[tokio::test]
async fn stops_and_starts_on_time_and_sees_that_it_came_true(
    #[values(Engine::Sqlite, Engine::MySql)] engine: Engine,
) {
    let shop = Shop::open(engine).await;
    let mut ids = shop.make(3).await;
    ids.sort();
    shop.seen_and_due().await;
    shop.tick().await;
    let mut stopped = shop.changes().await;
    stopped.sort();
    assert_eq!(stopped, ids);
    assert_eq!(shop.statuses().await, [ActionStatus::Accepted; 3]);
    assert!(shop.actions().await.iter().all(|action| action.due_at == shop.end && action.fence > 0));

    shop.forward(SignedDuration::from_mins(2)).await;
    shop.tick().await;
    assert_eq!(shop.statuses().await, [ActionStatus::Verified; 3]);
    assert!(shop.rows().await.iter().all(|row| row.observed.power == Power::Stopped && row.off.is_some()));
    shop.forward(SignedDuration::from_mins(1)).await;
    shop.tick().await;
    assert_eq!(shop.changes().await.len(), 3, "and no more");

    let tomorrow = shop.begin + SignedDuration::from_hours(24) + SignedDuration::from_secs(5);
    shop.forward_to(tomorrow).await;
    shop.tick().await;
    let actions = shop.actions().await;
    assert_eq!(actions.len(), 6, "{:?}", shop.rows().await);
    assert!(actions[..3].iter().all(|action| action.action == Action::Start));
    let off = shop.seconds_off().await;
    let expected = 3 * 21 * 3600;
    assert!(
        (expected - 60..=expected + 60).contains(&off),
        "{off} seconds were counted, about {expected} were off"
    );
    shop.close().await;
}

#[rstest]
#[tokio::test]
async fn each_call_stands_in_the_audit_before_and_after(
    #[values(Engine::Sqlite, Engine::MySql)] engine: Engine,
) {
    let shop = Shop::open(engine).await;
    let ids = shop.make(1).await;
    shop.seen_and_due().await;
    shop.tick().await;
    shop.app().audit.flush().await;
    let filter = AuditFilter { action: Some("stop_instance".into()), ..AuditFilter::default() };
    let db = shop.app().database.scoped(&shop.cx.scope);
    let entries =
        db.list_audit(&filter, shop.cx.actor.user_id, AuditOrder::OldestFirst, None, 10).await.unwrap();
    let told: Vec<_> =
        entries.iter().map(|kept| (kept.entry.event.phase, kept.entry.event.outcome)).collect();
    assert_eq!(told.len(), 2, "{told:?}");
    assert_eq!(entries[1].entry.event.intent, Some(entries[0].entry.sequence));
    assert!(entries[0].entry.event.target.as_deref().unwrap().ends_with(&ids[0]));
    assert_eq!(shop.actions().await[0].audit_intent, Some(entries[0].entry.sequence));
    shop.close().await;
}

#[rstest]
#[tokio::test]
async fn what_somebody_starts_by_hand_stays_on(#[values(Engine::Sqlite, Engine::MySql)] engine: Engine) {
    let shop = Shop::open(engine).await;
    let ids = shop.make(1).await;
    shop.seen_and_due().await;
    shop.tick().await;
    shop.forward(SignedDuration::from_mins(2)).await;
    shop.tick().await;
    shop.change(&ids[0], json!({"state": "running"})).await;
    shop.forward(SignedDuration::from_mins(10)).await;
    shop.tick().await;
    shop.forward(SignedDuration::from_mins(10)).await;
    shop.tick().await;
    assert_eq!(shop.changes().await.len(), 1, "stopped once");
    let row = &shop.rows().await[0];
    assert_eq!((row.observed.power, row.off), (Power::Running, None), "nothing is counted any more");
    shop.close().await;
}

#[rstest]
#[tokio::test]
async fn an_enforced_schedule_stops_it_again(#[values(Engine::Sqlite, Engine::MySql)] engine: Engine) {
    let shop = Shop::with_options(engine, json!({"enforce": true})).await;
    let ids = shop.make(1).await;
    shop.seen_and_due().await;
    shop.tick().await;
    shop.forward(SignedDuration::from_mins(2)).await;
    shop.tick().await;
    shop.change(&ids[0], json!({"state": "running"})).await;
    shop.forward(SignedDuration::from_mins(6)).await;
    shop.tick().await;
    assert_eq!(shop.changes().await.len(), 2);
    assert_eq!(shop.actions().await[0].reason, "enforced");
    shop.close().await;
}

#[rstest]
#[case::caught_up(30, 1, 0)]
#[case::missed(90, 0, 1)]
#[tokio::test]
async fn a_late_tick_catches_up_within_the_window(
    #[case] minutes_late: i64,
    #[case] stopped: usize,
    #[case] missed: u64,
    #[values(Engine::Sqlite, Engine::MySql)] engine: Engine,
) {
    let shop = Shop::open(engine).await;
    shop.make(1).await;
    shop.seen_and_due().await;
    shop.forward_to(shop.end + SignedDuration::from_mins(minutes_late)).await;
    let report = shop.run(RunRequest::default()).await;
    assert_eq!(shop.changes().await.len(), stopped);
    assert_eq!(report.run.summary.unwrap().counts.missed, missed);
    let again = shop.run(RunRequest::default()).await;
    assert_eq!(again.run.summary.unwrap().counts.missed, 0, "counted once");
    shop.close().await;
}

#[rstest]
#[tokio::test]
async fn a_dry_run_shows_everything_and_writes_nothing(
    #[values(Engine::Sqlite, Engine::MySql)] engine: Engine,
) {
    let shop = Shop::open(engine).await;
    let ids = shop.make(2).await;
    let early = shop.run(DRY).await;
    assert_eq!((early.actions.len(), shop.rows().await.len()), (0, 0), "seen and not kept");
    shop.seen_and_due().await;
    let before = shop.rows().await;
    let report = shop.run(DRY).await;
    assert_eq!(report.actions.len(), 2, "{report:?}");
    assert!(report.actions.iter().all(|action| action.status.is_none() && ids.contains(&action.resource_id)));
    assert_eq!(shop.changes().await.len(), 0);
    assert_eq!(shop.rows().await, before);
    assert_eq!(shop.actions().await, []);
    let db = shop.app().database.scoped(&shop.cx.scope);
    assert!(db.get_run(report.run.id).await.is_err());
    shop.close().await;
}

#[rstest]
#[tokio::test]
async fn a_run_that_was_asked_for_tells_what_it_did(#[values(Engine::Sqlite, Engine::MySql)] engine: Engine) {
    let shop = Shop::open(engine).await;
    shop.make(2).await;
    shop.seen_and_due().await;
    let report = shop.run(RunRequest { dry_run: false, account: Some(shop.id()) }).await;
    let counts = report.run.summary.clone().unwrap().counts;
    assert_eq!((counts.accounts, counts.stopped), (1, 2));
    assert!(report.actions.iter().all(|action| action.status == Some(ActionStatus::Accepted)));
    let db = shop.app().database.scoped(&shop.cx.scope);
    assert_eq!(db.get_run(report.run.id).await.unwrap(), report.run);
    shop.close().await;
}
