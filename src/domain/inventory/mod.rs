//! What an account runs, as far as rules and people need it.
//!
//! Deliberately left out of every type: environment variables, user data, object keys, secrets.

mod auto_scaling;
mod cache_node;
mod capacity;
mod commitment;
mod compute;
mod database;
mod dynamodb;
mod ecs;
mod elasticache;
mod engine_calendar;
mod instance_type;
mod kind;
mod lambda;
mod load_balancing;
mod network;
mod object_store;
mod observability;
mod platform;
mod redshift;
mod scaling;
mod secrets;
mod service;
mod storage;

pub use auto_scaling::*;
pub use cache_node::*;
pub use capacity::*;
pub use commitment::*;
pub use compute::*;
pub use database::*;
pub use dynamodb::*;
pub use ecs::*;
pub use elasticache::*;
pub use engine_calendar::*;
pub use instance_type::*;
pub use kind::*;
pub use lambda::*;
pub use load_balancing::*;
pub use network::*;
pub use object_store::*;
pub use observability::*;
pub use platform::*;
pub use redshift::*;
pub use scaling::*;
pub use secrets::*;
pub use service::*;
pub use storage::*;

use super::{
    ids::{AccountId, ResourceKey},
    region::Region,
    tags::Tags,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use uuid::Uuid;

/// What every resource has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Common {
    pub region: Region,
    /// AWS's own id or name, unique within account, region and kind.
    pub id: Box<str>,
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub tags: Tags,
    /// Creation, or the last launch for an instance: what usage-based rules measure age from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
}

impl Common {
    #[must_use]
    pub fn new(region: Region, id: impl Into<Box<str>>) -> Self {
        Self { region, id: id.into(), tags: Tags::default(), created_at: None }
    }

    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.tags.get("Name").filter(|name| !name.is_empty())
    }

    /// Whole days since creation, unknown where AWS gives no date.
    #[must_use]
    pub fn age_days(&self, now: Timestamp) -> Option<i64> {
        self.created_at.map(|at| days_between(at, now))
    }
}

/// Whole days from one instant to a later one.
#[must_use]
pub fn days_between(from: Timestamp, to: Timestamp) -> i64 {
    (to.as_second() - from.as_second()).div_euclid(86_400)
}

/// Anything that is listed in the inventory.
pub trait Inventoried: Serialize {
    const KIND: ResourceKind;
    fn common(&self) -> &Common;
}

/// Gives each type its kind and its common part.
macro_rules! inventoried {
    ($($type:ident => $kind:ident),* $(,)?) => { $(
        impl Inventoried for $type {
            const KIND: ResourceKind = ResourceKind::$kind;
            fn common(&self) -> &Common { &self.common }
        }
    )*
        impl ResourceKind {
            /// The kinds that are listed at AWS; of the others rules alone speak.
            pub const INVENTORIED: &'static [Self] = &[$(Self::$kind),*];
        }
    };
}

inventoried! {
    Instance => Instance,
    Volume => Volume,
    Snapshot => Snapshot,
    FastRestore => FastRestore,
    Image => Image,
    Address => Address,
    NatGateway => NatGateway,
    VpcEndpoint => VpcEndpoint,
    NetworkInterface => NetworkInterface,
    RouteTable => RouteTable,
    Subnet => Subnet,
    TransitGatewayAttachment => TransitGatewayAttachment,
    VpnConnection => VpnConnection,
    LoadBalancer => LoadBalancer,
    ClassicLoadBalancer => ClassicLoadBalancer,
    LaunchTemplate => LaunchTemplate,
    LaunchConfiguration => LaunchConfiguration,
    AutoScalingGroup => AutoScalingGroup,
    CapacityReservation => CapacityReservation,
    DbInstance => DbInstance,
    DbCluster => DbCluster,
    DbSnapshot => DbSnapshot,
    DbClusterSnapshot => DbClusterSnapshot,
    RedshiftCluster => RedshiftCluster,
    RedshiftSnapshot => RedshiftSnapshot,
    RedshiftScheduledAction => RedshiftScheduledAction,
    CacheCluster => CacheCluster,
    ReplicationGroup => ReplicationGroup,
    Bucket => Bucket,
    LogGroup => LogGroup,
    Alarm => Alarm,
    Dashboard => Dashboard,
    MetricNamespace => MetricNamespace,
    Secret => Secret,
    KmsKey => KmsKey,
    DynamoTable => DynamoTable,
    DynamoIndex => DynamoIndex,
    DynamoBackup => DynamoBackup,
    LambdaFunction => LambdaFunction,
    EcsCluster => EcsCluster,
    EcsService => EcsService,
    ScalableTarget => ScalableTarget,
    Ec2Reservation => Ec2Reservation,
    RdsReservation => RdsReservation,
    CacheReservation => CacheReservation,
    RedshiftReservation => RedshiftReservation,
    SavingsPlan => SavingsPlan,
}

/// The same for the same resource at every scan, without asking the database.
#[must_use]
pub fn resource_key(kind: ResourceKind, account: AccountId, region: &Region, id: &str) -> ResourceKey {
    ResourceKey::from_uuid(uuid_from_text(&[&account.to_string(), region.as_str(), kind.as_str(), id]))
}

/// A version 8 UUID from the SHA-256 of some fields; a NUL between them keeps fields apart.
#[must_use]
pub fn uuid_from_text(fields: &[&str]) -> Uuid {
    let mut hash = Sha256::new();
    for field in fields {
        hash.update(field.as_bytes());
        hash.update([0]);
    }
    let mut bytes = [0_u8; 16];
    for (to, from) in bytes.iter_mut().zip(hash.finalize()) {
        *to = from;
    }
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

/// Names of log groups and secrets may be longer than an id can be stored: the end of such a one is its hash.
#[must_use]
pub fn bounded_id(name: &str) -> Box<str> {
    const MOST_CHARS: usize = 255;
    if name.chars().count() <= MOST_CHARS {
        return name.into();
    }
    let hash = uuid_from_text(&[name]).simple().to_string();
    let kept: String = name.chars().take(MOST_CHARS - hash.len() - 1).collect();
    format!("{kept}~{hash}").into()
}

/// A name that thousands of resources share, such as `m5.large`: one allocation for all.
pub type Shared = Arc<str>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_name_is_cut_and_stays_its_own() {
        let (one, other) = (format!("{}1", "x".repeat(400)), format!("{}2", "x".repeat(400)));
        assert_eq!(bounded_id(&one).chars().count(), 255);
        assert_ne!(bounded_id(&one), bounded_id(&other));
        assert_eq!(&*bounded_id("/aws/lambda/x"), "/aws/lambda/x");
    }

    #[test]
    fn a_key_depends_on_every_field() {
        let (a, b) = ("123456789012".parse().unwrap(), "123456789013".parse().unwrap());
        let region: Region = "eu-west-1".parse().unwrap();
        let key = resource_key(ResourceKind::DbInstance, a, &region, "x");
        assert_eq!(key, resource_key(ResourceKind::DbInstance, a, &region, "x"));
        assert_ne!(key, resource_key(ResourceKind::DbInstance, b, &region, "x"));
        assert_ne!(key, resource_key(ResourceKind::DbCluster, a, &region, "x"));
    }
}
