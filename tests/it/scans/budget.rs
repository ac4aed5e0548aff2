use super::ended;
use crate::support::{in_process::TestApp, server::Engine, stand_in::new_account};
use jiff::ToSpan;
use rstest::rstest;
use tuner::{
    collect::RegionChoice,
    domain::{
        ids::AccountId,
        money::MicroUsd,
        scan::{GapReason, ScanStatus},
    },
    service::{
        scan_settings::{Wish, get_settings, put_settings},
        scans::start_scan,
    },
};

fn budget(micro_usd: i64) -> Wish {
    Wish { plan: None, monthly_budget: Some(MicroUsd::new(micro_usd)) }
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::mysql(Engine::MySql)]
#[tokio::test]
async fn a_spent_budget_stops_paid_calls_until_the_month_is_over(#[case] engine: Engine) {
    let t = TestApp::open(engine).await;
    let cx = t.organization("acme").await;
    let id: AccountId = new_account().parse().unwrap();
    t.link(&cx, id).await;
    // Nothing may be paid for: Cost Explorer is left out, and said to be.
    put_settings(&t.app, &cx, id, budget(0)).await.unwrap();
    let regions = RegionChoice::List(vec!["us-east-1".parse().unwrap()]);
    let scan = start_scan(&t.app, &cx, id, regions.clone()).await.unwrap();
    let record = ended(&t, &cx, &scan).await;
    assert_eq!(record.scan.status, ScanStatus::Partial);
    assert!(record.gaps.iter().all(|gap| gap.reason == GapReason::BudgetSpent), "{:?}", record.gaps);
    assert_eq!(record.api_usage.estimated_cost, MicroUsd::ZERO);
    assert!(!record.api_usage.calls.contains_key("ce"), "{:?}", record.api_usage);

    // Enough for this scan; what it cost counts in its month and in no other.
    put_settings(&t.app, &cx, id, budget(1_000_000)).await.unwrap();
    let scan = start_scan(&t.app, &cx, id, regions).await.unwrap();
    let record = ended(&t, &cx, &scan).await;
    assert!(record.gaps.iter().all(|gap| gap.reason != GapReason::BudgetSpent), "{:?}", record.gaps);
    let cost = record.api_usage.estimated_cost;
    assert!(cost.is_positive());
    let settings = get_settings(&t.app, &cx, id).await.unwrap();
    assert_eq!((settings.spent, settings.left()), (cost, Some(MicroUsd::new(1_000_000) - cost)));

    t.clock.set(t.clock.now() + (32 * 24).hours());
    let cx = t.organization("acme").await;
    assert_eq!(get_settings(&t.app, &cx, id).await.unwrap().spent, MicroUsd::ZERO);
    t.close().await;
}
