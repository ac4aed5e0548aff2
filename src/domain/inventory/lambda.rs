//! Lambda functions. Never their environment, their code or where it lies.

use super::{Architecture, Common, Shared};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LambdaFunction {
    /// `created_at` is the last change of code or configuration: Lambda gives no other date.
    #[serde(flatten)]
    pub common: Common,
    /// Absent for container images.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub runtime: Option<Shared>,
    pub architecture: Architecture,
    pub memory_mb: i64,
    pub timeout_seconds: i64,
    /// Layers beside that of Lambda Insights.
    pub layers: i64,
    /// Lambda Insights' layer is on it; an image may carry it unseen.
    pub insights: bool,
    /// A copy that Lambda@Edge keeps in another region.
    pub edge_replica: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub provisioned: Vec<ProvisionedConcurrency>,
}

impl LambdaFunction {
    /// Container images have no runtime of Lambda's.
    #[must_use]
    pub const fn is_image(&self) -> bool {
        self.runtime.is_none()
    }

    #[must_use]
    #[allow(clippy::cast_precision_loss, reason = "at most 900 seconds")]
    pub const fn timeout_ms(&self) -> f64 {
        self.timeout_seconds as f64 * 1_000.0
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProvisionedConcurrency {
    /// A version or an alias.
    pub qualifier: Box<str>,
    pub allocated: i64,
}

impl ProvisionedConcurrency {
    /// `checkout:live`: what CloudWatch calls the resource.
    #[must_use]
    pub fn resource_of(&self, function: &str) -> String {
        format!("{function}:{}", self.qualifier)
    }
}
