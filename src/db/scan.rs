//! Scans: one row for each, from its start to its end.

use super::{
    account, document,
    error::DbError,
    handle::{Database, OrgDb, OrgTx},
    lease, scan_part,
    stmt::statements,
    time,
    value::values,
};
use crate::domain::{
    ids::{AccountId, ScanId},
    region::Region,
    scan::{ApiUsage, Gap, Scan, ScanStatus},
};
use chrono::{DateTime, Utc};
use jiff::Timestamp;
use uuid::Uuid;

statements! {
    scoped INSERT { "INSERT INTO scan (org_id, scan_id, account_id, status, started_at, regions) VALUES (?, ?, ?, ?, ?, ?)" }
    scoped FINISH { "UPDATE scan SET status = ?, finished_at = ?, regions = ?, gaps = ?, api_usage = ?, summary = ?, error = ?, cost = ? WHERE org_id = ? AND scan_id = ? AND account_id = ? AND status = 'running'" }
    scoped CANCEL { "UPDATE scan SET status = 'cancelled', finished_at = ?, error = ? WHERE org_id = ? AND scan_id = ? AND account_id = ? AND status = 'running'" }
    scoped GET { "SELECT scan_id, account_id, status, started_at, finished_at, regions, gaps, api_usage, summary, error FROM scan WHERE org_id = ? AND scan_id = ?" }
    scoped LIST { "SELECT scan_id, account_id, status, started_at, finished_at, regions, gaps, api_usage, summary, error FROM scan WHERE org_id = ?" }
    global HURRY { "UPDATE scan_setting SET next_at = ? WHERE next_at > ? AND EXISTS (SELECT 1 FROM scan s JOIN account a ON a.org_id = s.org_id AND a.account_id = s.account_id WHERE s.org_id = scan_setting.org_id AND s.account_id = scan_setting.account_id AND s.status = 'running' AND (a.scan_lease_until IS NULL OR a.scan_lease_until < ?))" }
    global INTERRUPT { "UPDATE scan SET status = 'interrupted', finished_at = ? WHERE status = 'running' AND NOT EXISTS (SELECT 1 FROM account a WHERE a.org_id = scan.org_id AND a.account_id = scan.account_id AND a.scan_lease_token = scan.scan_id AND a.scan_lease_until >= ?)" }
}

const WHAT: &str = "scan";
/// What the column holds; a longer reason is cut.
const ERROR_CHARS: usize = 500;

/// A scan with all that is kept of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScanRecord {
    pub scan: Scan,
    pub gaps: Vec<Gap>,
    pub api_usage: ApiUsage,
    /// What the caller wants to show of it later: counts and totals.
    pub summary: Option<serde_json::Value>,
    /// Why it failed, in words for people.
    pub error: Option<String>,
}

#[derive(sqlx::FromRow)]
struct ScanRow {
    scan_id: Uuid,
    account_id: i64,
    status: String,
    started_at: DateTime<Utc>,
    finished_at: Option<DateTime<Utc>>,
    regions: String,
    gaps: Option<String>,
    api_usage: Option<String>,
    summary: Option<String>,
    error: Option<String>,
}

impl TryFrom<ScanRow> for ScanRecord {
    type Error = DbError;
    fn try_from(row: ScanRow) -> Result<Self, DbError> {
        let regions: Vec<Region> = document::read(&row.regions, "scan.regions")?;
        Ok(Self {
            scan: Scan {
                id: ScanId::from_uuid(row.scan_id),
                account_id: AccountId::from_i64(row.account_id),
                status: row.status.parse().map_err(|()| DbError::Corrupt("scan.status"))?,
                started_at: time::from_db(row.started_at),
                finished_at: row.finished_at.map(time::from_db),
                regions,
            },
            gaps: optional(row.gaps.as_deref(), "scan.gaps")?.unwrap_or_default(),
            api_usage: optional(row.api_usage.as_deref(), "scan.api_usage")?.unwrap_or_default(),
            summary: optional(row.summary.as_deref(), "scan.summary")?,
            error: row.error,
        })
    }
}

