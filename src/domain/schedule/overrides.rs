//! An override: for a while somebody decides instead of the schedule. It always has an end.

use super::Target;
use crate::domain::{
    finding::text_enum,
    ids::{OverrideId, ScheduleId, UserId},
};
use jiff::Timestamp;

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
