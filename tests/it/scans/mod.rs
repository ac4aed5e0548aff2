//! Scans that begin by themselves, cost no more than they may, and stop when they are told to.

mod budget;
mod cancelling;
mod due;
mod resuming;
mod settings;

use crate::support::in_process::TestApp;
use tuner::{
    domain::{
        ids::AccountId,
        scan::{Scan, ScanStatus},
    },
    op::OpCx,
    service::scans::{self, ScanRecord},
};

/// The scans of an account, newest first.
async fn scans_of(t: &TestApp, cx: &OpCx, account: AccountId) -> Vec<ScanRecord> {
    scans::list_scans(&t.app, cx, account, None, 10).await.unwrap()
}

/// Waits for the background work of a scan.
async fn ended(t: &TestApp, cx: &OpCx, scan: &Scan) -> ScanRecord {
    loop {
        let record = scans::get_scan(&t.app, cx, scan.account_id, scan.id).await.unwrap();
        if record.scan.status != ScanStatus::Running {
            return record;
        }
        tokio::task::yield_now().await;
    }
}

/// It came to its end; a new account of the stand-in has no cost data yet.
fn kept(record: ScanRecord) -> bool {
    matches!(record.scan.status, ScanStatus::Complete | ScanStatus::Partial)
}
