//! From desired state to action: a level with memory.
//!
//! Each look compares what is wanted now with what was wanted last. Only what has turned since then leads to an
//! action, so that people may start and stop in between; `look` tells whether something has turned, `settle` what
//! follows, `books` keeps the time off.

mod books;
mod look;
mod settle;

use super::{Action, Desired, Memory, Observed, OffSpan, Plan, Seen};
use crate::domain::finding::text_enum;
use jiff::Timestamp;
use look::Look;

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
    /// Until then the same sight, memory and configuration give the same answer.
    pub look_again_at: Timestamp,
    /// Time off because of Tuner that has ended, for the books; `memory` does not hold it any more.
    pub off: Option<OffSpan>,
}

#[must_use]
pub fn decide(plan: &Plan<'_>, observed: &Observed, memory: Option<&Memory>, now: Timestamp) -> Decision {
    decide_seen(plan, observed.seen(), memory, now)
}

/// The same for what is not held whole.
#[must_use]
pub fn decide_seen(plan: &Plan<'_>, seen: Seen, memory: Option<&Memory>, now: Timestamp) -> Decision {
    let prospect = plan.prospect(now);
    match memory {
        Some(memory) if memory.schedule.id == plan.key.id => {
            Look { plan, seen, prospect, memory: memory.clone() }.known()
        }
        other => Look { plan, seen, prospect, memory: of_new(plan, other, now) }.first_sight(),
    }
}

/// What stays true of a resource that has followed another schedule so far, or none.
fn of_new(plan: &Plan<'_>, memory: Option<&Memory>, now: Timestamp) -> Memory {
    let new = Memory::new(plan.key, Desired::None, now);
    match memory.cloned() {
        None => new,
        Some(old) => Memory {
            last_action: old.last_action,
            restart_due: old.restart_due,
            off_since: old.off_since,
            ..new
        },
    }
}

#[cfg(test)]
mod tests;
