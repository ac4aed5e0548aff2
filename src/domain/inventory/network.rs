//! Addresses, NAT gateways, endpoints and what points at them.

use super::{Common, Shared};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Address {
    /// The id is the allocation ID.
    #[serde(flatten)]
    pub common: Common,
    pub public_ip: Box<str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub association_id: Option<Box<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance_id: Option<Box<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network_interface_id: Option<Box<str>>,
    /// `amazon`, or the name of a pool that the customer brought (which costs nothing).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_ipv4_pool: Option<Shared>,
    /// A service of AWS holds it (`alb`, `nlb`, …).
    pub service_managed: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NatGateway {
    #[serde(flatten)]
    pub common: Common,
    pub available: bool,
    pub public: bool,
    pub vpc_id: Box<str>,
    pub subnet_id: Box<str>,
    pub allocation_ids: Vec<Box<str>>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VpcEndpoint {
    #[serde(flatten)]
    pub common: Common,
    pub endpoint_type: EndpointType,
    pub available: bool,
    pub vpc_id: Box<str>,
    pub service_name: Box<str>,
    /// One subnet an availability zone: each is billed.
    pub subnet_ids: Vec<Box<str>>,
    /// Where a gateway endpoint is routed from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub route_table_ids: Vec<Box<str>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EndpointType {
    Interface,
    Gateway,
    GatewayLoadBalancer,
    Other,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NetworkInterface {
    #[serde(flatten)]
    pub common: Common,
    pub interface_type: Shared,
    pub in_use: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance_id: Option<Box<str>>,
    pub vpc_id: Box<str>,
    /// A service of AWS made it and takes it away again.
    pub requester_managed: bool,
    /// Out of AWS's pool, gone when its instance stops: no Elastic IP.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auto_assigned_ip: Option<Box<str>>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RouteTable {
    #[serde(flatten)]
    pub common: Common,
    pub vpc_id: Box<str>,
    /// The VPC's own: it holds for all subnets that name no other.
    pub main: bool,
    pub subnet_ids: Vec<Box<str>>,
    pub nat_gateway_ids: Vec<Box<str>>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Subnet {
    #[serde(flatten)]
    pub common: Common,
    pub vpc_id: Box<str>,
    pub zone: Shared,
}

/// Where something is attached to a transit gateway. Of a VPC its owner pays, whoever owns the gateway.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TransitGatewayAttachment {
    #[serde(flatten)]
    pub common: Common,
    pub available: bool,
    pub transit_gateway_id: Box<str>,
    pub attached: Attached,
    pub resource_id: Box<str>,
    /// This account pays for it.
    pub own: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Attached {
    Vpc,
    Peering,
    Vpn,
    Other,
}

/// AWS gives no date of its creation. Its configuration and keys are never kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VpnConnection {
    #[serde(flatten)]
    pub common: Common,
    pub available: bool,
    pub customer_gateway_id: Box<str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vpn_gateway_id: Option<Box<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transit_gateway_id: Option<Box<str>>,
}
