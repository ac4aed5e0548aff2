//! From desired state to action: a level with memory.

use super::{Action, Desired, Memory, Observed, Plan};
use crate::domain::finding::text_enum;
use jiff::Timestamp;

text_enum! {
    /// Why something is done, or is not.
    Reason {
        /// The schedule wants another state than before.
        ScheduleChange = "scheduleChange",
        /// `stopNew`, `startNew`.
        FirstSight = "firstSight",
        OverrideChange = "overrideChange",
        Enforced = "enforced",
        RetryAfterFailure = "retryAfterFailure",
        /// AWS starts a database that was stopped for seven days.
        RestartedByAws = "restartedByAws",
        /// Nothing has changed: what people did since is respected.
        Unchanged = "unchanged",
        NoOpinion = "noOpinion",
        /// The change is due and the resource is in that state already.
        AlreadyThere = "alreadyThere",
        /// First sight, and the options leave new ones alone.
        NewLeftAlone = "newLeftAlone",
        KeptStartedByHand = "keptStartedByHand",
        HolidayNoStart = "holidayNoStart",
        OverrideLeave = "overrideLeave",
        /// The change is older than the catch-up window.
        Missed = "missed",
        /// The opposite was done less than five minutes ago.
        TooSoon = "tooSoon",
        WaitingForStableState = "waitingForStableState",
        WaitingForRetry = "waitingForRetry",
        Gone = "gone",
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    pub desired: Desired,
    pub action: Option<Action>,
    pub reason: Reason,
    /// When the change that leads to the action was due.
    pub due_at: Timestamp,
    /// What to remember if there is no action. Where there is one, the outcome settles it: see `Memory`.
    pub memory: Memory,
    /// Changes since the last look that nobody will catch up.
    pub missed: u32,
    /// When the desired state changes next; none within the horizon.
    pub next_change_at: Option<Timestamp>,
}

#[must_use]
pub fn decide(plan: &Plan<'_>, _observed: &Observed, _memory: Option<&Memory>, now: Timestamp) -> Decision {
    Decision {
        desired: Desired::None,
        action: None,
        reason: Reason::NoOpinion,
        due_at: now,
        memory: Memory {
            schedule: plan.key,
            desired: Desired::None,
            looked_at: now,
            last_action: None,
            pending_since: None,
            started_by_hand: false,
            retry: None,
            restart_due: None,
            off_since: None,
        },
        missed: 0,
        next_change_at: None,
    }
}
