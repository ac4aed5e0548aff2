//! Redshift clusters, their manual snapshots and what is scheduled for them.

use super::{Common, Shared};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RedshiftCluster {
    #[serde(flatten)]
    pub common: Common,
    pub node_type: Shared,
    pub nodes: i64,
    pub status: Shared,
    pub in_vpc: bool,
    /// Keeps its keys in a hardware security module.
    pub hsm: bool,
    pub multi_az: bool,
    /// How long automated snapshots are kept, 0 where there are none.
    pub snapshot_days: i64,
}

impl RedshiftCluster {
    #[must_use]
    pub fn available(&self) -> bool {
        &*self.status == "available"
    }

    /// Redshift pauses only what is in a VPC, has snapshots, one availability zone and no hardware module.
    #[must_use]
    pub fn can_pause(&self) -> bool {
        self.in_vpc && self.snapshot_days > 0 && !self.hsm && !self.multi_az
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RedshiftSnapshot {
    #[serde(flatten)]
    pub common: Common,
    pub cluster_id: Box<str>,
    pub total_mib: i64,
    /// What this snapshot alone added; none where Redshift does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub added_mib: Option<i64>,
    /// Redshift deletes it by itself some day.
    pub expires: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RedshiftScheduledAction {
    /// The id is the action's name.
    #[serde(flatten)]
    pub common: Common,
    pub cluster_id: Box<str>,
    pub does: RedshiftAction,
    pub active: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RedshiftAction {
    Pause,
    Resume,
    Resize,
}
