//! ECS clusters and services. Never a container's environment, secrets or command.

use super::{Architecture, Common};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EcsCluster {
    /// The id is the name; AWS gives no date.
    #[serde(flatten)]
    pub common: Common,
    pub active: bool,
    pub container_instances: i64,
    pub running_tasks: i64,
    pub pending_tasks: i64,
    pub active_services: i64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EcsService {
    /// The id is `CLUSTER/SERVICE`, as in the ARN.
    #[serde(flatten)]
    pub common: Common,
    pub cluster: Box<str>,
    pub service_name: Box<str>,
    pub active: bool,
    pub desired_count: i64,
    pub capacity: EcsCapacity,
    /// What is in front of it: load balancers and service discovery.
    pub reachable: bool,
    /// Read for Fargate only: elsewhere the machines are what costs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task: Option<TaskSize>,
}

/// Whose machines run the tasks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum EcsCapacity {
    Fargate,
    /// Fargate Spot, alone or beside Fargate.
    FargateSpot,
    /// EC2, external machines, or what the cluster decides.
    Other,
}

/// What each task of a revision is given and billed for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TaskSize {
    /// `family:revision`.
    pub revision: Box<str>,
    /// 1,024 a vCPU.
    pub cpu_units: i64,
    pub memory_mib: i64,
    pub architecture: Architecture,
    pub windows: bool,
}

impl EcsService {
    /// The task of a service that is billed by Fargate's on-demand prices for Linux.
    #[must_use]
    pub fn fargate_task(&self) -> Option<&TaskSize> {
        let billed = self.active && self.desired_count > 0 && self.capacity == EcsCapacity::Fargate;
        self.task.as_ref().filter(|task| billed && !task.windows)
    }
}
