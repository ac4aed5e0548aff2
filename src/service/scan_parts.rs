//! Where a long scan keeps the lists and regions that it has finished, so that the next one goes on there if its server dies.
//!
//! A short scan is begun anew instead: writing its parts would cost more than reading them again.

use crate::{
    app::App,
    collect::{PartOf, Parts},
    db::{DbError, ScanPartKey},
    domain::{
        ids::{AccountId, ScanId},
        scan::ScanStatus,
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
    pub app: &'a App,
    pub cx: &'a OpCx,
    pub account: AccountId,
    pub scan: ScanId,
    pub started_at: Timestamp,
}

impl KeptParts<'_> {
    fn good_since(&self) -> Timestamp {
        self.started_at - GOOD_FOR
    }

    /// At the beginning of a scan: only one whose server died is gone on with.
    pub async fn forget_old(&self) -> Result<(), DbError> {
        let db = self.app.database.scoped(&self.cx.scope);
        let before = db.list_scans(self.account, Some(self.scan), 1).await?;
        let died = before.first().is_some_and(|last| last.scan.status == ScanStatus::Interrupted);
        let until = if died { self.good_since() } else { self.started_at };
        db.delete_scan_parts(self.account, until).await
    }
}

impl Parts for KeptParts<'_> {
    fn wanted(&self) -> bool {
        self.app.clock.now() - LONG >= self.started_at
    }

    fn find<'a>(&'a self, PartOf { region, list }: PartOf<'a>) -> BoxFuture<'a, Option<Vec<u8>>> {
        Box::pin(async move {
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
