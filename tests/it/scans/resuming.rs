use super::{ended, kept, scans_of};
use crate::support::{
    in_process::TestApp,
    server::Engine,
    stand_in::{admin, fault, new_account, url},
};
use jiff::ToSpan;
use rstest::rstest;
use serde_json::{Value, json};
use tuner::{
    collect::RegionChoice,
    domain::{ids::AccountId, scan::ScanStatus},
    service::{
        due_scans::start_due,
        scan_settings::{Wish, put_settings},
        scans::start_scan,
    },
};

const DONE: &str = "eu-west-1";
const HANGS: &str = "us-east-1";

/// How often a region's volumes were listed.
async fn listed(account: AccountId, region: &str) -> u64 {
    let calls = admin("GET", "calls", Value::Null).await;
    let of_region = calls.as_array().unwrap().iter().filter(|call| {
        call["accountId"] == account.to_string()
            && call["operation"] == "DescribeVolumes"
            && call["region"] == region
    });
    of_region.filter_map(|call| call["count"].as_u64()).sum()
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::mysql(Engine::MySql)]
#[tokio::test]
async fn a_scan_whose_server_died_goes_on_behind_the_finished_regions(#[case] engine: Engine) {
    let t = TestApp::open(engine).await;
    let cx = t.organization("acme").await;
    let id: AccountId = new_account().parse().unwrap();
    t.link(&cx, id).await;
    let plan = Some(("0 4 1 1 *".to_owned(), "UTC".to_owned()));
    put_settings(&t.app, &cx, id, Wish { plan, monthly_budget: None }).await.unwrap();

    // A long scan: one region is done, the other hangs, and the server is heard of no more.
    let dying = t.another_at(url()).await;
    let hang = json!({"accountId": id.to_string(), "service": "ec2", "operation": "DescribeVolumes",
        "region": HANGS, "kind": "latency", "milliseconds": 20_000, "times": 1});
    fault(hang).await;
    let regions = [DONE, HANGS].map(|region| region.parse().unwrap()).to_vec();
    let first = start_scan(&dying, &cx, id, RegionChoice::List(regions)).await.unwrap();
    t.clock.set(t.clock.now() + 30.seconds());
    let db = t.app.database.scoped(&cx.scope);
    let since = t.clock.now() - 1.hour();
    while db.find_scan_part(id, &DONE.parse().unwrap(), since).await.unwrap().is_none() {
        tokio::task::yield_now().await;
    }
    assert_eq!(listed(id, DONE).await, 1);

    // Nobody renews its lease. The next look finds it, and the account, which is scanned by itself, is due at once.
    t.clock.set(t.clock.now() + 6.minutes());
    t.app.database.interrupt_scans(t.clock.now()).await.unwrap();
    assert_eq!(start_due(&t.app, t.clock.now()).await.unwrap(), 1);
    let second = scans_of(&t, &cx, id).await[0].scan.clone();
    assert_ne!(second.id, first.id);
    assert!(kept(ended(&t, &cx, &second).await));
    assert_eq!(listed(id, DONE).await, 1, "the finished region is not read again");
    assert_eq!(ended(&t, &cx, &first).await.scan.status, ScanStatus::Interrupted);

    // What was kept of it is gone with the scan: the next one reads all.
    assert!(db.find_scan_part(id, &DONE.parse().unwrap(), since).await.unwrap().is_none());
    dying.stopping.cancel();
    t.close().await;
}
