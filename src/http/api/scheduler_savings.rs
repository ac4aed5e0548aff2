//! `/scheduler/savings`: hours off and their worth, by the day and by the resource.

use super::scheduled_resources::ResourceCursor;
use crate::{
    app::App,
    domain::{finding::SavingsBasis, ids::AccountId, money::MicroUsd, region::Region, schedule::TargetKind},
    error::Error,
    http::{
        access::{Access, needs},
        api::{
            filters::{blank, day, one_more},
            hours::hours,
            texts::AccountIdText,
        },
        json::Json,
        paging::{Cursor, Limit, Page},
        routes::{Routes, routes},
    },
    service::schedules::{self, DayFilter, OffSum, ResourceOff},
};
use actix_web::web;
use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Hours off, and what is honest to say of them.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TimeOffView {
    #[schema(example = "96.50")]
    hours_off: String,
    #[schema(value_type = String, example = "12.34")]
    savings: MicroUsd,
    /// `upperBound` where nobody knows whether commitments cover some of the hours.
    savings_basis: SavingsBasis,
    /// Paid for anyway by a Savings Plan or a reservation: worth nothing.
    covered_hours_off: String,
    /// Valued at the list price.
    unknown_coverage_hours_off: String,
    /// Without a known price: worth nothing here.
    unpriced_hours_off: String,
}

impl From<OffSum> for TimeOffView {
    fn from(sum: OffSum) -> Self {
        let exact = sum.unknown_seconds == 0;
        Self {
            hours_off: hours(sum.seconds_off),
            savings: sum.saved,
            savings_basis: if exact { SavingsBasis::Exact } else { SavingsBasis::UpperBound },
            covered_hours_off: hours(sum.covered_seconds),
            unknown_coverage_hours_off: hours(sum.unknown_seconds),
            unpriced_hours_off: hours(sum.unpriced_seconds),
        }
    }
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SchedulerSavingsView {
    #[schema(value_type = String, format = "date")]
    from: Date,
    #[schema(value_type = String, format = "date")]
    to: Date,
    #[schema(example = "USD")]
    currency_code: &'static str,
    /// Of the days.
    total: TimeOffView,
    /// Off at this moment and not written down yet: in neither the days nor the total.
    open: TimeOffView,
    open_resource_count: usize,
    days: Vec<DayView>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DayView {
    /// In UTC.
    #[schema(value_type = String, format = "date")]
    day: Date,
    resource_count: i64,
    #[serde(flatten)]
    off: TimeOffView,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ResourceSavingsView {
    #[schema(value_type = AccountIdText)]
    account_id: AccountId,
    #[schema(value_type = String)]
    region: Region,
    kind: TargetKind,
    resource_id: String,
    schedule_name: Option<String>,
    /// Days on which it was off for some time.
    day_count: i64,
    #[serde(flatten)]
    off: TimeOffView,
}

impl From<ResourceOff> for ResourceSavingsView {
    fn from(found: ResourceOff) -> Self {
        Self {
            account_id: found.target.account,
            region: found.target.region,
            kind: found.target.kind,
            resource_id: found.target.id.into(),
            schedule_name: found.schedule_name,
            day_count: found.days,
            off: found.sum.into(),
        }
    }
}

#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SchedulerSavingsQuery {
    /// First day (UTC), YYYY-MM-DD; 30 days ago by default
    from: Option<String>,
    /// Last day (UTC), YYYY-MM-DD; today by default
    to: Option<String>,
    account_id: Option<String>,
    /// A schedule's name
    schedule: Option<String>,
}

#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ResourceSavingsQuery {
    /// First day (UTC), YYYY-MM-DD; 30 days ago by default
    from: Option<String>,
    /// Last day (UTC), YYYY-MM-DD; today by default
    to: Option<String>,
    account_id: Option<String>,
    /// A schedule's name
    schedule: Option<String>,
    #[serde(default)]
    #[param(inline)]
    limit: Limit,
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor<ResourceCursor>>,
}

/// Which days and resources are meant.
struct Narrowed<'a> {
    from: Option<&'a str>,
    to: Option<&'a str>,
    account: Option<&'a str>,
    schedule: Option<&'a str>,
}

