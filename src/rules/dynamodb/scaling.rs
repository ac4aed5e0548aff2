//! Which capacities Application Auto Scaling moves already.

use super::{Case, side::Side};
use crate::domain::{
    finding::UnknownReason,
    inventory::{Common, DynamoTable, ResourceKind, ScalableTarget},
    region::Region,
};
use std::collections::HashMap;

/// By what they scale.
pub struct Targets<'a>(HashMap<(&'a Region, &'a str), Vec<&'a ScalableTarget>>);

impl<'a> Targets<'a> {
    pub fn of(case: &Case<'a>) -> Self {
        let mut targets: HashMap<_, Vec<_>> = HashMap::new();
        for target in &case.snapshot.inventory.scalable_targets {
            targets.entry((&target.common.region, &*target.resource)).or_default().push(target);
        }
        Self(targets)
    }

    /// Those of a table, not of its indexes. Unknown where not all could be listed.
    pub fn of_table(
        &self,
        case: &Case<'_>,
        table: &DynamoTable,
    ) -> Result<Vec<&'a ScalableTarget>, UnknownReason> {
        let Common { region, id, .. } = &table.common;
        if !case.snapshot.coverage.complete(ResourceKind::ScalableTarget, region) {
            return Err(UnknownReason::InventoryIncomplete);
        }
        Ok(self.0.get(&(region, &*resource_of(id))).cloned().unwrap_or_default())
    }
}

/// What Application Auto Scaling calls a table.
pub fn resource_of(table: &str) -> String {
    format!("table/{table}")
}

pub fn scales(targets: &[&ScalableTarget], side: Side) -> bool {
    targets.iter().any(|target| &*target.dimension == side.dimension())
}
