//! A customer's AWS account as it is linked.

use super::{arn::RoleArn, external_id::ExternalId, finding::text_enum, ids::AccountId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

text_enum! {
    AccountStatus {
        /// Waits for the customer's role.
        Pending = "pending",
        /// Its role passed every step of the verification.
        Linked = "linked",
        /// It was linked, and its role does not pass any more.
        Drifted = "drifted",
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    pub id: AccountId,
    pub name: String,
    pub status: AccountStatus,
    pub external_id: ExternalId,
    /// The second one during a rotation: used once the customer's trust policy accepts it.
    pub next_external_id: Option<ExternalId>,
    pub role_arn: Option<RoleArn>,
    pub scheduler_role_arn: Option<RoleArn>,
    pub created_at: Timestamp,
    pub external_id_since: Timestamp,
    pub verified_at: Option<Timestamp>,
    pub last_scan_at: Option<Timestamp>,
}

text_enum! {
    /// The steps of the verification, in their order.
    VerificationStep {
        AssumeWithExternalId = "assumeWithExternalId",
        RefuseWithoutExternalId = "refuseWithoutExternalId",
        RefuseWrongExternalId = "refuseWrongExternalId",
        AccountMatches = "accountMatches",
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct StepOutcome {
    pub step: VerificationStep,
    pub passed: bool,
    /// What was seen and, where it failed, how to mend it.
    pub detail: String,
}

fn yes() -> bool {
    true
}

/// The answer of a verification: linked only if every step passed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Verification {
    pub passed: bool,
    /// False where AWS could not be asked: then a step that did not pass says nothing about the role.
    #[serde(default = "yes")]
    pub conclusive: bool,
    pub steps: Vec<StepOutcome>,
}

/// An account of the customer's AWS organisation, as AWS lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrganizationAccount {
    pub id: AccountId,
    pub name: String,
    /// Neither suspended nor being closed.
    pub active: bool,
}
