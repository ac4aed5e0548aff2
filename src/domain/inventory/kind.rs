//! The kinds of resource: one line each, with its service and the form of its ARN.

use super::Service;
use crate::domain::{ids::AccountId, region::Region};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

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

/// The ARN that AWS gives to a resource of this kind.
#[must_use]
pub fn arn_of(kind: ResourceKind, account: AccountId, region: &Region, id: &str) -> String {
    let form = kind.arn_form().replace("{r}", region.as_str()).replace("{a}", &account.to_string());
    format!("arn:{}:{form}{id}", region.partition().as_str())
}

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
}
