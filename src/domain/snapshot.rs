//! One consistent picture of an account: what rules judge.

use super::{
    aws_finding::AwsFinding,
    billing::Billing,
    cost::CostHistory,
    ids::AccountId,
    inventory::{self, EngineCalendar, InstanceTypeCatalog, Inventoried, ResourceKind},
    metric::MetricStore,
    price::PriceBook,
    region::Region,
    usage_cost::UsageCosts,
};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashSet};

#[derive(Clone, Debug)]
pub struct Snapshot {
    pub account: AccountId,
    pub taken_at: Timestamp,
    pub inventory: Inventory,
    pub instance_types: InstanceTypeCatalog,
    /// Empty where RDS was not asked or did not say.
    pub engine_calendar: EngineCalendar,
    pub metrics: MetricStore,
    pub prices: PriceBook,
    /// None where Cost Explorer could not be read.
    pub costs: Option<CostHistory>,
    /// The last 30 complete days by usage type and purchase type; None where it could not be read.
    pub usage_costs: Option<UsageCosts>,
    pub billing: Billing,
    pub aws_findings: Vec<AwsFinding>,
    pub coverage: Coverage,
}

impl Snapshot {
    /// The day on which it was taken.
    #[must_use]
    pub fn today(&self) -> Date {
        self.taken_at.to_zoned(TimeZone::UTC).date()
    }

    /// Nothing seen yet.
    #[must_use]
    pub fn new(account: AccountId, taken_at: Timestamp) -> Self {
        Self {
            account,
            taken_at,
            inventory: Inventory::default(),
            instance_types: InstanceTypeCatalog::default(),
            engine_calendar: EngineCalendar::default(),
            metrics: MetricStore::default(),
            prices: PriceBook::default(),
            costs: None,
            usage_costs: None,
            billing: Billing::default(),
            aws_findings: Vec::new(),
            coverage: Coverage::default(),
        }
    }
}

/// One list a kind: the struct, and what is done to all of its lists alike.
macro_rules! inventory {
    ($($list:ident: $type:ty,)*) => {
        #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
        pub struct Inventory { $(pub $list: Vec<$type>,)* }

        impl Inventory {
            /// Each kind and the name of its list.
            pub const LISTS: &'static [(ResourceKind, &'static str)] =
                &[$( (<$type as Inventoried>::KIND, stringify!($list)) ),*];

            /// Moves the other's lists here; a fleet is never held twice.
            pub fn append(&mut self, other: Self) {
                $( append_list(&mut self.$list, other.$list); )*
            }

            /// Keeps the first of each id. A list that changes while it is paged through names some twice.
            pub fn drop_repeats(&mut self) {
                $( drop_repeats(&mut self.$list); )*
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

/// Of one region: there an id means one resource. Mostly nothing is twice, and then nothing is copied.
fn drop_repeats<T: Inventoried>(list: &mut Vec<T>) {
    let different: HashSet<&str> = list.iter().map(|resource| &*resource.common().id).collect();
    if different.len() == list.len() {
        return;
    }
    let mut seen: HashSet<Box<str>> = HashSet::new();
    list.retain(|resource| seen.insert(resource.common().id.clone()));
}

inventory! {
    instances: inventory::Instance,
    volumes: inventory::Volume,
    snapshots: inventory::Snapshot,
    fast_restores: inventory::FastRestore,
    images: inventory::Image,
    addresses: inventory::Address,
    nat_gateways: inventory::NatGateway,
    vpc_endpoints: inventory::VpcEndpoint,
    network_interfaces: inventory::NetworkInterface,
    route_tables: inventory::RouteTable,
    subnets: inventory::Subnet,
    transit_gateway_attachments: inventory::TransitGatewayAttachment,
    vpn_connections: inventory::VpnConnection,
    load_balancers: inventory::LoadBalancer,
    classic_load_balancers: inventory::ClassicLoadBalancer,
    launch_templates: inventory::LaunchTemplate,
    launch_configurations: inventory::LaunchConfiguration,
    auto_scaling_groups: inventory::AutoScalingGroup,
    capacity_reservations: inventory::CapacityReservation,
    db_instances: inventory::DbInstance,
    db_clusters: inventory::DbCluster,
    db_snapshots: inventory::DbSnapshot,
    db_cluster_snapshots: inventory::DbClusterSnapshot,
    dynamo_tables: inventory::DynamoTable,
    dynamo_indexes: inventory::DynamoIndex,
    dynamo_backups: inventory::DynamoBackup,
    lambda_functions: inventory::LambdaFunction,
    ecs_clusters: inventory::EcsCluster,
    ecs_services: inventory::EcsService,
    scalable_targets: inventory::ScalableTarget,
    redshift_clusters: inventory::RedshiftCluster,
    redshift_snapshots: inventory::RedshiftSnapshot,
    redshift_scheduled_actions: inventory::RedshiftScheduledAction,
    cache_clusters: inventory::CacheCluster,
    replication_groups: inventory::ReplicationGroup,
    ec2_reservations: inventory::Ec2Reservation,
    rds_reservations: inventory::RdsReservation,
    cache_reservations: inventory::CacheReservation,
    redshift_reservations: inventory::RedshiftReservation,
    savings_plans: inventory::SavingsPlan,
    buckets: inventory::Bucket,
    log_groups: inventory::LogGroup,
    alarms: inventory::Alarm,
    dashboards: inventory::Dashboard,
    metric_namespaces: inventory::MetricNamespace,
    secrets: inventory::Secret,
    kms_keys: inventory::KmsKey,
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
