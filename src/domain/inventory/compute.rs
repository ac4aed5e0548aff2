//! Instances and what they are launched from.

use super::{Common, Shared};
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
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub volume_ids: Vec<Box<str>>,
}

impl Instance {
    /// Belongs to something that would replace or resize it: judged at the parent only.
    #[must_use]
    pub fn managed(&self) -> bool {
        const EXACT: [&str; 2] = ["aws:autoscaling:groupName", "eks:cluster-name"];
        const PREFIX: [&str; 5] = [
            "kubernetes.io/cluster/",
            "aws:elasticmapreduce:",
            "elasticbeanstalk:",
            "aws:batch:",
            "aws:eks:",
        ];
        self.common.tags.any_key(|key| EXACT.contains(&key) || PREFIX.iter().any(|p| key.starts_with(p)))
    }

    #[must_use]
    pub fn running_on_demand(&self) -> bool {
        self.state == InstanceState::Running && self.lifecycle == Lifecycle::OnDemand
    }
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

/// The operating system as prices know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Platform {
    #[serde(rename = "Linux")]
    Linux,
    #[serde(rename = "RHEL")]
    Rhel,
    #[serde(rename = "SUSE")]
    Suse,
    #[serde(rename = "Windows")]
    Windows,
    /// Windows or Linux with SQL Server, RHEL with high availability, …: no plain price.
    #[serde(rename = "Other")]
    Other,
}

impl Platform {
    /// `PlatformDetails` says what is billed; old replies have only `Platform`, which knows Windows alone.
    #[must_use]
    pub fn of(details: Option<&str>, windows: bool) -> Self {
        match details.unwrap_or_default() {
            "Windows" => Self::Windows,
            "Red Hat Enterprise Linux" => Self::Rhel,
            "SUSE Linux" => Self::Suse,
            "" if windows => Self::Windows,
            "Linux/UNIX" | "" => Self::Linux,
            _ => Self::Other,
        }
    }

    /// The Pricing API's `operatingSystem`; none where the price depends on more.
    #[must_use]
    pub const fn pricing_name(self) -> Option<&'static str> {
        match self {
            Self::Linux => Some("Linux"),
            Self::Rhel => Some("RHEL"),
            Self::Suse => Some("SUSE"),
            Self::Windows => Some("Windows"),
            Self::Other => None,
        }
    }
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
