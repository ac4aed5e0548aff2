//! What time off saved: sums over the book of days, by the day and by the resource.
//!
//! Apart stands what is worth nothing or not known: hours that a commitment covers, hours of unknown coverage,
//! hours without a price.

use super::{
    error::DbError,
    handle::OrgDb,
    schedule_day::DayFilter,
    scheduled_resource::{begin_behind, target_of},
    stmt::statements,
    time,
    value::values,
};
use crate::domain::{ids::AccountId, money::MicroUsd, schedule::Target};
use chrono::NaiveDate;
use jiff::civil::Date;

statements! {
    scoped BY_DAY { "SELECT day, COUNT(*) AS resources, CAST(SUM(seconds_off) AS SIGNED) AS seconds_off, CAST(SUM(saved) AS SIGNED) AS saved, CAST(SUM(CASE WHEN coverage = 'covered' THEN seconds_off ELSE 0 END) AS SIGNED) AS covered, CAST(SUM(CASE WHEN coverage = 'unknown' THEN seconds_off ELSE 0 END) AS SIGNED) AS unknown, CAST(SUM(CASE WHEN price_micro_usd IS NULL THEN seconds_off ELSE 0 END) AS SIGNED) AS unpriced FROM schedule_day WHERE org_id = ? GROUP BY day ORDER BY day" }
    scoped BY_ACCOUNT { "SELECT account_id, CAST(SUM(saved) AS SIGNED) AS saved FROM schedule_day WHERE org_id = ? GROUP BY account_id ORDER BY account_id" }
    scoped BY_RESOURCE { "SELECT account_id, region, kind, resource_id, MAX(schedule_name) AS schedule_name, COUNT(*) AS days, CAST(SUM(seconds_off) AS SIGNED) AS seconds_off, CAST(SUM(saved) AS SIGNED) AS saved, CAST(SUM(CASE WHEN coverage = 'covered' THEN seconds_off ELSE 0 END) AS SIGNED) AS covered, CAST(SUM(CASE WHEN coverage = 'unknown' THEN seconds_off ELSE 0 END) AS SIGNED) AS unknown, CAST(SUM(CASE WHEN price_micro_usd IS NULL THEN seconds_off ELSE 0 END) AS SIGNED) AS unpriced FROM schedule_day WHERE org_id = ? GROUP BY account_id, region, kind, resource_id ORDER BY account_id, region, kind, resource_id LIMIT ?" }
}

/// Time off and its worth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OffSum {
    pub seconds_off: i64,
    pub saved: MicroUsd,
    /// Paid for anyway: counted, and worth nothing.
    pub covered_seconds: i64,
    /// Valued at the list price: at most that much.
    pub unknown_seconds: i64,
    /// Without a price: counted, and worth nothing.
    pub unpriced_seconds: i64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayOff {
    pub day: Date,
    pub resources: i64,
    pub sum: OffSum,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceOff {
    pub target: Target,
    pub schedule_name: Option<String>,
    pub days: i64,
    pub sum: OffSum,
}

#[derive(sqlx::FromRow)]
struct SumRow {
    seconds_off: i64,
    saved: i64,
    covered: i64,
    unknown: i64,
    unpriced: i64,
}

#[derive(sqlx::FromRow)]
struct DayRow {
    day: NaiveDate,
    resources: i64,
    #[sqlx(flatten)]
    sum: SumRow,
}

#[derive(sqlx::FromRow)]
struct ResourceRow {
    account_id: i64,
    region: String,
    kind: String,
    resource_id: String,
    schedule_name: Option<String>,
    days: i64,
    #[sqlx(flatten)]
    sum: SumRow,
}

impl From<SumRow> for OffSum {
    fn from(row: SumRow) -> Self {
        Self {
            seconds_off: row.seconds_off,
            saved: MicroUsd::new(row.saved),
            covered_seconds: row.covered,
            unknown_seconds: row.unknown,
            unpriced_seconds: row.unpriced,
        }
    }
}

impl OrgDb<'_> {
    pub async fn sum_off_by_day(&self, filter: &DayFilter) -> Result<Vec<DayOff>, DbError> {
        let mut listing = self.listing(BY_DAY);
        self.narrow_days(&mut listing, filter);
        let rows: Vec<DayRow> = self.list(listing).await?;
        let of = |row: DayRow| DayOff {
            day: time::date_from_db(row.day),
            resources: row.resources,
            sum: row.sum.into(),
        };
        Ok(rows.into_iter().map(of).collect())
    }

    /// The worth alone.
    pub async fn sum_off_by_account(
        &self,
        filter: &DayFilter,
    ) -> Result<Vec<(AccountId, MicroUsd)>, DbError> {
        let mut listing = self.listing(BY_ACCOUNT);
        self.narrow_days(&mut listing, filter);
        let rows: Vec<(i64, i64)> = self.list(listing).await?;
        let of = |(account, saved)| (AccountId::from_i64(account), MicroUsd::new(saved));
        Ok(rows.into_iter().map(of).collect())
    }

    /// In the order of their keys; `after` is the last one of the page before.
    pub async fn sum_off_by_resource(
        &self,
        filter: &DayFilter,
        after: Option<&Target>,
        limit: u32,
    ) -> Result<Vec<ResourceOff>, DbError> {
        let mut listing = self.listing(BY_RESOURCE);
        self.narrow_days(&mut listing, filter);
        if let Some(after) = after {
            begin_behind(&mut listing, after);
        }
        // The LIMIT stands in the statement, behind the groups.
        listing.then("", values![limit]);
        let rows: Vec<ResourceRow> = self.list(listing).await?;
        let of = |row: ResourceRow| {
            let what = "schedule_day.region";
            let target = target_of(row.account_id, &row.region, &row.kind, row.resource_id, what)?;
            let (schedule_name, days, sum) = (row.schedule_name, row.days, row.sum.into());
            Ok(ResourceOff { target, schedule_name, days, sum })
        };
        rows.into_iter().map(of).collect()
    }
}
