//! Log groups, alarms, dashboards and custom metrics of `CloudWatch`. What is logged or drawn is never read.

use super::Common;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LogGroup {
    #[serde(flatten)]
    pub common: Common,
    pub log_group_name: Box<str>,
    pub class: LogClass,
    pub stored_bytes: i64,
    /// None keeps logs for ever.
    pub retention_days: Option<i64>,
    pub metric_filters: i64,
    /// Asked only where much is logged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subscription_filters: Option<i64>,
    /// Asked only where nothing is logged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_logged: Option<LastLogged>,
}

impl LogGroup {
    /// Bytes logged in a day, below which another class saves no dollar a month: nothing more is asked of such a
    /// group, and it is not judged.
    pub const WORTH_ANOTHER_CLASS: f64 = 130_000_000.0;
    /// Stored bytes, below which a month of storage costs less than a dollar: the same.
    pub const WORTH_DELETING: i64 = 30_000_000_000;
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum LogClass {
    Standard,
    InfrequentAccess,
    /// AWS keeps what it delivers for a day or two.
    Delivery,
    Other,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum LastLogged {
    Never,
    At(Timestamp),
}

/// An alarm on metrics; one that combines other alarms is not listed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Alarm {
    #[serde(flatten)]
    pub common: Common,
    /// The metrics that it is billed for.
    pub metrics: i64,
    /// Looks more often than once a minute.
    pub high_resolution: bool,
    pub lacks_data: bool,
    /// When it came into its present state.
    pub since: Option<Timestamp>,
    pub namespaces: Vec<Box<str>>,
    pub instance_id: Option<Box<str>>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Dashboard {
    #[serde(flatten)]
    pub common: Common,
    /// Where its metrics come from, as far as its text tells.
    pub namespaces: Vec<Box<str>>,
}

/// A namespace of metrics that is not AWS's own: each of its metrics is billed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MetricNamespace {
    #[serde(flatten)]
    pub common: Common,
    /// Those that had data in the last three hours.
    pub active_metrics: i64,
}
