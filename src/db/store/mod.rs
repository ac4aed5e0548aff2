//! What a scan leaves behind: the account's picture, replaced in one transaction.
//!
//! Invariants: a reader sees the old picture or the new one, never a mixture. What did not change is not
//! written. What a scan could not list to its end is kept, not taken for gone. A person's decision survives.
//! Only the scan that holds the account's lease may store.

mod bills;
mod findings;
mod ledger;
mod resources;
mod rollup;

pub use findings::Unseen;
pub use ledger::LedgerQuestions;
use ledger::Look;
pub use resources::ResourceRow;
pub(super) use resources::trimmed;
pub(super) use rollup::{Sums, add_to_rollup, recount};

use super::{
    account::WHAT,
    error::DbError,
    handle::{OrgDb, OrgTx},
    scan::{self, ScanRecord},
    scan_part,
    stmt::{Text, statements},
    time,
    value::values,
};
use crate::domain::{
    billing::Forecast,
    cost::{DailyCost, ForeignCost},
    recommendation::Recommendation,
    region::Region,
    scan::PermissionState,
    snapshot::Coverage,
};
use chrono::{DateTime, Utc};
use jiff::Timestamp;

statements! {
    scoped HOLD_LEASE { "UPDATE account SET name = name WHERE org_id = ? AND account_id = ? AND scan_lease_token = ?" }
    scoped LAST_SCAN { "SELECT last_scan_at FROM account WHERE org_id = ? AND account_id = ?" }
    scoped END_SCAN { "UPDATE account SET last_scan_at = ?, scan_lease_token = NULL, scan_lease_until = NULL WHERE org_id = ? AND account_id = ?" }
}

pub(super) const STATEMENTS: &[&[Text]] =
    &[ALL, bills::ALL, findings::ALL, resources::ALL, rollup::ALL, ledger::ALL, ledger::history::ALL];

/// All that a scan found out, but for the resources, which come as a stream.
pub struct ScanPicture<'a> {
    /// As it ended: status, end, gaps, calls.
    pub record: &'a ScanRecord,
    /// Which kinds were listed to their end in which regions.
    pub coverage: &'a Coverage,
    pub recommendations: Vec<Recommendation>,
    /// Whether a recommendation that was not found again could not be judged: it goes STALE, not RESOLVED.
    pub unconfirmed: &'a (dyn Fn(&Unseen) -> bool + Sync),
    /// Whether its rule is switched off: it goes EXCLUDED.
    pub switched_off: &'a (dyn Fn(&Unseen) -> bool + Sync),
    /// What the savings ledger asks.
    pub ledger: LedgerQuestions<'a>,
    /// Where only some regions were scanned: what is kept of the others is left as it is.
    pub only_regions: Option<&'a [Region]>,
    /// They replace what is kept of the days from the first to the last of them.
    pub costs: &'a [DailyCost],
    /// The same of what is billed in other currencies.
    pub foreign_costs: &'a [ForeignCost],
    /// None where nothing was asked or told: the last one stands until its month ends.
    pub forecast: Option<&'a Forecast>,
    pub permissions: &'a [PermissionState],
}

/// How many rows were written; unchanged ones are not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StoredRows {
    pub resources_written: u64,
    pub resources_deleted: u64,
    pub tags_written: u64,
    pub recommendations_written: u64,
    pub recommendations_resolved: u64,
    pub recommendations_stale: u64,
    pub costs_written: u64,
    pub permissions_written: u64,
    pub totals_written: u64,
}

impl StoredRows {
    #[must_use]
    pub const fn total(self) -> u64 {
        self.resources_written
            + self.resources_deleted
            + self.tags_written
            + self.recommendations_written
            + self.recommendations_resolved
            + self.recommendations_stale
            + self.costs_written
            + self.permissions_written
            + self.totals_written
    }
}

/// A transaction in which one scan's account is held.
struct Store {
    tx: OrgTx,
    account: crate::domain::ids::AccountId,
    /// When this scan saw what it saw.
    seen_at: Timestamp,
    /// When what is not seen any more was last seen.
    seen_before: Timestamp,
    rows: StoredRows,
}

impl OrgDb<'_> {
    /// Replaces the account's picture. Refused with `LeaseLost` if the scan's lease went to another one.
    pub async fn store_scan(
        &self,
        picture: ScanPicture<'_>,
        resources: impl Iterator<Item = ResourceRow> + Send,
    ) -> Result<StoredRows, DbError> {
        let mut store = self.hold(picture.record).await?;
        store.resources(picture.coverage, resources).await?;
        let unseen = findings::Judge {
            unconfirmed: picture.unconfirmed,
            switched_off: picture.switched_off,
            only_regions: picture.only_regions,
        };
        store.recommendations(picture.recommendations, &unseen).await?;
        store.costs(picture.costs).await?;
        store.foreign_costs(picture.foreign_costs).await?;
        if let Some(forecast) = picture.forecast {
            store.forecast(forecast).await?;
        }
        store.permissions(picture.permissions).await?;
        store.totals().await?;
        let look = Look {
            questions: picture.ledger,
            coverage: picture.coverage,
            only_regions: picture.only_regions,
        };
        store.ledger(look).await?;
        scan::finish(&mut store.tx, picture.record).await?;
        store.tx.execute(scan_part::DELETE_OF, values![store.account]).await?;
        store.tx.execute(END_SCAN, values![store.seen_at, store.account]).await?;
        store.tx.commit().await?;
        Ok(store.rows)
    }

    /// Takes the account's row for this scan, until the transaction ends.
    async fn hold(&self, record: &ScanRecord) -> Result<Store, DbError> {
        let (account, scan) = (record.scan.account_id, record.scan.id);
        self.require(account, WHAT)?;
        let mut tx = self.begin().await?;
        if tx.execute(HOLD_LEASE, values![account, scan]).await? != 1 {
            return Err(DbError::LeaseLost(account));
        }
        let last: Option<(Option<DateTime<Utc>>,)> = tx.fetch_optional(LAST_SCAN, values![account]).await?;
        let seen_at = record.scan.finished_at.unwrap_or(record.scan.started_at);
        let seen_before = last.and_then(|(at,)| at).map_or(seen_at, time::from_db);
        Ok(Store { tx, account, seen_at, seen_before, rows: StoredRows::default() })
    }
}
