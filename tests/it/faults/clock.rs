//! A clock that jumps by an hour, forward and back, while AWS's goes on.

use crate::{
    support::{server::Engine, stand_in::admin},
    ticking::Shop,
};
use jiff::{SignedDuration, Timestamp};
use rstest::rstest;
use serde_json::json;
use tuner::domain::schedule::{ActionStatus, Power};

const fn minutes(count: i64) -> SignedDuration {
    SignedDuration::from_mins(count)
}

/// Ours jumps, AWS's does not.
fn jump(shop: &Shop, to: Timestamp) {
    shop.t.clock.set(to);
}

async fn calls(shop: &Shop) -> Vec<String> {
    let calls = shop.calls().await;
    calls.iter().map(|call| call["operation"].as_str().unwrap().to_owned()).collect()
}

#[rstest]
#[case::forward_and_back(30, -29)]
#[case::back_from_the_end(0, -60)]
#[case::back_and_not_quite(1, -5)]
#[tokio::test]
async fn a_clock_that_was_wrong_for_a_while_undoes_nothing_and_repeats_nothing(
    #[case] stopped_at: i64,
    #[case] back_at: i64,
    #[values(Engine::Sqlite, Engine::MySql)] engine: Engine,
) {
    let shop = Shop::open(engine).await;
    let mut ids = shop.make(2).await;
    ids.sort();
    shop.tick().await;
    let a_moment = SignedDuration::from_secs(5);
    jump(&shop, shop.end + minutes(stopped_at) + a_moment);
    shop.tick().await;
    assert_eq!(calls(&shop).await, ["StopInstances"]);
    // By the schedule they would have to run again.
    for at in (back_at..20).step_by(7) {
        jump(&shop, shop.end + minutes(at) + a_moment);
        shop.tick().await;
        assert_eq!(calls(&shop).await, ["StopInstances"], "{at} minutes from the end");
    }
    jump(&shop, shop.end + minutes(stopped_at + 62));
    shop.tick().await;
    assert_eq!(shop.statuses().await, [ActionStatus::Verified; 2]);
    let mut changed = shop.changes().await;
    changed.sort();
    assert_eq!(changed, ids);
    // And the next day begins as ever.
    shop.forward_to(shop.begin + SignedDuration::from_hours(24) + a_moment).await;
    shop.tick().await;
    let mut calls = calls(&shop).await;
    // Starts are grouped by zone.
    calls.dedup();
    assert_eq!(calls, ["StopInstances", "StartInstances"]);
    assert_eq!(shop.changes().await.len(), 4);
    shop.close().await;
}

#[rstest]
#[tokio::test]
async fn a_clock_that_jumps_while_they_stop_stops_them_once(
    #[values(Engine::Sqlite, Engine::MySql)] engine: Engine,
) {
    let shop = Shop::open(engine).await;
    shop.make(2).await;
    shop.seen_and_due().await;
    admin("PUT", "delays", json!({"accountId": shop.account, "stop": 600})).await;
    shop.tick().await;
    // More than they may need: by our clock it has failed.
    for at in [61, 62, 68] {
        jump(&shop, shop.end + minutes(at));
        shop.tick().await;
    }
    assert_eq!(calls(&shop).await, ["StopInstances"], "{:?}", shop.actions().await);
    shop.forward(minutes(15)).await;
    shop.tick().await;
    shop.forward(minutes(5)).await;
    shop.tick().await;
    assert_eq!(calls(&shop).await, ["StopInstances"], "{:?}", shop.actions().await);
    let rows = shop.rows().await;
    assert!(rows.iter().all(|row| row.observed.power == Power::Stopped), "{rows:?}");
    assert!(shop.statuses().await.iter().all(|status| !ActionStatus::OPEN.contains(status)));
    shop.close().await;
}
