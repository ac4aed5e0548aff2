//! What earlier ticks left open: never called, called without an answer, or accepted and not seen yet.

use super::{
    desk::Desk,
    intents::draft_of,
    looking::tell,
    outcomes::{Settled, ending_of, failed_notice, settled},
    report::NotDone,
    tick::Tick,
};
use crate::{
    db::{ActionOutcome, Book},
    domain::{
        region::Region,
        schedule::{
            Accepted, ActionRecord, ActionStatus, Observed, Target, judge_verification, verify_after,
        },
    },
    error::Error,
    schedule::{Which, observe},
};
use futures_util::{StreamExt, stream};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

const REGIONS_AT_A_TIME: usize = 8;
/// The audit's queue has room for some thousands, and others write, too.
const AUDITED_AT_A_TIME: usize = 100;

/// Intents of a server that died, or lost its lease, before the call: decided anew by the next plan.
pub(super) async fn abandon(tick: &Tick<'_, '_>, intended: Vec<ActionRecord>) -> Result<(), Error> {
    if intended.is_empty() || !tick.acts() {
        return Ok(());
    }
    let now = tick.app.clock.now();
    let why = "the server that wrote it down never called it";
    let outcomes = intended.iter().map(|action| ActionOutcome {
        code: Some("abandoned".to_owned()),
        message: Some(why.to_owned()),
        ..ActionOutcome::new(action.id, ActionStatus::Abandoned, now)
    });
    let book = Book { outcomes: outcomes.collect(), ..Book::default() };
    let ended = intended.iter().map(|action| (action, ActionStatus::Abandoned, Some(why)));
    conclude_all(tick, ended.collect()).await?;
    tick.db().write_book(&tick.shift.leases, &book, now).await?;
    let count = u64::try_from(intended.len()).unwrap_or_default();
    let mut findings = tick.findings.lock();
    findings.counts.abandoned += count;
    findings.counts.settled += count;
    Ok(())
}

type Ended<'a> = (&'a ActionRecord, ActionStatus, Option<&'a str>);

/// Before the rows: whoever is killed in between leaves an open action to the next one, who finds it audited.
async fn conclude_all(tick: &Tick<'_, '_>, ended: Vec<Ended<'_>>) -> Result<(), Error> {
    let intents: Vec<i64> = ended.iter().filter_map(|(action, ..)| action.audit_intent).collect();
    let audited = tick.db().find_audited_outcomes(&intents).await?;
    let open =
        |(action, ..): &Ended<'_>| action.audit_intent.is_some_and(|intent| !audited.contains(&intent));
    let open = ended.into_iter().filter(open);
    let conclude = |(action, status, detail)| conclude(tick, action, status, detail);
    stream::iter(open).for_each_concurrent(AUDITED_AT_A_TIME, conclude).await;
    Ok(())
}

/// The audit of an intent whose process died gets its outcome from whoever settles it.
async fn conclude(tick: &Tick<'_, '_>, action: &ActionRecord, status: ActionStatus, detail: Option<&str>) {
    let Some(intent) = action.audit_intent else { return };
    let draft = draft_of(tick, &action.target, action.action);
    let ending = ending_of(status, detail);
    if let Err(error) = tick.app.audit.conclude(draft, intent, ending).await {
        tracing::warn!(%error, action.id = %action.id, "the outcome of an old intent could not be audited");
    }
}

/// Those whose state says something by now.
pub(super) fn ripe(open: Vec<ActionRecord>, now: Timestamp) -> Vec<ActionRecord> {
    let is_ripe = |action: &ActionRecord| {
        let called = action.called_at.unwrap_or(action.decided_at);
        let patience = SignedDuration::try_from(verify_after(action.target.kind)).unwrap_or_default();
        let after = match action.status {
            ActionStatus::Called => called + patience,
            _ => action.verify_after.unwrap_or(called + patience),
        };
        after <= now
    };
    open.into_iter().filter(is_ripe).collect()
}

