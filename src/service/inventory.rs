//! A snapshot's resources on their way into the database, one at a time: no fleet is held twice.

use crate::{
    db::ResourceRow,
    domain::{inventory::Inventoried, snapshot::Inventory},
};

/// All resources as rows; each is turned into JSON when the database takes it.
pub fn resource_rows(inventory: Inventory) -> impl Iterator<Item = ResourceRow> + Send {
    rows(inventory.instances)
        .chain(rows(inventory.volumes))
        .chain(rows(inventory.snapshots))
        .chain(rows(inventory.images))
        .chain(rows(inventory.addresses))
        .chain(rows(inventory.nat_gateways))
        .chain(rows(inventory.vpc_endpoints))
        .chain(rows(inventory.network_interfaces))
        .chain(rows(inventory.route_tables))
        .chain(rows(inventory.launch_templates))
        .chain(rows(inventory.launch_configurations))
        .chain(rows(inventory.db_instances))
        .chain(rows(inventory.db_clusters))
        .chain(rows(inventory.db_snapshots))
        .chain(rows(inventory.db_cluster_snapshots))
}

fn rows<T: Inventoried + Send>(resources: Vec<T>) -> impl Iterator<Item = ResourceRow> + Send {
    resources.into_iter().map(|resource| {
        let common = resource.common();
        ResourceRow {
            kind: T::KIND,
            region: common.region.clone(),
            resource_id: common.id.clone(),
            name: common.name().map(Into::into),
            tags: common.tags.clone(),
            // A struct of plain fields with text keys always has a JSON form.
            body: serde_json::to_string(&resource).unwrap_or_default(),
        }
    })
}
