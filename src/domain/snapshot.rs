//! One consistent picture of an account: what rules judge.

use super::{
    cost::CostHistory,
    ids::AccountId,
    inventory::{
        Address, DbCluster, DbClusterSnapshot, DbInstance, DbSnapshot, Image, Instance, InstanceTypeCatalog,
        LaunchConfiguration, LaunchTemplate, NatGateway, NetworkInterface, ResourceKind, RouteTable,
        Snapshot as EbsSnapshot, Volume, VpcEndpoint,
    },
    metric::MetricStore,
    price::PriceBook,
    region::Region,
};
use jiff::Timestamp;
use std::collections::BTreeSet;

#[derive(Clone, Debug)]
pub struct Snapshot {
    pub account: AccountId,
    pub taken_at: Timestamp,
    pub inventory: Inventory,
    pub instance_types: InstanceTypeCatalog,
    pub metrics: MetricStore,
    pub prices: PriceBook,
    /// None where Cost Explorer could not be read.
    pub costs: Option<CostHistory>,
    pub coverage: Coverage,
}

impl Snapshot {
    /// Nothing seen yet.
    #[must_use]
    pub fn new(account: AccountId, taken_at: Timestamp) -> Self {
        Self {
            account,
            taken_at,
            inventory: Inventory::default(),
            instance_types: InstanceTypeCatalog::default(),
            metrics: MetricStore::default(),
            prices: PriceBook::default(),
            costs: None,
            coverage: Coverage::default(),
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Inventory {
    pub instances: Vec<Instance>,
    pub volumes: Vec<Volume>,
    pub snapshots: Vec<EbsSnapshot>,
    pub images: Vec<Image>,
    pub addresses: Vec<Address>,
    pub nat_gateways: Vec<NatGateway>,
    pub vpc_endpoints: Vec<VpcEndpoint>,
    pub network_interfaces: Vec<NetworkInterface>,
    pub route_tables: Vec<RouteTable>,
    pub launch_templates: Vec<LaunchTemplate>,
    pub launch_configurations: Vec<LaunchConfiguration>,
    pub db_instances: Vec<DbInstance>,
    pub db_clusters: Vec<DbCluster>,
    pub db_snapshots: Vec<DbSnapshot>,
    pub db_cluster_snapshots: Vec<DbClusterSnapshot>,
}

/// Which kinds were listed to their end in which region. What is not here is unknown, not absent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage(BTreeSet<(ResourceKind, Region)>);

impl Coverage {
    pub fn add(&mut self, kind: ResourceKind, region: Region) {
        self.0.insert((kind, region));
    }

    #[must_use]
    pub fn complete(&self, kind: ResourceKind, region: &Region) -> bool {
        self.0.contains(&(kind, region.clone()))
    }

    /// All of some kinds were listed in a region.
    #[must_use]
    pub fn all_complete(&self, kinds: &[ResourceKind], region: &Region) -> bool {
        kinds.iter().all(|kind| self.complete(*kind, region))
    }

    pub fn merge(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    pub fn iter(&self) -> impl Iterator<Item = &(ResourceKind, Region)> {
        self.0.iter()
    }
}
