//! Leave to do more at once than may be done without asking.
//!
//! Invariant: it is about one schedule's text in one account and one action. Another revision needs a new one.

use super::{Action, Target, TargetKind};
use crate::domain::{
    finding::text_enum,
    ids::{AccountId, ApprovalId},
    region::Region,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

text_enum! {
    ApprovalStatus {
        /// Waits for an administrator, until it expires.
        Open = "open",
        Approved = "approved",
        Refused = "refused",
        /// It was for once, and that was done.
        Used = "used",
    }
}

/// One of the resources that wait, as it was when somebody was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct WaitingResource {
    #[schema(value_type = String)]
    pub region: Region,
    pub kind: TargetKind,
    #[schema(value_type = String)]
    pub resource_id: Box<str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub name: Option<Box<str>>,
}

impl WaitingResource {
    #[must_use]
    pub fn of(target: &Target, name: Option<&str>) -> Self {
        Self {
            region: target.region.clone(),
            kind: target.kind,
            resource_id: target.id.clone(),
            name: name.map(Into::into),
        }
    }

    #[must_use]
    pub fn is(&self, target: &Target) -> bool {
        self.region == target.region && self.kind == target.kind && self.resource_id == target.id
    }
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApprovalSubject {
    pub account: AccountId,
    /// A schedule's name: whoever decides knows it by that.
    pub schedule_name: String,
    pub revision: i64,
    pub action: Action,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    pub id: ApprovalId,
    pub subject: ApprovalSubject,
    pub resources: Vec<WaitingResource>,
    /// Why it has to be asked: `60 stops at once, more than 50`.
    pub reason: String,
    pub status: ApprovalStatus,
    /// Holds for every further time, for as long as the schedule keeps its revision.
    pub standing: bool,
    pub requested_at: Timestamp,
    /// Nobody decided until then: it counts as refused. A standing one does not end by it.
    pub expires_at: Timestamp,
    pub decided_at: Option<Timestamp>,
    pub decided_by: Option<String>,
    pub note: Option<String>,
}

impl Approval {
    /// Whether the resource may be acted upon by it: one that is for once is about the resources that were shown.
    #[must_use]
    pub fn covers(&self, target: &Target) -> bool {
        self.status == ApprovalStatus::Approved
            && (self.standing || self.resources.iter().any(|resource| resource.is(target)))
    }

    #[must_use]
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.status == ApprovalStatus::Open && now < self.expires_at
    }
}

/// An administrator's word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApprovalDecision {
    /// For the resources that wait.
    ApproveOnce,
    /// For as long as the schedule keeps its revision.
    ApproveStanding,
    Refuse,
}

impl ApprovalDecision {
    #[must_use]
    pub const fn status(self) -> ApprovalStatus {
        match self {
            Self::ApproveOnce | Self::ApproveStanding => ApprovalStatus::Approved,
            Self::Refuse => ApprovalStatus::Refused,
        }
    }
}
