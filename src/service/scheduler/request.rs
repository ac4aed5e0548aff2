//! A run that somebody asked for: over the API with a key of its own, or by cron at the command line.

use super::{
    report::{NotDone, RunReport},
    shift::Shift,
    tick::{Mode, Order, list_accounts, tick},
};
use crate::{
    app::App,
    domain::{
        ids::AccountId,
        schedule::{StartedFor, shard_of},
    },
    error::Error,
    op::{ActorKind, OpCx},
};
use std::collections::BTreeSet;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RunRequest {
    /// Decides and shows everything, writes nothing, starts and stops nothing.
    pub dry_run: bool,
    /// All accounts that the caller sees where none is named.
    pub account: Option<AccountId>,
}

/// One tick of the organisation, now, whether or not the timer had its turn in this minute.
pub async fn run(app: &App, cx: &OpCx, request: RunRequest) -> Result<RunReport, Error> {
    let order = Order {
        mode: if request.dry_run { Mode::DryRun } else { Mode::Act },
        started_for: match cx.actor.kind {
            ActorKind::Operator => StartedFor::CommandLine,
            ActorKind::System => StartedFor::Timer,
            ActorKind::Member | ActorKind::ApiKey(_) => StartedFor::Request,
        },
        account: request.account,
    };
    let accounts = list_accounts(app, cx, request.account).await?;
    // One for each account: a shard is given back when the last of its accounts is done.
    let shards: Vec<u32> = accounts.iter().map(|account| shard_of(cx.scope.key(), account.id)).collect();
    let shift = match order.mode {
        Mode::DryRun => Shift::dry(),
        Mode::Act => Shift::take_waiting(app, &shards.iter().copied().collect::<BTreeSet<_>>()).await?,
    };
    shift.expect(shards);
    let done = tokio::select! {
        done = tick(app, cx, &order, &shift, accounts) => done,
        never = shift.renew(app), if order.mode == Mode::Act => match never {},
    };
    if order.mode == Mode::Act {
        shift.end(app).await;
    }
    let (run, findings) = done?;
    let not_done: Vec<NotDone> = findings.not_done;
    Ok(RunReport { run, actions: findings.actions, not_done })
}
