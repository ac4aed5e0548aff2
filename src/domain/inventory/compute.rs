//! Instances and what they are launched from.

use super::{Common, Platform, Shared};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Instance {
    /// `created_at` is the last launch: AWS moves it at every start.
    #[serde(flatten)]
    pub common: Common,
    pub instance_type: Shared,
    pub state: InstanceState,
    pub platform: Platform,
    pub architecture: Architecture,
    pub lifecycle: Lifecycle,
    pub image_id: Box<str>,
    /// From `StateTransitionReason`; absent where AWS gives no readable date.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stopped_at: Option<Timestamp>,
    pub ena_support: bool,
    /// `hvm` or `paravirtual`.
    pub paravirtual: bool,
    /// An AWS Marketplace product is on it: its licence may not allow another type.
    pub marketplace: bool,
    pub dedicated_tenancy: bool,
    pub instance_store_root: bool,
    /// A datapoint each minute, for a charge, instead of each five minutes.
    #[serde(default)]
    pub detailed_monitoring: bool,
    /// Whether a burstable instance may buy CPU credits; none where AWS was not asked or did not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unlimited_credits: Option<bool>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub volume_ids: Vec<Box<str>>,
}

impl Instance {
    /// Belongs to something that would replace or resize it: judged at the parent only.
    #[must_use]
    pub fn managed(&self) -> bool {
        self.common.tags.any_key(|key| key == "aws:autoscaling:groupName" || belongs_to_a_platform(key))
    }

    #[must_use]
    pub fn running_on_demand(&self) -> bool {
        self.state == InstanceState::Running && self.lifecycle == Lifecycle::OnDemand
    }
}

/// A tag's key by which EKS, EMR, Elastic Beanstalk, Batch or ECS mark what is theirs to size.
pub(super) fn belongs_to_a_platform(key: &str) -> bool {
    const EXACT: [&str; 2] = ["eks:cluster-name", "AmazonECSManaged"];
    const PREFIX: [&str; 5] =
        ["kubernetes.io/cluster/", "aws:elasticmapreduce:", "elasticbeanstalk:", "aws:batch:", "aws:eks:"];
    EXACT.contains(&key) || PREFIX.iter().any(|prefix| key.starts_with(prefix))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum InstanceState {
    Pending,
    Running,
    ShuttingDown,
    Terminated,
    Stopping,
    Stopped,
    Unknown,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Lifecycle {
    OnDemand,
    Spot,
    Scheduled,
    CapacityBlock,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Architecture {
    #[serde(rename = "x86_64")]
    X86_64,
    #[serde(rename = "arm64")]
    Arm64,
    #[serde(rename = "i386")]
    I386,
    #[serde(rename = "other")]
    Other,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Image {
    #[serde(flatten)]
    pub common: Common,
    pub image_name: Box<str>,
    pub public: bool,
    pub snapshot_ids: Vec<Box<str>>,
}

/// A launch template with what all of its collected versions refer to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LaunchTemplate {
    #[serde(flatten)]
    pub common: Common,
    pub image_ids: Vec<Box<str>>,
    pub snapshot_ids: Vec<Box<str>>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LaunchConfiguration {
    #[serde(flatten)]
    pub common: Common,
    pub image_id: Box<str>,
    pub instance_type: Shared,
    pub snapshot_ids: Vec<Box<str>>,
}
