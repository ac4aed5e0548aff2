//! What holds the scheduler back beside its schedules: kill switches and suspensions.

use crate::domain::{finding::text_enum, ids::AccountId};
use jiff::Timestamp;

text_enum! {
    /// Whom a kill switch holds back.
    StopScope {
        Organization = "organization",
        /// Everybody, by who runs the server.
        Installation = "installation",
    }
}

/// A kill switch that is on: nothing is started or stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stopped {
    pub scope: StopScope,
    pub reason: String,
    pub stopped_by: String,
    pub stopped_at: Timestamp,
}

/// An account in which nothing is started or stopped for now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountSuspension {
    pub account: AccountId,
    pub reason: String,
    pub suspended_by: String,
    pub suspended_at: Timestamp,
}
