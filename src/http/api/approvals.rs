//! `/scheduler/approvals`: what waits for an administrator before so much is done at once.

use crate::{
    app::App,
    domain::{
        ids::{AccountId, ApprovalId},
        schedule::{Action, Approval, ApprovalDecision, ApprovalStatus, WaitingResource},
    },
    error::Error,
    http::{
        access::{Access, needs},
        api::{
            filters::{blank, one_more},
            texts::{AccountIdText, NoteText},
        },
        json::Json,
        paging::{Cursor, Limit, Page},
        routes::{Routes, routes},
    },
    service::schedules::{self, ApprovalFilter},
};
use actix_web::web;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ApprovalView {
    #[schema(value_type = String, format = Uuid)]
    approval_id: ApprovalId,
    #[schema(value_type = AccountIdText)]
    account_id: AccountId,
    schedule_name: String,
    revision: i64,
    action: Action,
    resource_count: usize,
    resources: Vec<WaitingResource>,
    reason: String,
    status: ApprovalStatus,
    /// Open, and nobody decided in time: the same as refused.
    expired: bool,
    /// Holds for as long as the schedule keeps its revision.
    standing: bool,
    #[schema(value_type = String, format = "date-time")]
    requested_at: Timestamp,
    #[schema(value_type = String, format = "date-time")]
    expires_at: Timestamp,
    #[schema(value_type = Option<String>, format = "date-time")]
    decided_at: Option<Timestamp>,
    decided_by: Option<String>,
    note: Option<String>,
}

impl ApprovalView {
    pub(crate) fn of(approval: Approval, now: Timestamp) -> Self {
        let expired = approval.status == ApprovalStatus::Open && !approval.is_open(now);
        Self {
            approval_id: approval.id,
            account_id: approval.subject.account,
            schedule_name: approval.subject.schedule_name,
            revision: approval.subject.revision,
            action: approval.subject.action,
            resource_count: approval.resources.len(),
            resources: approval.resources,
            reason: approval.reason,
            status: approval.status,
            expired,
            standing: approval.standing,
            requested_at: approval.requested_at,
            expires_at: approval.expires_at,
            decided_at: approval.decided_at,
            decided_by: approval.decided_by,
            note: approval.note,
        }
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ApproveBody {
    /// For every further time, for as long as the schedule keeps its revision. Absent: for the resources shown.
    #[serde(default)]
    standing: bool,
    #[schema(value_type = Option<NoteText>)]
    note: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RefuseBody {
    #[schema(value_type = Option<NoteText>)]
    note: Option<String>,
}

#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ApprovalQuery {
    account_id: Option<String>,
    /// `open` (those that may still be decided), `approved`, `refused` or `used`; absent: all
    #[param(pattern = "^(open|approved|refused|used)?$")]
    status: Option<String>,
    #[serde(default)]
    #[param(inline)]
    limit: Limit,
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor<ApprovalId>>,
}

fn parse_status(text: &str) -> Result<ApprovalStatus, Error> {
    text.parse().map_err(|()| Error::invalid_field("status", "use one of open, approved, refused, used"))
}

/// The newest first.
#[utoipa::path(get, path = "/api/v1/scheduler/approvals", tag = "scheduler", params(ApprovalQuery),
    responses((status = 200, body = Page<ApprovalView>)))]
async fn list_approvals(
    access: Access<needs::ViewSavings>,
    app: web::Data<App>,
    query: web::Query<ApprovalQuery>,
) -> Result<Json<Page<ApprovalView>>, Error> {
    let (query, now) = (query.into_inner(), access.cx.now);
    let status = blank(query.status.as_deref()).map(parse_status).transpose()?;
    let filter = ApprovalFilter {
        account: blank(query.account_id.as_deref()).map(str::parse).transpose()?,
        status,
        not_expired_at: (status == Some(ApprovalStatus::Open)).then_some(now),
    };
    let before = query.cursor.map(|cursor| cursor.0);
    let all = schedules::list_approvals(&app, &access.cx, &filter, before, one_more(query.limit)).await?;
    let views = all.into_iter().map(|approval| ApprovalView::of(approval, now)).collect();
    Ok(Json(Page::cut(views, query.limit, |last: &ApprovalView| last.approval_id)))
}

#[utoipa::path(get, path = "/api/v1/scheduler/approvals/{approvalId}", tag = "scheduler",
    params(("approvalId" = String, Path)), responses((status = 200, body = ApprovalView)))]
async fn get_approval(
    access: Access<needs::ViewSavings>,
    app: web::Data<App>,
    id: web::Path<ApprovalId>,
) -> Result<Json<ApprovalView>, Error> {
    let approval = schedules::get_approval(&app, &access.cx, *id).await?;
    Ok(Json(ApprovalView::of(approval, access.cx.now)))
}

/// Decided once; the next tick acts on it.
#[utoipa::path(post, path = "/api/v1/scheduler/approvals/{approvalId}/approve", tag = "scheduler",
    params(("approvalId" = String, Path)), request_body = ApproveBody,
    responses((status = 200, body = ApprovalView)))]
async fn approve_scheduler_actions(
    access: Access<needs::ManageScheduler>,
    app: web::Data<App>,
    id: web::Path<ApprovalId>,
    Json(body): Json<ApproveBody>,
) -> Result<Json<ApprovalView>, Error> {
    let decision =
        if body.standing { ApprovalDecision::ApproveStanding } else { ApprovalDecision::ApproveOnce };
    let note = body.note.as_deref();
    let approval = schedules::decide_approval(&app, &access.cx, *id, decision, note).await?;
    Ok(Json(ApprovalView::of(approval, access.cx.now)))
}

#[utoipa::path(post, path = "/api/v1/scheduler/approvals/{approvalId}/refuse", tag = "scheduler",
    params(("approvalId" = String, Path)), request_body = RefuseBody,
    responses((status = 200, body = ApprovalView)))]
async fn refuse_scheduler_actions(
    access: Access<needs::ManageScheduler>,
    app: web::Data<App>,
    id: web::Path<ApprovalId>,
    Json(body): Json<RefuseBody>,
) -> Result<Json<ApprovalView>, Error> {
    let (decision, note) = (ApprovalDecision::Refuse, body.note.as_deref());
    let approval = schedules::decide_approval(&app, &access.cx, *id, decision, note).await?;
    Ok(Json(ApprovalView::of(approval, access.cx.now)))
}

pub fn routes() -> Routes {
    routes![list_approvals, get_approval, approve_scheduler_actions, refuse_scheduler_actions]
}
