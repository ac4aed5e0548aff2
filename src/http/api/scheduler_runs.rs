//! `POST /scheduler/run`: one tick, now. For cron with an API key that may do nothing else.

use crate::{
    app::App,
    domain::{
        ids::AccountId,
        schedule::{RunCounts, RunStatus, StartedFor},
    },
    error::Error,
    http::{
        access::{Access, needs},
        api::texts::AccountIdText,
        json::Json,
        routes::{Routes, routes},
    },
    service::scheduler::{self, NotDone, ReportedAction, RunReport, RunRequest},
};
use actix_web::{HttpResponse, web};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct RunBody {
    /// Decides and shows everything, writes nothing, starts and stops nothing.
    dry_run: bool,
    /// All accounts where none is named.
    #[schema(value_type = Option<AccountIdText>)]
    account_id: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RunReportView {
    #[schema(value_type = String)]
    run_id: String,
    started_for: StartedFor,
    dry_run: bool,
    /// `partial`: something could not be dealt with, see `notDone`.
    status: RunStatus,
    #[schema(value_type = String, format = "date-time")]
    started_at: Timestamp,
    #[schema(value_type = Option<String>, format = "date-time")]
    finished_at: Option<Timestamp>,
    counts: RunCounts,
    /// At most 1,000; the counts are complete.
    actions: Vec<ReportedAction>,
    /// What was wanted and not done, or could not be looked at, and why; at most 1,000.
    not_done: Vec<NotDone>,
}

impl From<RunReport> for RunReportView {
    fn from(report: RunReport) -> Self {
        let RunReport { run, actions, not_done } = report;
        Self {
            run_id: run.id.to_string(),
            started_for: run.started_for,
            dry_run: run.dry_run,
            status: run.status,
            started_at: run.started_at,
            finished_at: run.finished_at,
            counts: run.summary.unwrap_or_default().counts,
            actions,
            not_done,
        }
    }
}

/// Starts and stops what is due now, and answers when that is done. Whether it came true is seen by a later run.
#[utoipa::path(post, path = "/api/v1/scheduler/run", tag = "scheduler", request_body = RunBody,
    responses((status = 200, body = RunReportView)))]
async fn run_scheduler(
    access: Access<needs::RunScheduler>,
    app: web::Data<App>,
    Json(body): Json<RunBody>,
) -> Result<HttpResponse, Error> {
    let account = body.account_id.as_deref().map(str::parse::<AccountId>).transpose()?;
    let request = RunRequest { dry_run: body.dry_run, account };
    let report = Box::pin(scheduler::run(&app, &access.cx, request)).await?;
    Ok(HttpResponse::Ok().json(RunReportView::from(report)))
}

pub fn routes() -> Routes {
    routes![run_scheduler]
}
