//! One scan at a time for each account: a lease on its row, taken by compare-and-set.
//!
//! The token is the scan's id. A scan stores nothing once its lease went to another one.

use super::{
    account::{WHAT, one_row},
    error::DbError,
    handle::OrgDb,
    stmt::statements,
    value::values,
};
use crate::domain::ids::{AccountId, ScanId};
use jiff::Timestamp;

statements! {
    scoped CLAIM { "UPDATE account SET scan_lease_token = ?, scan_lease_until = ? WHERE org_id = ? AND account_id = ? AND (scan_lease_until IS NULL OR scan_lease_until < ?)" }
    scoped EXISTS { "SELECT account_id FROM account WHERE org_id = ? AND account_id = ?" }
    scoped RENEW { "UPDATE account SET scan_lease_until = ? WHERE org_id = ? AND account_id = ? AND scan_lease_token = ?" }
    scoped RELEASE { "UPDATE account SET scan_lease_token = NULL, scan_lease_until = NULL WHERE org_id = ? AND account_id = ? AND scan_lease_token = ?" }
    scoped HOLD_ROW { "UPDATE account SET name = name WHERE org_id = ? AND account_id = ?" }
}

/// For who ends a scan in a transaction of its own.
pub(super) const RELEASE_SCAN: super::stmt::Scoped = RELEASE;
/// Locks the account's row for the rest of a transaction: whoever writes its recommendations takes it first.
pub(super) const HOLD: super::stmt::Scoped = HOLD_ROW;

impl OrgDb<'_> {
    /// True for the one caller that may scan this account until then. Claim first, then create the scan.
    pub async fn claim_scan(
        &self,
        account: AccountId,
        scan: ScanId,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<bool, DbError> {
        self.require(account, WHAT)?;
        if self.execute(CLAIM, values![scan, until, account, now]).await? == 1 {
            return Ok(true);
        }
        let found: Option<(i64,)> = self.fetch_optional(EXISTS, values![account]).await?;
        one_row(u64::from(found.is_some())).map(|()| false)
    }

    /// False if the lease went to another scan meanwhile.
    pub async fn renew_scan(
        &self,
        account: AccountId,
        scan: ScanId,
        until: Timestamp,
    ) -> Result<bool, DbError> {
        self.require(account, WHAT)?;
        Ok(self.execute(RENEW, values![until, account, scan]).await? == 1)
    }

    /// Gives the lease back; nothing happens if it is another scan's.
    pub async fn release_scan(&self, account: AccountId, scan: ScanId) -> Result<(), DbError> {
        self.require(account, WHAT)?;
        self.execute(RELEASE, values![account, scan]).await.map(drop)
    }
}
