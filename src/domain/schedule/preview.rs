//! What a schedule would do over a time, and what that saves.

use super::{Calendar, Change, Desired, Override, Schedule};
use crate::domain::money::MicroUsd;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// What is previewed. Overrides are those of the schedule; overrides of single resources do not count.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    pub schedule: &'a Schedule,
    pub calendars: &'a BTreeMap<String, Calendar>,
    pub overrides: &'a [Override],
}

impl View<'_> {
    /// The state at `from`, at `from`, then each change before `to`.
    #[must_use]
    pub fn changes(&self, from: Timestamp, _to: Timestamp) -> Vec<Change> {
        vec![Change { at: from, state: Desired::None }]
    }

    /// Calendars that the schedule names and that are not there: it would not be followed.
    #[must_use]
    pub fn unknown_calendars(&self) -> Vec<&str> {
        Vec::new()
    }

    /// How long it is off in `[from, to)`, and on average. A span below four weeks is not typical: the averages
    /// are of the year from `from` then.
    #[must_use]
    pub fn hours_off(&self, from: Timestamp, to: Timestamp) -> HoursOff {
        HoursOff {
            seconds_off: 0,
            seconds: 0,
            typical_seconds_off: 0,
            typical_seconds: to.duration_since(from).as_secs(),
        }
    }
}

/// Off is from a wanted stop to the next wanted start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HoursOff {
    pub seconds_off: i64,
    pub seconds: i64,
    /// What the averages are of.
    pub typical_seconds_off: i64,
    pub typical_seconds: i64,
}

impl HoursOff {
    /// Off in a month of 730 hours, in seconds.
    #[must_use]
    pub fn seconds_off_a_month(&self) -> i64 {
        0
    }

    /// Saved in a month of 730 hours by something of that price an hour, if no commitment covers it.
    #[must_use]
    pub fn saved_a_month(&self, _an_hour: MicroUsd) -> MicroUsd {
        MicroUsd::ZERO
    }
}
