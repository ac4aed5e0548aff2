//! The scheduler at work: one tick compares what is wanted with what is there, for all accounts whose shard's
//! lease this server holds, and carries out the difference.
//!
//! plan (rows of the database, no call) → hold back what needs approval → for each account by itself: settle what
//! earlier ticks left open, look afresh at what is due, intent, call, outcome; then look around and plan again
//! what was found. What is wanted is decided in `domain::schedule`, calls are made in `schedule`; here are the
//! books: nothing is called that was not written down before, and nothing twice.
//!
//! Invariants: a call has an intent in the audit and a row with the lease's fence before it; a row of a resource
//! is written only under its shard's lease; what one account, region or resource does holds up no other.

mod acting;
mod approving;
mod desk;
mod intents;
mod judging;
mod ledger;
mod looking;
mod orphans;
mod outcomes;
mod planning;
mod report;
mod request;
mod settling;
mod shift;
mod states;
mod tick;
mod timer;

pub use report::{NotDone, ReportedAction, RunReport};
pub use request::{RunRequest, run};
pub use timer::{tick_all, watch_scheduler};