pub(super) async fn settle(desk: &Desk<'_, '_, '_>, ripe: Vec<ActionRecord>) -> Result<(), Error> {
    if ripe.is_empty() || !desk.tick.acts() {
        return Ok(());
    }
    let mut regions: BTreeMap<Region, Vec<ActionRecord>> = BTreeMap::new();
    for action in ripe {
        regions.entry(action.target.region.clone()).or_default().push(action);
    }
    let mut done = stream::iter(regions)
        .map(|(region, actions)| async move { settle_in(desk, &region, actions).await })
        .buffer_unordered(REGIONS_AT_A_TIME);
    while let Some(done) = done.next().await {
        done?;
    }
    Ok(())
}

async fn settle_in(
    desk: &Desk<'_, '_, '_>,
    region: &Region,
    actions: Vec<ActionRecord>,
) -> Result<(), Error> {
    let now = desk.now();
    let targets: Vec<Target> = actions.iter().map(|action| action.target.clone()).collect();
    let seen = observe(&desk.session, region, Which::Only(&targets), now).await;
    if let Some((_, failure)) = seen.failures.first() {
        tell(desk, region, failure);
    }
    let sights: BTreeMap<Target, Observed> =
        seen.observed.iter().map(|observed| (observed.target.clone(), observed.clone())).collect();
    let (resources, days) = desk.papers().see(seen.observed, now);
    let mut book = Book { resources, days, ..Book::default() };
    let mut ended = Vec::new();
    for action in &actions {
        if let Some(observed) = sights.get(&action.target) {
            let accepted =
                Accepted { action: action.action, called_at: action.called_at.unwrap_or(action.decided_at) };
            let found = settled(action, &judge_verification(&accepted, observed), observed, now);
            enter_into(desk, action, &found, &mut book, now);
            ended.push((action, found));
        }
    }
    let ends = ended.iter().map(|(action, found)| {
        let Settled { outcome, .. } = found;
        (*action, outcome.status, outcome.message.as_deref())
    });
    conclude_all(desk.tick, ends.collect()).await?;
    desk.write(&book).await?;
    for (action, found) in ended {
        told(desk, action, &found);
    }
    Ok(())
}

/// The row's memory follows what was found.
fn enter_into(
    desk: &Desk<'_, '_, '_>,
    action: &ActionRecord,
    found: &Settled,
    book: &mut Book,
    now: Timestamp,
) {
    book.outcomes.push(found.outcome.clone());
    let mut papers = desk.papers();
    let Some(row) = papers.rows.get_mut(&action.target) else { return };
    if let Some(memory) = row.memory.clone().filter(|_| row.gone_at.is_none()) {
        let memory = found.memory(memory, action);
        book.days.extend(super::judging::remember(row, memory, None, now, &mut false));
        let row = row.clone();
        book.resources.retain(|other| other.observed.target != action.target);
        book.resources.push(row);
    }
    if found.is_over() {
        papers.busy.remove(&action.target);
        papers.touched.insert(action.target.clone());
    }
}

fn told(desk: &Desk<'_, '_, '_>, action: &ActionRecord, found: &Settled) {
    let tick = desk.tick;
    if !found.is_over() {
        return;
    }
    let outcome = found.outcome.status.as_str();
    metrics::counter!("tuner_schedule_actions_total", "action" => action.action.as_str(), "outcome" => outcome)
        .increment(1);
    let row = desk.papers().rows.get(&action.target).cloned();
    let mut findings = tick.findings.lock();
    findings.counts.settled += 1;
    if found.outcome.status == ActionStatus::Failed {
        findings.counts.failed += 1;
        let code = found.outcome.code.as_deref().unwrap_or("NotDone");
        let message = found.outcome.message.clone().unwrap_or_default();
        findings.fail(NotDone::of(&action.target, action.action, code, message));
        findings.notices.extend(row.into_iter().flat_map(|row| failed_notice(action, found, &row)));
    }
}
