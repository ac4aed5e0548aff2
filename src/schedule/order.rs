//! What shall be done to one resource, and what became of it.

use crate::domain::{
    finding::text_enum,
    ids::ActionId,
    schedule::{Action, Observed, Target},
};
use std::time::Duration;

/// Says that the resource was seen with `Scheduler=Enabled`, is eligible and in a state that the action can
/// begin from. Made here alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagProof(());

impl TagProof {
    /// None where the tag is not there, exactly.
    #[must_use]
    pub fn of(observed: &Observed) -> Option<Self> {
        observed.tags.scheduled().then_some(Self(()))
    }
}

#[derive(Clone, Debug)]
pub struct Order {
    pub id: ActionId,
    pub target: Target,
    pub action: Action,
    /// Starts of one type in one zone go together: capacity is by both.
    pub group: Box<str>,
    #[expect(dead_code, reason = "holding it is its use")]
    proof: TagProof,
}

impl Order {
    #[must_use]
    pub fn new(id: ActionId, observed: &Observed, action: Action, proof: TagProof) -> Self {
        let group = format!("{}/{}", observed.facts.size, observed.facts.zone).into();
        Self { id, target: observed.target.clone(), action, group, proof }
    }
}

text_enum! {
    OutcomeStatus {
        /// AWS took the call; whether it came true is seen later.
        Accepted = "accepted",
        /// It was in that state already.
        NoOp = "noOp",
        /// Capacity, limits, throttling, a state that has just changed: tried again, slowly.
        Retry = "retry",
        /// It will not work until somebody changes something: no permission, no tag, stop protection, ….
        Refused = "refused",
        /// The call was made and no answer came: seen at the next tick.
        Unknown = "unknown",
        /// Not called: the ledger did not admit it.
        NotAdmitted = "notAdmitted",
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    pub id: ActionId,
    pub status: OutcomeStatus,
    /// AWS's code; empty if it took the call.
    pub code: String,
    /// One line for people, without secrets.
    pub message: String,
    pub request_id: Option<String>,
    /// How long AWS needs at least before the state says something.
    pub verify_after: Duration,
}
