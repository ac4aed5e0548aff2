//! A tagged resource as AWS describes it: what eligibility, decision and price depend on.

use super::{Target, TargetKind};
use crate::domain::{finding::text_enum, tags::Tags};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

text_enum! {
    Power {
        Running = "running",
        Stopped = "stopped",
        /// On its way to another state, or in one that allows neither start nor stop: wait.
        Changing = "changing",
        /// Terminated or deleted.
        Gone = "gone",
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Observed {
    pub target: Target,
    /// The `Name` tag of an instance.
    pub name: Option<Box<str>>,
    pub tags: Tags,
    pub power: Power,
    pub seen_at: Timestamp,
    pub facts: Facts,
}

/// The little that the decision itself depends on: a large fleet need not be held whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    pub kind: TargetKind,
    pub power: Power,
    pub launched_at: Option<Timestamp>,
    pub automatic_restart_at: Option<Timestamp>,
}

impl Observed {
    #[must_use]
    pub fn seen(&self) -> Seen {
        Seen {
            kind: self.target.kind,
            power: self.power,
            launched_at: self.facts.launched_at,
            automatic_restart_at: self.facts.automatic_restart_at,
        }
    }
}

/// Kept as a document beside the columns that are asked for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Facts {
    /// AWS's own word: `stopping`, `backing-up`, ….
    pub aws_state: Box<str>,
    /// `Client.InternalError: …` where AWS gives a reason for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state_reason: Option<Box<str>>,
    /// The last start of an instance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub launched_at: Option<Timestamp>,
    /// Instance type or database class; empty for a cluster.
    pub size: Box<str>,
    /// An availability zone: starts are grouped by it.
    pub zone: Box<str>,
    /// The operating system as prices know it, for instances.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub platform: Option<crate::domain::inventory::Platform>,
    pub spot: bool,
    /// Capacity that was bought ahead.
    pub capacity_block: bool,
    /// EKS or ECS run it.
    pub managed: bool,
    pub dedicated_tenancy: bool,
    pub auto_scaling_group: bool,
    pub instance_store_root: bool,
    /// Its root volume is not attached.
    pub no_root_volume: bool,
    /// RDS's own name: `postgres`, `sqlserver-se`, `custom-oracle-ee`, ….
    pub engine: Box<str>,
    /// `provisioned`, `serverless`, `global`, ….
    pub engine_mode: Box<str>,
    pub multi_az: bool,
    pub read_replica: bool,
    pub has_replicas: bool,
    /// A member of this cluster: it follows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cluster: Option<Box<str>>,
    pub global_cluster: bool,
    pub cross_region_replication: bool,
    pub blue_green: bool,
    /// Of a cluster.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<Member>,
    /// When AWS will start a stopped database by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub automatic_restart_at: Option<Timestamp>,
}

/// A database instance of a cluster, for its price.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Member {
    pub id: Box<str>,
    pub size: Box<str>,
}
