//! What AWS's price list calls the things that are priced by nothing but region and, for some, a name.
//!
//! One line an item: its text in a price key, its unit, where the price list has it. Instances, volumes and RDS,
//! whose prices depend on more, have keys of their own.

use super::price::PriceUnit;
use serde::{Deserialize, Serialize};

/// How an item is found in the price list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listing {
    /// The service's code: `AWSELB`.
    pub service: &'static str,
    /// The usage type behind the region's prefix; for a named item what comes before the name.
    pub usage: &'static str,
    /// What else tells it apart: attributes of the product, `productFamily` among them.
    pub only: &'static [(&'static str, &'static str)],
    /// The attributes whose values, with a slash between, are the item's name; none for what has only one price.
    pub named_by: &'static [&'static str],
}

macro_rules! items {
    ($($item:ident $text:literal $unit:ident: $service:literal $usage:literal $only:expr, $named_by:expr;)*) => {
        /// Something with one price in a region, or one for each name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Item { $($item),* }

        impl Item {
            pub const ALL: &'static [Self] = &[$(Self::$item),*];

            /// `alb-hour`, as in a price key.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$item => $text),* }
            }

            #[must_use]
            pub const fn unit(self) -> PriceUnit {
                match self { $(Self::$item => PriceUnit::$unit),* }
            }

            #[must_use]
            pub const fn listing(self) -> Listing {
                match self { $(
                    Self::$item => Listing { service: $service, usage: $usage, only: $only, named_by: $named_by }
                ),* }
            }
        }
    };
}

const LINUX_CREDITS: &[(&str, &str)] = &[("productFamily", "CPU Credits"), ("operatingSystem", "Linux")];
const WINDOWS_CREDITS: &[(&str, &str)] = &[("productFamily", "CPU Credits"), ("operatingSystem", "Windows")];

