//! Prices of what comes with instances: reserved capacity, detailed monitoring, surplus credits, other regions.

use crate::domain::{
    inventory::{Instance, Platform, Shared},
    price::PriceKey,
    price_item::Item,
    region::Region,
    snapshot::Snapshot,
};
use std::collections::BTreeSet;

/// All that a burstable instance may pay for surplus credits: a short list that AWS answers at once.
const CREDITS: [Item; 7] = [
    Item::CpuCreditsT2Linux,
    Item::CpuCreditsT2Windows,
    Item::CpuCreditsT3Linux,
    Item::CpuCreditsT3Windows,
    Item::CpuCreditsT3aLinux,
    Item::CpuCreditsT3aWindows,
    Item::CpuCreditsT4gLinux,
];

pub(super) fn add(snapshot: &Snapshot, keys: &mut BTreeSet<PriceKey>) {
    let inventory = &snapshot.inventory;
    for instance in &inventory.instances {
        add_extras(instance, keys);
    }
    for reservation in inventory.capacity_reservations.iter().filter(|one| one.platform != Platform::Other) {
        let (region, platform) = (reservation.common.region.clone(), reservation.platform);
        keys.insert(PriceKey::Instance {
            region,
            instance_type: reservation.instance_type.clone(),
            platform,
        });
    }
    add_elsewhere(&inventory.instances, keys);
}

fn add_extras(instance: &Instance, keys: &mut BTreeSet<PriceKey>) {
    let region = &instance.common.region;
    if instance.detailed_monitoring {
        keys.insert(PriceKey::item(Item::MetricMonth, region));
    }
    if instance.unlimited_credits == Some(true) {
        keys.extend(CREDITS.map(|item| PriceKey::item(item, region)));
    }
}

/// What the account runs somewhere, in every region that it uses.
fn add_elsewhere(instances: &[Instance], keys: &mut BTreeSet<PriceKey>) {
    let regions: BTreeSet<&Region> = instances.iter().map(|instance| &instance.common.region).collect();
    let kinds: BTreeSet<(&Shared, Platform)> =
        instances.iter().map(|instance| (&instance.instance_type, instance.platform)).collect();
    for (instance_type, platform) in kinds.into_iter().filter(|(_, platform)| *platform != Platform::Other) {
        keys.extend(regions.iter().map(|region| PriceKey::Instance {
            region: (*region).clone(),
            instance_type: instance_type.clone(),
            platform,
        }));
    }
}
