//! A scan: what was asked, what it cost, what is missing.

use super::{
    finding::text_enum,
    ids::{AccountId, ScanId},
    money::MicroUsd,
    region::Region,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

text_enum! {
    ScanStatus {
        Running = "running",
        /// Everything that was asked for was read.
        Complete = "complete",
        /// Something is missing: see the gaps.
        Partial = "partial",
        /// Nothing could be read: no session, no region.
        Failed = "failed",
        /// The server stopped in between; nothing was changed.
        Interrupted = "interrupted",
        /// Somebody stopped it; nothing was changed.
        Cancelled = "cancelled",
    }
}

text_enum! {
    /// Why a call did not give its data.
    GapReason {
        AccessDenied = "accessDenied",
        Throttled = "throttled",
        ExpiredCredentials = "expiredCredentials",
        RegionDisabled = "regionDisabled",
        Unreachable = "unreachable",
        InvalidReply = "invalidReply",
        ServiceError = "serviceError",
        /// The month's budget for calls that AWS charges for is spent.
        BudgetSpent = "budgetSpent",
    }
}

/// Data that could not be collected. What rests on it is unknown, not absent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Gap {
    #[schema(value_type = String)]
    pub region: Region,
    /// The IAM action that the call needs: `ec2:DescribeVolumes`.
    pub action: String,
    pub reason: GapReason,
    /// AWS's error code, never its free text: that may hold names of the customer.
    pub code: String,
}

/// Calls by service and operation, and what AWS charges for them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ApiUsage {
    /// `ec2` → `DescribeVolumes` → calls, retries included.
    pub calls: BTreeMap<String, BTreeMap<String, u64>>,
    pub total_calls: u64,
    /// Metrics asked of `GetMetricData`: it bills those, not calls.
    pub metrics_requested: u64,
    pub throttled_calls: u64,
    #[schema(value_type = String, example = "0.02")]
    pub estimated_cost: MicroUsd,
}

/// An action as the permission report lists it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PermissionState {
    pub action: String,
    pub status: PermissionStatus,
    /// Which rules and collectors know nothing without it.
    pub needed_by: Vec<String>,
}

text_enum! {
    PermissionStatus {
        Granted = "granted",
        Denied = "denied",
        NotTried = "notTried",
    }
}

/// What is kept of a scan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Scan {
    #[schema(value_type = String, format = "uuid")]
    pub id: ScanId,
    #[schema(value_type = String, example = "123456789012")]
    pub account_id: AccountId,
    pub status: ScanStatus,
    #[schema(value_type = String, format = "date-time")]
    pub started_at: Timestamp,
    #[schema(value_type = Option<String>, format = "date-time")]
    pub finished_at: Option<Timestamp>,
    #[schema(value_type = Vec<String>)]
    pub regions: Vec<Region>,
}
