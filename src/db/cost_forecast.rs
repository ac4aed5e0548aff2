//! What AWS expects the running month to cost, beside what its days have cost so far. Written by scans.

use super::{error::DbError, handle::OrgDb, stmt::statements, time, value::values};
use crate::domain::{billing::Forecast, ids::AccountId, money::MicroUsd};
use chrono::NaiveDate;
use jiff::civil::Date;

statements! {
    scoped LIST { "SELECT r.account_id, r.from_day, r.until_day, r.amount, (SELECT CAST(COALESCE(SUM(c.amount), 0) AS SIGNED) FROM daily_cost c WHERE c.org_id = r.org_id AND c.account_id = r.account_id AND c.day >= r.month_day AND c.day < r.from_day) AS spent FROM cost_forecast r WHERE r.org_id = ?" }
}

/// How a month of an account is going.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccountForecast {
    pub account: AccountId,
    pub forecast: Forecast,
    /// From the first of the month to the day before the forecast begins.
    pub spent: MicroUsd,
}

#[derive(sqlx::FromRow)]
struct ForecastRow {
    account_id: i64,
    from_day: NaiveDate,
    until_day: NaiveDate,
    amount: i64,
    spent: i64,
}

impl From<ForecastRow> for AccountForecast {
    fn from(row: ForecastRow) -> Self {
        Self {
            account: AccountId::from_i64(row.account_id),
            forecast: Forecast {
                from: time::date_from_db(row.from_day),
                until: time::date_from_db(row.until_day),
                amount: MicroUsd::new(row.amount),
            },
            spent: MicroUsd::new(row.spent),
        }
    }
}

impl OrgDb<'_> {
    /// By account; a month that has ended has no forecast any more.
    pub async fn list_forecasts(
        &self,
        account: Option<AccountId>,
        today: Date,
    ) -> Result<Vec<AccountForecast>, DbError> {
        let mut listing = self.listing(LIST);
        listing.and("r.until_day > ?", values![today]);
        listing.and_equal("r.account_id = ?", account);
        listing.and_visible("r.account_id", self.access());
        listing.then(" ORDER BY r.account_id", []);
        let rows: Vec<ForecastRow> = self.list(listing).await?;
        Ok(rows.into_iter().map(AccountForecast::from).collect())
    }
}
