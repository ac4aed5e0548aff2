//! Schedules: when something shall run, and what follows from that for a resource at an instant.
//!
//! Pure: the same schedule, memory and instant give the same decision, in the service's loop, in a preview and
//! in the savings. What is not understood never leads to an action.

mod calendar;
mod config;
mod decide;
mod document;
mod eligibility;
mod memory;
mod observed;
mod overrides;
mod target;
mod verification;

pub use calendar::Calendar;
pub use config::{Assignment, Config, KnownSchedule, NoPlan, Plan};
pub use decide::{Decision, Reason, decide};
pub use document::{OnHoliday, Options, Period, Schedule, ScheduleError};
pub use eligibility::{Ineligible, check_eligibility};
pub use memory::{LastAction, Memory, Retry, ScheduleKey};
pub use observed::{Facts, Member, Observed, Power};
pub use overrides::{Override, OverrideScope, OverrideState};
pub use target::{Target, TargetKind};
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
}
