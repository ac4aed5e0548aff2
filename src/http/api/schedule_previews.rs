//! `/schedules/{scheduleId}/preview` and `/schedules/preview`: what a schedule would do, to whom, and its worth.

use crate::{
    app::App,
    domain::{
        ids::{AccountId, ScheduleId},
        money::{MicroUsd, UnitPrice},
        price::PriceSource,
        region::Region,
        schedule::{Change, Desired, TargetKind},
    },
    error::Error,
    http::{
        access::{Access, needs},
        api::{hours::hours, texts::AccountIdText},
        json::Json,
        routes::{Routes, routes},
    },
    service::{
        object,
        schedules::{self, PreviewedResource, ScheduleDocument, SchedulePreview, Span},
    },
};
use actix_web::web;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChangeView {
    #[schema(value_type = String, format = "date-time")]
    at: Timestamp,
    state: Desired,
}

impl From<Change> for ChangeView {
    fn from(change: Change) -> Self {
        Self { at: change.at, state: change.state }
    }
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PreviewView {
    #[schema(value_type = String, format = "date-time")]
    from: Timestamp,
    #[schema(value_type = String, format = "date-time")]
    to: Timestamp,
    /// The state at `from`, then each change until `to`: at most 5,000.
    changes: Vec<ChangeView>,
    more_changes: bool,
    /// In the time asked for.
    #[schema(example = "411.50")]
    hours_off: String,
    #[schema(example = "672.00")]
    hours: String,
    /// In a month of 730 hours, from a whole year where the time asked for is shorter than four weeks.
    #[schema(example = "447.32")]
    hours_off_per_month: String,
    #[schema(example = "282.68")]
    hours_on_per_month: String,
    /// Calendars that it names and that are not there: it would not be followed.
    unknown_calendars: Vec<String>,
    #[schema(example = "USD")]
    currency_code: &'static str,
    /// At list price, of the resources that can be valued. Hours that a Savings Plan or a reservation covers are
    /// paid for anyway.
    #[schema(value_type = String, example = "123.45")]
    estimated_monthly_savings: MicroUsd,
    resource_count: usize,
    /// Followers without a known price: not in the sum.
    unpriced_count: usize,
    /// Followers that are never started or stopped: not in the sum.
    ineligible_count: usize,
    /// At most 500 of them.
    resources: Vec<PreviewedView>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PreviewedView {
    #[schema(value_type = AccountIdText)]
    account_id: AccountId,
    #[schema(value_type = String)]
    region: Region,
    kind: TargetKind,
    resource_id: String,
    name: Option<String>,
    /// Why it is never started or stopped.
    ineligible: Option<String>,
    /// Null: not known.
    #[schema(value_type = Option<String>, example = "0.096")]
    hourly_price: Option<UnitPrice>,
    price_source: Option<PriceSource>,
    #[schema(value_type = Option<String>)]
    estimated_monthly_savings: Option<MicroUsd>,
}

impl From<PreviewedResource> for PreviewedView {
    fn from(previewed: PreviewedResource) -> Self {
        let PreviewedResource { resource, an_hour, saved_a_month } = previewed;
        let observed = resource.observed;
        Self {
            account_id: observed.target.account,
            region: observed.target.region,
            kind: observed.target.kind,
            resource_id: observed.target.id.into(),
            name: observed.name.map(Into::into),
            ineligible: resource.ineligible,
            hourly_price: an_hour.map(|price| price.amount),
            price_source: an_hour.map(|price| price.source),
            estimated_monthly_savings: saved_a_month,
        }
    }
}

const SECONDS_A_MONTH: i64 = 730 * 3600;

impl From<SchedulePreview> for PreviewView {
    fn from(preview: SchedulePreview) -> Self {
        let off = preview.hours.seconds_off_a_month();
        Self {
            from: preview.from,
            to: preview.to,
            changes: preview.changes.into_iter().map(ChangeView::from).collect(),
            more_changes: preview.more_changes,
            hours_off: hours(preview.hours.span.seconds_off),
            hours: hours(preview.hours.span.seconds),
            hours_off_per_month: hours(off),
            hours_on_per_month: hours(SECONDS_A_MONTH - off),
            unknown_calendars: preview.unknown_calendars,
            currency_code: "USD",
            estimated_monthly_savings: preview.saved_a_month,
            resource_count: preview.resource_count,
            unpriced_count: preview.unpriced_count,
            ineligible_count: preview.ineligible_count,
            resources: preview.resources.into_iter().map(PreviewedView::from).collect(),
        }
    }
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PreviewQuery {
    /// Absent: now
    #[param(value_type = Option<String>, format = "date-time")]
    from: Option<Timestamp>,
    /// Absent: 28 days after `from`; at most 366
    #[param(value_type = Option<String>, format = "date-time")]
    to: Option<Timestamp>,
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PreviewBody {
    #[serde(deserialize_with = "object::one")]
    schedule: ScheduleDocument,
    /// Absent: now.
    #[schema(value_type = Option<String>, format = "date-time")]
    from: Option<Timestamp>,
    /// Absent: 28 days after `from`; at most 366.
    #[schema(value_type = Option<String>, format = "date-time")]
    to: Option<Timestamp>,
}

/// With the overrides of the schedule, and without those of single resources.
#[utoipa::path(get, path = "/api/v1/schedules/{scheduleId}/preview", tag = "scheduler",
    params(("scheduleId" = String, Path), PreviewQuery), responses((status = 200, body = PreviewView)))]
async fn preview_schedule(
    access: Access<needs::ViewSavings>,
    app: web::Data<App>,
    id: web::Path<ScheduleId>,
    query: web::Query<PreviewQuery>,
) -> Result<Json<PreviewView>, Error> {
    let PreviewQuery { from, to } = query.into_inner();
    let preview = schedules::preview_schedule(&app, &access.cx, *id, Span { from, to }).await?;
    Ok(Json(preview.into()))
}

/// What if: nothing is kept. The resources are those that follow the schedule of that name now.
#[utoipa::path(post, path = "/api/v1/schedules/preview", tag = "scheduler", request_body = PreviewBody,
    responses((status = 200, body = PreviewView)))]
async fn preview_document(
    access: Access<needs::ViewSavings>,
    app: web::Data<App>,
    Json(body): Json<PreviewBody>,
) -> Result<Json<PreviewView>, Error> {
    let PreviewBody { schedule, from, to } = body;
    let preview = schedules::preview_document(&app, &access.cx, &schedule, Span { from, to }).await?;
    Ok(Json(preview.into()))
}

pub fn routes() -> Routes {
    routes![preview_schedule, preview_document]
}
