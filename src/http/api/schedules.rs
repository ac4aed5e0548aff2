//! `/schedules`: made, read, replaced, held back, deleted.

use crate::{
    app::App,
    domain::ids::ScheduleId,
    error::{Error, FieldError},
    http::{
        access::{Access, needs},
        api::{
            filters::{NameCursor, one_more},
            texts::ReasonText,
        },
        audit::naming,
        json::Json,
        paging::{Cursor, Limit, Page},
        routes::{Routes, routes},
    },
    service::{
        object,
        schedules::{self, KeptSchedule, OptionsDocument, PeriodDocument, ScheduleDocument, Suspended},
    },
};
use actix_web::{HttpResponse, web};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ScheduleView {
    #[schema(value_type = String, format = Uuid)]
    schedule_id: ScheduleId,
    name: String,
    timezone: String,
    periods: Vec<PeriodDocument>,
    /// Names of calendars.
    holidays: Vec<String>,
    /// What was left out stands there with its default.
    options: OptionsDocument,
    /// Rises with each change. A PUT with it replaces no other one.
    revision: i64,
    suspended: Option<SuspendedView>,
    /// Why it is not followed at present: its time zone has left the server's data, say.
    problem: Option<FieldError>,
    /// When its meaning changed last: with itself, with a calendar, with the end of a suspension.
    #[schema(value_type = String, format = "date-time")]
    changed_at: Timestamp,
    #[schema(value_type = String, format = "date-time")]
    created_at: Timestamp,
    #[schema(value_type = String, format = "date-time")]
    updated_at: Timestamp,
    updated_by: String,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SuspendedView {
    reason: String,
    #[schema(value_type = String, format = "date-time")]
    since: Timestamp,
}

impl SuspendedView {
    fn of(suspended: Suspended) -> Self {
        Self { reason: suspended.reason, since: suspended.since }
    }
}

impl ScheduleView {
    pub(crate) fn of(kept: KeptSchedule) -> Result<Self, Error> {
        let problem = kept.schedule.err();
        let ScheduleDocument { name, timezone, periods, holidays, options } =
            serde_json::from_str(&kept.document).map_err(Error::internal)?;
        Ok(Self {
            schedule_id: kept.id,
            name,
            timezone,
            periods,
            holidays,
            options,
            revision: kept.revision,
            suspended: kept.suspended.map(SuspendedView::of),
            problem: problem.map(|error| FieldError { field: error.field, message: error.reason }),
            changed_at: kept.changed_at,
            created_at: kept.created_at,
            updated_at: kept.updated_at,
            updated_by: kept.updated_by,
        })
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReplaceScheduleBody {
    #[schema(min_length = 1, max_length = 128)]
    name: String,
    timezone: String,
    #[serde(deserialize_with = "object::list")]
    periods: Vec<PeriodDocument>,
    #[serde(default)]
    holidays: Vec<String>,
    #[serde(default, deserialize_with = "object::one")]
    options: OptionsDocument,
    /// The one that was read; absent: whatever it is at.
    revision: Option<i64>,
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SuspendBody {
    #[schema(value_type = ReasonText)]
    reason: String,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ScheduleQuery {
    #[serde(default)]
    #[param(inline)]
    limit: Limit,
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor<NameCursor>>,
}

#[utoipa::path(post, path = "/api/v1/schedules", tag = "scheduler", request_body = ScheduleDocument,
    responses((status = 201, body = ScheduleView)))]
async fn create_schedule(
    access: Access<needs::ManageScheduler>,
    app: web::Data<App>,
    Json(document): Json<ScheduleDocument>,
) -> Result<HttpResponse, Error> {
    let kept = schedules::create_schedule(&app, &access.cx, &document).await?;
    let id = kept.id.to_string();
    Ok(naming(HttpResponse::Created().json(ScheduleView::of(kept)?), id))
}

/// By name.
#[utoipa::path(get, path = "/api/v1/schedules", tag = "scheduler", params(ScheduleQuery),
    responses((status = 200, body = Page<ScheduleView>)))]
async fn list_schedules(
    access: Access<needs::ViewSavings>,
    app: web::Data<App>,
    query: web::Query<ScheduleQuery>,
) -> Result<Json<Page<ScheduleView>>, Error> {
    let ScheduleQuery { limit, cursor } = query.into_inner();
    let after = cursor.as_ref().map(|cursor| cursor.0.name.as_str());
    let all = schedules::list_schedules(&app, &access.cx, after, one_more(limit)).await?;
    let views = all.into_iter().map(ScheduleView::of).collect::<Result<Vec<_>, _>>()?;
    Ok(Json(Page::cut(views, limit, |last| NameCursor { name: last.name.clone() })))
}

#[utoipa::path(get, path = "/api/v1/schedules/{scheduleId}", tag = "scheduler",
    params(("scheduleId" = String, Path)), responses((status = 200, body = ScheduleView)))]
