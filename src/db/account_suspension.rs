//! Accounts in which nothing is started or stopped for now.

use super::{account::WHAT, error::DbError, handle::OrgDb, stmt::statements, time, value::values};
use crate::domain::{ids::AccountId, schedule::AccountSuspension};
use chrono::{DateTime, Utc};

statements! {
    scoped LIST { "SELECT account_id, reason, suspended_by, suspended_at FROM account_suspension WHERE org_id = ?" }
    scoped SUSPEND {
        sqlite: "INSERT INTO account_suspension (org_id, account_id, reason, suspended_by, suspended_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT (org_id, account_id) DO NOTHING",
        mysql: "INSERT INTO account_suspension (org_id, account_id, reason, suspended_by, suspended_at) VALUES (?, ?, ?, ?, ?) ON DUPLICATE KEY UPDATE org_id = org_id"
    }
    scoped RESUME { "DELETE FROM account_suspension WHERE org_id = ? AND account_id = ?" }
}

type SuspensionRow = (i64, String, String, DateTime<Utc>);

fn read((account, reason, suspended_by, suspended_at): SuspensionRow) -> AccountSuspension {
    let account = AccountId::from_i64(account);
    AccountSuspension { account, reason, suspended_by, suspended_at: time::from_db(suspended_at) }
}

impl OrgDb<'_> {
    /// In the order of the accounts' numbers.
    pub async fn list_suspensions(&self) -> Result<Vec<AccountSuspension>, DbError> {
        let mut listing = self.listing(LIST);
        listing.and_visible("account_id", self.access());
        listing.then(" ORDER BY account_id", []);
        let rows: Vec<SuspensionRow> = self.list(listing).await?;
        Ok(rows.into_iter().map(read).collect())
    }

    pub async fn find_suspension(&self, account: AccountId) -> Result<Option<AccountSuspension>, DbError> {
        self.require(account, WHAT)?;
        let mut listing = self.listing(LIST);
        listing.and("account_id = ?", values![account]);
        let row: Option<SuspensionRow> = self.list(listing).await?.pop();
        Ok(row.map(read))
    }

    /// The first reason stays until it is resumed.
    pub async fn suspend_account(&self, new: &AccountSuspension) -> Result<(), DbError> {
        self.require(new.account, WHAT)?;
        let values = values![new.account, &new.reason, &new.suspended_by, new.suspended_at];
        self.execute(SUSPEND, values).await.map(drop).map_err(|e| e.or_missing(WHAT))
    }

    /// Whether it was suspended.
    pub async fn resume_account(&self, account: AccountId) -> Result<bool, DbError> {
        self.require(account, WHAT)?;
        Ok(self.execute(RESUME, values![account]).await? > 0)
    }
}
