//! RDS instances, Aurora clusters and their snapshots.

use super::{Common, Shared};
use crate::domain::{region::Region, tags::Tags};
use serde::{Deserialize, Serialize};
use std::fmt;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DbInstance {
    /// The id is the DB instance identifier, unique within account and region.
    #[serde(flatten)]
    pub common: Common,
    pub class: Shared,
    pub engine: DbEngine,
    pub engine_version: Box<str>,
    pub status: Shared,
    pub multi_az: bool,
    pub storage_type: DbStorageType,
    pub allocated_gib: i64,
    /// Provisioned IOPS, 0 where there are none.
    pub iops: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cluster_id: Option<Box<str>>,
    pub is_replica: bool,
    pub has_replicas: bool,
    /// `open-source-rds-extended-support` or its `-disabled` form; absent from old replies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lifecycle_support: Option<Shared>,
    /// `license-included`, `bring-your-own-license`, `general-public-license`, …
    pub license_model: Shared,
    /// How long automated backups are kept, 0 where there are none.
    #[serde(default)]
    pub backup_days: i64,
    /// How long Performance Insights keeps what it saw; none where it is off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub insights_days: Option<i64>,
    /// Database Insights in its advanced mode, which has its own price and pays for the retention.
    #[serde(default)]
    pub advanced_insights: bool,
    /// Where a replica's source is, if that is another region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_region: Option<Region>,
}

impl DbInstance {
    #[must_use]
    pub fn available(&self) -> bool {
        &*self.status == "available"
    }

    #[must_use]
    pub fn stopped(&self) -> bool {
        &*self.status == "stopped"
    }

    /// Aurora Serverless v2: billed by capacity units, not by class.
    #[must_use]
    pub fn serverless(&self) -> bool {
        &*self.class == "db.serverless"
    }

    /// A member of a cluster is judged with its cluster.
    #[must_use]
    pub fn in_cluster(&self) -> bool {
        self.cluster_id.is_some() || self.engine.is_aurora()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DbEngine {
    Mysql,
    Mariadb,
    Postgres,
    AuroraMysql,
    AuroraPostgresql,
    SqlServer,
    Oracle,
    Other,
}

impl DbEngine {
    /// From RDS's `Engine`; editions of SQL Server and Oracle fall together.
    #[must_use]
    pub fn from_rds(engine: &str) -> Self {
        match engine {
            "mysql" => Self::Mysql,
            "mariadb" => Self::Mariadb,
            "postgres" => Self::Postgres,
            "aurora-mysql" | "aurora" => Self::AuroraMysql,
            "aurora-postgresql" => Self::AuroraPostgresql,
            other if other.starts_with("sqlserver-") => Self::SqlServer,
            other if other.starts_with("oracle-") => Self::Oracle,
            _ => Self::Other,
        }
    }

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Mysql => "mysql",
            Self::Mariadb => "mariadb",
            Self::Postgres => "postgres",
            Self::AuroraMysql => "aurora-mysql",
            Self::AuroraPostgresql => "aurora-postgresql",
            Self::SqlServer => "sqlserver",
            Self::Oracle => "oracle",
            Self::Other => "other",
        }
    }

    #[must_use]
    pub const fn is_aurora(self) -> bool {
        matches!(self, Self::AuroraMysql | Self::AuroraPostgresql)
    }

    /// The Pricing API's `databaseEngine`; none where the price depends on edition and licence.
    #[must_use]
    pub const fn pricing_name(self) -> Option<&'static str> {
        match self {
            Self::Mysql => Some("MySQL"),
            Self::Mariadb => Some("MariaDB"),
            Self::Postgres => Some("PostgreSQL"),
            Self::AuroraMysql => Some("Aurora MySQL"),
            Self::AuroraPostgresql => Some("Aurora PostgreSQL"),
            Self::SqlServer | Self::Oracle | Self::Other => None,
        }
    }
}

impl fmt::Display for DbEngine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DbStorageType {
    Gp2,
    Gp3,
    Io1,
    Io2,
    Standard,
    Aurora,
    Other,
}

impl DbStorageType {
    #[must_use]
    pub fn from_rds(text: &str) -> Self {
        match text {
            "gp2" => Self::Gp2,
            "gp3" => Self::Gp3,
            "io1" => Self::Io1,
            "io2" => Self::Io2,
            "standard" => Self::Standard,
            other if other.starts_with("aurora") => Self::Aurora,
            _ => Self::Other,
        }
    }

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Gp2 => "gp2",
            Self::Gp3 => "gp3",
            Self::Io1 => "io1",
            Self::Io2 => "io2",
            Self::Standard => "standard",
            Self::Aurora => "aurora",
            Self::Other => "other",
        }
    }

    #[must_use]
    pub const fn provisioned_iops(self) -> bool {
        matches!(self, Self::Io1 | Self::Io2)
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DbCluster {
    #[serde(flatten)]
    pub common: Common,
    pub engine: DbEngine,
    pub engine_version: Box<str>,
    pub status: Shared,
    pub member_ids: Vec<Box<str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lifecycle_support: Option<Shared>,
    /// Aurora I/O-Optimized: dearer instances and storage, and no charge for I/O.
    #[serde(default)]
    pub io_optimized: bool,
    /// The least capacity of serverless members, in half capacity units; none without serverless scaling.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_half_acus: Option<i64>,
    #[serde(default)]
    pub backup_days: i64,
    /// Part of a global database, or replicated from or to another cluster.
    #[serde(default)]
    pub replicated: bool,
}

impl DbCluster {
    #[must_use]
    pub fn available(&self) -> bool {
        &*self.status == "available"
    }

    #[must_use]
    pub fn stopped(&self) -> bool {
        &*self.status == "stopped"
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DbSnapshot {
    #[serde(flatten)]
    pub common: Common,
    /// The DB instance that it was taken of.
    pub db_instance_id: Box<str>,
    pub engine: DbEngine,
    pub allocated_gib: i64,
    pub manual: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DbClusterSnapshot {
    #[serde(flatten)]
    pub common: Common,
    pub db_cluster_id: Box<str>,
    pub engine: DbEngine,
    pub allocated_gib: i64,
    pub manual: bool,
}

/// AWS Backup or Data Lifecycle Manager owns what carries these tags.
#[must_use]
pub fn backup_managed(tags: &Tags) -> bool {
    tags.any_key(|k| k.starts_with("aws:backup:") || k.starts_with("aws:dlm:") || k == "dlm:managed")
}
