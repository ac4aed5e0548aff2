//! From desired state to action: a level with memory.

use super::{Action, Desired, Memory, Observed, OffSpan, Plan, Seen};
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
        /// The clock shows less than at the last change: nothing is done until it has caught up.
        ClockWentBack = "clockWentBack",
        Gone = "gone",
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    pub desired: Desired,
    /// Carry it out now, or tell why not and ask again: [`Self::memory`] holds it as pending.
    pub action: Option<Action>,
    pub reason: Reason,
    /// When the change that leads to the action was due.
    pub due_at: Timestamp,
    /// What to remember from now on. Where there is an action, what comes of it settles it: `Memory::after_…`.
    pub memory: Memory,
    /// Changes since the last look that nobody will catch up.
    pub missed: u32,
    /// When the desired state changes next, by the schedule or an override; none within the horizon.
    pub next_change_at: Option<Timestamp>,
    /// Until then the same sight, memory and configuration give nothing new. None: for ever.
    pub look_again_at: Option<Timestamp>,
    /// Time off because of Tuner that has ended, for the books; `memory` does not hold it any more.
    pub off: Option<OffSpan>,
}

#[must_use]
pub fn decide(plan: &Plan<'_>, observed: &Observed, memory: Option<&Memory>, now: Timestamp) -> Decision {
    decide_seen(plan, observed.seen(), memory, now)
}

/// The same for what is not held whole.
#[must_use]
pub fn decide_seen(plan: &Plan<'_>, _seen: Seen, _memory: Option<&Memory>, now: Timestamp) -> Decision {
    Decision {
        desired: Desired::None,
        action: None,
        reason: Reason::NoOpinion,
        due_at: now,
        memory: Memory::new(plan.key, Desired::None, now),
        missed: 0,
        next_change_at: None,
        look_again_at: None,
        off: None,
    }
}
