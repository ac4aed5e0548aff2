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
mod lambda;
mod load_balancing;
mod network;
mod object_store;
mod observability;
mod platform;
mod redshift;
mod scaling;
mod secrets;
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
pub use lambda::*;
pub use load_balancing::*;
pub use network::*;
pub use object_store::*;
pub use observability::*;
pub use platform::*;
pub use redshift::*;
pub use scaling::*;
pub use secrets::*;
pub use storage::*;

use super::{
    ids::{AccountId, ResourceKey},
    region::Region,
    tags::Tags,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::{fmt, str::FromStr, sync::Arc};
use uuid::Uuid;

/// The kinds of resource that are collected; the text is the API's `resourceType`.
macro_rules! kinds {
    ($($kind:ident $text:literal $service:ident $arn:literal),* $(,)?) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum ResourceKind { $(#[serde(rename = $text)] $kind),* }

        impl ResourceKind {
            pub const ALL: &'static [Self] = &[$(Self::$kind),*];

            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$kind => $text),* }
            }

            #[must_use]
            pub const fn service(self) -> Service {
                match self { $(Self::$kind => Service::$service),* }
            }

            /// The ARN's service and what stands before the id in it.
            const fn arn_form(self) -> &'static str {
                match self { $(Self::$kind => $arn),* }
            }
        }
    };
}

kinds! {
    Instance "Ec2Instance" Ec2 "ec2:{r}:{a}:instance/",
    Volume "EbsVolume" Ebs "ec2:{r}:{a}:volume/",
    Snapshot "EbsSnapshot" Ebs "ec2:{r}::snapshot/",
    FastRestore "EbsFastRestore" Ebs "ec2:{r}::snapshot/",
    Image "Ec2Image" Ec2 "ec2:{r}::image/",
    Address "ElasticIp" Ec2 "ec2:{r}:{a}:elastic-ip/",
    NatGateway "NatGateway" Vpc "ec2:{r}:{a}:natgateway/",
    VpcEndpoint "VpcEndpoint" Vpc "ec2:{r}:{a}:vpc-endpoint/",
    NetworkInterface "NetworkInterface" Vpc "ec2:{r}:{a}:network-interface/",
    RouteTable "RouteTable" Vpc "ec2:{r}:{a}:route-table/",
    Subnet "Subnet" Vpc "ec2:{r}:{a}:subnet/",
    TransitGatewayAttachment "TransitGatewayAttachment" Vpc "ec2:{r}:{a}:transit-gateway-attachment/",
    VpnConnection "VpnConnection" Vpc "ec2:{r}:{a}:vpn-connection/",
    LoadBalancer "LoadBalancer" ElasticLoadBalancing "elasticloadbalancing:{r}:{a}:loadbalancer/",
    ClassicLoadBalancer "ClassicLoadBalancer" ElasticLoadBalancing "elasticloadbalancing:{r}:{a}:loadbalancer/",
    LaunchTemplate "LaunchTemplate" Ec2 "ec2:{r}:{a}:launch-template/",
    LaunchConfiguration "LaunchConfiguration" Ec2 "autoscaling:{r}:{a}:launchConfiguration:*:launchConfigurationName/",
    AutoScalingGroup "Ec2AutoScalingGroup" AutoScaling "autoscaling:{r}:{a}:autoScalingGroup:*:autoScalingGroupName/",
    CapacityReservation "Ec2CapacityReservation" Ec2 "ec2:{r}:{a}:capacity-reservation/",
    DbInstance "RdsDbInstance" Rds "rds:{r}:{a}:db:",
    DbCluster "AuroraDbCluster" Rds "rds:{r}:{a}:cluster:",
    DbSnapshot "RdsDbSnapshot" Rds "rds:{r}:{a}:snapshot:",
    DbClusterSnapshot "RdsDbClusterSnapshot" Rds "rds:{r}:{a}:cluster-snapshot:",
    RedshiftCluster "RedshiftCluster" Redshift "redshift:{r}:{a}:cluster:",
    RedshiftSnapshot "RedshiftSnapshot" Redshift "redshift:{r}:{a}:snapshot:*/",
    RedshiftScheduledAction "RedshiftScheduledAction" Redshift "redshift:{r}:{a}:scheduledaction:",
    CacheCluster "ElastiCacheCluster" ElastiCache "elasticache:{r}:{a}:cluster:",
    ReplicationGroup "ElastiCacheReplicationGroup" ElastiCache "elasticache:{r}:{a}:replicationgroup:",
    Bucket "S3Bucket" S3 "s3:::",
    LogGroup "LogGroup" CloudWatch "logs:{r}:{a}:log-group:",
    Alarm "CloudWatchAlarm" CloudWatch "cloudwatch:{r}:{a}:alarm:",
    Dashboard "CloudWatchDashboard" CloudWatch "cloudwatch::{a}:dashboard/",
    // No ARN of AWS's: a namespace exists only as a name in its metrics.
    MetricNamespace "MetricNamespace" CloudWatch "cloudwatch:{r}:{a}:metric-namespace/",
    Secret "Secret" SecretsManager "secretsmanager:{r}:{a}:secret:",
    KmsKey "KmsKey" Kms "kms:{r}:{a}:key/",
    DynamoTable "DynamoDbTable" DynamoDb "dynamodb:{r}:{a}:table/",
    DynamoIndex "DynamoDbIndex" DynamoDb "dynamodb:{r}:{a}:table/",
    DynamoBackup "DynamoDbBackup" DynamoDb "dynamodb:{r}:{a}:table/",
    LambdaFunction "LambdaFunction" Lambda "lambda:{r}:{a}:function:",
    EcsCluster "EcsCluster" Ecs "ecs:{r}:{a}:cluster/",
    EcsService "EcsService" Ecs "ecs:{r}:{a}:service/",
    ScalableTarget "ScalableTarget" AutoScaling "application-autoscaling:{r}:{a}:scalable-target/",
    // A whole service of the account: what a finding about spend is filed under.
    ServiceSpend "ServiceSpend" CostExplorer "ce:{r}:{a}:service/",
    // The account itself.
    Account "Account" CostExplorer "organizations::{a}:account/",
    // Commitments, owned or advised; the names are Cost Optimization Hub's.
    Ec2Reservation "Ec2ReservedInstances" Ec2 "ec2:{r}:{a}:reserved-instances/",
    RdsReservation "RdsReservedInstances" Rds "rds:{r}:{a}:ri:",
    CacheReservation "ElastiCacheReservedInstances" ElastiCache "elasticache:{r}:{a}:reserved-instance:",
    RedshiftReservation "RedshiftReservedInstances" Redshift "redshift:{r}:{a}:reservednode:",
    OpenSearchReservation "OpenSearchReservedInstances" CostExplorer "es:{r}:{a}:reserved-instance/",
    MemoryDbReservation "MemoryDbReservedInstances" CostExplorer "memorydb:{r}:{a}:reservednode/",
    DynamoDbReservation "DynamoDbReservedCapacity" DynamoDb "dynamodb:{r}:{a}:reserved-capacity/",
    SavingsPlan "SavingsPlan" SavingsPlans "savingsplans::{a}:savingsplan/",
    ComputeSavingsPlans "ComputeSavingsPlans" SavingsPlans "savingsplans::{a}:offering/",
    Ec2InstanceSavingsPlans "Ec2InstanceSavingsPlans" SavingsPlans "savingsplans::{a}:offering/",
    SageMakerSavingsPlans "SageMakerSavingsPlans" SavingsPlans "savingsplans::{a}:offering/",
    DatabaseSavingsPlans "DatabaseSavingsPlans" SavingsPlans "savingsplans::{a}:offering/",
    // What only AWS's advisers see: the id is the rest of its ARN.
    OtherResource "Resource" CostExplorer "",
}