impl Narrowed<'_> {
    fn filter(&self, now: Timestamp) -> Result<DayFilter, Error> {
        let today = now.to_zoned(TimeZone::UTC).date();
        Ok(DayFilter {
            from: day("from", self.from)?.unwrap_or_else(|| today.saturating_sub(30.days())),
            to: day("to", self.to)?.unwrap_or(today),
            account: blank(self.account).map(str::parse).transpose()?,
            schedule: blank(self.schedule).map(str::to_owned),
            target: None,
        })
    }
}

/// By the day, for the accounts that you see.
#[utoipa::path(get, path = "/api/v1/scheduler/savings", tag = "scheduler", params(SchedulerSavingsQuery),
    responses((status = 200, body = SchedulerSavingsView)))]
async fn get_scheduler_savings(
    access: Access<needs::ViewSavings>,
    app: web::Data<App>,
    query: web::Query<SchedulerSavingsQuery>,
) -> Result<Json<SchedulerSavingsView>, Error> {
    let narrowed = Narrowed {
        from: query.from.as_deref(),
        to: query.to.as_deref(),
        account: query.account_id.as_deref(),
        schedule: query.schedule.as_deref(),
    };
    let filter = narrowed.filter(access.cx.now)?;
    let report = schedules::sum_savings(&app, &access.cx, &filter).await?;
    Ok(Json(SchedulerSavingsView::of(&filter, report)))
}

impl SchedulerSavingsView {
    /// For a table: the days, what is open, and the total of the days.
    pub(crate) fn rows(&self) -> Vec<[String; 5]> {
        let row = |day: String, count: String, off: &TimeOffView| {
            [day, count, off.hours_off.clone(), off.savings.to_cents(), off.savings_basis.to_string()]
        };
        let days =
            self.days.iter().map(|day| row(day.day.to_string(), day.resource_count.to_string(), &day.off));
        let open = row("off just now".to_owned(), self.open_resource_count.to_string(), &self.open);
        days.chain([open, row("total of the days".to_owned(), String::new(), &self.total)]).collect()
    }

    pub(crate) fn of(filter: &DayFilter, report: schedules::SavingsReport) -> Self {
        let days = report.days.into_iter().map(|day| DayView {
            day: day.day,
            resource_count: day.resources,
            off: day.sum.into(),
        });
        Self {
            from: filter.from,
            to: filter.to,
            currency_code: "USD",
            total: report.total.into(),
            open: report.open.into(),
            open_resource_count: report.open_count,
            days: days.collect(),
        }
    }
}

/// By the resource, for the accounts that you see. What is off at this moment is written down later.
#[utoipa::path(get, path = "/api/v1/scheduler/savings/resources", tag = "scheduler",
    params(ResourceSavingsQuery), responses((status = 200, body = Page<ResourceSavingsView>)))]
async fn list_scheduler_savings(
    access: Access<needs::ViewSavings>,
    app: web::Data<App>,
    query: web::Query<ResourceSavingsQuery>,
) -> Result<Json<Page<ResourceSavingsView>>, Error> {
    let query = query.into_inner();
    let narrowed = Narrowed {
        from: query.from.as_deref(),
        to: query.to.as_deref(),
        account: query.account_id.as_deref(),
        schedule: query.schedule.as_deref(),
    };
    let filter = narrowed.filter(access.cx.now)?;
    let after = query.cursor.map(|cursor| cursor.0.into_target());
    let count = one_more(query.limit);
    let all = schedules::list_savings(&app, &access.cx, &filter, after.as_ref(), count).await?;
    let page = Page::cut(all, query.limit, |last: &ResourceOff| ResourceCursor::of(&last.target));
    let items = page.items.into_iter().map(ResourceSavingsView::from).collect();
    Ok(Json(Page { items, next_cursor: page.next_cursor }))
}

pub fn routes() -> Routes {
    routes![get_scheduler_savings, list_scheduler_savings]
}
