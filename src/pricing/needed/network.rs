//! Addresses, gateways, endpoints, attachments, VPN connections and load balancers.

use crate::domain::{
    inventory::{BalancerType, EndpointType},
    price::PriceKey,
    price_item::Item,
    region::Region,
    snapshot::Snapshot,
};
use std::collections::BTreeSet;

pub(super) fn add(snapshot: &Snapshot, keys: &mut BTreeSet<PriceKey>) {
    let inventory = &snapshot.inventory;
    let ipv4 = |region: &Region| PriceKey::PublicIpv4 { region: region.clone() };
    keys.extend(inventory.addresses.iter().map(|address| ipv4(&address.common.region)));
    let public = inventory.network_interfaces.iter().filter(|one| one.auto_assigned_ip.is_some());
    keys.extend(public.map(|interface| ipv4(&interface.common.region)));
    for region in inventory.nat_gateways.iter().map(|gateway| &gateway.common.region) {
        keys.extend([ipv4(region), PriceKey::NatGatewayHour { region: region.clone() }]);
        keys.extend([Item::NatGatewayGb, Item::CrossZoneGb].map(|item| PriceKey::item(item, region)));
    }
    for endpoint in &inventory.vpc_endpoints {
        let region = &endpoint.common.region;
        keys.insert(match endpoint.endpoint_type {
            EndpointType::GatewayLoadBalancer => PriceKey::item(Item::GwlbEndpointHour, region),
            _ => PriceKey::InterfaceEndpointHour { region: region.clone() },
        });
    }
    let attachment = |region| PriceKey::item(Item::TransitGatewayAttachmentHour, region);
    keys.extend(inventory.transit_gateway_attachments.iter().map(|one| attachment(&one.common.region)));
    for region in inventory.vpn_connections.iter().map(|connection| &connection.common.region) {
        keys.extend([PriceKey::item(Item::VpnConnectionHour, region), attachment(region)]);
    }
    add_load_balancers(snapshot, keys);
}

fn add_load_balancers(snapshot: &Snapshot, keys: &mut BTreeSet<PriceKey>) {
    for balancer in &snapshot.inventory.load_balancers {
        let region = &balancer.common.region;
        let hour = match balancer.balancer_type {
            BalancerType::Application => Item::AlbHour,
            BalancerType::Network => Item::NlbHour,
            BalancerType::Gateway => Item::GwlbHour,
            BalancerType::Other => continue,
        };
        keys.extend([PriceKey::item(hour, region), PriceKey::PublicIpv4 { region: region.clone() }]);
    }
    // What one of the first generation could become is priced, too.
    for region in snapshot.inventory.classic_load_balancers.iter().map(|balancer| &balancer.common.region) {
        keys.extend([Item::ClbHour, Item::AlbHour].map(|item| PriceKey::item(item, region)));
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{empty, texts};
    use crate::domain::inventory::{Address, ClassicLoadBalancer, Common};

    #[test]
    fn an_address_needs_the_price_of_its_region_only() {
        let mut snapshot = empty();
        snapshot.inventory.addresses.push(Address {
            common: Common::new("eu-west-1".parse().unwrap(), "eipalloc-1"),
            public_ip: "203.0.113.1".into(),
            association_id: None,
            instance_id: None,
            network_interface_id: None,
            public_ipv4_pool: None,
            service_managed: false,
        });
        assert_eq!(texts(&snapshot), ["public-ipv4/eu-west-1".to_owned()].into());
    }

    #[test]
    fn a_classic_load_balancer_needs_the_price_of_its_successor() {
        let mut snapshot = empty();
        let common = Common::new("eu-west-1".parse().unwrap(), "legacy");
        snapshot.inventory.classic_load_balancers.push(ClassicLoadBalancer { common, instance_ids: vec![] });
        assert_eq!(
            texts(&snapshot),
            ["alb-hour/eu-west-1".to_owned(), "clb-hour/eu-west-1".to_owned()].into()
        );
    }
}
