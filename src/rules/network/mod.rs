//! Addresses, gateways, endpoints, attachments and VPN connections.

mod eip_on_stopped_instance;
mod eip_unassociated;
#[cfg(test)]
mod fixtures;
mod gateways;
mod nat_gateway_cross_az_transfer;
mod nat_gateway_idle;
mod nat_gateway_low_traffic;
mod nat_gateway_no_gateway_endpoint;
mod nat_gateway_nonprod_per_az;
mod nat_gateway_redundant_same_az;
mod public_ipv4_in_use;
mod tgw_attachment_idle;
mod vpce_idle;
mod vpce_interface_where_gateway_works;
mod vpn_connection_idle;

use super::{Amounts, Case, Judgement, Meta, Rule, case, command, quantity};

pub const RULES: &[Rule] = &[
    eip_on_stopped_instance::RULE,
    eip_unassociated::RULE,
    nat_gateway_cross_az_transfer::RULE,
    nat_gateway_idle::RULE,
    nat_gateway_low_traffic::RULE,
    nat_gateway_no_gateway_endpoint::RULE,
    nat_gateway_nonprod_per_az::RULE,
    nat_gateway_redundant_same_az::RULE,
    public_ipv4_in_use::RULE,
    tgw_attachment_idle::RULE,
    vpce_idle::GATEWAY_LOAD_BALANCER,
    vpce_idle::INTERFACE,
    vpce_interface_where_gateway_works::RULE,
    vpn_connection_idle::RULE,
];
