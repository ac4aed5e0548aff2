//! What instances and their addresses cost.

use super::Bill;
use crate::domain::{
    figure::{Figure, Rate},
    finding::UnknownReason,
    inventory::{Address, Instance},
    price::PriceKey,
};

impl Bill<'_> {
    /// An hour of an instance, as if it were of some type. Only shared tenancy and plain operating systems
    /// have a price: the others depend on more than the type.
    pub fn instance_hour(&mut self, instance: &Instance, instance_type: &str) -> Result<Rate, UnknownReason> {
        if instance.dedicated_tenancy || instance.platform.pricing_name().is_none() {
            return Err(UnknownReason::PriceMissing);
        }
        self.price(PriceKey::Instance {
            region: instance.common.region.clone(),
            instance_type: instance_type.into(),
            platform: instance.platform,
        })
    }

    /// A month of a public address; one of the customer's own pool costs nothing.
    pub fn address(&mut self, address: &Address) -> Result<Figure, UnknownReason> {
        if address.public_ipv4_pool.as_deref().is_some_and(|pool| pool != "amazon") {
            return Ok(Figure::zero());
        }
        Ok(self.price(PriceKey::PublicIpv4 { region: address.common.region.clone() })?.monthly(1))
    }
}