fn optional<T: serde::de::DeserializeOwned>(
    text: Option<&str>,
    column: &'static str,
) -> Result<Option<T>, DbError> {
    text.map(|text| document::read(text, column)).transpose()
}

impl OrgDb<'_> {
    /// A running scan. Its account's lease must be claimed already, or it reads as interrupted.
    pub async fn create_scan(
        &self,
        scan: ScanId,
        account: AccountId,
        regions: &[Region],
        started_at: Timestamp,
    ) -> Result<(), DbError> {
        self.require(account, account::WHAT)?;
        let values = values![scan, account, ScanStatus::Running, started_at, document::write(regions)];
        let inserted = self.execute(INSERT, values).await;
        inserted.map(drop).map_err(|e| e.or_conflict(WHAT).or_missing(account::WHAT))
    }

    /// Ends a scan that has no picture to store, a failed one say; a stored one ends with `store_scan`.
    pub async fn finish_scan(&self, record: &ScanRecord) -> Result<(), DbError> {
        self.require(record.scan.account_id, WHAT)?;
        let mut tx = self.begin().await?;
        finish(&mut tx, record).await?;
        tx.commit().await
    }

    /// Ends a running scan, whichever server works on it, and gives its lease back: what it may still want to
    /// store is refused. False where it had ended already.
    pub async fn cancel_scan(
        &self,
        account: AccountId,
        scan: ScanId,
        reason: &str,
        now: Timestamp,
    ) -> Result<bool, DbError> {
        self.require(account, WHAT)?;
        let mut tx = self.begin().await?;
        let cancelled = tx.execute(CANCEL, values![now, reason, scan, account]).await? == 1;
        if cancelled {
            tx.execute(lease::RELEASE_SCAN, values![account, scan]).await?;
            tx.execute(scan_part::DELETE_OF, values![account]).await?;
        }
        tx.commit().await?;
        Ok(cancelled)
    }

    pub async fn get_scan(&self, scan: ScanId) -> Result<ScanRecord, DbError> {
        let row: Option<ScanRow> = self.fetch_optional(GET, values![scan]).await?;
        let row = row.ok_or(DbError::NotFound(WHAT))?;
        self.require(AccountId::from_i64(row.account_id), WHAT)?;
        row.try_into()
    }

    /// Newest first; `before` is the last one of the page before.
    pub async fn list_scans(
        &self,
        account: AccountId,
        before: Option<ScanId>,
        limit: u32,
    ) -> Result<Vec<ScanRecord>, DbError> {
        self.require(account, account::WHAT)?;
        let mut listing = self.listing(LIST);
        listing.and("account_id = ?", values![account]);
        listing.and_equal("scan_id < ?", before);
        // Scan ids begin with their time.
        listing.then(" ORDER BY scan_id DESC LIMIT ?", values![limit]);
        let rows: Vec<ScanRow> = self.list(listing).await?;
        rows.into_iter().map(ScanRecord::try_from).collect()
    }
}

pub(super) async fn finish(tx: &mut OrgTx, record: &ScanRecord) -> Result<(), DbError> {
    let error: Option<String> = record.error.as_ref().map(|text| text.chars().take(ERROR_CHARS).collect());
    let scan = &record.scan;
    let values = values![
        scan.status,
        scan.finished_at,
        document::write(&scan.regions),
        document::write(&record.gaps),
        document::write(&record.api_usage),
        record.summary.as_ref().map(document::write),
        error,
        record.api_usage.estimated_cost,
        scan.id,
        scan.account_id,
    ];
    if tx.execute(FINISH, values).await? == 1 { Ok(()) } else { Err(DbError::NotFound(WHAT)) }
}

impl Database {
    /// Marks running scans whose lease ran out, of every organisation; says how many. An account that is scanned by
    /// itself is due at once, and goes on where it was.
    pub async fn interrupt_scans(&self, now: Timestamp) -> Result<u64, DbError> {
        self.execute(HURRY, values![now, now, now]).await?;
        self.execute(INTERRUPT, values![now, now]).await
    }
}
