//! ElastiCache: cache clusters, and the replication groups that own those of Redis OSS and Valkey.

use super::{Common, Shared};
use serde::{Deserialize, Serialize};
use std::fmt;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CacheCluster {
    #[serde(flatten)]
    pub common: Common,
    pub node_type: Shared,
    pub engine: CacheEngine,
    pub engine_version: Box<str>,
    pub status: Shared,
    /// More than one with Memcached only.
    pub nodes: i64,
    /// The group that it is a node of, and is judged with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_id: Option<Box<str>>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReplicationGroup {
    #[serde(flatten)]
    pub common: Common,
    pub status: Shared,
    pub member_ids: Vec<Box<str>>,
    /// Node groups: each has one primary, and the rest of its members are replicas.
    pub shards: i64,
    /// Cluster mode: the keys are spread over the shards, and failover cannot be switched off.
    pub cluster_mode: bool,
    pub automatic_failover: bool,
    /// Part of a global datastore.
    pub global: bool,
}

impl ReplicationGroup {
    #[must_use]
    pub fn replicas(&self) -> i64 {
        i64::try_from(self.member_ids.len()).unwrap_or(i64::MAX).saturating_sub(self.shards.max(1)).max(0)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CacheEngine {
    Redis,
    Valkey,
    Memcached,
    Other,
}

impl CacheEngine {
    #[must_use]
    pub fn from_elasticache(engine: &str) -> Self {
        match engine {
            "redis" => Self::Redis,
            "valkey" => Self::Valkey,
            "memcached" => Self::Memcached,
            _ => Self::Other,
        }
    }

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Redis => "redis",
            Self::Valkey => "valkey",
            Self::Memcached => "memcached",
            Self::Other => "other",
        }
    }
}

impl fmt::Display for CacheEngine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
