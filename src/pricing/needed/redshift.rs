//! Prices of Redshift's nodes, of what takes their place, and of snapshots.

use crate::domain::{price::PriceKey, price_item::Item, snapshot::Snapshot};
use std::collections::BTreeSet;

pub(super) fn add(snapshot: &Snapshot, keys: &mut BTreeSet<PriceKey>) {
    for cluster in &snapshot.inventory.redshift_clusters {
        let region = &cluster.common.region;
        keys.insert(PriceKey::named(Item::RedshiftNode, region, &cluster.node_type));
        if let Some((newer, _)) = cluster.successor() {
            keys.insert(PriceKey::named(Item::RedshiftNode, region, newer));
            keys.insert(PriceKey::named(Item::RedshiftStorage, region, newer));
        }
    }
    for snapshot in &snapshot.inventory.redshift_snapshots {
        keys.insert(PriceKey::item(Item::RedshiftBackup, &snapshot.common.region));
    }
}
