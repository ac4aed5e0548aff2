//! Which images run or would be launched, and which snapshots would be free without one.

use super::{
    case::{Key, key},
    snapshot_use::SnapshotUse,
};
use crate::domain::{
    inventory::{Image, ResourceKind, Snapshot},
    region::Region,
    snapshot::Inventory,
};
use std::collections::{BTreeSet, HashMap, HashSet};

pub struct ImageUse<'a> {
    used: HashSet<Key<'a>>,
    /// Regions in which only SSM knows the image of some launch template.
    opaque: HashSet<&'a Region>,
    usage: SnapshotUse<'a>,
    /// Those that some image, launch template or launch configuration names.
    snapshots: HashMap<Key<'a>, &'a Snapshot>,
}

impl<'a> ImageUse<'a> {
    /// The kinds without which nobody knows whether an image is used, and what it costs.
    pub const KINDS: &'static [ResourceKind] = &[
        ResourceKind::Instance,
        ResourceKind::LaunchTemplate,
        ResourceKind::LaunchConfiguration,
        ResourceKind::Snapshot,
        ResourceKind::Image,
    ];

    pub fn of(inventory: &'a Inventory) -> Self {
        let usage = SnapshotUse::of(inventory);
        let named = inventory.snapshots.iter().filter(|s| usage.users(key(&s.common)) > 0);
        let snapshots = named.map(|s| (key(&s.common), s)).collect();
        let templates = || {
            let all = inventory.launch_templates.iter();
            all.flat_map(|t| t.image_ids.iter().map(|id| (&t.common.region, &**id)))
        };
        let instances = inventory.instances.iter().map(|i| (&i.common.region, &*i.image_id));
        let configurations = inventory.launch_configurations.iter().map(|c| (&c.common.region, &*c.image_id));
        Self {
            used: templates().chain(instances).chain(configurations).collect(),
            opaque: templates().filter(|(_, id)| own_parameter(id)).map(|(region, _)| region).collect(),
            usage,
            snapshots,
        }
    }

    pub fn used(&self, image: &Image) -> bool {
        self.used.contains(&key(&image.common))
    }

    /// Some launch template of the region may use any image.
    pub fn opaque(&self, region: &Region) -> bool {
        self.opaque.contains(region)
    }

    /// The snapshots that can go with the image: listed, not kept, and named by nothing else.
    pub fn freed(&self, image: &Image) -> Vec<&'a Snapshot> {
        let ids: BTreeSet<&str> = image.snapshot_ids.iter().map(|id| &**id).collect();
        let keys = ids.into_iter().map(|id| (&image.common.region, id));
        keys.filter(|key| self.usage.users(*key) == 1)
            .filter_map(|key| self.snapshots.get(&key).copied())
            .filter(|snapshot| !snapshot.managed() && !snapshot.common.tags.keep())
            .collect()
    }
}

/// `resolve:ssm:name` stands for the image in a parameter; AWS's public parameters hold AWS's own images.
fn own_parameter(image_id: &str) -> bool {
    image_id.strip_prefix("resolve:ssm:").is_some_and(|name| !name.starts_with("/aws/service/"))
}
