//! `/scheduler/runs` and `/scheduler/actions`: what was done, why, and what came of it.

use crate::{
    app::App,
    domain::{
        ids::{AccountId, ActionId, RunId},
        region::Region,
        schedule::{
            Action, ActionRecord, ActionStatus, Power, RunRecord, RunStatus, RunSummary, StartedFor,
            TargetKind,
        },
    },
    error::Error,
    http::{
        access::{Access, needs},
        api::{
            filters::{blank, one_more, word},
            texts::AccountIdText,
        },
        json::Json,
        paging::{Cursor, Limit, Page},
        routes::{Routes, routes},
    },
    service::schedules::{self, ActionFilter, RunFilter},
};
use actix_web::web;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RunView {
    #[schema(value_type = String, format = Uuid)]
    run_id: RunId,
    started_for: StartedFor,
    actor_name: String,
    dry_run: bool,
    status: RunStatus,
    #[schema(value_type = String, format = "date-time")]
    started_at: Timestamp,
    #[schema(value_type = Option<String>, format = "date-time")]
    finished_at: Option<Timestamp>,
    /// Numbers of the whole organization are for those who see all of it.
    summary: Option<RunSummary>,
}

impl From<RunRecord> for RunView {
    fn from(run: RunRecord) -> Self {
        Self {
            run_id: run.id,
            started_for: run.started_for,
            actor_name: run.actor_name,
            dry_run: run.dry_run,
            status: run.status,
            started_at: run.started_at,
            finished_at: run.finished_at,
            summary: run.summary,
        }
    }
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ActionView {
    #[schema(value_type = String, format = Uuid)]
    action_id: ActionId,
    #[schema(value_type = String, format = Uuid)]
    run_id: RunId,
    #[schema(value_type = AccountIdText)]
    account_id: AccountId,
    #[schema(value_type = String)]
    region: Region,
    kind: TargetKind,
    resource_id: String,
    resource_name: Option<String>,
    schedule_name: Option<String>,
    action: Action,
    /// Why it was decided.
    reason: String,
    state_before: Power,
    status: ActionStatus,
    /// The sequence of its intent in the audit log.
    audit_sequence: Option<i64>,
    /// When the change was due.
    #[schema(value_type = String, format = "date-time")]
    due_at: Timestamp,
    #[schema(value_type = String, format = "date-time")]
    decided_at: Timestamp,
    #[schema(value_type = Option<String>, format = "date-time")]
    called_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = "date-time")]
    finished_at: Option<Timestamp>,
    /// AWS's code, or why it was not called.
    code: Option<String>,
    message: Option<String>,
    /// AWS's own, for its support.
    request_id: Option<String>,
    state_seen: Option<Power>,
    #[schema(value_type = Option<String>, format = "date-time")]
    verified_at: Option<Timestamp>,
}

impl From<ActionRecord> for ActionView {
    fn from(record: ActionRecord) -> Self {
        Self {
            action_id: record.id,
            run_id: record.run,
            account_id: record.target.account,
            region: record.target.region,
            kind: record.target.kind,
            resource_id: record.target.id.into(),
            resource_name: record.resource_name,
            schedule_name: record.schedule_name,
            action: record.action,
            reason: record.reason,
            state_before: record.state_before,
            status: record.status,
            audit_sequence: record.audit_intent,
            due_at: record.due_at,
            decided_at: record.decided_at,
            called_at: record.called_at,
            finished_at: record.finished_at,
            code: record.code,
            message: record.message,
            request_id: record.request_id,
            state_seen: record.state_seen,
            verified_at: record.verified_at,
        }
    }
}

#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RunQuery {
    /// `running`, `complete`, `partial` or `failed`
    #[param(pattern = "^(running|complete|partial|failed)?$")]
    status: Option<String>,
    /// `timer`, `request` or `commandLine`
    #[param(pattern = "^(timer|request|commandLine)?$")]
    started_for: Option<String>,
    /// Started from this time on
    #[param(value_type = Option<String>, format = "date-time")]
    from: Option<Timestamp>,
    /// Started before this time
    #[param(value_type = Option<String>, format = "date-time")]
    to: Option<Timestamp>,
    #[serde(default)]
    #[param(inline)]
    limit: Limit,
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor<RunId>>,
}

