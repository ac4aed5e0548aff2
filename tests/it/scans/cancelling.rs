use super::{ended, kept, scans_of};
use crate::support::{
    in_process::TestApp,
    server::Engine,
    stand_in::{fault, new_account, url},
};
use rstest::rstest;
use serde_json::json;
use tuner::{
    collect::RegionChoice,
    domain::{ids::AccountId, scan::ScanStatus},
    error::ErrorCode,
    service::scans::{cancel_scan, start_scan},
};

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::mysql(Engine::MySql)]
#[tokio::test]
async fn a_running_scan_is_stopped_and_the_next_may_begin(#[case] engine: Engine) {
    let t = TestApp::open(engine).await;
    let cx = t.organization("acme").await;
    let id: AccountId = new_account().parse().unwrap();
    t.link(&cx, id).await;
    // One call hangs: without being told to stop, the scan would not end before the call does.
    let hang = json!({"accountId": id.to_string(), "service": "ec2", "operation": "DescribeVolumes",
        "region": "us-east-1", "kind": "latency", "milliseconds": 25_000, "times": 1});
    fault(hang).await;
    let scan = start_scan(&t.app, &cx, id, RegionChoice::All).await.unwrap();
    let cancelled = cancel_scan(&t.app, &cx, id, scan.id).await.unwrap();
    assert_eq!(cancelled.scan.status, ScanStatus::Cancelled);
    assert_eq!(cancelled.error.as_deref(), Some("cancelled by system"));
    while t.app.running_scans.count() > 0 {
        tokio::task::yield_now().await;
    }

    let again = cancel_scan(&t.app, &cx, id, scan.id).await.unwrap_err();
    assert_eq!(again.code(), ErrorCode::Conflict, "it has ended already");
    let next =
        start_scan(&t.app, &cx, id, RegionChoice::List(vec!["eu-west-1".parse().unwrap()])).await.unwrap();
    assert!(kept(ended(&t, &cx, &next).await));
    assert_eq!(scans_of(&t, &cx, id).await[1].scan.status, ScanStatus::Cancelled, "it keeps its end");
    t.close().await;
}

#[tokio::test]
async fn a_scan_of_another_server_stores_nothing_after_it_was_cancelled() {
    let t = TestApp::open(Engine::Sqlite).await;
    let cx = t.organization("acme").await;
    let id: AccountId = new_account().parse().unwrap();
    t.link(&cx, id).await;
    let other = t.another_at(url()).await;
    let hang = json!({"accountId": id.to_string(), "service": "ec2", "operation": "DescribeVolumes",
        "region": "us-east-1", "kind": "latency", "milliseconds": 700, "times": 1});
    fault(hang).await;
    let regions = RegionChoice::List(vec!["us-east-1".parse().unwrap()]);
    let scan = start_scan(&other, &cx, id, regions).await.unwrap();
    cancel_scan(&t.app, &cx, id, scan.id).await.unwrap();
    while other.running_scans.count() > 0 {
        tokio::task::yield_now().await;
    }
    let record = ended(&t, &cx, &scan).await;
    assert_eq!(record.scan.status, ScanStatus::Cancelled);
    assert_eq!(t.account(&cx, id).await.last_scan_at, None);
    other.stop().await;
    t.close().await;
}
