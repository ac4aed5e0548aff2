//! What was spent, day by day or summed.

use super::{
    dynamic::Listing,
    error::DbError,
    handle::OrgDb,
    stmt::{Scoped, statements},
    time,
    value::values,
};
use crate::domain::{
    cost::{DailyCost, ForeignAmount},
    ids::AccountId,
    money::MicroUsd,
};
use chrono::NaiveDate;
use jiff::civil::Date;

statements! {
    scoped DAILY { "SELECT day, service, amount FROM daily_cost WHERE org_id = ? AND account_id = ? AND day >= ? AND day <= ? ORDER BY day, service" }
    scoped BY_SERVICE { "SELECT service AS name, CAST(SUM(amount) AS SIGNED) AS amount FROM daily_cost WHERE org_id = ? GROUP BY service ORDER BY amount DESC, name" }
    scoped BY_ACCOUNT { "SELECT account_id AS name, CAST(SUM(amount) AS SIGNED) AS amount FROM daily_cost WHERE org_id = ? GROUP BY account_id ORDER BY amount DESC, name" }
    scoped BY_DAY { "SELECT day AS name, CAST(SUM(amount) AS SIGNED) AS amount FROM daily_cost WHERE org_id = ? GROUP BY day ORDER BY name" }
    scoped BY_CURRENCY { "SELECT currency AS name, CAST(SUM(amount) AS SIGNED) AS amount FROM foreign_cost WHERE org_id = ? GROUP BY currency ORDER BY name" }
}

/// Days from the first to the last, both included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CostFilter {
    pub from: Date,
    pub to: Date,
    pub account: Option<AccountId>,
    pub service: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CostGrouping {
    Service,
    Account,
    Day,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CostKey {
    Service(String),
    Account(AccountId),
    Day(Date),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CostSum {
    pub key: CostKey,
    pub amount: MicroUsd,
}

#[derive(sqlx::FromRow)]
struct DailyRow {
    day: NaiveDate,
    service: String,
    amount: i64,
}

impl OrgDb<'_> {
    /// One account's costs as Cost Explorer gave them.
    pub async fn list_daily_costs(
        &self,
        account: AccountId,
        from: Date,
        to: Date,
    ) -> Result<Vec<DailyCost>, DbError> {
        self.require(account, super::account::WHAT)?;
        let rows: Vec<DailyRow> = self.fetch_all(DAILY, values![account, from, to]).await?;
        let cost = |row: DailyRow| DailyCost {
            day: time::date_from_db(row.day),
            service: row.service,
            amount: MicroUsd::new(row.amount),
        };
        Ok(rows.into_iter().map(cost).collect())
    }

    /// What is billed in other currencies than US dollars, each for itself.
    pub async fn sum_foreign_costs(&self, filter: &CostFilter) -> Result<Vec<ForeignAmount>, DbError> {
        let rows: Vec<(String, i64)> = self.list(self.filtered_costs(BY_CURRENCY, filter)).await?;
        let sum = |(currency, micros): (String, i64)| ForeignAmount { currency: currency.into(), micros };
        Ok(rows.into_iter().map(sum).collect())
    }

    fn filtered_costs(&self, text: Scoped, filter: &CostFilter) -> Listing {
        let mut listing = self.listing(text);
        listing.and("day >= ? AND day <= ?", values![filter.from, filter.to]);
        listing.and_equal("account_id = ?", filter.account);
        listing.and_visible("account_id", self.access());
        listing.and_equal("service = ?", filter.service.as_ref());
        listing
    }

    /// Days in their order; services and accounts with the dearest first.
    pub async fn sum_costs(
        &self,
        filter: &CostFilter,
        grouping: CostGrouping,
    ) -> Result<Vec<CostSum>, DbError> {
        let text = match grouping {
            CostGrouping::Service => BY_SERVICE,
            CostGrouping::Account => BY_ACCOUNT,
            CostGrouping::Day => BY_DAY,
        };
        let listing = self.filtered_costs(text, filter);
        let sum = |key, amount| CostSum { key, amount: MicroUsd::new(amount) };
        Ok(match grouping {
            CostGrouping::Service => {
                let rows: Vec<(String, i64)> = self.list(listing).await?;
                rows.into_iter().map(|(name, amount)| sum(CostKey::Service(name), amount)).collect()
            }
            CostGrouping::Account => {
                let rows: Vec<(i64, i64)> = self.list(listing).await?;
                let key = |number| CostKey::Account(AccountId::from_i64(number));
                rows.into_iter().map(|(number, amount)| sum(key(number), amount)).collect()
            }
            CostGrouping::Day => {
                let rows: Vec<(NaiveDate, i64)> = self.list(listing).await?;
                let key = |day| CostKey::Day(time::date_from_db(day));
                rows.into_iter().map(|(day, amount)| sum(key(day), amount)).collect()
            }
        })
    }
}
