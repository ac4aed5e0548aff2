//! Load balancers and what they lead to.

use super::Common;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LoadBalancer {
    /// The id is the end of its ARN, which CloudWatch calls it by, too: `app/web/50dc6c495c0c9188`.
    #[serde(flatten)]
    pub common: Common,
    pub balancer_type: BalancerType,
    pub active: bool,
    pub zones: u32,
    /// AWS's own public IPv4 addresses, which go with it: one a zone where it faces the internet.
    pub public_addresses: u32,
    /// Absent where not all of them could be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub targets: Option<Targets>,
    /// Read only where there are no targets; absent where they could not be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listeners: Option<Listeners>,
}

impl LoadBalancer {
    /// Of `app/web/50dc6c495c0c9188` what people know it by.
    #[must_use]
    pub fn short_name(&self) -> &str {
        self.common.id.split('/').nth(1).unwrap_or(&self.common.id)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BalancerType {
    Application,
    Network,
    Gateway,
    Other,
}

/// What stands in the target groups of one load balancer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Targets {
    pub groups: u32,
    pub registered: u32,
    /// Registered, and neither unused (stopped, say) nor on their way out.
    pub in_use: u32,
    /// Those of them that are instances, sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub instance_ids: Vec<Box<str>>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Listeners {
    pub count: u32,
    /// Those that redirect or answer by themselves.
    pub answering: u32,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ClassicLoadBalancer {
    /// The id is its name.
    #[serde(flatten)]
    pub common: Common,
    /// Sorted.
    pub instance_ids: Vec<Box<str>>,
}
