//! A VPC of three zones for the tests of this family.

use crate::domain::{
    inventory::{EndpointType, NatGateway, NetworkInterface, RouteTable, Subnet, VpcEndpoint},
    metric::Metric,
    price::PriceKey,
    price_item::Item,
};
use crate::rules::fixtures::{Lab, common, region};

/// Public, in use, with one address, in `subnet-a`, `subnet-b` or `subnet-c`.
pub fn nat(id: &str, zone: char) -> NatGateway {
    NatGateway {
        common: common(id),
        available: true,
        public: true,
        vpc_id: "vpc-1".into(),
        subnet_id: format!("subnet-{zone}").into(),
        allocation_ids: vec![format!("eipalloc-{id}").into()],
    }
}

pub fn subnet(zone: char) -> Subnet {
    Subnet {
        common: common(&format!("subnet-{zone}")),
        vpc_id: "vpc-1".into(),
        zone: format!("us-east-1{zone}").into(),
    }
}

/// Of some zones' subnets, to one gateway.
pub fn routes(id: &str, zones: &str, gateway: &str) -> RouteTable {
    RouteTable {
        common: common(id),
        vpc_id: "vpc-1".into(),
        main: false,
        subnet_ids: zones.chars().map(|zone| format!("subnet-{zone}").into()).collect(),
        nat_gateway_ids: vec![gateway.into()],
    }
}

/// Available, in two zones.
pub fn endpoint(service: &str, endpoint_type: EndpointType) -> VpcEndpoint {
    VpcEndpoint {
        common: common("vpce-1"),
        endpoint_type,
        available: true,
        vpc_id: "vpc-1".into(),
        service_name: format!("com.amazonaws.us-east-1.{service}").into(),
        subnet_ids: vec!["subnet-a".into(), "subnet-b".into()],
        route_table_ids: Vec::new(),
    }
}

/// Of the instance i-1, with an address that came by itself.
pub fn interface() -> NetworkInterface {
    NetworkInterface {
        common: common("eni-1"),
        interface_type: "interface".into(),
        in_use: true,
        instance_id: Some("i-1".into()),
        vpc_id: "vpc-1".into(),
        requester_managed: false,
        auto_assigned_ip: Some("203.0.113.9".into()),
    }
}

/// The subnets and prices of the VPC.
pub fn vpc() -> Lab {
    Lab::new()
        .inventory(|i| i.subnets.extend(['a', 'b', 'c'].map(subnet)))
        .price(PriceKey::item(Item::NatGatewayGb, &region()), "0.045")
        .price(PriceKey::item(Item::CrossZoneGb, &region()), "0.01")
}

/// A gateway that moves this many GB a day, half of it each way, and fails at no port.
pub fn with_nat(lab: Lab, gateway: NatGateway, gb_a_day: f64) -> Lab {
    let id = gateway.common.id.to_string();
    [
        (Metric::NatBytesOut, gb_a_day * 5e8),
        (Metric::NatBytesBack, gb_a_day * 5e8),
        (Metric::NatPortErrors, 0.0),
    ]
    .into_iter()
    .fold(lab, |lab, (metric, value)| lab.daily(metric, &id, 14, value))
    .inventory(|i| i.nat_gateways.push(gateway))
}
