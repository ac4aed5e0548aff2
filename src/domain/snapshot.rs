//! One consistent picture of an account: what rules judge.

use super::{
    cost::CostHistory,
    ids::AccountId,
    inventory::{
        Address, AutoScalingGroup, CapacityReservation, DbCluster, DbClusterSnapshot, DbInstance, DbSnapshot,
        Image, Instance, InstanceTypeCatalog, Inventoried, LaunchConfiguration, LaunchTemplate, NatGateway,
        NetworkInterface, ResourceKind, RouteTable, Snapshot as EbsSnapshot, Volume, VpcEndpoint,
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

/// One list a kind: the struct, and what is done to all of its lists alike.
macro_rules! inventory {
    ($($list:ident: $type:ty,)*) => {
        #[derive(Clone, Debug, Default, PartialEq)]
        pub struct Inventory { $(pub $list: Vec<$type>,)* }

        impl Inventory {
            /// Moves the other's lists here; a fleet is never held twice.
            pub fn append(&mut self, other: Self) {
                $( append_list(&mut self.$list, other.$list); )*
            }

            #[must_use]
            pub fn resources(&self) -> usize {
                0 $( + self.$list.len() )*
            }

            /// Each resource as what `map` makes of it, one at a time.
            pub fn into_rows<M: MapResource>(self, map: M) -> impl Iterator<Item = M::Row> + Send {
                std::iter::empty()$( .chain(self.$list.into_iter().map(move |resource| map.row(resource))) )*
            }
        }
    };
}

/// One thing to make of resources of every kind.
pub trait MapResource: Copy + Send {
    type Row;
    fn row<T: Inventoried + Send>(&self, resource: T) -> Self::Row;
}

fn append_list<T>(into: &mut Vec<T>, mut from: Vec<T>) {
    if into.is_empty() {
        *into = from;
    } else {
        into.append(&mut from);
    }
}

inventory! {
    instances: Instance,
    volumes: Volume,
    snapshots: EbsSnapshot,
    images: Image,
    addresses: Address,
    nat_gateways: NatGateway,
    vpc_endpoints: VpcEndpoint,
    network_interfaces: NetworkInterface,
    route_tables: RouteTable,
    launch_templates: LaunchTemplate,
    launch_configurations: LaunchConfiguration,
    auto_scaling_groups: AutoScalingGroup,
    capacity_reservations: CapacityReservation,
    db_instances: DbInstance,
    db_clusters: DbCluster,
    db_snapshots: DbSnapshot,
    db_cluster_snapshots: DbClusterSnapshot,
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
