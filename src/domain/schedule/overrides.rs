//! An override: for a while somebody decides instead of the schedule. It always has an end.

use super::{Desired, Target};
use crate::domain::{
    finding::text_enum,
    ids::{OverrideId, ScheduleId, UserId},
};
use jiff::{SignedDuration, Timestamp};

text_enum! {
    OverrideState {
        Running = "running",
        Stopped = "stopped",
        /// Hands off: neither start nor stop.
        Leave = "leave",
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OverrideScope {
    Schedule(ScheduleId),
    Resource(Target),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override {
    pub id: OverrideId,
    pub scope: OverrideScope,
    pub state: OverrideState,
    pub reason: String,
    /// In force in `[from, until)`; ended early, `until` is when.
    pub from: Timestamp,
    pub until: Timestamp,
    pub actor: UserId,
    pub actor_name: String,
}

impl Override {
    #[must_use]
    pub fn in_force(&self, at: Timestamp) -> bool {
        self.from <= at && at < self.until
    }
}

impl OverrideState {
    #[must_use]
    pub const fn desired(self) -> Desired {
        match self {
            Self::Running => Desired::Running,
            Self::Stopped => Desired::Stopped,
            Self::Leave => Desired::None,
        }
    }
}

/// The overrides that concern one resource, the strongest first: those on itself before those on its schedule,
/// and of each the newest.
#[derive(Clone, Copy, Debug, Default)]
pub struct Overrides<'a> {
    pub of_resource: &'a [&'a Override],
    pub of_schedule: &'a [&'a Override],
}

impl<'a> Overrides<'a> {
    /// The one that decides.
    #[must_use]
    pub fn in_force(&self, at: Timestamp) -> Option<&'a Override> {
        self.iter().find(|entry| entry.in_force(at))
    }

    /// When the last one came to decide, or to decide no more; an override that another hides does neither.
    #[must_use]
    pub fn last_turn(&self, until: Timestamp) -> Option<Timestamp> {
        let turns = self.iter().flat_map(|entry| [entry.from, entry.until]).filter(|at| *at <= until);
        turns.filter(|at| self.is_turn(*at)).max()
    }

    #[must_use]
    pub fn next_turn(&self, after: Timestamp) -> Option<Timestamp> {
        let turns = self.iter().flat_map(|entry| [entry.from, entry.until]).filter(|at| *at > after);
        turns.filter(|at| self.is_turn(*at)).min()
    }

    fn is_turn(&self, at: Timestamp) -> bool {
        let id = |entry: Option<&Override>| entry.map(|entry| entry.id);
        let before = at.saturating_sub(SignedDuration::from_nanos(1)).unwrap_or(at);
        id(self.in_force(before)) != id(self.in_force(at))
    }

    fn iter(&self) -> impl Iterator<Item = &'a Override> {
        self.of_resource.iter().chain(self.of_schedule).copied()
    }
}
