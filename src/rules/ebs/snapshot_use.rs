//! Which snapshots something would be launched from: they cannot, or must not, be deleted alone.

use super::case::Key;
use crate::domain::{inventory::ResourceKind, region::Region, snapshot::Inventory};
use std::collections::{BTreeSet, HashMap};

/// For each snapshot the number of images, launch templates and launch configurations that name it.
pub struct SnapshotUse<'a>(HashMap<Key<'a>, usize>);

impl<'a> SnapshotUse<'a> {
    /// The kinds without which nobody knows whether a snapshot is used.
    pub const KINDS: &'static [ResourceKind] =
        &[ResourceKind::Image, ResourceKind::LaunchTemplate, ResourceKind::LaunchConfiguration];

    pub fn of(inventory: &'a Inventory) -> Self {
        let mut usage = Self(HashMap::new());
        for image in &inventory.images {
            usage.add(&image.common.region, &image.snapshot_ids);
        }
        for template in &inventory.launch_templates {
            usage.add(&template.common.region, &template.snapshot_ids);
        }
        for configuration in &inventory.launch_configurations {
            usage.add(&configuration.common.region, &configuration.snapshot_ids);
        }
        usage
    }

    /// One user, however many of its devices start from the same snapshot.
    fn add(&mut self, region: &'a Region, ids: &'a [Box<str>]) {
        for id in ids.iter().collect::<BTreeSet<_>>() {
            *self.0.entry((region, id)).or_default() += 1;
        }
    }

    pub fn users(&self, snapshot: Key<'_>) -> usize {
        self.0.get(&snapshot).copied().unwrap_or(0)
    }
}
