//! Where a long scan keeps the lists and regions that it has finished, so that the next one goes on there if its server dies.
//!
//! A short scan is begun anew instead: writing its parts would cost more than reading them again.

use crate::{
    app::App,
    collect::{PartOf, Parts},
    db::{DbError, ScanPartKey},
    domain::{
        ids::{AccountId, ScanId},
        scan::{Scan, ScanStatus},
    },
    op::OpCx,
};
use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};

/// From here on a scan is worth going on with.
const LONG: SignedDuration = SignedDuration::from_secs(20);
/// What is older is read again: a picture is of one time.
const GOOD_FOR: SignedDuration = SignedDuration::from_mins(60);

pub struct KeptParts<'a> {
    app: &'a App,
    cx: &'a OpCx,
    account: AccountId,
    started_at: Timestamp,
    /// The scan before was left by its server: only then is anything looked up.
    goes_on: bool,
}

impl<'a> KeptParts<'a> {
    fn good_since(&self) -> Timestamp {
        self.started_at - GOOD_FOR
    }

    /// At the beginning of a scan: only one whose server died is gone on with.
    pub async fn open(app: &'a App, cx: &'a OpCx, scan: &Scan) -> Self {
        let parts = Self { app, cx, account: scan.account_id, started_at: scan.started_at, goes_on: false };
        let goes_on = parts.forget_old(scan.id).await.unwrap_or_else(|error| {
            tracing::warn!(account.id = %scan.account_id, %error, "old parts of a scan could not be deleted");
            false
        });
        Self { goes_on, ..parts }
    }

    /// Whether something may be left to go on from.
    async fn forget_old(&self, scan: ScanId) -> Result<bool, DbError> {
        let db = self.app.database.scoped(&self.cx.scope);
        let before = db.list_scans(self.account, Some(scan), 1).await?;
        let died = before.first().is_some_and(|last| last.scan.status == ScanStatus::Interrupted);
        let until = if died { self.good_since() } else { self.started_at };
        db.delete_scan_parts(self.account, until).await.map(|()| died)
    }
}

impl Parts for KeptParts<'_> {
    fn wanted(&self) -> bool {
        self.app.clock.now() - LONG >= self.started_at
    }

    fn find<'a>(&'a self, PartOf { region, list }: PartOf<'a>) -> BoxFuture<'a, Option<Vec<u8>>> {
        Box::pin(async move {
            if !self.goes_on {
                return None;
            }
            let db = self.app.database.scoped(&self.cx.scope);
            let key = ScanPartKey { account: self.account, region, list };
            db.find_scan_part(key, self.good_since()).await.ok().flatten()
        })
    }

    fn keep<'a>(&'a self, PartOf { region, list }: PartOf<'a>, part: Vec<u8>) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let db = self.app.database.scoped(&self.cx.scope);
            let key = ScanPartKey { account: self.account, region, list };
            if let Err(error) = db.put_scan_part(key, self.app.clock.now(), &part).await {
                tracing::warn!(account.id = %self.account, %error, "a part of a scan could not be kept");
            }
        })
    }
}
