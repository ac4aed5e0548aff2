//! DynamoDB tables, their global secondary indexes and the backups that people asked for. Never an item.

use super::Common;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DynamoTable {
    /// The id is the table's name.
    #[serde(flatten)]
    pub common: Common,
    pub active: bool,
    pub capacity_mode: CapacityMode,
    /// Provisioned for the table itself, without its indexes; 0 on demand.
    pub units: CapacityUnits,
    pub table_class: TableClass,
    /// AWS updates it about every six hours.
    pub size_bytes: i64,
    /// Other regions with a replica: a global table.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub replica_regions: Vec<Box<str>>,
    pub deletion_protection: bool,
    /// A key attribute that is named like a time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_key: Option<Box<str>>,
    /// Whether items expire; not known where nobody asked, since little is at stake.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_items: Option<bool>,
    /// The same of point-in-time recovery.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub point_in_time_recovery: Option<bool>,
    /// The last change of the class: AWS allows two in 30 days.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class_changed_at: Option<Timestamp>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DynamoIndex {
    /// The id is `TABLE/index/NAME`, as in the ARN. The tags are the table's: an index has none.
    #[serde(flatten)]
    pub common: Common,
    pub table: Box<str>,
    pub index_name: Box<str>,
    pub active: bool,
    pub units: CapacityUnits,
    pub size_bytes: i64,
}

/// Made on demand; it outlives its table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DynamoBackup {
    /// The id is `TABLE/backup/ID`, as in the ARN.
    #[serde(flatten)]
    pub common: Common,
    pub table: Box<str>,
    /// Tells a table from a later one of the same name.
    pub table_id: Box<str>,
    pub backup_name: Box<str>,
    pub size_bytes: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum CapacityMode {
    Provisioned,
    OnDemand,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum TableClass {
    Standard,
    InfrequentAccess,
}

/// Reads and writes a second.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CapacityUnits {
    pub read: i64,
    pub write: i64,
}

const SECONDS_PER_DAY: f64 = 86_400.0;

/// Whether a capacity is more than what a day's units need on average, at a utilisation in percent. If not, no
/// hour of that day can show that it is too much.
#[must_use]
#[allow(clippy::cast_precision_loss, reason = "capacities are far below 2^52")]
pub fn is_roomy(provisioned: i64, units_of_busiest_day: f64, target_percent: u32) -> bool {
    provisioned > 1
        && units_of_busiest_day * 100.0 < provisioned as f64 * f64::from(target_percent) * SECONDS_PER_DAY
}