items! {
    AlbHour "alb-hour" Hour: "AWSELB" "LoadBalancerUsage" &[("productFamily", "Load Balancer-Application")], &[];
    ClbHour "clb-hour" Hour: "AWSELB" "LoadBalancerUsage" &[("productFamily", "Load Balancer")], &[];
    NlbHour "nlb-hour" Hour: "AWSELB" "LoadBalancerUsage" &[("productFamily", "Load Balancer-Network")], &[];
    GwlbHour "gwlb-hour" Hour: "AWSELB" "LoadBalancerUsage" &[("productFamily", "Load Balancer-Gateway")], &[];
    GwlbEndpointHour "gwlb-endpoint-hour" Hour: "AmazonVPC" "VpcEndpoint-GWLBE-Hours" &[], &[];
    NatGatewayGb "nat-gateway-gb" Gb: "AmazonEC2" "NatGateway-Bytes" &[("productFamily", "NAT Gateway")], &[];
    TransitGatewayAttachmentHour "transit-gateway-attachment-hour" Hour:
        "AmazonVPC" "TransitGateway-Hours" &[("operation", "TransitGatewayVPC")], &[];
    VpnConnectionHour "vpn-connection-hour" Hour: "AmazonVPC" "VPN-Usage-Hours:ipsec.1" &[], &[];
    CrossZoneGb "cross-zone-gb" Gb: "AWSDataTransfer" "DataTransfer-Regional-Bytes" &[("transferType", "IntraRegion")], &[];
    MetricMonth "metric-month" UnitMonth: "AmazonCloudWatch" "CW:MetricMonitorUsage" &[], &[];
    CpuCreditsT2Linux "cpu-credits/t2/Linux" VcpuHour: "AmazonEC2" "CPUCredits:t2" LINUX_CREDITS, &[];
    CpuCreditsT2Windows "cpu-credits/t2/Windows" VcpuHour: "AmazonEC2" "CPUCredits:t2" WINDOWS_CREDITS, &[];
    CpuCreditsT3Linux "cpu-credits/t3/Linux" VcpuHour: "AmazonEC2" "CPUCredits:t3" LINUX_CREDITS, &[];
    CpuCreditsT3Windows "cpu-credits/t3/Windows" VcpuHour: "AmazonEC2" "CPUCredits:t3" WINDOWS_CREDITS, &[];
    CpuCreditsT3aLinux "cpu-credits/t3a/Linux" VcpuHour: "AmazonEC2" "CPUCredits:t3a" LINUX_CREDITS, &[];
    CpuCreditsT3aWindows "cpu-credits/t3a/Windows" VcpuHour: "AmazonEC2" "CPUCredits:t3a" WINDOWS_CREDITS, &[];
    CpuCreditsT4gLinux "cpu-credits/t4g/Linux" VcpuHour: "AmazonEC2" "CPUCredits:t4g" LINUX_CREDITS, &[];
    LogStorage "log-storage" GbMonth: "AmazonCloudWatch" "TimedStorage-ByteHrs" &[], &[];
    AuroraAcu "aurora-acu" UnitHour: "AmazonRDS" "Aurora:ServerlessV2Usage" &[], &[];
    // Priced by engine and year; `ExtendedSupport:Yr3:ASv2:AuroraPostgreSQL12` is read by hand.
    AuroraAcuSupport "aurora-acu-extended-support" UnitHour: "AmazonRDS" "ExtendedSupport:Yr" &[], &[];
    AuroraIo "aurora-io" Million: "AmazonRDS" "Aurora:StorageIOUsage" &[], &[];
    AuroraIoStorage "aurora-io-optimized-storage" GbMonth: "AmazonRDS" "Aurora:IO-OptimizedStorageUsage" &[], &[];
    // By family: `PI_LTR:R6G`.
    Insights "performance-insights" UnitMonth: "AmazonRDS" "PI_LTR:" &[], &["usagetype"];
    RedshiftNode "redshift-node" Hour: "AmazonRedshift" "Node:" &[("productFamily", "Compute Instance")], &["usagetype"];
    RedshiftStorage "redshift-storage" GbMonth: "AmazonRedshift" "RMS:" &[], &["usagetype"];
    RedshiftBackup "redshift-backup" GbMonth: "AmazonRedshift" "Redshift:PaidSnapshots" &[], &[];
    CacheSupport "cache-extended-support" Hour: "AmazonElastiCache" "ExtendedSupportYr1_Yr2-NodeUsage:" &[], &["instanceType"];
    CacheSupportYear3 "cache-extended-support-year-3" Hour: "AmazonElastiCache" "ExtendedSupportYr3-NodeUsage:" &[], &["instanceType"];
    LogIngest "log-ingest" Gb: "AmazonCloudWatch" "DataProcessing-Bytes" &[], &[];
    LogIngestInfrequent "log-ingest-infrequent" Gb: "AmazonCloudWatch" "DataProcessingIA-Bytes" &[], &[];
    Alarm "alarm" UnitMonth: "AmazonCloudWatch" "CW:AlarmMonitorUsage" &[], &[];
    AlarmHighResolution "alarm-high-resolution" UnitMonth: "AmazonCloudWatch" "CW:HighResAlarmMonitorUsage" &[], &[];
    // The same everywhere and listed without a region: Tuner's own table has it.
    Dashboard "dashboard" UnitMonth: "AmazonCloudWatch" "DashboardsUsageHour" &[], &[];
    Secret "secret" UnitMonth: "AWSSecretsManager" "AWSSecretsManager-Secrets" &[], &[];
    KmsKey "kms-key" UnitMonth: "awskms" "KMS-Keys" &[], &[];
    KmsRequests "kms-requests" Thousand: "awskms" "KMS-Requests" &[], &[];
    FastSnapshotRestore "fast-snapshot-restore" UnitHour: "AmazonEC2" "EBS:FastSnapshotRestore" &[], &[];
    // S3 Tables have usage types that end alike.
    S3Standard "s3-standard" GbMonth: "AmazonS3" "TimedStorage-ByteHrs" &[("volumeType", "Standard")], &[];
    S3TieringFrequent "s3-tiering-frequent" GbMonth: "AmazonS3" "TimedStorage-INT-FA-ByteHrs" &[], &[];
    S3TieringInfrequent "s3-tiering-infrequent" GbMonth: "AmazonS3" "TimedStorage-INT-IA-ByteHrs" &[], &[];
    S3TieringArchiveInstant "s3-tiering-archive-instant" GbMonth: "AmazonS3" "TimedStorage-INT-AIA-ByteHrs" &[], &[];
    S3TieringMonitoring "s3-tiering-monitoring" Thousand: "AmazonS3" "Monitoring-Automation-INT" &[], &[];
    S3Infrequent "s3-standard-ia" GbMonth: "AmazonS3" "TimedStorage-SIA-ByteHrs" &[], &[];
    S3OneZone "s3-one-zone-ia" GbMonth: "AmazonS3" "TimedStorage-ZIA-ByteHrs" &[], &[];
    S3GlacierInstant "s3-glacier-instant" GbMonth: "AmazonS3" "TimedStorage-GIR-ByteHrs" &[], &[];
    S3Glacier "s3-glacier" GbMonth: "AmazonS3" "TimedStorage-GlacierByteHrs" &[], &[];
    S3DeepArchive "s3-deep-archive" GbMonth: "AmazonS3" "TimedStorage-GDA-ByteHrs" &[], &[];
    // DynamoDB's rare-access class first: its usage types end like those of the standard class.
    DynamoIaReadUnitHour "dynamodb-ia-read-unit-hour" UnitHour: "AmazonDynamoDB" "IA-ReadCapacityUnit-Hrs" &[], &[];
    DynamoIaWriteUnitHour "dynamodb-ia-write-unit-hour" UnitHour: "AmazonDynamoDB" "IA-WriteCapacityUnit-Hrs" &[], &[];
    DynamoIaReads "dynamodb-ia-reads" Million: "AmazonDynamoDB" "IA-ReadRequestUnits" &[], &[];
    DynamoIaWrites "dynamodb-ia-writes" Million: "AmazonDynamoDB" "IA-WriteRequestUnits" &[], &[];
    DynamoIaStorage "dynamodb-ia-storage" GbMonth: "AmazonDynamoDB" "IA-TimedStorage-ByteHrs" &[], &[];
    DynamoReadUnitHour "dynamodb-read-unit-hour" UnitHour: "AmazonDynamoDB" "ReadCapacityUnit-Hrs" &[], &[];
    DynamoWriteUnitHour "dynamodb-write-unit-hour" UnitHour: "AmazonDynamoDB" "WriteCapacityUnit-Hrs" &[], &[];
    DynamoReads "dynamodb-reads" Million: "AmazonDynamoDB" "ReadRequestUnits" &[], &[];
    DynamoWrites "dynamodb-writes" Million: "AmazonDynamoDB" "WriteRequestUnits" &[], &[];
    DynamoStorage "dynamodb-storage" GbMonth: "AmazonDynamoDB" "TimedStorage-ByteHrs" &[], &[];
    DynamoRecovery "dynamodb-recovery" GbMonth: "AmazonDynamoDB" "TimedPITRStorage-ByteHrs" &[], &[];
    DynamoBackup "dynamodb-backup" GbMonth: "AmazonDynamoDB" "TimedBackupStorage-ByteHrs" &[], &[];
    LambdaDuration "lambda-duration" GbSecond: "AWSLambda" "Lambda-GB-Second" &[], &[];
    LambdaDurationArm "lambda-duration-arm" GbSecond: "AWSLambda" "Lambda-GB-Second-ARM" &[], &[];
    LambdaProvisioned "lambda-provisioned" GbSecond: "AWSLambda" "Lambda-Provisioned-Concurrency" &[], &[];
    LambdaProvisionedArm "lambda-provisioned-arm" GbSecond: "AWSLambda" "Lambda-Provisioned-Concurrency-ARM" &[], &[];
    FargateCpu "fargate-cpu" VcpuHour: "AmazonECS" "Fargate-vCPU-Hours:perCPU" &[], &[];
    FargateMemory "fargate-memory" GbHour: "AmazonECS" "Fargate-GB-Hours" &[], &[];
    FargateArmCpu "fargate-arm-cpu" VcpuHour: "AmazonECS" "Fargate-ARM-vCPU-Hours:perCPU" &[], &[];
    FargateArmMemory "fargate-arm-memory" GbHour: "AmazonECS" "Fargate-ARM-GB-Hours" &[], &[];
    CacheNode "cache-node" Hour: "AmazonElastiCache" "NodeUsage:" &[], &["instanceType", "cacheEngine"];
}
