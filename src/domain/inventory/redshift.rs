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

    /// The RA3 nodes to start with in place of older ones, by "Overview of RA3 node types" of the Amazon Redshift
    /// Management Guide, read 2026-11.
    #[must_use]
    pub fn successor(&self) -> Option<(&'static str, i64)> {
        // So many new ones for so many old ones.
        let (newer, fresh, old, least) = match (&*self.node_type, self.nodes) {
            ("ds2.xlarge", 1..=7) => ("ra3.xlplus", 2, 3, 1),
            ("ds2.xlarge", 8..) => ("ra3.4xlarge", 1, 4, 2),
            ("ds2.8xlarge" | "dc1.8xlarge" | "dc2.8xlarge", 1..=15) => ("ra3.4xlarge", 2, 1, 2),
            ("ds2.8xlarge" | "dc1.8xlarge" | "dc2.8xlarge", 16..) => ("ra3.16xlarge", 1, 2, 2),
            ("dc1.large" | "dc2.large", 1..=3) => ("ra3.large", 1, 1, 1),
            ("dc1.large" | "dc2.large", 4) => ("ra3.large", 3, 4, 1),
            ("dc1.large" | "dc2.large", 5..=15) => ("ra3.xlplus", 3, 8, 1),
            ("dc1.large" | "dc2.large", 16..) => ("ra3.4xlarge", 1, 8, 2),
            _ => return None,
        };
        let nodes = (i128::from(self.nodes) * fresh + old - 1) / old;
        Some((newer, i64::try_from(nodes).unwrap_or(i64::MAX).max(least)))
    }

    /// What fits on the local disks of all nodes, in GB; RA3 keeps its data elsewhere.
    #[must_use]
    pub fn local_gb(&self) -> Option<i64> {
        let each = match &*self.node_type {
            "dc1.large" | "dc2.large" => 160,
            "dc1.8xlarge" | "dc2.8xlarge" => 2_560,
            "ds2.xlarge" => 2_000,
            "ds2.8xlarge" => 16_000,
            _ => return None,
        };
        Some(self.nodes.saturating_mul(each))
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