#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ActionQuery {
    account_id: Option<String>,
    region: Option<String>,
    /// `instance`, `dbInstance` or `dbCluster`
    #[param(pattern = "^(instance|dbInstance|dbCluster)?$")]
    kind: Option<String>,
    resource_id: Option<String>,
    /// A schedule's name
    schedule: Option<String>,
    #[param(value_type = Option<String>, format = Uuid)]
    run_id: Option<RunId>,
    /// `start` or `stop`
    #[param(pattern = "^(start|stop)?$")]
    action: Option<String>,
    /// How far it has come
    #[param(pattern = "^(intended|called|accepted|unknown|noOp|verified|failed|refused|abandoned)?$")]
    status: Option<String>,
    /// Decided from this time on
    #[param(value_type = Option<String>, format = "date-time")]
    from: Option<Timestamp>,
    /// Decided before this time
    #[param(value_type = Option<String>, format = "date-time")]
    to: Option<Timestamp>,
    #[serde(default)]
    #[param(inline)]
    limit: Limit,
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor<ActionId>>,
}

impl ActionQuery {
    fn filter(&self) -> Result<ActionFilter, Error> {
        let text = |text: &Option<String>| blank(text.as_deref()).map(str::to_owned);
        Ok(ActionFilter {
            account: blank(self.account_id.as_deref()).map(str::parse).transpose()?,
            region: super::filters::region(self.region.as_deref())?,
            kind: word("kind", self.kind.as_deref(), TargetKind::ALL)?,
            resource_id: text(&self.resource_id),
            schedule: text(&self.schedule),
            run: self.run_id,
            action: word("action", self.action.as_deref(), Action::ALL)?,
            status: word("status", self.status.as_deref(), ActionStatus::ALL)?,
            from: self.from,
            to: self.to,
        })
    }
}

/// Ticks that did something, were asked for, or failed: the newest first.
#[utoipa::path(get, path = "/api/v1/scheduler/runs", tag = "scheduler", params(RunQuery),
    responses((status = 200, body = Page<RunView>)))]
async fn list_scheduler_runs(
    access: Access<needs::ViewSavings>,
    app: web::Data<App>,
    query: web::Query<RunQuery>,
) -> Result<Json<Page<RunView>>, Error> {
    let query = query.into_inner();
    let filter = RunFilter {
        status: word("status", query.status.as_deref(), RunStatus::ALL)?,
        started_for: word("startedFor", query.started_for.as_deref(), StartedFor::ALL)?,
        from: query.from,
        to: query.to,
    };
    let before = query.cursor.map(|cursor| cursor.0);
    let all = schedules::list_runs(&app, &access.cx, &filter, before, one_more(query.limit)).await?;
    let views = all.into_iter().map(RunView::from).collect();
    Ok(Json(Page::cut(views, query.limit, |last: &RunView| last.run_id)))
}

#[utoipa::path(get, path = "/api/v1/scheduler/runs/{runId}", tag = "scheduler",
    params(("runId" = String, Path)), responses((status = 200, body = RunView)))]
async fn get_scheduler_run(
    access: Access<needs::ViewSavings>,
    app: web::Data<App>,
    id: web::Path<RunId>,
) -> Result<Json<RunView>, Error> {
    Ok(Json(schedules::get_run(&app, &access.cx, *id).await?.into()))
}

/// Starts and stops, from their intent to the state that was seen: the newest first.
#[utoipa::path(get, path = "/api/v1/scheduler/actions", tag = "scheduler", params(ActionQuery),
    responses((status = 200, body = Page<ActionView>)))]
async fn list_scheduler_actions(
    access: Access<needs::ViewSavings>,
    app: web::Data<App>,
    query: web::Query<ActionQuery>,
) -> Result<Json<Page<ActionView>>, Error> {
    let query = query.into_inner();
    let (filter, before) = (query.filter()?, query.cursor.map(|cursor| cursor.0));
    let all = schedules::list_actions(&app, &access.cx, &filter, before, one_more(query.limit)).await?;
    let views = all.into_iter().map(ActionView::from).collect();
    Ok(Json(Page::cut(views, query.limit, |last: &ActionView| last.action_id)))
}

pub fn routes() -> Routes {
    routes![list_scheduler_runs, get_scheduler_run, list_scheduler_actions]
}
