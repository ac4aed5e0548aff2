//! A snapshot's resources on their way into the database, one at a time: no fleet is held twice.

use crate::{
    db::ResourceRow,
    domain::{
        inventory::Inventoried,
        snapshot::{Inventory, MapResource},
    },
};

/// All resources as rows; each is turned into JSON when the database takes it.
pub fn resource_rows(inventory: Inventory) -> impl Iterator<Item = ResourceRow> + Send {
    inventory.into_rows(ToRow)
}

#[derive(Clone, Copy)]
struct ToRow;

impl MapResource for ToRow {
    type Row = ResourceRow;

    fn row<T: Inventoried + Send>(&self, resource: T) -> ResourceRow {
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
    }
}
