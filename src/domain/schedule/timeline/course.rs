//! A schedule's states around now, worked out as far as anybody asks.

use super::{Change, Holidays, Timeline};
use crate::domain::schedule::Schedule;
use jiff::{SignedDuration, Timestamp};
use std::sync::OnceLock;

/// A weekend, and the day before it.
const NEAR_BACK_HOURS: i64 = 3 * 24;
const NEAR_AHEAD_HOURS: i64 = 5 * 24;
/// How far ahead and back the last and the next change are looked for: more than a year, in growing steps.
const HORIZON_DAYS: [i64; 3] = [40, 130, 410];
/// Older changes are not counted as missed one by one.
const MISSED_DAYS: i64 = 35;

#[derive(Debug)]
pub struct Course<'a> {
    schedule: &'a Schedule,
    holidays: Holidays<'a>,
    near: Timeline,
    back: OnceLock<Timeline>,
    last: OnceLock<Option<Change>>,
    next: OnceLock<Option<Change>>,
    now: Timestamp,
}

impl<'a> Course<'a> {
    #[must_use]
    pub fn new(schedule: &'a Schedule, holidays: Holidays<'a>, now: Timestamp) -> Self {
        let (from, to) = (hours_from(now, -NEAR_BACK_HOURS), hours_from(now, NEAR_AHEAD_HOURS));
        let near = Timeline::compile(schedule, &holidays, from, to);
        let (back, last, next) = (OnceLock::new(), OnceLock::new(), OnceLock::new());
        Self { schedule, holidays, near, back, last, next, now }
    }

    #[must_use]
    pub fn at(&self, at: Timestamp) -> Change {
        if self.is_near(at) { self.near.at(at) } else { self.compile(at, at).at(at) }
    }

    /// The last change up to an instant; none for as long as the horizon goes back.
    #[must_use]
    pub fn last_change(&self, until: Timestamp) -> Option<Change> {
        let near = self.is_near(until).then(|| self.near.last_change_before(until)).flatten();
        near.or_else(|| {
            if until == self.now {
                *self.last.get_or_init(|| self.search_back(until))
            } else {
                self.search_back(until)
            }
        })
    }

    /// None within the horizon.
    #[must_use]
    pub fn next_change(&self, after: Timestamp) -> Option<Change> {
        let near = self.is_near(after).then(|| self.near.next_change_after(after)).flatten();
        near.or_else(|| {
            let search = || self.search_ahead(after);
            if after == self.now { *self.next.get_or_init(search) } else { search() }
        })
    }

    /// Changes in `(after, until]`, at most those of the last five weeks.
    #[must_use]
    pub fn recent_changes(&self, after: Timestamp, until: Timestamp) -> &[Change] {
        if self.is_near(after) && self.is_near(until) {
            return self.near.changes(after, until);
        }
        let from = hours_from(self.now, -MISSED_DAYS * 24);
        self.back.get_or_init(|| self.compile(from, self.near.to())).changes(after, until)
    }

    fn is_near(&self, at: Timestamp) -> bool {
        (self.near.from()..self.near.to()).contains(&at)
    }

    fn search_back(&self, until: Timestamp) -> Option<Change> {
        HORIZON_DAYS.iter().find_map(|days| {
            let to = until.saturating_add(SignedDuration::from_nanos(1)).unwrap_or(until);
            self.compile(hours_from(until, -days * 24), to).last_change_before(until)
        })
    }

    fn search_ahead(&self, after: Timestamp) -> Option<Change> {
        HORIZON_DAYS
            .iter()
            .find_map(|days| self.compile(after, hours_from(after, days * 24)).next_change_after(after))
    }

    fn compile(&self, from: Timestamp, to: Timestamp) -> Timeline {
        Timeline::compile(self.schedule, &self.holidays, from, to)
    }
}

fn hours_from(at: Timestamp, hours: i64) -> Timestamp {
    let end = if hours < 0 { Timestamp::MIN } else { Timestamp::MAX };
    at.saturating_add(SignedDuration::from_hours(hours)).unwrap_or(end)
}
