//! When the wanted state changes.

use super::{Calendar, Desired, Schedule};
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;

/// From `at` on, until the next one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    pub at: Timestamp,
    pub state: Desired,
}

/// The days on which a schedule's holidays fall.
#[derive(Clone, Debug, Default)]
pub struct Holidays;

impl Holidays {
    /// Of the calendars that a schedule names; those that are not there are left out.
    #[must_use]
    pub fn of(_schedule: &Schedule, _calendars: &BTreeMap<String, Calendar>) -> Self {
        Self
    }
}

/// A schedule's states over a window.
#[derive(Clone, Debug)]
pub struct Timeline;

impl Timeline {
    #[must_use]
    pub fn compile(_schedule: &Schedule, _holidays: &Holidays, _from: Timestamp, _to: Timestamp) -> Self {
        Self
    }
}
