//! What the scheduler did: its runs and its actions.

use crate::{
    app::App,
    db::{ActionFilter, RunFilter},
    domain::{
        ids::{ActionId, RunId},
        schedule::{ActionRecord, RunCounts, RunRecord},
    },
    error::Error,
    op::OpCx,
};

/// The newest first.
pub async fn list_actions(
    app: &App,
    cx: &OpCx,
    filter: &ActionFilter,
    before: Option<ActionId>,
    limit: u32,
) -> Result<Vec<ActionRecord>, Error> {
    Ok(app.database.scoped(&cx.scope).list_actions(filter, before, limit).await?)
}

/// The newest first.
pub async fn list_runs(
    app: &App,
    cx: &OpCx,
    filter: &RunFilter,
    before: Option<RunId>,
    limit: u32,
) -> Result<Vec<RunRecord>, Error> {
    let runs = app.database.scoped(&cx.scope).list_runs(filter, before, limit).await?;
    Ok(runs.into_iter().map(|run| narrowed(run, cx)).collect())
}

pub async fn get_run(app: &App, cx: &OpCx, id: RunId) -> Result<RunRecord, Error> {
    Ok(narrowed(app.database.scoped(&cx.scope).get_run(id).await?, cx))
}

/// A run is about all accounts of the organisation: whoever does not see them all gets neither its numbers nor
/// what went wrong elsewhere.
fn narrowed(mut run: RunRecord, cx: &OpCx) -> RunRecord {
    if cx.actor.role.sees_all_accounts() {
        return run;
    }
    if let Some(summary) = &mut run.summary {
        summary.counts = RunCounts::default();
        summary
            .failures
            .retain(|failure| failure.account_id.is_some_and(|account| cx.scope.accounts().sees(account)));
    }
    run
}
