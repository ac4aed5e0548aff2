//! What the scheduler did and why: actions from their intent to the state that was seen, and the runs they
//! belong to.

use super::{Action, Desired, Memory, Observed, Power, Target, cost::Coverage};
use crate::domain::{
    finding::text_enum,
    ids::{AccountId, ActionId, RunId},
    money::MicroUsd,
    region::Region,
};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

text_enum! {
    ActionStatus {
        /// Written down; not called yet.
        Intended = "intended",
        /// The call is on its way, or its outcome was lost.
        Called = "called",
        /// AWS took it; whether it came true is seen later.
        Accepted = "accepted",
        /// No answer came: what became of it is seen later.
        Unknown = "unknown",
        /// It was in that state already.
        NoOp = "noOp",
        /// The state was seen.
        Verified = "verified",
        /// It did not come to that state; tried again, slowly, while it is wanted.
        Failed = "failed",
        /// It will not work until somebody changes something.
        Refused = "refused",
        /// Never called: the kill switch, an override, a lost lease, or a server that died before.
        Abandoned = "abandoned",
    }
}

impl ActionStatus {
    /// Those that a later tick has to settle.
    pub const OPEN: [Self; 4] = [Self::Intended, Self::Called, Self::Accepted, Self::Unknown];
}

/// One start or stop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionRecord {
    pub id: ActionId,
    pub run: RunId,
    pub target: Target,
    pub resource_name: Option<String>,
    pub schedule_name: Option<String>,
    pub action: Action,
    /// A `Reason`, as it was then.
    pub reason: String,
    pub state_before: Power,
    pub status: ActionStatus,
    /// Of the lease under which it was decided.
    pub fence: i64,
    /// The sequence of its intent in the audit.
    pub audit_intent: Option<i64>,
    pub due_at: Timestamp,
    pub decided_at: Timestamp,
    pub called_at: Option<Timestamp>,
    /// AWS's code, or why it was not called.
    pub code: Option<String>,
    pub message: Option<String>,
    pub request_id: Option<String>,
    pub finished_at: Option<Timestamp>,
    /// Before that the state says nothing.
    pub verify_after: Option<Timestamp>,
    pub state_seen: Option<Power>,
    pub verified_at: Option<Timestamp>,
}

text_enum! {
    /// What began a run.
    StartedFor {
        /// The minute, in `tuner serve`.
        Timer = "timer",
        /// `POST /scheduler/run`.
        Request = "request",
        /// `tuner schedule run`.
        CommandLine = "commandLine",
    }
}

text_enum! {
    RunStatus {
        Running = "running",
        Complete = "complete",
        /// Some accounts, regions or resources could not be dealt with.
        Partial = "partial",
        Failed = "failed",
    }
}

/// A number of resources or accounts for which one thing holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct RunCounts {
    pub accounts: u64,
    pub resources: u64,
    pub decided: u64,
    pub started: u64,
    pub stopped: u64,
    pub no_ops: u64,
    pub failed: u64,
    pub refused: u64,
    pub unknown: u64,
    pub abandoned: u64,
    pub waiting_for_approval: u64,
    /// Changes that were too old to be caught up with.
    pub missed: u64,
    /// Actions of earlier runs that were settled.
    pub settled: u64,
    pub busy_shards: u64,
}

/// What could not be done, and where. Without a region it is about the account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RunFailure {
    #[schema(value_type = Option<String>)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_id: Option<AccountId>,
    #[schema(value_type = Option<String>)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<Region>,
    pub code: String,
    pub message: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct RunSummary {
    pub counts: RunCounts,
    pub failures: Vec<RunFailure>,
}

/// One tick that did something, was asked for, or failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunRecord {
    pub id: RunId,
    pub started_for: StartedFor,
    pub actor_name: String,
    pub dry_run: bool,
    pub status: RunStatus,
    pub started_at: Timestamp,
    pub finished_at: Option<Timestamp>,
    pub summary: Option<RunSummary>,
}

/// Off because of Tuner, and not yet in the book of days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OffSince {
    pub since: Timestamp,
    /// Of an hour, at the moment of stopping; none where no price is known.
    pub price: Option<MicroUsd>,
    pub coverage: Coverage,
}

/// A tagged resource as it is kept between ticks.
#[derive(Clone, Debug, PartialEq)]
pub struct ScheduledResource {
    pub observed: Observed,
    /// Which schedule it follows, or would if there were one of that name.
    pub schedule_name: Option<String>,
    pub desired: Option<Desired>,
    /// Why it is never started or stopped.
    pub ineligible: Option<String>,
    /// A `Reason`, or a `NoPlan`: why nothing is done now, or what was done last.
    pub reason: Option<String>,
    pub memory: Option<Memory>,
    pub next_change_at: Option<Timestamp>,
    pub off: Option<OffSince>,
    pub gone_at: Option<Timestamp>,
}

/// How an account is doing: the scheduler leaves it alone until `not_before`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScheduledAccount {
    /// When all its regions were looked at last.
    pub swept_at: Option<Timestamp>,
    pub failure: Option<String>,
    pub message: Option<String>,
    /// In a row.
    pub failures: u32,
    pub failed_at: Option<Timestamp>,
    pub not_before: Option<Timestamp>,
}

/// When a region was looked at last, and why it could not be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScheduledRegion {
    pub account: AccountId,
    pub region: Region,
    pub looked_at: Option<Timestamp>,
    pub failure: Option<String>,
    pub failed_at: Option<Timestamp>,
}

/// Time off of one resource on one day (UTC), and what it saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScheduleDay {
    pub target: Target,
    pub day: Date,
    pub schedule_name: Option<String>,
    pub seconds_off: i64,
    pub saved: MicroUsd,
    pub price: Option<MicroUsd>,
    pub coverage: Coverage,
    pub updated_at: Timestamp,
}