async fn get_schedule(
    access: Access<needs::ViewSavings>,
    app: web::Data<App>,
    id: web::Path<ScheduleId>,
) -> Result<Json<ScheduleView>, Error> {
    ScheduleView::of(schedules::get_schedule(&app, &access.cx, *id).await?).map(Json)
}

/// The same document changes nothing. A new name is a new tag value: resources that carry the old one follow
/// nothing until their tag is changed.
#[utoipa::path(put, path = "/api/v1/schedules/{scheduleId}", tag = "scheduler",
    params(("scheduleId" = String, Path)), request_body = ReplaceScheduleBody,
    responses((status = 200, body = ScheduleView)))]
async fn replace_schedule(
    access: Access<needs::ManageScheduler>,
    app: web::Data<App>,
    id: web::Path<ScheduleId>,
    Json(body): Json<ReplaceScheduleBody>,
) -> Result<Json<ScheduleView>, Error> {
    let ReplaceScheduleBody { name, timezone, periods, holidays, options, revision } = body;
    let document = ScheduleDocument { name, timezone, periods, holidays, options };
    let (kept, _) = schedules::replace_schedule(&app, &access.cx, *id, &document, revision).await?;
    ScheduleView::of(kept).map(Json)
}

/// One that is assigned or overridden is refused: its resources would silently follow nothing.
#[utoipa::path(delete, path = "/api/v1/schedules/{scheduleId}", tag = "scheduler",
    params(("scheduleId" = String, Path)), responses((status = 204)))]
async fn delete_schedule(
    access: Access<needs::ManageScheduler>,
    app: web::Data<App>,
    id: web::Path<ScheduleId>,
) -> Result<HttpResponse, Error> {
    schedules::delete_schedule(&app, &access.cx, *id).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Resources that follow it are left as they are. Suspended already, it keeps its first reason.
#[utoipa::path(post, path = "/api/v1/schedules/{scheduleId}/suspend", tag = "scheduler",
    params(("scheduleId" = String, Path)), request_body = SuspendBody,
    responses((status = 200, body = ScheduleView)))]
async fn suspend_schedule(
    access: Access<needs::ManageScheduler>,
    app: web::Data<App>,
    id: web::Path<ScheduleId>,
    Json(body): Json<SuspendBody>,
) -> Result<Json<ScheduleView>, Error> {
    let kept = schedules::suspend_schedule(&app, &access.cx, *id, &body.reason).await?;
    ScheduleView::of(kept).map(Json)
}

/// Its present state is applied at the next tick.
#[utoipa::path(post, path = "/api/v1/schedules/{scheduleId}/resume", tag = "scheduler",
    params(("scheduleId" = String, Path)), responses((status = 200, body = ScheduleView)))]
async fn resume_schedule(
    access: Access<needs::ManageScheduler>,
    app: web::Data<App>,
    id: web::Path<ScheduleId>,
) -> Result<Json<ScheduleView>, Error> {
    ScheduleView::of(schedules::resume_schedule(&app, &access.cx, *id).await?).map(Json)
}

pub fn routes() -> Routes {
    routes![
        create_schedule,
        list_schedules,
        get_schedule,
        replace_schedule,
        delete_schedule,
        suspend_schedule,
        resume_schedule,
    ]
}
