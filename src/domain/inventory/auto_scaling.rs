//! Auto Scaling groups. Their members are instances of the inventory; here is only who belongs to which group.

use super::{Common, Shared, compute::belongs_to_a_platform};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AutoScalingGroup {
    /// The id is the group's name.
    #[serde(flatten)]
    pub common: Common,
    pub min: i64,
    pub max: i64,
    pub desired: i64,
    /// Availability zones that it spreads over.
    pub zones: i64,
    pub members: Vec<Member>,
    pub launch: Launch,
    /// A mixed instances policy: it may launch more than one type, and Spot.
    pub mixed: bool,
    /// `GroupInServiceInstances` is published.
    pub counts_members: bool,
    pub capacity_change: CapacityChange,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Member {
    pub id: Box<str>,
    pub instance_type: Shared,
}

/// What new members are made from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Launch {
    Template { id: Box<str>, version: Box<str> },
    Configuration { name: Box<str> },
    Unknown,
}

/// The last activity that changed how many members there are; AWS remembers six weeks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum CapacityChange {
    NotRead,
    NotSeen,
    At(Timestamp),
}

impl AutoScalingGroup {
    /// EKS, ECS, Batch, EMR or Elastic Beanstalk decide its size and its type.
    #[must_use]
    pub fn managed(&self) -> bool {
        self.common.tags.any_key(belongs_to_a_platform)
    }
}
