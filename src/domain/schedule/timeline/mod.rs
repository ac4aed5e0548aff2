//! When the wanted state changes.
//!
//! Each local day's period becomes one interval of instants, then they are united: neither the hour that is
//! repeated in autumn nor the one that is left out in spring can make a state flap.

mod compile;
mod course;
mod holidays;
mod instants;

pub use course::Course;
pub use holidays::Holidays;

use super::{Desired, Schedule};
use jiff::Timestamp;
use serde::Serialize;

/// From `at` on, until the next one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    pub at: Timestamp,
    pub state: Desired,
    /// There is no opinion because a start falls on a holiday.
    #[serde(skip)]
    pub holiday: bool,
}

/// A schedule's states over the window `[from, to)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timeline {
    /// The state at the window's begin, whenever it began.
    first: Change,
    to: Timestamp,
    /// After `from`, each another state than the one before.
    changes: Vec<Change>,
}

impl Timeline {
    /// An empty window gives the state at its begin.
    #[must_use]
    pub fn compile(schedule: &Schedule, holidays: &Holidays, from: Timestamp, to: Timestamp) -> Self {
        compile::compile(schedule, holidays, from, to)
    }

    #[must_use]
    pub fn from(&self) -> Timestamp {
        self.first.at
    }

    #[must_use]
    pub fn to(&self) -> Timestamp {
        self.to
    }

    /// The state at the begin, at the begin, then each change.
    pub fn iter(&self) -> impl Iterator<Item = Change> {
        std::iter::once(self.first).chain(self.changes.iter().copied())
    }

    /// What is in force at an instant of the window.
    #[must_use]
    pub fn at(&self, at: Timestamp) -> Change {
        self.last_change_before(at).unwrap_or(self.first)
    }

    /// The last change within the window, at the instant or before it.
    #[must_use]
    pub fn last_change_before(&self, at: Timestamp) -> Option<Change> {
        self.changes.get(self.count_until(at).checked_sub(1)?).copied()
    }

    #[must_use]
    pub fn next_change_after(&self, at: Timestamp) -> Option<Change> {
        self.changes.get(self.count_until(at)).copied()
    }

    /// Changes in `(after, until]`, as far as the window goes.
    #[must_use]
    pub fn changes(&self, after: Timestamp, until: Timestamp) -> &[Change] {
        self.changes.get(self.count_until(after)..self.count_until(until)).unwrap_or_default()
    }

    /// How many changes there are up to an instant.
    fn count_until(&self, at: Timestamp) -> usize {
        self.changes.partition_point(|change| change.at <= at)
    }
}

#[cfg(test)]
mod tests;
