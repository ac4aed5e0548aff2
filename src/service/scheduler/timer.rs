//! The loop in `tuner serve`: each minute, for all organisations. Several servers share the shards; a tick that
//! takes longer than its minute goes on beside the next one, which leaves its shards alone.

use super::{
    shift::Shift,
    tick::{Mode, Order, list_accounts, tick},
};
use crate::{
    app::App,
    db::ShardWork,
    domain::{
        account::Account,
        ids::RunId,
        schedule::{StartedFor, shard_of},
    },
    error::Error,
    op::{Actor, OpCx},
};
use futures_util::{StreamExt, stream};
use jiff::{SignedDuration, Timestamp};
use std::{collections::BTreeSet, sync::Arc, time::Duration};
use tokio_util::task::TaskTracker;

const ORGANIZATIONS_AT_A_TIME: usize = 8;
/// Runs that did not end by then have lost their server.
const DEAD_AFTER: SignedDuration = SignedDuration::from_mins(30);

/// What a tick of everybody did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub shards: usize,
    /// Runs that were worth a word.
    pub runs: Vec<RunId>,
    pub failed: usize,
}

/// What is due at a minute, in all organisations, as far as no other server does it.
pub async fn tick_all(app: &App, minute: Timestamp) -> Result<Tally, Error> {
    let now = app.clock.now();
    let mut all = Vec::new();
    for organization in app.database.list_organizations().await? {
        let scope = app.database.system_scope(organization.key, organization.name);
        let cx = OpCx::without_request(Actor::system(), scope, now);
        let accounts = list_accounts(app, &cx, None).await?;
        if !accounts.is_empty() {
            all.push((cx, accounts));
        }
    }
    let shards: BTreeSet<u32> = all.iter().flat_map(shards_of).collect();
    if shards.is_empty() {
        return Ok(Tally::default());
    }
    let shift = Shift::take(app, &shards, ShardWork::Minute(minute)).await?;
    if shift.leases.fences.is_empty() {
        return Ok(Tally::default());
    }
    shift.expect(all.iter().flat_map(shards_of));
    let tally = tokio::select! {
        tally = work(app, &shift, all) => tally,
        never = shift.renew(app) => match never {},
    };
    shift.end(app).await;
    Ok(Tally { shards: shift.leases.fences.len(), ..tally })
}

fn shards_of((cx, accounts): &(OpCx, Vec<Account>)) -> Vec<u32> {
    accounts.iter().map(|account| shard_of(cx.scope.key(), account.id)).collect()
}

async fn work(app: &App, shift: &Shift, all: Vec<(OpCx, Vec<Account>)>) -> Tally {
    let order = Order { mode: Mode::Act, started_for: StartedFor::Timer, account: None };
    let mut ticks = stream::iter(all)
        .map(|(cx, accounts)| {
            let order = &order;
            async move {
                if let Err(error) =
                    app.database.scoped(&cx.scope).interrupt_runs(cx.now - DEAD_AFTER, cx.now).await
                {
                    tracing::warn!(%error, "runs without an end could not be ended");
                }
                let done = tick(app, &cx, order, shift, accounts).await;
                (cx, done)
            }
        })
        .buffer_unordered(ORGANIZATIONS_AT_A_TIME);
    let mut tally = Tally::default();
    while let Some((cx, done)) = ticks.next().await {
        match done {
            Ok((run, findings)) if findings.tell_something() => tally.runs.push(run.id),
            Ok(_) => {}
            Err(error) => {
                tally.failed += 1;
                tracing::warn!(org.id = %cx.scope.organization(), %error, source = error.chain(), "a tick of the scheduler failed");
            }
        }
    }
    tally
}

/// The timer, until the server stops.
pub async fn watch_scheduler(app: Arc<App>) {
    if !app.settings.scheduler.enabled {
        return;
    }
    let ticks = TaskTracker::new();
    loop {
        let now = app.clock.now();
        let next = next_minute(now);
        let wait = Duration::try_from(now.duration_until(next)).unwrap_or_default();
        tokio::select! {
            () = app.stopping.cancelled() => break,
            () = tokio::time::sleep(wait) => {}
        }
        let app = Arc::clone(&app);
        ticks.spawn(async move {
            if let Err(error) = tick_all(&app, next).await {
                tracing::warn!(%error, source = error.chain(), "the scheduler could not tick");
            }
        });
    }
    ticks.close();
    ticks.wait().await;
}

/// The minute that begins next.
fn next_minute(now: Timestamp) -> Timestamp {
    let second = now.as_second();
    Timestamp::from_second(second - second.rem_euclid(60) + 60).unwrap_or(now)
}

#[cfg(test)]
mod tests {
    use super::next_minute;

    #[test]
    fn ticks_begin_with_the_minute() {
        let at = |text: &str| text.parse().unwrap();
        assert_eq!(next_minute(at("2026-11-22T12:00:00Z")), at("2026-11-22T12:01:00Z"));
        assert_eq!(next_minute(at("2026-11-22T12:00:59.999999Z")), at("2026-11-22T12:01:00Z"));
    }
}
