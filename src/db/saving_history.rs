//! How accounts stood at the end of the days on which they were scanned. Written by scans.

use super::{
    error::DbError,
    handle::OrgDb,
    stmt::{Scoped, statements},
    time,
    value::values,
};
use crate::domain::{ids::AccountId, money::MicroUsd};
use chrono::NaiveDate;
use jiff::civil::Date;

statements! {
    scoped LIST { "SELECT account_id, day, possible, possible_after_discounts, realised, spend, optimisable_spend FROM saving_history WHERE org_id = ?" }
    scoped DELETE_ALL { "DELETE FROM saving_history WHERE org_id = ? AND account_id = ?" }
}

/// Of an account that goes.
pub(super) const DELETE_OF: Scoped = DELETE_ALL;

/// Amounts a month of 730 hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccountDay {
    pub account: AccountId,
    pub day: Date,
    pub possible: MicroUsd,
    pub possible_after_discounts: Option<MicroUsd>,
    pub realised: MicroUsd,
    /// None where Cost Explorer does not tell.
    pub spend: Option<MicroUsd>,
    /// Of that, what services cost that rules judge.
    pub optimisable_spend: Option<MicroUsd>,
}

#[derive(sqlx::FromRow)]
struct DayRow {
    account_id: i64,
    day: NaiveDate,
    possible: i64,
    possible_after_discounts: Option<i64>,
    realised: i64,
    spend: Option<i64>,
    optimisable_spend: Option<i64>,
}

impl From<DayRow> for AccountDay {
    fn from(row: DayRow) -> Self {
        Self {
            account: AccountId::from_i64(row.account_id),
            day: time::date_from_db(row.day),
            possible: MicroUsd::new(row.possible),
            possible_after_discounts: row.possible_after_discounts.map(MicroUsd::new),
            realised: MicroUsd::new(row.realised),
            spend: row.spend.map(MicroUsd::new),
            optimisable_spend: row.optimisable_spend.map(MicroUsd::new),
        }
    }
}

impl OrgDb<'_> {
    /// By account, then by day; both days included.
    pub async fn list_account_days(
        &self,
        account: Option<AccountId>,
        from: Date,
        to: Date,
    ) -> Result<Vec<AccountDay>, DbError> {
        let mut listing = self.listing(LIST);
        listing.and("day >= ? AND day <= ?", values![from, to]);
        listing.and_equal("account_id = ?", account);
        listing.and_visible("account_id", self.access());
        listing.then(" ORDER BY account_id, day", []);
        let rows: Vec<DayRow> = self.list(listing).await?;
        Ok(rows.into_iter().map(AccountDay::from).collect())
    }
}
