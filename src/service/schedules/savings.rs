//! What time off has saved so far: from the book of days, and what is off just now.

use crate::{
    app::App,
    db::{DayFilter, DayOff, OffSum, ResourceOff, ScheduledFilter},
    domain::{
        money::MicroUsd,
        schedule::{
            ScheduledResource, Target,
            cost::{Coverage, saved},
        },
    },
    error::Error,
    op::OpCx,
};
use jiff::{Timestamp, civil::Date, tz::TimeZone};

const PAGE: u32 = 1_000;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavingsReport {
    pub days: Vec<DayOff>,
    pub total: OffSum,
    /// Off at this moment, since it was written down last: not in the days yet, and not in the total.
    pub open: OffSum,
    pub open_count: usize,
}

pub async fn sum_savings(app: &App, cx: &OpCx, filter: &DayFilter) -> Result<SavingsReport, Error> {
    check(filter)?;
    let days = app.database.scoped(&cx.scope).sum_off_by_day(filter).await?;
    let total = days.iter().fold(OffSum::default(), |sum, day| added(sum, day.sum));
    let (open, open_count) =
        if filter.to >= today(cx.now) { sum_open(app, cx, filter).await? } else { Default::default() };
    Ok(SavingsReport { days, total, open, open_count })
}

/// By the resource, in the order of their keys.
pub async fn list_savings(
    app: &App,
    cx: &OpCx,
    filter: &DayFilter,
    after: Option<&Target>,
    limit: u32,
) -> Result<Vec<ResourceOff>, Error> {
    check(filter)?;
    Ok(app.database.scoped(&cx.scope).sum_off_by_resource(filter, after, limit).await?)
}

fn check(filter: &DayFilter) -> Result<(), Error> {
    if filter.to < filter.from {
        return Err(Error::invalid_field("to", "use a day that is not before `from`"));
    }
    Ok(())
}

fn today(now: Timestamp) -> Date {
    now.to_zoned(TimeZone::UTC).date()
}

async fn sum_open(app: &App, cx: &OpCx, filter: &DayFilter) -> Result<(OffSum, usize), Error> {
    let db = app.database.scoped(&cx.scope);
    let wanted = ScheduledFilter {
        account: filter.account,
        schedule: filter.schedule.clone(),
        off: Some(true),
        with_gone: true,
        ..ScheduledFilter::default()
    };
    let (mut sum, mut count, mut after) = (OffSum::default(), 0, None);
    loop {
        let page = db.list_scheduled(&wanted, after.as_ref(), PAGE).await?;
        for resource in &page {
            sum = added(sum, open_of(resource, cx.now));
        }
        count += page.len();
        if u32::try_from(page.len()).is_ok_and(|count| count < PAGE) {
            return Ok((sum, count));
        }
        after = page.last().map(|resource| resource.observed.target.clone());
    }
}

fn open_of(resource: &ScheduledResource, now: Timestamp) -> OffSum {
    let Some(off) = resource.off else { return OffSum::default() };
    let seconds = now.duration_since(off.since).as_secs().max(0);
    let counted = |coverage| if off.coverage == coverage { seconds } else { 0 };
    OffSum {
        seconds_off: seconds,
        saved: off.price.map_or(MicroUsd::ZERO, |price| saved(seconds, price, off.coverage).amount),
        covered_seconds: counted(Coverage::Covered),
        unknown_seconds: counted(Coverage::Unknown),
        unpriced_seconds: if off.price.is_none() { seconds } else { 0 },
    }
}

fn added(one: OffSum, other: OffSum) -> OffSum {
    OffSum {
        seconds_off: one.seconds_off + other.seconds_off,
        saved: one.saved + other.saved,
        covered_seconds: one.covered_seconds + other.covered_seconds,
        unknown_seconds: one.unknown_seconds + other.unknown_seconds,
        unpriced_seconds: one.unpriced_seconds + other.unpriced_seconds,
    }
}
