//! `/schedules/{scheduleId}/assignments`: who follows a schedule without a tag `Schedule` of its own.

use crate::{
    app::App,
    domain::{
        ids::{AccountId, AssignmentId, ScheduleId},
        region::Region,
    },
    error::Error,
    http::{
        access::{Access, needs},
        api::{
            filters::one_more,
            texts::{AccountIdText, RegionText},
        },
        audit::naming,
        json::Json,
        paging::{Cursor, Limit, Page},
        routes::{Routes, routes},
    },
    service::{
        object,
        schedules::{self, KeptAssignment, NewAssignment, TagDocument},
    },
};
use actix_web::{HttpResponse, web};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AssignmentView {
    #[schema(value_type = String, format = Uuid)]
    pub assignment_id: AssignmentId,
    #[schema(value_type = String, format = Uuid)]
    schedule_id: ScheduleId,
    #[schema(value_type = AccountIdText)]
    pub account_id: AccountId,
    /// Null: every region.
    #[schema(value_type = Option<RegionText>)]
    pub region: Option<Region>,
    /// Null: whatever its tags are.
    pub tag: Option<TagDocument>,
    #[schema(value_type = String, format = "date-time")]
    created_at: Timestamp,
    created_by: String,
}

impl From<KeptAssignment> for AssignmentView {
    fn from(kept: KeptAssignment) -> Self {
        let KeptAssignment { assignment, created_by } = kept;
        Self {
            assignment_id: assignment.id,
            schedule_id: assignment.schedule,
            account_id: assignment.account,
            region: assignment.region,
            tag: assignment.tag.map(|(key, value)| TagDocument { key, value }),
            created_at: assignment.created_at,
            created_by,
        }
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewAssignmentBody {
    #[schema(value_type = AccountIdText)]
    account_id: AccountId,
    /// Absent: every region.
    #[schema(value_type = Option<RegionText>)]
    region: Option<Region>,
    /// Absent: whatever its tags are.
    #[serde(default, deserialize_with = "object::optional")]
    tag: Option<TagDocument>,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AssignmentQuery {
    #[serde(default)]
    #[param(inline)]
    limit: Limit,
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor<AssignmentId>>,
}

/// Of the accounts that you see. Of several that match a resource, the one with a tag goes before the one with a
/// region, and that before the whole account.
#[utoipa::path(get, path = "/api/v1/schedules/{scheduleId}/assignments", tag = "scheduler",
    params(("scheduleId" = String, Path), AssignmentQuery),
    responses((status = 200, body = Page<AssignmentView>)))]
async fn list_assignments(
    access: Access<needs::ViewSavings>,
    app: web::Data<App>,
    schedule: web::Path<ScheduleId>,
    query: web::Query<AssignmentQuery>,
) -> Result<Json<Page<AssignmentView>>, Error> {
    let AssignmentQuery { limit, cursor } = query.into_inner();
    let after = cursor.map(|cursor| cursor.0);
    let all = schedules::list_assignments(&app, &access.cx, Some(*schedule), after, one_more(limit)).await?;
    let views = all.into_iter().map(AssignmentView::from).collect();
    Ok(Json(Page::cut(views, limit, |last: &AssignmentView| last.assignment_id)))
}

#[utoipa::path(post, path = "/api/v1/schedules/{scheduleId}/assignments", tag = "scheduler",
    params(("scheduleId" = String, Path)), request_body = NewAssignmentBody,
    responses((status = 201, body = AssignmentView)))]
async fn create_assignment(
    access: Access<needs::ManageScheduler>,
    app: web::Data<App>,
    schedule: web::Path<ScheduleId>,
    Json(body): Json<NewAssignmentBody>,
) -> Result<HttpResponse, Error> {
    let NewAssignmentBody { account_id: account, region, tag } = body;
    let new = NewAssignment { account, region, tag };
    let kept = schedules::create_assignment(&app, &access.cx, *schedule, new).await?;
    let id = kept.assignment.id.to_string();
    Ok(naming(HttpResponse::Created().json(AssignmentView::from(kept)), id))
}

#[utoipa::path(delete, path = "/api/v1/schedules/{scheduleId}/assignments/{assignmentId}", tag = "scheduler",
    params(("scheduleId" = String, Path), ("assignmentId" = String, Path)), responses((status = 204)))]
async fn delete_assignment(
    access: Access<needs::ManageScheduler>,
    app: web::Data<App>,
    path: web::Path<(ScheduleId, AssignmentId)>,
) -> Result<HttpResponse, Error> {
    let (schedule, assignment) = *path;
    schedules::delete_assignment(&app, &access.cx, schedule, assignment).await?;
    Ok(HttpResponse::NoContent().finish())
}

pub fn routes() -> Routes {
    routes![list_assignments, create_assignment, delete_assignment]
}
