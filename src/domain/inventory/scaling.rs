//! What Application Auto Scaling moves: capacities of tables and services.

use super::Common;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ScalableTarget {
    #[serde(flatten)]
    pub common: Common,
    /// `table/orders`, `service/cluster/web`.
    pub resource: Box<str>,
    /// `dynamodb:table:ReadCapacityUnits`.
    pub dimension: Box<str>,
    pub least: i64,
    pub most: i64,
}
