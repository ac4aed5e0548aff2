//! Intents in the audit whose process died before it wrote the rows of its actions. They were not called, and nobody
//! else would say so.
//!
//! Invariant: asked for under the account's lease, so that whoever may have written them is gone, or refused.

use super::{intents::audit_name, outcomes::ending_of, tick::Tick};
use crate::{
    audit::Draft,
    db::{OrphanedIntent, RunFilter},
    domain::{
        ids::AccountId,
        schedule::{Action, ActionStatus, RunStatus, TargetKind},
    },
    error::Error,
};
use jiff::{SignedDuration, Timestamp};

/// Older runs have been ended by the timer.
const LOOKED_BACK: SignedDuration = SignedDuration::from_hours(1);
const RUNS: u32 = 1_000;

/// When the oldest of the runs began that have not ended; none as a rule.
pub(super) async fn unfinished_since(tick: &Tick<'_, '_>) -> Result<Option<Timestamp>, Error> {
    let from = Some(tick.cx.now - LOOKED_BACK);
    let filter = RunFilter { status: Some(RunStatus::Running), from, ..RunFilter::default() };
    let runs = tick.db().list_runs(&filter, None, RUNS).await?;
    Ok(runs.iter().map(|run| run.started_at).min())
}

pub(super) async fn conclude_orphans(tick: &Tick<'_, '_>, account: AccountId) -> Result<(), Error> {
    let Some(since) = tick.unfinished_since else { return Ok(()) };
    for orphan in tick.db().list_orphaned_intents(account, since, &audit_names()).await? {
        conclude(tick, account, orphan).await;
    }
    Ok(())
}

fn audit_names() -> Vec<String> {
    let of =
        |action: &Action| TargetKind::ALL.iter().map(|kind| audit_name(*action, *kind)).collect::<Vec<_>>();
    Action::ALL.iter().flat_map(of).collect()
}

async fn conclude(tick: &Tick<'_, '_>, account: AccountId, orphan: OrphanedIntent) {
    let OrphanedIntent { sequence, action, target } = orphan;
    let mut draft = Draft::of(tick.cx, &action).on(target.as_deref());
    draft.event.at = tick.app.clock.now();
    draft.event.account = Some(account);
    let ending = ending_of(ActionStatus::Abandoned, Some("its server died before it called"));
    if let Err(error) = tick.app.audit.conclude(draft, sequence, ending).await {
        tracing::warn!(%error, audit.intent = sequence, "the outcome of an old intent could not be audited");
    }
}
