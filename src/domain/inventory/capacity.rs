//! On-demand capacity reservations of EC2: billed as if instances ran on them.

use super::{Common, Platform, Shared};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CapacityReservation {
    #[serde(flatten)]
    pub common: Common,
    pub instance_type: Shared,
    pub platform: Platform,
    pub dedicated_tenancy: bool,
    pub total: i64,
    pub available: i64,
    pub active: bool,
    /// A capacity block for machine learning: paid in advance.
    pub block: bool,
    /// Until then it cannot be given back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub committed_until: Option<Timestamp>,
}
