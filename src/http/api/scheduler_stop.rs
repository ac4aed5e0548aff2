//! `/scheduler/stop` and `/accounts/{accountId}/scheduler-suspension`: holding the scheduler back.

use crate::{
    app::App,
    domain::{
        ids::AccountId,
        schedule::{AccountSuspension, StopScope, Stopped},
    },
    error::Error,
    http::{
        access::{Access, needs},
        api::texts::{AccountIdText, ReasonText},
        json::Json,
        routes::{Routes, routes},
    },
    service::schedules,
};
use actix_web::{HttpResponse, web};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct StopsView {
    /// While it is true, nothing is started or stopped.
    stopped: bool,
    stops: Vec<StopView>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct StopView {
    scope: StopScope,
    reason: String,
    stopped_by: String,
    #[schema(value_type = String, format = "date-time")]
    stopped_at: Timestamp,
}

impl StopsView {
    fn of(stops: Vec<Stopped>) -> Self {
        let stops: Vec<StopView> = stops.into_iter().map(StopView::from).collect();
        Self { stopped: !stops.is_empty(), stops }
    }
}

impl From<Stopped> for StopView {
    fn from(stop: Stopped) -> Self {
        let Stopped { scope, reason, stopped_by, stopped_at } = stop;
        Self { scope, reason, stopped_by, stopped_at }
    }
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SuspensionView {
    #[schema(value_type = AccountIdText)]
    account_id: AccountId,
    suspended: bool,
    reason: Option<String>,
    suspended_by: Option<String>,
    #[schema(value_type = Option<String>, format = "date-time")]
    suspended_at: Option<Timestamp>,
}

impl SuspensionView {
    fn of(account_id: AccountId, found: Option<AccountSuspension>) -> Self {
        let suspended = found.is_some();
        let (reason, suspended_by, suspended_at) = found.map_or((None, None, None), |found| {
            (Some(found.reason), Some(found.suspended_by), Some(found.suspended_at))
        });
        Self { account_id, suspended, reason, suspended_by, suspended_at }
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct StopBody {
    #[schema(value_type = ReasonText)]
    reason: String,
}

#[utoipa::path(get, path = "/api/v1/scheduler/stop", tag = "scheduler",
    responses((status = 200, body = StopsView)))]
async fn get_scheduler_stop(
    access: Access<needs::ViewSavings>,
    app: web::Data<App>,
) -> Result<Json<StopsView>, Error> {
    Ok(Json(StopsView::of(schedules::list_stops(&app, &access.cx).await?)))
}

/// The kill switch of the organization: asked right before each call to AWS. On already, it keeps its first reason.
#[utoipa::path(put, path = "/api/v1/scheduler/stop", tag = "scheduler", request_body = StopBody,
    responses((status = 200, body = StopsView)))]
async fn stop_scheduler(
    access: Access<needs::ManageScheduler>,
    app: web::Data<App>,
    Json(body): Json<StopBody>,
) -> Result<Json<StopsView>, Error> {
    Ok(Json(StopsView::of(schedules::stop_scheduler(&app, &access.cx, &body.reason).await?)))
}

/// What became due in the meantime is caught up within the schedules' windows only.
#[utoipa::path(delete, path = "/api/v1/scheduler/stop", tag = "scheduler", responses((status = 204)))]
async fn release_scheduler(
    access: Access<needs::ManageScheduler>,
    app: web::Data<App>,
) -> Result<HttpResponse, Error> {
    schedules::release_scheduler(&app, &access.cx).await?;
    Ok(HttpResponse::NoContent().finish())
}

#[utoipa::path(get, path = "/api/v1/accounts/{accountId}/scheduler-suspension", tag = "scheduler",
    params(("accountId" = String, Path)), responses((status = 200, body = SuspensionView)))]
async fn get_suspension(
    access: Access<needs::ViewSavings>,
    app: web::Data<App>,
    account: web::Path<AccountId>,
) -> Result<Json<SuspensionView>, Error> {
    let found = schedules::find_suspension(&app, &access.cx, *account).await?;
    Ok(Json(SuspensionView::of(*account, found)))
}

/// Nothing is started or stopped in the account until it is resumed.
#[utoipa::path(put, path = "/api/v1/accounts/{accountId}/scheduler-suspension", tag = "scheduler",
    params(("accountId" = String, Path)), request_body = StopBody,
    responses((status = 200, body = SuspensionView)))]
async fn suspend_account(
    access: Access<needs::ManageScheduler>,
    app: web::Data<App>,
    account: web::Path<AccountId>,
    Json(body): Json<StopBody>,
) -> Result<Json<SuspensionView>, Error> {
    let found = schedules::suspend_account(&app, &access.cx, *account, &body.reason).await?;
    Ok(Json(SuspensionView::of(*account, Some(found))))
}

/// What became due in the meantime is caught up within the schedules' windows only.
#[utoipa::path(delete, path = "/api/v1/accounts/{accountId}/scheduler-suspension", tag = "scheduler",
    params(("accountId" = String, Path)), responses((status = 204)))]
async fn resume_account(
    access: Access<needs::ManageScheduler>,
    app: web::Data<App>,
    account: web::Path<AccountId>,
) -> Result<HttpResponse, Error> {
    schedules::resume_account(&app, &access.cx, *account).await?;
    Ok(HttpResponse::NoContent().finish())
}

pub fn routes() -> Routes {
    routes![
        get_scheduler_stop,
        stop_scheduler,
        release_scheduler,
        get_suspension,
        suspend_account,
        resume_account,
    ]
}
