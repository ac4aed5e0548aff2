//! The AWS accounts of an organisation, as they are linked.

use super::{
    error::DbError,
    handle::OrgDb,
    sealed::{Kept, RowKey, Rows, SealedColumn},
    stmt::statements,
    time,
    value::values,
};
use crate::domain::{
    account::{Account, AccountStatus, Verification},
    arn::RoleArn,
    external_id::ExternalId,
    ids::AccountId,
};
use chrono::{DateTime, Utc};
use jiff::Timestamp;

statements! {
    scoped GET { "SELECT account_id, name, status, external_id, external_id_since, next_external_id, role_arn, scheduler_role_arn, created_at, verified_at, last_scan_at FROM account WHERE org_id = ? AND account_id = ?" }
    scoped LIST { "SELECT account_id, name, status, external_id, external_id_since, next_external_id, role_arn, scheduler_role_arn, created_at, verified_at, last_scan_at FROM account WHERE org_id = ?" }
    scoped LIST_UNVERIFIED { "SELECT account_id FROM account WHERE org_id = ? AND role_arn IS NOT NULL AND (verified_at IS NULL OR verified_at <= ?)" }
    scoped GET_VERIFICATION { "SELECT verification FROM account WHERE org_id = ? AND account_id = ?" }
    scoped INSERT { "INSERT INTO account (org_id, account_id, name, status, external_id, external_id_since, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)" }
    scoped RENAME { "UPDATE account SET name = ? WHERE org_id = ? AND account_id = ?" }
    scoped SET_ROLES { "UPDATE account SET role_arn = ?, scheduler_role_arn = ? WHERE org_id = ? AND account_id = ?" }
    scoped SET_VERIFICATION { "UPDATE account SET status = ?, verification = ?, verified_at = ? WHERE org_id = ? AND account_id = ?" }
    scoped SET_NEXT_EXTERNAL_ID { "UPDATE account SET next_external_id = ? WHERE org_id = ? AND account_id = ?" }
    scoped GET_NEXT_EXTERNAL_ID { "SELECT next_external_id FROM account WHERE org_id = ? AND account_id = ?" }
    scoped PROMOTE_EXTERNAL_ID { "UPDATE account SET external_id = ?, external_id_since = ?, next_external_id = NULL WHERE org_id = ? AND account_id = ? AND next_external_id = ?" }
    scoped PAGE_EXTERNAL_ID { "SELECT account_id, external_id FROM account WHERE org_id = ? AND account_id > ? ORDER BY account_id LIMIT ?" }
    scoped PAGE_NEXT_EXTERNAL_ID { "SELECT account_id, next_external_id FROM account WHERE org_id = ? AND next_external_id IS NOT NULL AND account_id > ? ORDER BY account_id LIMIT ?" }
    scoped REPLACE_EXTERNAL_ID { "UPDATE account SET external_id = ? WHERE org_id = ? AND account_id = ? AND external_id = ?" }
    scoped REPLACE_NEXT_EXTERNAL_ID { "UPDATE account SET next_external_id = ? WHERE org_id = ? AND account_id = ? AND next_external_id = ?" }
    scoped DELETE_GRANTS { "DELETE FROM account_grant WHERE org_id = ? AND account_id = ?" }
    scoped DELETE_PERMISSIONS { "DELETE FROM account_permission WHERE org_id = ? AND account_id = ?" }
    scoped DELETE_COSTS { "DELETE FROM daily_cost WHERE org_id = ? AND account_id = ?" }
    scoped DELETE_FOREIGN_COSTS { "DELETE FROM foreign_cost WHERE org_id = ? AND account_id = ?" }
    scoped DELETE_FORECAST { "DELETE FROM cost_forecast WHERE org_id = ? AND account_id = ?" }
    scoped DELETE_ROLLUP { "DELETE FROM savings_rollup WHERE org_id = ? AND account_id = ?" }
    scoped DELETE_RECOMMENDATIONS { "DELETE FROM recommendation WHERE org_id = ? AND account_id = ?" }
    scoped DELETE_TAGS { "DELETE FROM resource_tag WHERE org_id = ? AND account_id = ?" }
    scoped DELETE_RESOURCES { "DELETE FROM resource WHERE org_id = ? AND account_id = ?" }
    scoped DELETE_SCANS { "DELETE FROM scan WHERE org_id = ? AND account_id = ?" }
    scoped DELETE_SCAN_SETTING { "DELETE FROM scan_setting WHERE org_id = ? AND account_id = ?" }
    scoped DELETE_OVERRIDES { "DELETE FROM schedule_override WHERE org_id = ? AND account_id = ?" }
    scoped DELETE_ASSIGNMENTS { "DELETE FROM schedule_assignment WHERE org_id = ? AND account_id = ?" }
    scoped DELETE_SUSPENSION { "DELETE FROM account_suspension WHERE org_id = ? AND account_id = ?" }
    scoped DELETE_APPROVALS { "DELETE FROM scheduler_approval WHERE org_id = ? AND account_id = ?" }
    scoped DELETE_ACTIONS { "DELETE FROM scheduler_action WHERE org_id = ? AND account_id = ?" }
    scoped DELETE_SCHEDULED_DAYS { "DELETE FROM schedule_day WHERE org_id = ? AND account_id = ?" }
    scoped DELETE_SCHEDULED_REGIONS { "DELETE FROM scheduled_region WHERE org_id = ? AND account_id = ?" }
    scoped DELETE_SCHEDULED_ACCOUNT { "DELETE FROM scheduled_account WHERE org_id = ? AND account_id = ?" }
    scoped DELETE_SCHEDULED_RESOURCES { "DELETE FROM scheduled_resource WHERE org_id = ? AND account_id = ?" }
    scoped DELETE { "DELETE FROM account WHERE org_id = ? AND account_id = ?" }
}

