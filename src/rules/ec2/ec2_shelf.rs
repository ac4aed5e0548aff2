//! The instance types on offer, by region and operating system, cheapest first.
//!
//! Built once a check: a fleet of a million instances looks through the same few hundred types.

use super::Case;
use crate::domain::{
    finding::UnknownReason,
    inventory::{Instance, InstanceTypeSpec, Platform},
    money::UnitPrice,
    price::PriceKey,
    region::Region,
};
use std::collections::HashMap;

/// A type that could be moved to, and its hourly price.
pub struct Offer<'a> {
    pub price: UnitPrice,
    pub spec: &'a InstanceTypeSpec,
}

pub struct Shelf<'a>(HashMap<(&'a Region, Platform), Vec<Offer<'a>>>);

impl<'a> Shelf<'a> {
    #[must_use]
    pub fn of(case: &Case<'a>) -> Self {
        let mut shelf: HashMap<(&'a Region, Platform), Vec<Offer<'a>>> = HashMap::new();
        for (key, price) in case.snapshot.prices.iter() {
            let PriceKey::Instance { region, instance_type, platform } = key else { continue };
            let spec = case.snapshot.instance_types.get(region, instance_type);
            if let Some(spec) = spec.filter(|spec| is_a_target(spec) && case.thresholds.prefers(&spec.name)) {
                shelf.entry((region, *platform)).or_default().push(Offer { price: price.per_unit, spec });
            }
        }
        for offers in shelf.values_mut() {
            offers.sort_by(|a, b| (a.price, &a.spec.name).cmp(&(b.price, &b.spec.name)));
        }
        Self(shelf)
    }

    /// All types for a machine; unknown where nothing on offer has both a price and a specification.
    pub fn offers(&self, machine: &'a Instance) -> Result<&[Offer<'a>], UnknownReason> {
        let found = self.0.get(&(&machine.common.region, machine.platform));
        found.map(Vec::as_slice).ok_or(UnknownReason::PriceMissing)
    }
}

/// Nothing special about it: no accelerator, no local disk, a known hypervisor, still being built.
fn is_a_target(spec: &InstanceTypeSpec) -> bool {
    spec.current_generation
        && !spec.gpu
        && !spec.instance_storage
        && !spec.bare_metal
        && !spec.hypervisor.is_empty()
}
