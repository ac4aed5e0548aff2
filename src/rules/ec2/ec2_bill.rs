//! What instances and their addresses cost.

use super::Bill;
use crate::domain::{
    figure::{Figure, Rate},
    finding::UnknownReason,
    inventory::{Address, Instance, Platform, family_and_size},
    price::PriceKey,
    price_item::Item,
    region::Region,
};

impl Bill<'_> {
    /// An hour of an instance, as if it were of some type. Only shared tenancy has a price here: the others
    /// depend on more than the type.
    pub fn instance_hour(&mut self, instance: &Instance, instance_type: &str) -> Result<Rate, UnknownReason> {
        if instance.dedicated_tenancy {
            return Err(UnknownReason::PriceMissing);
        }
        self.shared_hour(&instance.common.region, instance.platform, instance_type)
    }

    /// An hour of any instance of a type with shared tenancy.
    pub fn shared_hour(
        &mut self,
        region: &Region,
        platform: Platform,
        instance_type: &str,
    ) -> Result<Rate, UnknownReason> {
        if platform.pricing_name().is_none() {
            return Err(UnknownReason::PriceMissing);
        }
        let (region, instance_type) = (region.clone(), instance_type.into());
        self.price(PriceKey::Instance { region, instance_type, platform })
    }

    /// An hour of the same instance on Spot, by what was asked of late.
    pub fn spot_hour(&mut self, instance: &Instance) -> Result<Rate, UnknownReason> {
        let (region, instance_type) = (instance.common.region.clone(), instance.instance_type.clone());
        self.price(PriceKey::SpotInstance { region, instance_type, platform: instance.platform })
    }

    /// A vCPU-hour that a burstable instance uses beyond its credits.
    pub fn surplus_credit_hour(&mut self, instance: &Instance) -> Result<Rate, UnknownReason> {
        let family = family_and_size(&instance.instance_type).map_or("", |(family, _)| family);
        let item = credit_item(family, instance.platform).ok_or(UnknownReason::PriceMissing)?;
        self.price(PriceKey::item(item, &instance.common.region))
    }

    /// A month of a public address; one of the customer's own pool costs nothing.
    pub fn address(&mut self, address: &Address) -> Result<Figure, UnknownReason> {
        if address.public_ipv4_pool.as_deref().is_some_and(|pool| pool != "amazon") {
            return Ok(Figure::zero());
        }
        Ok(self.price(PriceKey::PublicIpv4 { region: address.common.region.clone() })?.monthly(1))
    }
}

/// Credits have prices for Linux and Windows only.
fn credit_item(family: &str, platform: Platform) -> Option<Item> {
    match (family, platform) {
        ("t2", Platform::Linux) => Some(Item::CpuCreditsT2Linux),
        ("t2", Platform::Windows) => Some(Item::CpuCreditsT2Windows),
        ("t3", Platform::Linux) => Some(Item::CpuCreditsT3Linux),
        ("t3", Platform::Windows) => Some(Item::CpuCreditsT3Windows),
        ("t3a", Platform::Linux) => Some(Item::CpuCreditsT3aLinux),
        ("t3a", Platform::Windows) => Some(Item::CpuCreditsT3aWindows),
        ("t4g", Platform::Linux) => Some(Item::CpuCreditsT4gLinux),
        _ => None,
    }
}
