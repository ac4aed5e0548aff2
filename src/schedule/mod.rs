//! Starting and stopping at AWS: seeing what is tagged, and the only calls that change a customer's resource.
//!
//! When and whether is decided in `domain::schedule` and recorded by `service::scheduler`; here is only how.
//!
//! Invariants: no write client is used outside `actuator`; a call needs an [`Order`], an order needs a
//! [`TagProof`], and a proof is made from a resource that was just seen with the tag and is eligible.

mod ledger;
mod order;

pub use ledger::Ledger;
pub use order::{Order, Outcome, OutcomeStatus, TagProof};