pub(super) const WHAT: &str = "account";

pub(super) const EXTERNAL_ID: SealedColumn = SealedColumn {
    table: "account",
    column: "external_id",
    rows: Rows::Account,
    kept: Kept::Text,
    page: PAGE_EXTERNAL_ID,
    replace: REPLACE_EXTERNAL_ID,
};

pub(super) const NEXT_EXTERNAL_ID: SealedColumn = SealedColumn {
    table: "account",
    column: "next_external_id",
    rows: Rows::Account,
    kept: Kept::Text,
    page: PAGE_NEXT_EXTERNAL_ID,
    replace: REPLACE_NEXT_EXTERNAL_ID,
};

/// How often a rotation of keys may get in the way of ending a rotation of external IDs.
const ATTEMPTS: u32 = 3;

#[derive(Clone, Debug)]
pub struct NewAccount {
    pub id: AccountId,
    pub name: String,
    pub external_id: ExternalId,
    pub created_at: Timestamp,
}

#[derive(sqlx::FromRow)]
struct AccountRow {
    account_id: i64,
    name: String,
    status: String,
    external_id: String,
    external_id_since: DateTime<Utc>,
    next_external_id: Option<String>,
    role_arn: Option<String>,
    scheduler_role_arn: Option<String>,
    created_at: DateTime<Utc>,
    verified_at: Option<DateTime<Utc>>,
    last_scan_at: Option<DateTime<Utc>>,
}

impl AccountRow {
    fn with(self, external_id: ExternalId, next: Option<ExternalId>) -> Result<Account, DbError> {
        let role = |text: &str| text.parse::<RoleArn>().map_err(|_| DbError::Corrupt("account.role_arn"));
        Ok(Account {
            id: AccountId::from_i64(self.account_id),
            name: self.name,
            status: self.status.parse().map_err(|()| DbError::Corrupt("account.status"))?,
            external_id,
            next_external_id: next,
            role_arn: self.role_arn.as_deref().map(role).transpose()?,
            scheduler_role_arn: self.scheduler_role_arn.as_deref().map(role).transpose()?,
            created_at: time::from_db(self.created_at),
            external_id_since: time::from_db(self.external_id_since),
            verified_at: self.verified_at.map(time::from_db),
            last_scan_at: self.last_scan_at.map(time::from_db),
        })
    }
}

