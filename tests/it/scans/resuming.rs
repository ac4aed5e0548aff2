use super::{ended, kept, scans_of};
use crate::support::{
    in_process::TestApp,
    server::Engine,
    stand_in::{admin, fault, new_account, url},
};
use jiff::ToSpan;
use rstest::rstest;
use serde_json::{Value, json};
use std::sync::Arc;
use tuner::{
    app::App,
    collect::RegionChoice,
    db::ScanPartKey,
    domain::{
        ids::AccountId,
        inventory::ResourceKind,
        region::Region,
        scan::{Scan, ScanStatus},
    },
    op::OpCx,
    service::{
        due_scans::start_due,
        scan_settings::{Wish, put_settings},
        scans::start_scan,
    },
};

const DONE: &str = "eu-west-1";
const HANGS: &str = "us-east-1";

/// How often an operation of EC2 was called in a region.
async fn called(account: AccountId, operation: &str, region: &str) -> u64 {
    let calls = admin("GET", "calls", Value::Null).await;
    let of_region = calls.as_array().unwrap().iter().filter(|call| {
        call["accountId"] == account.to_string() && call["operation"] == operation && call["region"] == region
    });
    of_region.filter_map(|call| call["count"].as_u64()).sum()
}

async fn is_kept(
    t: &TestApp,
    cx: &OpCx,
    account: AccountId,
    region: &str,
    list: Option<ResourceKind>,
) -> bool {
    let region: Region = region.parse().unwrap();
    let key = ScanPartKey { account, region: &region, list };
    let since = t.clock.now() - 1.hour();
    t.app.database.scoped(&cx.scope).find_scan_part(key, since).await.unwrap().is_some()
}

/// A long scan: one region is done, in the other the volumes hang, and the server is heard of no more.
async fn dies(t: &TestApp, cx: &OpCx, id: AccountId) -> (Arc<App>, Scan) {
    t.link(cx, id).await;
    let plan = Some(("0 4 1 1 *".to_owned(), "UTC".to_owned()));
    put_settings(&t.app, cx, id, Wish { plan, monthly_budget: None }).await.unwrap();
    let dying = t.another_at(url()).await;
    let hang = json!({"accountId": id.to_string(), "service": "ec2", "operation": "DescribeVolumes",
        "region": HANGS, "kind": "latency", "milliseconds": 20_000, "times": 1});
    fault(hang).await;
    let regions = [DONE, HANGS].map(|region| region.parse().unwrap()).to_vec();
    let scan = start_scan(&dying, cx, id, RegionChoice::List(regions)).await.unwrap();
    t.clock.set(t.clock.now() + 30.seconds());
    for (region, list) in [(DONE, None), (HANGS, Some(ResourceKind::Instance))] {
        while !is_kept(t, cx, id, region, list).await {
            tokio::task::yield_now().await;
        }
    }
    (dying, scan)
}

/// Nobody renews its lease. The next look finds it, and the account, which is scanned by itself, is due at once.
async fn goes_on(t: &TestApp, cx: &OpCx, id: AccountId) -> Scan {
    t.clock.set(t.clock.now() + 6.minutes());
    t.app.database.interrupt_scans(t.clock.now()).await.unwrap();
    assert_eq!(start_due(&t.app, t.clock.now()).await.unwrap(), 1);
    let scan = scans_of(t, cx, id).await[0].scan.clone();
    assert!(kept(ended(t, cx, &scan).await));
    scan
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::mysql(Engine::MySql)]
#[tokio::test]
async fn a_scan_whose_server_died_goes_on_behind_what_is_finished(#[case] engine: Engine) {
    let t = TestApp::open(engine).await;
    let cx = t.organization("acme").await;
    let id: AccountId = new_account().parse().unwrap();
    let (dying, first) = dies(&t, &cx, id).await;
    let second = goes_on(&t, &cx, id).await;
    assert_ne!(second.id, first.id);
    assert_eq!(called(id, "DescribeVolumes", DONE).await, 1, "the finished region is not read again");
    assert_eq!(called(id, "DescribeInstances", HANGS).await, 1, "nor is a finished list of the other one");
    assert_eq!(called(id, "DescribeVolumes", HANGS).await, 2, "what hung is read anew");
    assert_eq!(ended(&t, &cx, &first).await.scan.status, ScanStatus::Interrupted);
    dying.stopping.cancel();
    t.close().await;
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::mysql(Engine::MySql)]
#[tokio::test]
async fn what_was_kept_of_a_scan_is_gone_with_the_next(#[case] engine: Engine) {
    let t = TestApp::open(engine).await;
    let cx = t.organization("acme").await;
    let id: AccountId = new_account().parse().unwrap();
    let (dying, _) = dies(&t, &cx, id).await;
    goes_on(&t, &cx, id).await;
    for (region, list) in [(DONE, None), (HANGS, None), (HANGS, Some(ResourceKind::Instance))] {
        assert!(!is_kept(&t, &cx, id, region, list).await, "{region}");
    }
    dying.stopping.cancel();
    t.close().await;
}
