//! Days of the savings ledger, summed for people. Written by the scan that confirms them.

use super::{
    error::DbError,
    handle::OrgDb,
    stmt::{Scoped, statements},
    time,
    value::values,
};
use crate::domain::{
    ids::{AccountId, UserId},
    money::MicroUsd,
};
use chrono::NaiveDate;
use jiff::civil::Date;
use uuid::Uuid;

statements! {
    scoped BY_DAY { "SELECT day, CAST(SUM(estimated) AS SIGNED) AS estimated, CAST(SUM(realised) AS SIGNED) AS realised FROM saving_day WHERE org_id = ? GROUP BY day ORDER BY day" }
    scoped BY_ACCOUNT { "SELECT account_id, CAST(SUM(estimated) AS SIGNED) AS estimated, CAST(SUM(realised) AS SIGNED) AS realised FROM saving_day WHERE org_id = ? GROUP BY account_id ORDER BY account_id" }
    scoped BY_USER { "SELECT implemented_by, CAST(SUM(estimated) AS SIGNED) AS estimated, CAST(SUM(realised) AS SIGNED) AS realised FROM saving_day WHERE org_id = ? GROUP BY implemented_by ORDER BY implemented_by" }
    scoped DELETE_ALL { "DELETE FROM saving_day WHERE org_id = ? AND account_id = ?" }
}

/// Of an account that goes.
pub(super) const DELETE_OF: Scoped = DELETE_ALL;

/// Days from the first to the last, both included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavingFilter {
    pub from: Date,
    pub to: Date,
    pub account: Option<AccountId>,
    pub implemented_by: Option<UserId>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SavingGrouping {
    Day,
    Account,
    User,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SavingKey {
    Day(Date),
    Account(AccountId),
    User(UserId),
}

/// What was promised for some days, and what came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SavingSum {
    pub key: SavingKey,
    pub estimated: MicroUsd,
    pub realised: MicroUsd,
}

impl SavingSum {
    fn of(key: SavingKey, estimated: i64, realised: i64) -> Self {
        Self { key, estimated: MicroUsd::new(estimated), realised: MicroUsd::new(realised) }
    }
}

impl OrgDb<'_> {
    /// In the order of the keys.
    pub async fn sum_saving_days(
        &self,
        filter: &SavingFilter,
        grouping: SavingGrouping,
    ) -> Result<Vec<SavingSum>, DbError> {
        let mut listing = self.listing(match grouping {
            SavingGrouping::Day => BY_DAY,
            SavingGrouping::Account => BY_ACCOUNT,
            SavingGrouping::User => BY_USER,
        });
        listing.and("day >= ? AND day <= ?", values![filter.from, filter.to]);
        listing.and_equal("account_id = ?", filter.account);
        listing.and_visible("account_id", self.access());
        listing.and_equal("implemented_by = ?", filter.implemented_by);
        Ok(match grouping {
            SavingGrouping::Day => {
                let rows: Vec<(NaiveDate, i64, i64)> = self.list(listing).await?;
                let key = |day| SavingKey::Day(time::date_from_db(day));
                rows.into_iter().map(|(day, e, r)| SavingSum::of(key(day), e, r)).collect()
            }
            SavingGrouping::Account => {
                let rows: Vec<(i64, i64, i64)> = self.list(listing).await?;
                let key = |number| SavingKey::Account(AccountId::from_i64(number));
                rows.into_iter().map(|(number, e, r)| SavingSum::of(key(number), e, r)).collect()
            }
            SavingGrouping::User => {
                let rows: Vec<(Uuid, i64, i64)> = self.list(listing).await?;
                let key = |user| SavingKey::User(UserId::from_uuid(user));
                rows.into_iter().map(|(user, e, r)| SavingSum::of(key(user), e, r)).collect()
            }
        })
    }
}
