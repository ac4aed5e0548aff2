//! Prices of Redshift's nodes, of what takes their place, and of snapshots.

use crate::domain::{price::PriceKey, price_item::Item, snapshot::Snapshot};
use std::collections::BTreeSet;

pub(super) fn add(snapshot: &Snapshot, keys: &mut BTreeSet<PriceKey>) {
    for cluster in &snapshot.inventory.redshift_clusters {
        let region = &cluster.common.region;
        keys.insert(PriceKey::named(Item::RedshiftNode, region, &cluster.node_type));
        for newer in successors(&cluster.node_type) {
            keys.insert(PriceKey::named(Item::RedshiftNode, region, newer));
            keys.insert(PriceKey::named(Item::RedshiftStorage, region, newer));
        }
    }
    for snapshot in &snapshot.inventory.redshift_snapshots {
        keys.insert(PriceKey::item(Item::RedshiftBackup, &snapshot.common.region));
    }
}

/// The generation with managed storage, for those before it.
fn successors(node_type: &str) -> &'static [&'static str] {
    if node_type.starts_with('d') { &["ra3.large", "ra3.xlplus", "ra3.4xlarge"] } else { &[] }
}
