//! Gateways, endpoints, attachments and VPN connections.

use super::{Plan, Request, requests};
use crate::domain::{
    inventory::{Attached, EndpointType, NatGateway, TransitGatewayAttachment, VpcEndpoint},
    metric::{Metric, MetricStore},
};
use std::collections::HashMap;

impl Plan<'_> {
    pub(super) fn want_network(&self, known: &MetricStore, wanted: &mut Vec<Request>) {
        self.want_nat_gateways(known, wanted);
        for endpoint in self.inventory.vpc_endpoints.iter().filter(|endpoint| endpoint.available) {
            if self.window.covers_all_of(endpoint.common.created_at) {
                wanted.extend(endpoint_type(endpoint).map(|named| bytes_of(endpoint, named)));
            }
        }
        for attachment in &self.inventory.transit_gateway_attachments {
            let judged = matches!(attachment.attached, Attached::Vpc | Attached::Peering) && attachment.own;
            if judged && attachment.available && self.window.covers_all_of(attachment.common.created_at) {
                wanted.extend(of_attachment(attachment));
            }
        }
        self.want_vpn_connections(known, wanted);
    }

    /// Bytes decide between gateways that carry anything, failed ports between those that could be merged.
    fn want_nat_gateways(&self, known: &MetricStore, wanted: &mut Vec<Request>) {
        const QUIET: &[Metric] =
            &[Metric::NatActiveConnections, Metric::NatPacketsIn, Metric::NatPacketsBack];
        const BYTES: &[Metric] = &[Metric::NatBytesOut, Metric::NatBytesBack];
        let mut in_vpc: HashMap<&str, usize> = HashMap::new();
        for gateway in self.inventory.nat_gateways.iter().filter(|gateway| gateway.available) {
            *in_vpc.entry(&gateway.vpc_id).or_default() += 1;
        }
        let judged =
            |gateway: &&NatGateway| gateway.available && self.window.covers_all_of(gateway.common.created_at);
        for gateway in self.inventory.nat_gateways.iter().filter(judged) {
            let common = &gateway.common;
            wanted.extend(requests(QUIET, "NatGatewayId", common));
            let packets = known.summary(Metric::NatPacketsIn, self.region, &common.id);
            if packets.is_some_and(|seen| seen.found > 0) {
                wanted.extend(requests(BYTES, "NatGatewayId", common));
            }
            if in_vpc.get(&*gateway.vpc_id).is_some_and(|gateways| *gateways > 1) {
                wanted.extend(requests(&[Metric::NatPortErrors], "NatGatewayId", common));
            }
        }
    }

    /// AWS gives no date: a state on every day of the window tells that a connection existed. Bytes matter where a
    /// tunnel was up.
    fn want_vpn_connections(&self, known: &MetricStore, wanted: &mut Vec<Request>) {
        const BYTES: &[Metric] = &[Metric::VpnBytesIn, Metric::VpnBytesOut];
        for connection in self.inventory.vpn_connections.iter().filter(|connection| connection.available) {
            let common = &connection.common;
            wanted.extend(requests(&[Metric::VpnTunnelState], "VpnId", common));
            let state = known.summary(Metric::VpnTunnelState, self.region, &common.id);
            if state.is_some_and(|state| state.found > 0 && state.max > 0.0) {
                wanted.extend(requests(BYTES, "VpnId", common));
            }
        }
    }
}

/// As CloudWatch writes it; none for gateway endpoints, which cost nothing.
fn endpoint_type(endpoint: &VpcEndpoint) -> Option<&'static str> {
    match endpoint.endpoint_type {
        EndpointType::Interface => Some("Interface"),
        EndpointType::GatewayLoadBalancer => Some("GatewayLoadBalancer"),
        EndpointType::Gateway | EndpointType::Other => None,
    }
}

/// The whole endpoint: the same metric exists for each of its subnets, with one dimension more.
fn bytes_of(endpoint: &VpcEndpoint, endpoint_type: &'static str) -> Request {
    let id = endpoint.common.id.clone();
    let dimensions = vec![
        ("Endpoint Type".into(), endpoint_type.into()),
        ("Service Name".into(), endpoint.service_name.clone()),
        ("VPC Endpoint Id".into(), id.clone()),
        ("VPC Id".into(), endpoint.vpc_id.clone()),
    ];
    Request { metric: Metric::VpceBytes, id, dimensions }
}

