//! What Tuner remembers of a resource from tick to tick. Without it a level could not be told from a change.

use super::{Action, Desired};
use crate::domain::ids::ScheduleId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Which text of which schedule a decision was made by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ScheduleKey {
    pub id: ScheduleId,
    pub revision: i64,
}

/// Kept as a document; a field that is not there any more is ignored, a new one has a default.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Memory {
    pub schedule: ScheduleKey,
    /// The last state that was set, or that needed no setting. What differs from it is a change.
    pub desired: Desired,
    /// Up to when changes were looked at: what lies between this and now was missed if it is too old.
    pub looked_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_action: Option<LastAction>,
    /// A change that was decided in time and could not be carried out yet: it does not grow too old.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pending_since: Option<Timestamp>,
    /// Was running before its period began, by somebody else's hand.
    #[serde(default)]
    pub started_by_hand: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry: Option<Retry>,
    /// When AWS starts the stopped database by itself, as last seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restart_due: Option<Timestamp>,
    /// Since when it is off because of Tuner: the hours that are counted as saved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub off_since: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LastAction {
    pub action: Action,
    pub at: Timestamp,
}

/// A start or stop that failed and is tried again, ever more slowly.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Retry {
    pub action: Action,
    pub failures: u32,
    pub not_before: Timestamp,
    /// AWS's code.
    pub code: Box<str>,
}
