//! Time off by the day (UTC) and what it saved: kept for good, for the savings ledger.

use super::{
    dynamic::Listing,
    error::DbError,
    handle::OrgDb,
    pool::Engine,
    scheduled_resource::{cut, target_of},
    stmt::{Scoped, statements},
    time,
    value::{Value, values},
};
use crate::domain::{
    ids::AccountId,
    money::MicroUsd,
    schedule::{ScheduleDay, Target},
};
use chrono::NaiveDate;
use jiff::civil::Date;

statements! {
    scoped ADD {
        sqlite: "INSERT INTO schedule_day (org_id, account_id, region, kind, resource_id, day, schedule_name, seconds_off, saved, price_micro_usd, coverage, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (org_id, account_id, region, kind, resource_id, day) DO UPDATE SET schedule_name = excluded.schedule_name, seconds_off = schedule_day.seconds_off + excluded.seconds_off, saved = schedule_day.saved + excluded.saved, price_micro_usd = excluded.price_micro_usd, coverage = excluded.coverage, updated_at = excluded.updated_at",
        mysql: "INSERT INTO schedule_day (org_id, account_id, region, kind, resource_id, day, schedule_name, seconds_off, saved, price_micro_usd, coverage, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON DUPLICATE KEY UPDATE schedule_name = VALUES(schedule_name), seconds_off = seconds_off + VALUES(seconds_off), saved = saved + VALUES(saved), price_micro_usd = VALUES(price_micro_usd), coverage = VALUES(coverage), updated_at = VALUES(updated_at)"
    }
    scoped LIST { "SELECT account_id, region, kind, resource_id, day, schedule_name, seconds_off, saved, price_micro_usd, coverage, updated_at FROM schedule_day WHERE org_id = ?" }
    scoped SUM { "SELECT day, COUNT(*) AS resources, CAST(SUM(seconds_off) AS SIGNED) AS seconds_off, CAST(SUM(saved) AS SIGNED) AS saved FROM schedule_day WHERE org_id = ? GROUP BY day ORDER BY day" }
}

/// For `scheduler_book`.
pub(super) const ADD_DAY: Scoped = ADD;

/// Days from the first to the last, both included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayFilter {
    pub from: Date,
    pub to: Date,
    pub account: Option<AccountId>,
    pub schedule: Option<String>,
    pub target: Option<Target>,
}

/// The last one of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayCursor {
    pub day: Date,
    pub target: Target,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DaySum {
    pub day: Date,
    pub resources: u64,
    pub seconds_off: i64,
    pub saved: MicroUsd,
}

#[derive(sqlx::FromRow)]
struct DayRow {
    account_id: i64,
    region: String,
    kind: String,
    resource_id: String,
    day: NaiveDate,
    schedule_name: Option<String>,
    seconds_off: i64,
    saved: i64,
    price_micro_usd: Option<i64>,
    coverage: String,
    updated_at: chrono::DateTime<chrono::Utc>,
}

impl TryFrom<DayRow> for ScheduleDay {
    type Error = DbError;
    fn try_from(row: DayRow) -> Result<Self, DbError> {
        Ok(Self {
            target: target_of(
                row.account_id,
                &row.region,
                &row.kind,
                row.resource_id,
                "schedule_day.region",
            )?,
            day: time::date_from_db(row.day),
            schedule_name: row.schedule_name,
            seconds_off: row.seconds_off,
            saved: MicroUsd::new(row.saved),
            price: row.price_micro_usd.map(MicroUsd::new),
            coverage: row.coverage.parse().map_err(|()| DbError::Corrupt("schedule_day.coverage"))?,
            updated_at: time::from_db(row.updated_at),
        })
    }
}

pub(super) fn row_of(day: &ScheduleDay) -> Vec<Value> {
    let Target { account, region, kind, id } = &day.target;
    values![
        *account,
        region,
        *kind,
        &**id,
        day.day,
        day.schedule_name.as_deref().map(|name| cut(name, 256)),
        day.seconds_off,
        day.saved,
        day.price,
        day.coverage,
        day.updated_at,
    ]
}

impl OrgDb<'_> {
    /// In the order of days, then of resources; `after` is the last one of the page before.
    pub async fn list_schedule_days(
        &self,
        filter: &DayFilter,
        after: Option<&DayCursor>,
        limit: u32,
    ) -> Result<Vec<ScheduleDay>, DbError> {
        let mut listing = self.listing(LIST);
        self.narrow_days(&mut listing, filter);
        if let Some(after) = after {
            begin_behind(&mut listing, after);
        }
        listing.then(" ORDER BY day, account_id, region, kind, resource_id LIMIT ?", values![limit]);
        let rows: Vec<DayRow> = self.list(listing).await?;
        rows.into_iter().map(ScheduleDay::try_from).collect()
    }

    /// By the day. What is off just now is counted up to the last midnight (UTC): see `list_scheduled` with `off`.
    pub async fn sum_schedule_days(&self, filter: &DayFilter) -> Result<Vec<DaySum>, DbError> {
        let mut listing = self.listing(SUM);
        self.narrow_days(&mut listing, filter);
        let rows: Vec<(NaiveDate, i64, i64, i64)> = self.list(listing).await?;
        let sum = |(day, resources, seconds_off, saved)| DaySum {
            day: time::date_from_db(day),
            resources: u64::try_from(resources).unwrap_or_default(),
            seconds_off,
            saved: MicroUsd::new(saved),
        };
        Ok(rows.into_iter().map(sum).collect())
    }

    pub(super) fn narrow_days(&self, listing: &mut Listing, filter: &DayFilter) {
        listing.and("day >= ? AND day <= ?", values![filter.from, filter.to]);
        listing.and_equal("account_id = ?", filter.account);
        listing.and_visible("account_id", self.access());
        listing.and_equal("schedule_name = ?", filter.schedule.as_ref());
        if let Some(Target { account, region, kind, id }) = &filter.target {
            listing.and(
                "account_id = ? AND region = ? AND kind = ? AND resource_id = ?",
                values![*account, region, *kind, &**id],
            );
        }
    }
}

fn begin_behind(listing: &mut Listing, DayCursor { day, target }: &DayCursor) {
    let Target { account, region, kind, id } = target;
    if listing.engine() == Engine::Sqlite {
        let behind = "(day, account_id, region, kind, resource_id) > (?, ?, ?, ?, ?)";
        listing.and(behind, values![*day, *account, region, *kind, &**id]);
    } else {
        listing.and(
            "day >= ? AND (day > ? OR account_id > ? OR account_id = ? AND (region > ? OR region = ? AND (kind > ? OR kind = ? AND resource_id > ?)))",
            values![*day, *day, *account, *account, region, region, *kind, *kind, &**id],
        );
    }
}
