//! What one resource follows: a schedule's timeline with the overrides on it.

use super::{Change, Desired, Options, ScheduleKey};
use jiff::Timestamp;

#[derive(Clone, Debug)]
pub struct Plan<'a> {
    pub name: &'a str,
    pub key: ScheduleKey,
    pub options: &'a Options,
}

impl Plan<'_> {
    /// The state wanted at an instant, overrides included.
    #[must_use]
    pub fn desired_at(&self, _at: Timestamp) -> Desired {
        Desired::None
    }

    /// The next changes after an instant, overrides included; fewer where the horizon of 400 days ends.
    #[must_use]
    pub fn next_changes(&self, _after: Timestamp, _count: usize) -> Vec<Change> {
        Vec::new()
    }
}
