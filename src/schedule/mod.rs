//! Starting and stopping at AWS: seeing what is tagged, and the only calls that change a customer's resource.
//!
//! When and whether is decided in `domain::schedule` and recorded by `service::scheduler`; here is only how.
//!
//! Invariants: no write client is used outside `actuator`; a call needs an [`Order`], an order needs a
//! [`TagProof`], and a proof is made from a resource that was just seen with the tag and is eligible.

mod actuator;
mod ledger;
mod observe;
mod order;

pub use actuator::carry_out;
pub use ledger::Ledger;
pub use observe::{Seen, Which, observe, regions};
pub use order::{Order, Outcome, OutcomeStatus, TagProof};

pub use crate::domain::schedule::{
    Accepted, Ineligible, Verification, check_eligibility, judge_verification, verify_after,
};

#[cfg(test)]
mod lab;
