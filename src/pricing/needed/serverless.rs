//! Prices of DynamoDB, Lambda and Fargate: of both modes and classes, and of both processors.

use crate::domain::{inventory::Inventoried, price::PriceKey, price_item::Item, snapshot::Inventory};
use std::collections::BTreeSet;

const TABLES: &[Item] = &[
    Item::DynamoReadUnitHour,
    Item::DynamoWriteUnitHour,
    Item::DynamoReads,
    Item::DynamoWrites,
    Item::DynamoStorage,
    Item::DynamoIaReadUnitHour,
    Item::DynamoIaWriteUnitHour,
    Item::DynamoIaReads,
    Item::DynamoIaWrites,
    Item::DynamoIaStorage,
    Item::DynamoRecovery,
];
const FUNCTIONS: &[Item] =
    &[Item::LambdaDuration, Item::LambdaDurationArm, Item::LambdaProvisioned, Item::LambdaProvisionedArm];
const SERVICES: &[Item] =
    &[Item::FargateCpu, Item::FargateMemory, Item::FargateArmCpu, Item::FargateArmMemory];

pub(super) fn add(inventory: &Inventory, keys: &mut BTreeSet<PriceKey>) {
    add_items(&inventory.dynamo_tables, TABLES, keys);
    add_items(&inventory.dynamo_backups, &[Item::DynamoBackup], keys);
    add_items(&inventory.lambda_functions, FUNCTIONS, keys);
    let services = inventory.ecs_services.iter().filter(|service| service.fargate_task().is_some());
    for service in services {
        keys.extend(SERVICES.iter().map(|item| PriceKey::item(*item, &service.common.region)));
    }
}

/// In each region that has any.
fn add_items<T: Inventoried>(resources: &[T], items: &[Item], keys: &mut BTreeSet<PriceKey>) {
    let regions: BTreeSet<_> = resources.iter().map(|resource| &resource.common().region).collect();
    for region in regions {
        keys.extend(items.iter().map(|item| PriceKey::item(*item, region)));
    }
}
