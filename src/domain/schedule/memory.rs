//! What Tuner remembers of a resource from tick to tick. Without it a level could not be told from a change.
//!
//! Invariant: while nothing happens the memory stays as it is, byte for byte, so that a quiet tick writes nothing.

use super::{Action, Desired, Reason};
use crate::domain::ids::ScheduleId;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// Pauses before the tries after a failure; the last one goes on.
const BACKOFF_MINUTES: [i64; 5] = [5, 10, 20, 40, 60];
/// What needs somebody's hand first is tried again that rarely.
const REFUSED_MINUTES: i64 = 60;

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
    /// Up to when changes were dealt with. Moves only when there was one: what lies between this and now was
    /// missed if it is too old.
    pub looked_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_action: Option<LastAction>,
    /// A change that was decided in time and could not be carried out yet: it does not grow too old.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pending_since: Option<Timestamp>,
    /// Why the pending one was decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pending_reason: Option<Reason>,
    /// Was running before its period began, by somebody else's hand.
    #[serde(default)]
    pub started_by_hand: bool,
    /// Of the last tries that failed; kept until a try is seen to have succeeded.
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

/// Time that a resource was off because of Tuner, over now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OffSpan {
    pub from: Timestamp,
    pub until: Timestamp,
}

impl Memory {
    /// Of a resource whose state needed no setting.
    #[must_use]
    pub const fn new(schedule: ScheduleKey, desired: Desired, looked_at: Timestamp) -> Self {
        Self {
            schedule,
            desired,
            looked_at,
            last_action: None,
            pending_since: None,
            pending_reason: None,
            started_by_hand: false,
            retry: None,
            restart_due: None,
            off_since: None,
        }
    }

    /// AWS took the call. It is not certain yet that it comes true: see [`Self::after_verified`].
    #[must_use]
    pub fn after_accepted(self, action: Action, at: Timestamp) -> Self {
        Self {
            last_action: Some(LastAction { action, at }),
            off_since: self.off_since.or(Some(at)).filter(|_| action == Action::Stop),
            restart_due: None,
            ..self.settled(action)
        }
    }

    /// It was in that state already: not Tuner's doing, so nothing is counted from now on.
    #[must_use]
    pub fn after_no_op(self, action: Action) -> Self {
        Self { retry: None, ..self.settled(action) }
    }

    /// The state was seen.
    #[must_use]
    pub fn after_verified(self) -> Self {
        Self { retry: None, ..self }
    }

    /// The call failed for a time, or was accepted and did not come true.
    #[must_use]
    pub fn after_failed(self, action: Action, code: &str, at: Timestamp) -> Self {
        let failures = self.failures_of(action).saturating_add(1);
        let step = usize::try_from(failures).unwrap_or(usize::MAX).saturating_sub(1);
        let minutes = BACKOFF_MINUTES.get(step).copied().unwrap_or(60);
        self.retrying(Retry { action, failures, not_before: later(at, minutes), code: code.into() }, at)
    }

    /// It will not work until somebody changes something.
    #[must_use]
    pub fn after_refused(self, action: Action, code: &str, at: Timestamp) -> Self {
        let failures = self.failures_of(action).saturating_add(1);
        let not_before = later(at, REFUSED_MINUTES);
        self.retrying(Retry { action, failures, not_before, code: code.into() }, at)
    }

    /// The call was made and nobody knows what became of it: the next look tells. Until then it counts as done
    /// where the opposite is asked for.
    #[must_use]
    pub fn after_unknown(self, action: Action, at: Timestamp) -> Self {
        Self {
            last_action: Some(LastAction { action, at }),
            pending_since: self.pending_since.or(Some(at)),
            ..self
        }
    }

    /// It follows no schedule any more: what it was off is over, what was pending will not be done.
    #[must_use]
    pub fn after_leaving(self, at: Timestamp) -> (Self, Option<OffSpan>) {
        let span = self.off_since.filter(|from| *from < at).map(|from| OffSpan { from, until: at });
        (Self { off_since: None, pending_since: None, pending_reason: None, retry: None, ..self }, span)
    }

    fn settled(self, action: Action) -> Self {
        Self {
            desired: action.desired(),
            pending_since: None,
            pending_reason: None,
            started_by_hand: false,
            ..self
        }
    }

    fn retrying(self, retry: Retry, at: Timestamp) -> Self {
        let off_since = if retry.action == Action::Stop { None } else { self.off_since };
        Self { retry: Some(retry), pending_since: self.pending_since.or(Some(at)), off_since, ..self }
    }

    fn failures_of(&self, action: Action) -> u32 {
        self.retry.as_ref().filter(|retry| retry.action == action).map_or(0, |retry| retry.failures)
    }
}

/// At the end of time, then.
pub(super) fn later(at: Timestamp, minutes: i64) -> Timestamp {
    at.saturating_add(SignedDuration::from_mins(minutes)).unwrap_or(Timestamp::MAX)
}