/// One row was meant; none means that there is no such account.
pub(super) fn one_row(rows: u64) -> Result<(), DbError> {
    if rows == 0 { Err(DbError::NotFound(WHAT)) } else { Ok(()) }
}

impl OrgDb<'_> {
    async fn opened(&self, row: AccountRow) -> Result<Account, DbError> {
        let account = AccountId::from_i64(row.account_id);
        let external_id = self.open_external_id(&EXTERNAL_ID, account, &row.external_id).await?;
        let next = match &row.next_external_id {
            Some(text) => Some(self.open_external_id(&NEXT_EXTERNAL_ID, account, text).await?),
            None => None,
        };
        row.with(external_id, next)
    }

    async fn open_external_id(
        &self,
        column: &SealedColumn,
        account: AccountId,
        text: &str,
    ) -> Result<ExternalId, DbError> {
        let opened = self.open(column, RowKey::Account(account), text.as_bytes()).await?;
        let opened = std::str::from_utf8(&opened).ok().and_then(|text| ExternalId::parse(text).ok());
        opened.ok_or(DbError::Corrupt("account.external_id"))
    }

    /// A conflict if the organisation has this account already, whoever may see it.
    pub async fn create_account(&self, new: &NewAccount) -> Result<(), DbError> {
        let row = RowKey::Account(new.id);
        let external_id = self.seal(&EXTERNAL_ID, row, new.external_id.expose().as_bytes()).await?;
        let values =
            values![new.id, &new.name, AccountStatus::Pending, external_id, new.created_at, new.created_at];
        self.execute(INSERT, values).await.map(drop).map_err(|e| e.or_conflict(WHAT))
    }

    pub async fn get_account(&self, account: AccountId) -> Result<Account, DbError> {
        self.require(account, WHAT)?;
        let row: Option<AccountRow> = self.fetch_optional(GET, values![account]).await?;
        self.opened(row.ok_or(DbError::NotFound(WHAT))?).await
    }

    /// In the order of their numbers; `after` is the last one of the page before.
    pub async fn list_accounts(&self, after: Option<AccountId>, limit: u32) -> Result<Vec<Account>, DbError> {
        let mut listing = self.listing(LIST);
        listing.and_visible("account_id", self.access());
        listing.and_equal("account_id > ?", after);
        listing.then(" ORDER BY account_id LIMIT ?", values![limit]);
        let rows: Vec<AccountRow> = self.list(listing).await?;
        let mut accounts = Vec::with_capacity(rows.len());
        for row in rows {
            accounts.push(self.opened(row).await?);
        }
        Ok(accounts)
    }

    /// Those with a role that were not verified since then, in the order of their numbers.
    pub async fn list_unverified(
        &self,
        since: Timestamp,
        after: Option<AccountId>,
        limit: u32,
    ) -> Result<Vec<AccountId>, DbError> {
        let mut listing = self.listing_with(LIST_UNVERIFIED, values![since]);
        listing.and_visible("account_id", self.access());
        listing.and_equal("account_id > ?", after);
        listing.then(" ORDER BY account_id LIMIT ?", values![limit]);
        let rows: Vec<(i64,)> = self.list(listing).await?;
        Ok(rows.into_iter().map(|(account,)| AccountId::from_i64(account)).collect())
    }

    pub async fn rename_account(&self, account: AccountId, name: &str) -> Result<(), DbError> {
        self.require(account, WHAT)?;
        one_row(self.execute(RENAME, values![name, account]).await?)
    }

    pub async fn set_account_roles(
        &self,
        account: AccountId,
        role: Option<&RoleArn>,
        scheduler_role: Option<&RoleArn>,
    ) -> Result<(), DbError> {
        self.require(account, WHAT)?;
        one_row(self.execute(SET_ROLES, values![role, scheduler_role, account]).await?)
    }

    /// What a verification found, and the state that follows from it.
    pub async fn set_account_verification(
        &self,
        account: AccountId,
        status: AccountStatus,
        verification: &Verification,
        verified_at: Timestamp,
    ) -> Result<(), DbError> {
        self.require(account, WHAT)?;
        let text = super::document::write(verification);
        one_row(self.execute(SET_VERIFICATION, values![status, text, verified_at, account]).await?)
    }

    /// The newest verification; none before the first.
    pub async fn find_account_verification(
        &self,
        account: AccountId,
    ) -> Result<Option<Verification>, DbError> {
        self.require(account, WHAT)?;
        let row: Option<(Option<String>,)> = self.fetch_optional(GET_VERIFICATION, values![account]).await?;
        let (text,) = row.ok_or(DbError::NotFound(WHAT))?;
        text.map(|text| super::document::read(&text, "account.verification")).transpose()
    }

    /// Begins a rotation, or gives it up with none.
    pub async fn set_next_external_id(
        &self,
        account: AccountId,
        next: Option<&ExternalId>,
    ) -> Result<(), DbError> {
        self.require(account, WHAT)?;
        let sealed = match next {
            Some(next) => {
                let row = RowKey::Account(account);
                Some(self.seal(&NEXT_EXTERNAL_ID, row, next.expose().as_bytes()).await?)
            }
            None => None,
        };
        one_row(self.execute(SET_NEXT_EXTERNAL_ID, values![sealed, account]).await?)
    }

    /// Ends a rotation: the next ID becomes the ID, if it is still the next one.
    pub async fn promote_external_id(
        &self,
        account: AccountId,
        next: &ExternalId,
        since: Timestamp,
    ) -> Result<bool, DbError> {
        self.require(account, WHAT)?;
        let row = RowKey::Account(account);
        let sealed = self.seal(&EXTERNAL_ID, row, next.expose().as_bytes()).await?;
        for _ in 0..ATTEMPTS {
            let row: Option<(Option<String>,)> =
                self.fetch_optional(GET_NEXT_EXTERNAL_ID, values![account]).await?;
            let Some(kept) = row.and_then(|(kept,)| kept) else { return Ok(false) };
            if self.open_external_id(&NEXT_EXTERNAL_ID, account, &kept).await? != *next {
                return Ok(false);
            }
            // Only what was compared is replaced: the same value may have been sealed anew in the meantime.
            let values = values![sealed.clone(), since, account, kept];
            if self.execute(PROMOTE_EXTERNAL_ID, values).await? == 1 {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Removes the account and all that is kept of it, at once.
    pub async fn delete_account(&self, account: AccountId) -> Result<(), DbError> {
        self.require(account, WHAT)?;
        let mut tx = self.begin().await?;
        // Held first, as every writer of an account does: two of them cannot deadlock.
        one_row(tx.execute(super::lease::HOLD, values![account]).await?)?;
        // Children before what they refer to. The foreign keys find a table that was forgotten here.
        for statement in [
            DELETE_GRANTS,
            DELETE_PERMISSIONS,
            DELETE_COSTS,
            DELETE_FOREIGN_COSTS,
            DELETE_FORECAST,
            DELETE_FORECAST,
            DELETE_ROLLUP,
            super::rule_settings::DELETE_OF,
            super::saving_day::DELETE_OF,
            super::saving_entry::DELETE_OF,
            super::saving_history::DELETE_OF,
            super::recommendation_event::DELETE_OF,
            DELETE_RECOMMENDATIONS,
            DELETE_TAGS,
            DELETE_RESOURCES,
            DELETE_SCANS,
            DELETE_SCAN_SETTING,
            super::scan_part::DELETE_OF,
            DELETE_OVERRIDES,
            DELETE_ASSIGNMENTS,
            DELETE_SUSPENSION,
            DELETE_APPROVALS,
            DELETE_ACTIONS,
            DELETE_SCHEDULED_DAYS,
            DELETE_SCHEDULED_REGIONS,
            DELETE_SCHEDULED_ACCOUNT,
            DELETE_SCHEDULED_RESOURCES,
            super::webhook_delivery::DELETE_OF,
            DELETE,
        ] {
            tx.execute(statement, values![account]).await?;
        }
        tx.commit().await
    }
}