fn of_attachment(attachment: &TransitGatewayAttachment) -> impl Iterator<Item = Request> {
    [Metric::TgwBytesIn, Metric::TgwBytesOut].into_iter().map(|metric| Request {
        metric,
        id: attachment.common.id.clone(),
        dimensions: vec![
            ("TransitGateway".into(), attachment.transit_gateway_id.clone()),
            ("TransitGatewayAttachment".into(), attachment.common.id.clone()),
        ],
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::{asked, common};
    use super::*;
    use crate::domain::{
        inventory::{Common, VpnConnection},
        region::Region,
        snapshot::Inventory,
    };

    fn endpoint(endpoint_type: EndpointType) -> Inventory {
        let endpoint = VpcEndpoint {
            common: common("vpce-1", "2026-01-01T00:00:00Z"),
            endpoint_type,
            available: true,
            vpc_id: "vpc-1".into(),
            service_name: "com.amazonaws.us-east-1.ssm".into(),
            subnet_ids: vec![],
            route_table_ids: vec![],
        };
        Inventory { vpc_endpoints: vec![endpoint], ..Inventory::default() }
    }

    #[test]
    fn an_endpoint_is_named_by_four_dimensions() {
        let inventory = endpoint(EndpointType::Interface);
        let request = bytes_of(&inventory.vpc_endpoints[0], "Interface");
        let names: Vec<String> = request.dimensions.iter().map(|(name, _)| name.to_string()).collect();
        assert_eq!(names, ["Endpoint Type", "Service Name", "VPC Endpoint Id", "VPC Id"]);
        assert_eq!(asked(&inventory, &[]), [Metric::VpceBytes]);
        assert_eq!(asked(&endpoint(EndpointType::GatewayLoadBalancer), &[]), [Metric::VpceBytes]);
        assert_eq!(asked(&endpoint(EndpointType::Gateway), &[]), []);
    }

    fn gateway(id: &str) -> NatGateway {
        NatGateway {
            common: common(id, "2026-01-01T00:00:00Z"),
            available: true,
            public: true,
            vpc_id: "vpc-1".into(),
            subnet_id: "subnet-1".into(),
            allocation_ids: vec![],
        }
    }

    #[test]
    fn bytes_are_asked_of_gateways_that_report_and_port_errors_of_those_with_a_peer() {
        use Metric::{
            NatActiveConnections, NatBytesBack, NatBytesOut, NatPacketsBack, NatPacketsIn, NatPortErrors,
        };
        let alone = Inventory { nat_gateways: vec![gateway("i-1")], ..Inventory::default() };
        assert_eq!(asked(&alone, &[]), [NatActiveConnections, NatPacketsIn, NatPacketsBack]);
        let seen = [(NatActiveConnections, 0.0), (NatPacketsIn, 0.0), (NatPacketsBack, 0.0)];
        assert_eq!(asked(&alone, &seen), [NatBytesOut, NatBytesBack]);
        let two =
            Inventory { nat_gateways: vec![gateway("nat-1"), gateway("nat-2")], ..Inventory::default() };
        assert_eq!(asked(&two, &[]).into_iter().filter(|metric| *metric == NatPortErrors).count(), 2);
    }

    #[test]
    fn bytes_of_a_vpn_connection_matter_where_a_tunnel_was_up() {
        use Metric::{VpnBytesIn, VpnBytesOut, VpnTunnelState};
        let connection = VpnConnection {
            common: Common::new(Region::global(), "i-1"),
            available: true,
            customer_gateway_id: "cgw-1".into(),
            vpn_gateway_id: None,
            transit_gateway_id: None,
        };
        let inventory = Inventory { vpn_connections: vec![connection], ..Inventory::default() };
        assert_eq!(asked(&inventory, &[]), [VpnTunnelState]);
        assert_eq!(asked(&inventory, &[(VpnTunnelState, 0.0)]), []);
        assert_eq!(asked(&inventory, &[(VpnTunnelState, 1.0)]), [VpnBytesIn, VpnBytesOut]);
    }

    #[test]
    fn an_attachment_of_another_account_is_not_asked_for() {
        let attachment = |own| TransitGatewayAttachment {
            common: common("tgw-attach-1", "2026-01-01T00:00:00Z"),
            available: true,
            transit_gateway_id: "tgw-1".into(),
            attached: Attached::Vpc,
            resource_id: "vpc-1".into(),
            own,
        };
        let of =
            |own| Inventory { transit_gateway_attachments: vec![attachment(own)], ..Inventory::default() };
        assert_eq!(asked(&of(true), &[]), [Metric::TgwBytesIn, Metric::TgwBytesOut]);
        assert_eq!(asked(&of(false), &[]), []);
    }
}
