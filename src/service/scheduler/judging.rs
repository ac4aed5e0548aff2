//! What follows for one resource from its row and the configuration: pure.

use crate::domain::money::MicroUsd;
use crate::domain::schedule::{
    Action, Ineligible, Memory, NoPlan, OffSince, OffSpan, Power, Prepared, Reason, ScheduleDay, ScheduleKey,
    ScheduledResource, check_eligibility,
    cost::{Coverage, off_by_day, saved},
    decide,
};
use jiff::{Timestamp, tz::TimeZone};

/// An action that is due.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Wanted {
    pub action: Action,
    pub reason: Reason,
    pub due_at: Timestamp,
    pub schedule: String,
    pub key: ScheduleKey,
    /// Since when it waits.
    pub since: Timestamp,
}

/// What was found of a resource.
#[derive(Debug, Default)]
pub(super) struct Judged {
    /// Its row has to be written.
    pub changed: bool,
    pub wanted: Option<Wanted>,
    pub missed: u32,
    pub enforced: bool,
    pub days: Vec<ScheduleDay>,
}

/// Judges a row and brings it up to date; what its memory should hold after an action is the outcome's matter.
pub(super) fn judge(prepared: &Prepared<'_>, row: &mut ScheduledResource, now: Timestamp) -> Judged {
    match prepared.plan_for(&row.observed) {
        Ok(plan) => {
            let decision = decide(&plan, &row.observed, row.memory.as_ref(), now);
            let eligible = check_eligibility(&row.observed);
            let wanted = decision.action.filter(|_| eligible.is_ok()).map(|action| Wanted {
                action,
                reason: decision.reason,
                due_at: decision.due_at,
                schedule: plan.name.to_owned(),
                key: plan.key,
                since: decision.memory.pending_since.unwrap_or(now),
            });
            // What can never be done is not missed either.
            let missed = if eligible.is_ok() { decision.missed } else { 0 };
            let mut judged = Judged { missed, enforced: plan.options.enforce, wanted, ..Judged::default() };
            let learned = learned(&decision.memory);
            let mut changed = set(&mut row.schedule_name, Some(plan.name.to_owned()));
            changed |= set(&mut row.desired, Some(decision.desired));
            changed |= set(&mut row.next_change_at, decision.next_change_at);
            changed |= set(&mut row.reason, Some(decision.reason.as_str().to_owned()));
            changed |= set_ineligible(row, eligible.err().or(learned));
            let over = row.off.filter(|_| decision.memory.off_since.is_none());
            let ended = decision.off.or(over.map(|off| OffSpan { from: off.since, until: off.since }));
            judged.days = remember(row, decision.memory, ended, now, &mut changed);
            judged.changed = changed || missed > 0;
            judged
        }
        Err(reason) => without_plan(row, reason, now),
    }
}

/// Held back for a while, the resource follows its schedule still; else it follows none.
const fn holds_back(reason: NoPlan) -> bool {
    matches!(reason, NoPlan::ScheduleSuspended | NoPlan::AccountSuspended | NoPlan::UnknownCalendar)
}

/// A resource that follows nothing is left alone. What follows no schedule any more is forgotten, so that it is
/// seen for the first time when it follows one again.
fn without_plan(row: &mut ScheduledResource, reason: NoPlan, now: Timestamp) -> Judged {
    let mut changed = set(&mut row.reason, Some(reason.as_str().to_owned()));
    if !holds_back(reason) {
        let named = row.observed.tags.get("Schedule").map(str::to_owned);
        changed |= set(&mut row.schedule_name, named);
    }
    changed |= set(&mut row.desired, None);
    changed |= set(&mut row.next_change_at, None);
    let ineligible = check_eligibility(&row.observed).err();
    changed |= set_ineligible(row, ineligible);
    let days = row.memory.clone().map(|memory| held_or_left(row, memory, reason, now, &mut changed));
    Judged { changed, days: days.unwrap_or_default(), ..Judged::default() }
}

fn held_or_left(
    row: &mut ScheduledResource,
    mut memory: Memory,
    reason: NoPlan,
    now: Timestamp,
    changed: &mut bool,
) -> Vec<ScheduleDay> {
    if !holds_back(reason) {
        let (memory, ended) = memory.after_leaving(now);
        let days = remember(row, memory, ended, now, changed);
        row.memory = None;
        *changed = true;
        return days;
    }
    if row.observed.power == Power::Running {
        memory.off_since = None;
    }
    remember(row, memory, None, now, changed)
}

/// What AWS's last refusal said about the resource for good.
fn learned(memory: &Memory) -> Option<Ineligible> {
    memory.retry.as_ref().and_then(|retry| Ineligible::of_refusal(&retry.code))
}

fn set_ineligible(row: &mut ScheduledResource, why: Option<Ineligible>) -> bool {
    set(&mut row.ineligible, why.map(|why| why.as_str().to_owned()))
}

fn set<T: PartialEq>(place: &mut T, value: T) -> bool {
    let changed = *place != value;
    if changed {
        *place = value;
    }
    changed
}

/// Takes over a memory and keeps the book of the time off: days that have ended, and spans that have.
pub(super) fn remember(
    row: &mut ScheduledResource,
    memory: Memory,
    ended: Option<OffSpan>,
    now: Timestamp,
    changed: &mut bool,
) -> Vec<ScheduleDay> {
    let off_since = memory.off_since;
    *changed |= set(&mut row.memory, Some(memory));
    let mut days = Vec::new();
    if let Some(off) = row.off {
        let stays = off_since.is_some() && ended.is_none();
        let until = if stays { midnight(now) } else { ended.map_or(now, |span| span.until) };
        if !stays || off.since < until {
            days = count(row, off, until, now);
            row.off = stays.then_some(OffSince { since: until.max(off.since), ..off });
            *changed = true;
        }
    }
    if let (None, Some(since)) = (row.off, off_since) {
        row.off = Some(OffSince { since, price: None, coverage: Coverage::Unknown });
        *changed = true;
    }
    days
}

fn midnight(now: Timestamp) -> Timestamp {
    let day = now.to_zoned(TimeZone::UTC).date();
    day.to_zoned(TimeZone::UTC).map_or(now, |start| start.timestamp())
}

fn count(row: &ScheduledResource, off: OffSince, until: Timestamp, now: Timestamp) -> Vec<ScheduleDay> {
    let span = OffSpan { from: off.since, until };
    let day_of = |(day, seconds)| ScheduleDay {
        target: row.observed.target.clone(),
        day,
        schedule_name: row.schedule_name.clone(),
        seconds_off: seconds,
        saved: off.price.map_or(MicroUsd::ZERO, |price| saved(seconds, price, off.coverage).amount),
        price: off.price,
        coverage: off.coverage,
        updated_at: now,
    };
    off_by_day(span).into_iter().map(day_of).collect()
}
