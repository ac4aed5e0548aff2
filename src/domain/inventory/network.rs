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
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RouteTable {
    #[serde(flatten)]
    pub common: Common,
    pub nat_gateway_ids: Vec<Box<str>>,
}
