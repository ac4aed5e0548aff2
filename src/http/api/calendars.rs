//! `/calendars`: holidays that schedules name.

use crate::{
    app::App,
    domain::ids::CalendarId,
    error::{Error, FieldError},
    http::{
        access::{Access, needs},
        api::filters::{NameCursor, one_more},
        audit::naming,
        json::Json,
        paging::{Cursor, Limit, Page},
        routes::{Routes, routes},
    },
    service::schedules::{self, CalendarDocument, KeptCalendar},
};
use actix_web::{HttpResponse, web};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CalendarView {
    #[schema(value_type = String, format = Uuid)]
    calendar_id: CalendarId,
    name: String,
    /// `YYYY-MM-DD`, in the time zone of the schedule.
    dates: Vec<String>,
    /// `MM-DD`: of every year.
    yearly: Vec<String>,
    /// Rises with each change. A PUT with it replaces no other one.
    revision: i64,
    /// Why it cannot be read.
    problem: Option<FieldError>,
    #[schema(value_type = String, format = "date-time")]
    created_at: Timestamp,
    #[schema(value_type = String, format = "date-time")]
    updated_at: Timestamp,
    updated_by: String,
}

impl CalendarView {
    pub(crate) fn of(kept: KeptCalendar) -> Result<Self, Error> {
        let problem = kept.calendar.err();
        let CalendarDocument { name, dates, yearly } =
            serde_json::from_str(&kept.document).map_err(Error::internal)?;
        Ok(Self {
            calendar_id: kept.id,
            name,
            dates,
            yearly,
            revision: kept.revision,
            problem: problem.map(|error| FieldError { field: error.field, message: error.reason }),
            created_at: kept.created_at,
            updated_at: kept.updated_at,
            updated_by: kept.updated_by,
        })
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReplaceCalendarBody {
    #[schema(min_length = 1, max_length = 128)]
    name: String,
    #[serde(default)]
    dates: Vec<String>,
    #[serde(default)]
    yearly: Vec<String>,
    /// The one that was read; absent: whatever it is at.
    revision: Option<i64>,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CalendarQuery {
    #[serde(default)]
    #[param(inline)]
    limit: Limit,
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor<NameCursor>>,
}

#[utoipa::path(post, path = "/api/v1/calendars", tag = "scheduler", request_body = CalendarDocument,
    responses((status = 201, body = CalendarView)))]
async fn create_calendar(
    access: Access<needs::ManageScheduler>,
    app: web::Data<App>,
    Json(document): Json<CalendarDocument>,
) -> Result<HttpResponse, Error> {
    let kept = schedules::create_calendar(&app, &access.cx, &document).await?;
    let id = kept.id.to_string();
    Ok(naming(HttpResponse::Created().json(CalendarView::of(kept)?), id))
}

/// By name.
#[utoipa::path(get, path = "/api/v1/calendars", tag = "scheduler", params(CalendarQuery),
    responses((status = 200, body = Page<CalendarView>)))]
async fn list_calendars(
    access: Access<needs::ViewSavings>,
    app: web::Data<App>,
    query: web::Query<CalendarQuery>,
) -> Result<Json<Page<CalendarView>>, Error> {
    let CalendarQuery { limit, cursor } = query.into_inner();
    let after = cursor.as_ref().map(|cursor| cursor.0.name.as_str());
    let all = schedules::list_calendars(&app, &access.cx, after, one_more(limit)).await?;
    let views = all.into_iter().map(CalendarView::of).collect::<Result<Vec<_>, _>>()?;
    Ok(Json(Page::cut(views, limit, |last| NameCursor { name: last.name.clone() })))
}

#[utoipa::path(get, path = "/api/v1/calendars/{calendarId}", tag = "scheduler",
    params(("calendarId" = String, Path)), responses((status = 200, body = CalendarView)))]
async fn get_calendar(
    access: Access<needs::ViewSavings>,
    app: web::Data<App>,
    id: web::Path<CalendarId>,
) -> Result<Json<CalendarView>, Error> {
    CalendarView::of(schedules::get_calendar(&app, &access.cx, *id).await?).map(Json)
}

/// Changes what the schedules that use it mean. One that is used keeps its name.
#[utoipa::path(put, path = "/api/v1/calendars/{calendarId}", tag = "scheduler",
    params(("calendarId" = String, Path)), request_body = ReplaceCalendarBody,
    responses((status = 200, body = CalendarView)))]
async fn replace_calendar(
    access: Access<needs::ManageScheduler>,
    app: web::Data<App>,
    id: web::Path<CalendarId>,
    Json(body): Json<ReplaceCalendarBody>,
) -> Result<Json<CalendarView>, Error> {
    let ReplaceCalendarBody { name, dates, yearly, revision } = body;
    let document = CalendarDocument { name, dates, yearly };
    let (kept, _) = schedules::replace_calendar(&app, &access.cx, *id, &document, revision).await?;
    CalendarView::of(kept).map(Json)
}

/// One that a schedule uses is refused.
#[utoipa::path(delete, path = "/api/v1/calendars/{calendarId}", tag = "scheduler",
    params(("calendarId" = String, Path)), responses((status = 204)))]
async fn delete_calendar(
    access: Access<needs::ManageScheduler>,
    app: web::Data<App>,
    id: web::Path<CalendarId>,
) -> Result<HttpResponse, Error> {
    schedules::delete_calendar(&app, &access.cx, *id).await?;
    Ok(HttpResponse::NoContent().finish())
}

pub fn routes() -> Routes {
    routes![create_calendar, list_calendars, get_calendar, replace_calendar, delete_calendar]
}
