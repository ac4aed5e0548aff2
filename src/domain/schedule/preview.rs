//! What a schedule would do over a time, and what that saves.

use super::{
    Calendar, Change, Desired, Override, Schedule,
    overrides::Overrides,
    timeline::{Holidays, Timeline},
};
use crate::domain::money::{HOURS_PER_MONTH, MicroUsd, UnitPrice};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

/// A shorter time says little of a month.
const TYPICAL_AFTER: SignedDuration = SignedDuration::from_hours(28 * 24);
const YEAR: SignedDuration = SignedDuration::from_hours(365 * 24);
const HOURS_PER_WEEK: i64 = 168;

/// What is previewed. Overrides are those on the schedule; calendars that are not there are left out.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    pub schedule: &'a Schedule,
    pub calendars: &'a BTreeMap<String, Calendar>,
    pub overrides: &'a [Override],
}

impl View<'_> {
    /// The state at `from`, at `from`, then each change before `to`.
    #[must_use]
    pub fn changes(&self, from: Timestamp, to: Timestamp) -> Vec<Change> {
        let (holidays, _) = Holidays::of(self.schedule, self.calendars);
        let timeline = Timeline::compile(self.schedule, &holidays, from, to);
        if self.overrides.is_empty() {
            return timeline.iter().collect();
        }
        let mut newest_first: Vec<&Override> = self.overrides.iter().collect();
        newest_first.sort_by_key(|entry| std::cmp::Reverse(entry.id));
        overlay(&timeline, Overrides { of_schedule: &newest_first, of_resource: &[] })
    }

    /// Calendars that the schedule names and that are not there: it would not be followed.
    #[must_use]
    pub fn unknown_calendars(&self) -> Vec<&str> {
        Holidays::of(self.schedule, self.calendars).1
    }

    /// How long it is off in `[from, to)`, and on average. Less than four weeks are not typical: the average is of
    /// the year from `from` then.
    #[must_use]
    pub fn hours_off(&self, from: Timestamp, to: Timestamp) -> HoursOff {
        let span = TimeOff::of(&self.changes(from, to), to);
        let year = from.saturating_add(YEAR).unwrap_or(Timestamp::MAX);
        let typical = match to.duration_since(from) {
            long if long >= TYPICAL_AFTER => span,
            _ => TimeOff::of(&self.changes(from, year), year),
        };
        HoursOff { span, typical }
    }
}

fn overlay(timeline: &Timeline, overrides: Overrides<'_>) -> Vec<Change> {
    let mut turns: Vec<Timestamp> = timeline.iter().map(|change| change.at).collect();
    let mut at = timeline.from();
    while let Some(turn) = overrides.next_turn(at).filter(|turn| *turn < timeline.to()) {
        turns.push(turn);
        at = turn;
    }
    turns.sort_unstable();
    let state = |at: Timestamp| match overrides.in_force(at) {
        Some(entry) => Change { at, state: entry.state.desired(), holiday: false },
        None => Change { at, ..timeline.at(at) },
    };
    let mut changes: Vec<Change> = turns.into_iter().map(state).collect();
    changes.dedup_by_key(|change| change.state);
    changes
}

/// How much of a time something is off: from a wanted stop to the next wanted start. Where a schedule has no
/// opinion after a stop, that counts only if a start of the schedule ends it, or a holiday is why: nobody knows
/// what people do else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeOff {
    pub seconds_off: i64,
    /// Of all.
    pub seconds: i64,
}

impl TimeOff {
    /// Of changes, the first of which is the state at the begin.
    #[must_use]
    pub fn of(changes: &[Change], to: Timestamp) -> Self {
        let mut off = SignedDuration::ZERO;
        let mut unsure = SignedDuration::ZERO;
        let mut was_off = false;
        for (at, change) in changes.iter().enumerate() {
            let next = changes.get(at + 1);
            let length = next.map_or(to, |next| next.at).duration_since(change.at);
            match change.state {
                Desired::Running => (was_off, unsure) = (false, SignedDuration::ZERO),
                Desired::Stopped => (was_off, off) = (true, off.saturating_add(length)),
                Desired::None if was_off && change.holiday => off = off.saturating_add(length),
                Desired::None if was_off => unsure = length,
                Desired::None => {}
            }
            if next.is_some_and(|next| next.state == Desired::Running) {
                off = off.saturating_add(unsure);
            }
            unsure = SignedDuration::ZERO;
        }
        let begin = changes.first().map_or(to, |first| first.at);
        Self { seconds_off: off.as_secs(), seconds: to.duration_since(begin).as_secs() }
    }

    /// Seconds off in as many hours, on average.
    #[must_use]
    pub fn in_hours(&self, hours: i64) -> i64 {
        MicroUsd::new(self.seconds_off).scale(hours * 3600, self.seconds).get()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HoursOff {
    pub span: TimeOff,
    /// What the averages are of.
    pub typical: TimeOff,
}

impl HoursOff {
    #[must_use]
    pub fn seconds_off_a_week(&self) -> i64 {
        self.typical.in_hours(HOURS_PER_WEEK)
    }

    /// Of a month of 730 hours.
    #[must_use]
    pub fn seconds_off_a_month(&self) -> i64 {
        self.typical.in_hours(HOURS_PER_MONTH)
    }

    /// Saved in a month of 730 hours by something of that price an hour, where no commitment covers it.
    #[must_use]
    pub fn saved_a_month(&self, an_hour: UnitPrice) -> MicroUsd {
        let TimeOff { seconds_off, seconds } = self.typical;
        an_hour.times_ratio(seconds_off.saturating_mul(HOURS_PER_MONTH), seconds)
    }
}

#[cfg(test)]
mod tests;
