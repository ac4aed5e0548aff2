//! Schedules: when something shall run, and what follows from that for a resource at an instant.
//!
//! Pure: the same schedule, memory and instant give the same decision, in the service's loop, in a preview and
//! in the savings. What is not understood never leads to an action.
//!
//! A document becomes a [`Schedule`], that and its calendars a [`Timeline`]; a [`Config`] prepared for an
//! instant tells which [`Plan`] a resource follows, and [`decide`] compares it with the [`Memory`].

mod approval;
mod calendar;
mod config;
pub mod cost;
mod decide;
mod document;
mod eligibility;
mod history;
mod memory;
mod observed;
mod overrides;
mod plan;
mod prepared;
pub mod preview;
mod shard;
mod standing;
mod target;
mod timeline;
mod verification;

pub use approval::{Approval, ApprovalDecision, ApprovalStatus, ApprovalSubject, WaitingResource};
pub use calendar::Calendar;
pub use config::{Assignment, Config, KnownSchedule, NoPlan};
pub use decide::{Decision, Reason, decide, decide_seen};
pub use document::{ClockTime, OnHoliday, Options, Period, Schedule, ScheduleError};
pub use eligibility::{Ineligible, check_eligibility};
pub use history::{
    ActionRecord, ActionStatus, OffSince, RunCounts, RunFailure, RunRecord, RunStatus, RunSummary,
    ScheduleDay, ScheduledAccount, ScheduledRegion, ScheduledResource, StartedFor,
};
pub use memory::{LastAction, Memory, OffSpan, Retry, ScheduleKey};
pub use observed::{Facts, Member, Observed, Power, Seen};
pub use overrides::{Override, OverrideScope, OverrideState};
pub use plan::Plan;
pub use prepared::Prepared;
pub use shard::{SHARDS, Shard, shard_of};
pub use standing::{AccountSuspension, StopScope, Stopped};
pub use target::{Target, TargetKind};
pub use timeline::{Change, Holidays, Timeline};
pub use verification::{Accepted, Verification, judge_verification, verify_after};

use super::finding::text_enum;

text_enum! {
    /// What a schedule wants at an instant.
    Desired {
        Running = "running",
        Stopped = "stopped",
        /// No opinion: leave it as it is.
        None = "none",
    }
}

impl Desired {
    /// What leads there; nothing where there is no opinion.
    #[must_use]
    pub const fn action(self) -> Option<Action> {
        match self {
            Self::Running => Some(Action::Start),
            Self::Stopped => Some(Action::Stop),
            Self::None => None,
        }
    }
}

text_enum! {
    /// The only two things that Tuner ever does to a customer's resource.
    Action {
        Start = "start",
        Stop = "stop",
    }
}

impl Action {
    #[must_use]
    pub const fn opposite(self) -> Self {
        match self {
            Self::Start => Self::Stop,
            Self::Stop => Self::Start,
        }
    }

    /// What is seen when it has succeeded.
    #[must_use]
    pub const fn leads_to(self) -> Power {
        match self {
            Self::Start => Power::Running,
            Self::Stop => Power::Stopped,
        }
    }

    /// The wish that it fulfils.
    #[must_use]
    pub const fn desired(self) -> Desired {
        match self {
            Self::Start => Desired::Running,
            Self::Stop => Desired::Stopped,
        }
    }
}
