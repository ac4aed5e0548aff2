//! All that decides about an organisation's resources at a tick, and which part of it a resource follows.

use super::{Calendar, Override, Prepared, Schedule, ScheduleKey};
use crate::domain::{
    finding::text_enum,
    ids::{AccountId, AssignmentId, ScheduleId},
    region::Region,
};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, Debug)]
pub struct KnownSchedule {
    pub key: ScheduleKey,
    pub schedule: Schedule,
    pub suspended: bool,
    /// When its meaning changed last.
    pub changed_at: Timestamp,
}

/// Resources without a tag `Schedule` follow the most specific assignment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    pub id: AssignmentId,
    pub schedule: ScheduleId,
    pub account: AccountId,
    pub region: Option<Region>,
    /// Key and value.
    pub tag: Option<(String, String)>,
    pub created_at: Timestamp,
}

#[derive(Clone, Debug, Default)]
pub struct Config {
    /// By name: the value of the tag `Schedule`.
    pub schedules: BTreeMap<String, KnownSchedule>,
    pub calendars: BTreeMap<String, Calendar>,
    pub assignments: Vec<Assignment>,
    /// Those in force, to come, or over since the longest catch-up window.
    pub overrides: Vec<Override>,
    pub suspended_accounts: BTreeSet<AccountId>,
}

text_enum! {
    /// Why a tagged resource follows nothing now. Shown as such; never a reason to act.
    NoPlan {
        NoSchedule = "noSchedule",
        UnknownSchedule = "unknownSchedule",
        /// `Schedule=ignore`.
        Exempt = "exempt",
        ScheduleSuspended = "scheduleSuspended",
        AccountSuspended = "accountSuspended",
        /// The schedule names a calendar that is not there.
        UnknownCalendar = "unknownCalendar",
        /// Two assignments are equally specific and name different schedules.
        AmbiguousAssignment = "ambiguousAssignment",
        /// The gate `Scheduler=Enabled` is not there.
        NotTagged = "notTagged",
    }
}

impl Config {
    /// Ready for one tick: timelines are made when the first resource needs them, and kept.
    #[must_use]
    pub fn prepare(&self, now: Timestamp) -> Prepared<'_> {
        Prepared::new(self, now)
    }
}
