//! Prices of Aurora clusters, and of what databases keep of their insights.

use crate::domain::{
    inventory::{DbStorageType, family_and_size},
    price::PriceKey,
    price_item::Item,
    snapshot::Snapshot,
};
use std::collections::BTreeSet;

pub(super) fn add(snapshot: &Snapshot, keys: &mut BTreeSet<PriceKey>) {
    let inventory = &snapshot.inventory;
    for cluster in inventory.db_clusters.iter().filter(|cluster| cluster.engine.is_aurora()) {
        let region = &cluster.common.region;
        keys.extend([Item::AuroraIo, Item::AuroraIoStorage].map(|item| PriceKey::item(item, region)));
        let storage_type = DbStorageType::Aurora;
        keys.insert(PriceKey::DbStorage { region: region.clone(), storage_type, multi_az: false });
        keys.insert(PriceKey::DbBackup { region: region.clone(), aurora: true });
    }
    for db in inventory.db_instances.iter().filter(|db| db.serverless()) {
        let region = &db.common.region;
        keys.insert(PriceKey::item(Item::AuroraAcu, region));
        for years in ["years-1-2", "year-3"] {
            keys.insert(PriceKey::named(Item::AuroraAcuSupport, region, &format!("{}/{years}", db.engine)));
        }
    }
    for db in inventory.db_instances.iter().filter(|db| db.insights_days.is_some()) {
        if let Some((family, _)) = family_and_size(&db.class) {
            keys.insert(PriceKey::named(Item::Insights, &db.common.region, family));
        }
    }
}
