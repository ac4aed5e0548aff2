use super::{ended, kept, scans_of};
use crate::support::{in_process::TestApp, server::Engine, stand_in::new_account};
use jiff::{SignedDuration, ToSpan};
use rstest::rstest;
use tuner::{
    domain::ids::AccountId,
    op::OpCx,
    service::{
        due_scans::start_due,
        scan_settings::{Wish, get_settings, put_settings},
    },
};

fn daily() -> Wish {
    Wish { plan: Some(("0 4 * * *".into(), "Asia/Tokyo".into())), monthly_budget: None }
}

/// Moves the clock to when the account is due, and a bit on.
async fn move_to_next(t: &TestApp, cx: &OpCx, account: AccountId) {
    let next = get_settings(&t.app, cx, account).await.unwrap().set.next_at.unwrap();
    t.clock.set(next + 5.seconds());
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::mysql(Engine::MySql)]
#[tokio::test]
async fn an_account_is_scanned_once_at_its_time(#[case] engine: Engine) {
    let t = TestApp::open(engine).await;
    let cx = t.organization("acme").await;
    let id: AccountId = new_account().parse().unwrap();
    t.link(&cx, id).await;
    put_settings(&t.app, &cx, id, daily()).await.unwrap();
    assert_eq!(start_due(&t.app, t.clock.now()).await.unwrap(), 0, "not yet");

    move_to_next(&t, &cx, id).await;
    let other = t.another_at(crate::support::stand_in::url()).await;
    let now = t.clock.now();
    let (here, there) = tokio::join!(start_due(&t.app, now), start_due(&other, now));
    assert_eq!(here.unwrap() + there.unwrap(), 1, "one of two servers");
    let scans = scans_of(&t, &cx, id).await;
    assert_eq!(scans.len(), 1);
    assert!(kept(ended(&t, &cx, &scans[0].scan).await));
    assert_eq!(start_due(&t.app, t.clock.now()).await.unwrap(), 0, "not twice for one time");

    // Three days without a server are made up for by one scan.
    t.clock.set(t.clock.now() + 73.hours());
    assert_eq!(start_due(&t.app, t.clock.now()).await.unwrap(), 1);
    assert_eq!(start_due(&t.app, t.clock.now()).await.unwrap(), 0);
    let next = get_settings(&t.app, &cx, id).await.unwrap().set.next_at.unwrap();
    assert!(next > t.clock.now() && next <= t.clock.now() + SignedDuration::from_hours(25));
    other.stop().await;
    t.close().await;
}

#[tokio::test]
async fn an_account_that_cannot_be_scanned_waits_for_its_next_time() {
    let t = TestApp::open(Engine::Sqlite).await;
    let cx = t.organization("acme").await;
    let id: AccountId = new_account().parse().unwrap();
    tuner::service::accounts::add_account(&t.app, &cx, id, "not linked").await.unwrap();
    put_settings(&t.app, &cx, id, daily()).await.unwrap();
    move_to_next(&t, &cx, id).await;
    assert_eq!(start_due(&t.app, t.clock.now()).await.unwrap(), 0);
    let settings = get_settings(&t.app, &cx, id).await.unwrap();
    assert!(settings.set.next_at.unwrap() > t.clock.now());
    t.close().await;
}
