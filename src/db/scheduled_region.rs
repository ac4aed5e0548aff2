//! When accounts and their regions were looked at last, and what went wrong with it.

use super::{error::DbError, handle::OrgDb, scheduled_resource::cut, stmt::statements, time, value::values};
use crate::domain::{
    ids::AccountId,
    schedule::{ScheduledAccount, ScheduledRegion},
};
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;

statements! {
    scoped LIST { "SELECT account_id, region, looked_at, failure, failed_at FROM scheduled_region WHERE org_id = ?" }
    scoped PUT {
        sqlite: "INSERT INTO scheduled_region (org_id, account_id, region, looked_at, failure, failed_at) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (org_id, account_id, region) DO UPDATE SET looked_at = excluded.looked_at, failure = excluded.failure, failed_at = excluded.failed_at",
        mysql: "INSERT INTO scheduled_region (org_id, account_id, region, looked_at, failure, failed_at) VALUES (?, ?, ?, ?, ?, ?) ON DUPLICATE KEY UPDATE looked_at = VALUES(looked_at), failure = VALUES(failure), failed_at = VALUES(failed_at)"
    }
    scoped LIST_ACCOUNTS { "SELECT account_id, swept_at, failure, message, failures, failed_at, not_before FROM scheduled_account WHERE org_id = ?" }
    scoped PUT_ACCOUNT {
        sqlite: "INSERT INTO scheduled_account (org_id, account_id, swept_at, failure, message, failures, failed_at, not_before) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (org_id, account_id) DO UPDATE SET swept_at = excluded.swept_at, failure = excluded.failure, message = excluded.message, failures = excluded.failures, failed_at = excluded.failed_at, not_before = excluded.not_before",
        mysql: "INSERT INTO scheduled_account (org_id, account_id, swept_at, failure, message, failures, failed_at, not_before) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON DUPLICATE KEY UPDATE swept_at = VALUES(swept_at), failure = VALUES(failure), message = VALUES(message), failures = VALUES(failures), failed_at = VALUES(failed_at), not_before = VALUES(not_before)"
    }
}

#[derive(sqlx::FromRow)]
struct RegionRow {
    account_id: i64,
    region: String,
    looked_at: Option<DateTime<Utc>>,
    failure: Option<String>,
    failed_at: Option<DateTime<Utc>>,
}

#[derive(sqlx::FromRow)]
struct AccountRow {
    account_id: i64,
    swept_at: Option<DateTime<Utc>>,
    failure: Option<String>,
    message: Option<String>,
    failures: i64,
    failed_at: Option<DateTime<Utc>>,
    not_before: Option<DateTime<Utc>>,
}

impl TryFrom<RegionRow> for ScheduledRegion {
    type Error = DbError;
    fn try_from(row: RegionRow) -> Result<Self, DbError> {
        Ok(Self {
            account: AccountId::from_i64(row.account_id),
            region: row.region.parse().map_err(|_| DbError::Corrupt("scheduled_region.region"))?,
            looked_at: row.looked_at.map(time::from_db),
            failure: row.failure,
            failed_at: row.failed_at.map(time::from_db),
        })
    }
}

impl From<AccountRow> for ScheduledAccount {
    fn from(row: AccountRow) -> Self {
        Self {
            swept_at: row.swept_at.map(time::from_db),
            failure: row.failure,
            message: row.message,
            failures: u32::try_from(row.failures).unwrap_or(u32::MAX),
            failed_at: row.failed_at.map(time::from_db),
            not_before: row.not_before.map(time::from_db),
        }
    }
}

impl OrgDb<'_> {
    pub async fn list_scheduled_regions(
        &self,
        account: Option<AccountId>,
    ) -> Result<Vec<ScheduledRegion>, DbError> {
        let mut listing = self.listing(LIST);
        listing.and_equal("account_id = ?", account);
        listing.and_visible("account_id", self.access());
        listing.then(" ORDER BY account_id, region", []);
        let rows: Vec<RegionRow> = self.list(listing).await?;
        rows.into_iter().map(ScheduledRegion::try_from).collect()
    }

    pub async fn put_scheduled_region(&self, region: &ScheduledRegion) -> Result<(), DbError> {
        let ScheduledRegion { account, region, looked_at, failure, failed_at } = region;
        let failure = failure.as_deref().map(|text| cut(text, 80));
        let values = values![*account, region, *looked_at, failure, *failed_at];
        let put = self.execute(PUT, values).await;
        put.map(drop).map_err(|e| e.or_missing(super::account::WHAT))
    }

    pub async fn list_scheduled_accounts(&self) -> Result<BTreeMap<AccountId, ScheduledAccount>, DbError> {
        let mut listing = self.listing(LIST_ACCOUNTS);
        listing.and_visible("account_id", self.access());
        let rows: Vec<AccountRow> = self.list(listing).await?;
        Ok(rows.into_iter().map(|row| (AccountId::from_i64(row.account_id), row.into())).collect())
    }

    pub async fn put_scheduled_account(
        &self,
        account: AccountId,
        state: &ScheduledAccount,
    ) -> Result<(), DbError> {
        self.require(account, super::account::WHAT)?;
        let ScheduledAccount { swept_at, failure, message, failures, failed_at, not_before } = state;
        let failure = failure.as_deref().map(|text| cut(text, 80));
        let message = message.as_deref().map(|text| cut(text, 500));
        let values = values![account, *swept_at, failure, message, *failures, *failed_at, *not_before];
        let put = self.execute(PUT_ACCOUNT, values).await;
        put.map(drop).map_err(|e| e.or_missing(super::account::WHAT))
    }
}