impl fmt::Display for ResourceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for ResourceKind {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.iter().copied().find(|k| k.as_str() == text).ok_or(())
    }
}

/// The services that findings are filed and filtered under.
macro_rules! services {
    ($($service:ident $text:literal),* $(,)?) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Service { $(#[serde(rename = $text)] $service),* }

        impl Service {
            pub const ALL: &'static [Self] = &[$(Self::$service),*];

            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$service => $text),* }
            }
        }
    };
}

services! {
    Ec2 "EC2",
    Ebs "EBS",
    Vpc "VPC",
    Rds "RDS",
    CostExplorer "CostExplorer",
    AutoScaling "AutoScaling",
    ElasticLoadBalancing "ElasticLoadBalancing",
    S3 "S3",
    DynamoDb "DynamoDB",
    Redshift "Redshift",
    ElastiCache "ElastiCache",
    Ecs "ECS",
    Lambda "Lambda",
    CloudWatch "CloudWatch",
    SecretsManager "SecretsManager",
    Kms "KMS",
    SavingsPlans "SavingsPlans",
    Organizations "Organizations",
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Service {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.iter().copied().find(|s| s.as_str().eq_ignore_ascii_case(text)).ok_or(())
    }
}

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

/// The ARN that AWS gives to a resource of this kind.
#[must_use]
pub fn arn_of(kind: ResourceKind, account: AccountId, region: &Region, id: &str) -> String {
    let form = kind.arn_form().replace("{r}", region.as_str()).replace("{a}", &account.to_string());
    format!("arn:{}:{form}{id}", region.partition().as_str())
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
    fn arns_follow_the_service_reference() {
        let account = "123456789012".parse().unwrap();
        let region: Region = "eu-west-1".parse().unwrap();
        assert_eq!(
            arn_of(ResourceKind::Volume, account, &region, "vol-1"),
            "arn:aws:ec2:eu-west-1:123456789012:volume/vol-1"
        );
        assert_eq!(
            arn_of(ResourceKind::Snapshot, account, &region, "snap-1"),
            "arn:aws:ec2:eu-west-1::snapshot/snap-1"
        );
        assert_eq!(
            arn_of(ResourceKind::DbInstance, account, &"cn-north-1".parse().unwrap(), "db"),
            "arn:aws-cn:rds:cn-north-1:123456789012:db:db"
        );
    }

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
