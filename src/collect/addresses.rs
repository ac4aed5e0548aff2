//! Elastic IP addresses. The call has no pages.

use super::{
    Collector, Listing, Turn,
    scope::{Incomplete, Scope},
    wire,
};
use crate::domain::{
    inventory::{Address, ResourceKind},
    region::Region,
};
use aws_sdk_ec2::types as sdk;

const ACTION: &str = "ec2:DescribeAddresses";

pub(super) const COLLECTOR: Collector = Collector {
    name: "addresses",
    actions: &[ACTION],
    listing: Some(Listing {
        kind: ResourceKind::Address,
        turn: Turn::First,
        fetch: |scope, found| Box::pin(fetch(scope, &mut found.addresses)),
    }),
};

async fn fetch(scope: &Scope<'_>, found: &mut Vec<Address>) -> Result<(), Incomplete> {
    let request = scope.session.ec2(&scope.region).describe_addresses().send();
    let reply = scope.call(ACTION, request).await.map_err(|failure| scope.missing(ACTION, failure))?;
    found.extend(reply.addresses.unwrap_or_default().into_iter().filter_map(|a| map(a, &scope.region)));
    Ok(())
}

fn map(address: sdk::Address, region: &Region) -> Option<Address> {
    Some(Address {
        common: wire::common(region, address.allocation_id, wire::ec2_tags(address.tags), None)?,
        public_ip: wire::text(address.public_ip),
        association_id: wire::some_text(address.association_id),
        instance_id: wire::some_text(address.instance_id),
        network_interface_id: wire::some_text(address.network_interface_id),
        public_ipv4_pool: address.public_ipv4_pool.filter(|pool| !pool.is_empty()).map(Into::into),
        service_managed: address.service_managed.is_some(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_free_address_has_no_association_and_an_empty_text_is_none() {
        let address = sdk::Address::builder()
            .allocation_id("eipalloc-1")
            .public_ip("203.0.113.1")
            .public_ipv4_pool("amazon")
            .instance_id("")
            .build();
        let address = map(address, &Region::global()).unwrap();
        assert_eq!(address.association_id, None);
        assert_eq!(address.instance_id, None);
        assert_eq!(address.public_ipv4_pool.as_deref(), Some("amazon"));
        assert!(!address.service_managed);
    }
}
