//! CloudWatch metrics as rules read them: reduced when they arrive, so a fleet's history stays small.
//!
//! Invariant: a metric that was not collected or has no datapoints is absent or thin, never zero.

use super::region::Region;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// One day: a daily datapoint tells how complete the window is at little cost.
const DAY: u32 = 86_400;
const HOUR: u32 = 3_600;

const EC2: &str = "AWS/EC2";
const EBS: &str = "AWS/EBS";
const ASG: &str = "AWS/AutoScaling";
const AGENT: &str = "CWAgent";
const RESERVED: &str = "AWS/EC2CapacityReservations";
const NAT: &str = "AWS/NATGateway";
const ALB: &str = "AWS/ApplicationELB";
const NLB: &str = "AWS/NetworkELB";
const CLB: &str = "AWS/ELB";
const TGW: &str = "AWS/TransitGateway";
const VPN: &str = "AWS/VPN";
const RDS: &str = "AWS/RDS";
const REDSHIFT: &str = "AWS/Redshift";
const CACHE: &str = "AWS/ElastiCache";
const S3: &str = "AWS/S3";
const DYNAMO: &str = "AWS/DynamoDB";
const LAMBDA: &str = "AWS/Lambda";
const INSIGHTS: &str = "LambdaInsights";
const ECS: &str = "AWS/ECS";

/// How CloudWatch names a series and how it is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MetricSpec {
    pub namespace: &'static str,
    pub name: &'static str,
    pub statistic: &'static str,
    pub period_secs: u32,
    pub shape: SeriesShape,
}

/// What is kept of a series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeriesShape {
    Summary,
    /// The greatest value of each of the 168 hours of the week.
    WeekProfile,
}

/// Each series with its namespace, name, statistic and period in seconds. A period of an hour is kept as a week.
macro_rules! metrics {
    ($($metric:ident: $namespace:expr, $name:literal, $statistic:literal, $period_secs:expr;)*) => {
        /// Which series to ask CloudWatch for.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Metric { $($metric),* }

        impl Metric {
            #[must_use]
            pub const fn spec(self) -> MetricSpec {
                match self { $(
                    Self::$metric => MetricSpec {
                        namespace: $namespace,
                        name: $name,
                        statistic: $statistic,
                        period_secs: $period_secs,
                        shape: shape_of($period_secs),
                    }
                ),* }
            }
        }
    };
}

const fn shape_of(period_secs: u32) -> SeriesShape {
    if period_secs == HOUR { SeriesShape::WeekProfile } else { SeriesShape::Summary }
}

metrics! {
    Ec2CpuMax: EC2, "CPUUtilization", "Maximum", DAY;
    Ec2CpuP995: EC2, "CPUUtilization", "p99.5", DAY;
    Ec2NetworkIn: EC2, "NetworkIn", "Sum", DAY;
    Ec2NetworkOut: EC2, "NetworkOut", "Sum", DAY;
    Ec2CpuHourly: EC2, "CPUUtilization", "Maximum", HOUR;
    Ec2NetworkInHourly: EC2, "NetworkIn", "Sum", HOUR;
    Ec2NetworkOutHourly: EC2, "NetworkOut", "Sum", HOUR;
    Ec2MemoryMax: AGENT, "mem_used_percent", "Maximum", DAY;
    Ec2CpuAverage: EC2, "CPUUtilization", "Average", DAY;
    Ec2NetworkInPeak: EC2, "NetworkIn", "Maximum", DAY;
    Ec2NetworkOutPeak: EC2, "NetworkOut", "Maximum", DAY;
    Ec2EbsReadBytesPeak: EC2, "EBSReadBytes", "Maximum", DAY;
    Ec2EbsWriteBytesPeak: EC2, "EBSWriteBytes", "Maximum", DAY;
    Ec2EbsReadOpsPeak: EC2, "EBSReadOps", "Maximum", DAY;
    Ec2EbsWriteOpsPeak: EC2, "EBSWriteOps", "Maximum", DAY;
    Ec2SurplusCredits: EC2, "CPUSurplusCreditsCharged", "Sum", DAY;
    Ec2GpuMax: AGENT, "nvidia_smi_utilization_gpu", "Maximum", DAY;
    AsgCpuMax: EC2, "CPUUtilization", "Maximum", DAY;
    AsgCpuP995: EC2, "CPUUtilization", "p99.5", DAY;
    AsgNetworkIn: EC2, "NetworkIn", "Sum", DAY;
    AsgNetworkOut: EC2, "NetworkOut", "Sum", DAY;
    AsgNetworkInPeak: EC2, "NetworkIn", "Maximum", DAY;
    AsgNetworkOutPeak: EC2, "NetworkOut", "Maximum", DAY;
    AsgEbsReadBytesPeak: EC2, "EBSReadBytes", "Maximum", DAY;
    AsgEbsWriteBytesPeak: EC2, "EBSWriteBytes", "Maximum", DAY;
    AsgEbsReadOpsPeak: EC2, "EBSReadOps", "Maximum", DAY;
    AsgEbsWriteOpsPeak: EC2, "EBSWriteOps", "Maximum", DAY;
    AsgMemoryMax: AGENT, "mem_used_percent", "Maximum", DAY;
    AsgInServiceAverage: ASG, "GroupInServiceInstances", "Average", DAY;
    AsgInServiceMax: ASG, "GroupInServiceInstances", "Maximum", DAY;
    CapacityAvailableMin: RESERVED, "AvailableInstanceCount", "Minimum", DAY;
    EbsIdleTime: EBS, "VolumeIdleTime", "Sum", DAY;
    EbsReadOps: EBS, "VolumeReadOps", "Sum", 300;
    EbsWriteOps: EBS, "VolumeWriteOps", "Sum", 300;
    EbsReadOpsDaily: EBS, "VolumeReadOps", "Sum", DAY;
    EbsWriteOpsDaily: EBS, "VolumeWriteOps", "Sum", DAY;
    EbsReadBytes: EBS, "VolumeReadBytes", "Sum", 300;
    EbsWriteBytes: EBS, "VolumeWriteBytes", "Sum", 300;
    FastRestoreCredits: EBS, "FastSnapshotRestoreCreditsBalance", "Minimum", DAY;
    FastRestoreBucket: EBS, "FastSnapshotRestoreCreditsBucketSize", "Maximum", DAY;
    NatActiveConnections: NAT, "ActiveConnectionCount", "Maximum", DAY;
    NatPacketsIn: NAT, "PacketsInFromSource", "Sum", DAY;
    NatPacketsBack: NAT, "PacketsInFromDestination", "Sum", DAY;
    NatBytesOut: NAT, "BytesOutToDestination", "Sum", DAY;
    NatBytesBack: NAT, "BytesOutToSource", "Sum", DAY;
    NatPortErrors: NAT, "ErrorPortAllocation", "Sum", DAY;
    VpceBytes: "AWS/PrivateLinkEndpoints", "BytesProcessed", "Sum", DAY;
    TgwBytesIn: TGW, "BytesIn", "Sum", DAY;
    TgwBytesOut: TGW, "BytesOut", "Sum", DAY;
    VpnTunnelState: VPN, "TunnelState", "Maximum", DAY;
    VpnBytesIn: VPN, "TunnelDataIn", "Sum", DAY;
    VpnBytesOut: VPN, "TunnelDataOut", "Sum", DAY;
    AlbRequests: ALB, "RequestCount", "Sum", DAY;
    AlbRedirects: ALB, "HTTP_Redirect_Count", "Sum", DAY;
    AlbFixedResponses: ALB, "HTTP_Fixed_Response_Count", "Sum", DAY;
    AlbCapacityUnits: ALB, "ConsumedLCUs", "Sum", DAY;
    NlbFlows: NLB, "ActiveFlowCount", "Maximum", DAY;
    NlbBytes: NLB, "ProcessedBytes", "Sum", DAY;
    ClbRequests: CLB, "RequestCount", "Sum", DAY;
    ClbHosts: CLB, "HealthyHostCount", "Maximum", DAY;
    RdsConnectionsMax: RDS, "DatabaseConnections", "Maximum", DAY;
    RdsCpuP995: RDS, "CPUUtilization", "p99.5", DAY;
    RdsFreeableMemoryMin: RDS, "FreeableMemory", "Minimum", DAY;
    RdsReadIopsMax: RDS, "ReadIOPS", "Maximum", DAY;
    RdsWriteIopsMax: RDS, "WriteIOPS", "Maximum", DAY;
    RdsConnectionsHourly: RDS, "DatabaseConnections", "Maximum", HOUR;
    RdsFreeStorageMin: RDS, "FreeStorageSpace", "Minimum", DAY;
    RdsReadThroughputMax: RDS, "ReadThroughput", "Maximum", DAY;
    RdsWriteThroughputMax: RDS, "WriteThroughput", "Maximum", DAY;
    // Of whole clusters: their ids may be those of databases too.
    AuroraConnectionsMax: RDS, "DatabaseConnections", "Maximum", DAY;
    AuroraConnectionsHourly: RDS, "DatabaseConnections", "Maximum", HOUR;
    AuroraStorageUsed: RDS, "VolumeBytesUsed", "Average", DAY;
    AuroraReadIos: RDS, "VolumeReadIOPs", "Sum", DAY;
    AuroraWriteIos: RDS, "VolumeWriteIOPs", "Sum", DAY;
    AuroraBackupBilled: RDS, "TotalBackupStorageBilled", "Average", DAY;
    AuroraBackupRetained: RDS, "BackupRetentionPeriodStorageUsed", "Average", DAY;
    // Of a serverless member.
    AuroraAcus: RDS, "ServerlessDatabaseCapacity", "Average", DAY;
    RedshiftConnectionsMax: REDSHIFT, "DatabaseConnections", "Maximum", DAY;
    RedshiftConnectionsHourly: REDSHIFT, "DatabaseConnections", "Maximum", HOUR;
    RedshiftCpuHourly: REDSHIFT, "CPUUtilization", "Average", HOUR;
    RedshiftDiskMax: REDSHIFT, "PercentageDiskSpaceUsed", "Maximum", DAY;
    CacheReads: CACHE, "GetTypeCmds", "Sum", DAY;
    CacheWrites: CACHE, "SetTypeCmds", "Sum", DAY;
    CachePubSub: CACHE, "PubSubBasedCmds", "Sum", DAY;
    CacheScripts: CACHE, "EvalBasedCmds", "Sum", DAY;
    MemcachedGets: CACHE, "CmdGet", "Sum", DAY;
    MemcachedSets: CACHE, "CmdSet", "Sum", DAY;
    CacheConnectionsMax: CACHE, "CurrConnections", "Maximum", DAY;
    CacheCpuMax: CACHE, "CPUUtilization", "Maximum", DAY;
    CacheMemoryMax: CACHE, "DatabaseMemoryUsagePercentage", "Maximum", DAY;
    CacheEvictions: CACHE, "Evictions", "Sum", DAY;
    S3Standard: S3, "BucketSizeBytes", "Average", DAY;
    S3TieringFrequent: S3, "BucketSizeBytes", "Average", DAY;
    S3TieringInfrequent: S3, "BucketSizeBytes", "Average", DAY;
    S3TieringArchiveInstant: S3, "BucketSizeBytes", "Average", DAY;
    S3Infrequent: S3, "BucketSizeBytes", "Average", DAY;
    S3InfrequentPadding: S3, "BucketSizeBytes", "Average", DAY;
    S3OneZone: S3, "BucketSizeBytes", "Average", DAY;
    S3OneZonePadding: S3, "BucketSizeBytes", "Average", DAY;
    S3GlacierInstant: S3, "BucketSizeBytes", "Average", DAY;
    S3GlacierInstantPadding: S3, "BucketSizeBytes", "Average", DAY;
    S3Glacier: S3, "BucketSizeBytes", "Average", DAY;
    S3DeepArchive: S3, "BucketSizeBytes", "Average", DAY;
    S3Objects: S3, "NumberOfObjects", "Average", DAY;
    S3AllRequests: S3, "AllRequests", "Sum", DAY;
    S3GetRequests: S3, "GetRequests", "Sum", DAY;
    S3PutRequests: S3, "PutRequests", "Sum", DAY;
    LogsIncomingBytes: "AWS/Logs", "IncomingBytes", "Sum", DAY;
    DynamoReads: DYNAMO, "ConsumedReadCapacityUnits", "Sum", DAY;
    DynamoWrites: DYNAMO, "ConsumedWriteCapacityUnits", "Sum", DAY;
    DynamoReadsHourly: DYNAMO, "ConsumedReadCapacityUnits", "Sum", HOUR;
    DynamoWritesHourly: DYNAMO, "ConsumedWriteCapacityUnits", "Sum", HOUR;
    DynamoProvisioned: DYNAMO, "ProvisionedReadCapacityUnits", "Maximum", DAY;
    LambdaInvocations: LAMBDA, "Invocations", "Sum", DAY;
    LambdaErrors: LAMBDA, "Errors", "Sum", DAY;
    LambdaDuration: LAMBDA, "Duration", "Sum", DAY;
    LambdaDurationMax: LAMBDA, "Duration", "Maximum", DAY;
    LambdaDurationP90: LAMBDA, "Duration", "p90", DAY;
    LambdaProvisionedUse: LAMBDA, "ProvisionedConcurrencyUtilization", "Maximum", DAY;
    LambdaMemoryMax: INSIGHTS, "memory_utilization", "Maximum", DAY;
    LambdaCpuTime: INSIGHTS, "cpu_total_time", "Sum", DAY;
    EcsCpuMax: ECS, "CPUUtilization", "Maximum", DAY;
    EcsCpuP995: ECS, "CPUUtilization", "p99.5", DAY;
    EcsMemoryMax: ECS, "MemoryUtilization", "Maximum", DAY;
}

/// A series reduced to what rules ask of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Series {
    Summary(Summary),
    WeekProfile(Box<WeekProfile>),
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    pub min: f64,
    pub max: f64,
    pub sum: f64,
    pub found: u32,
    pub expected: u32,
}

impl Summary {
    /// Of some values, with the number that a full window would have.
    #[must_use]
    pub fn of(values: &[f64], expected: u32) -> Self {
        let mut summary = Self { min: f64::INFINITY, max: f64::NEG_INFINITY, sum: 0.0, found: 0, expected };
        for value in values.iter().copied().filter(|v| v.is_finite()) {
            summary.min = summary.min.min(value);
            summary.max = summary.max.max(value);
            summary.sum += value;
            summary.found += 1;
        }
        summary
    }

    /// At least this percentage of the window's datapoints is there.
    #[must_use]
    pub fn covers(&self, percent: u32) -> bool {
        self.found > 0 && u64::from(self.found) * 100 >= u64::from(self.expected) * u64::from(percent)
    }
}

pub const HOURS_PER_WEEK: usize = 168;

/// The greatest value seen in each hour of the week, Monday 00:00 UTC first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Hours", into = "Hours")]
pub struct WeekProfile {
    pub max: [f64; HOURS_PER_WEEK],
    pub samples: [u8; HOURS_PER_WEEK],
    pub found: u32,
    pub expected: u32,
}

/// A week as it is written down: greatest values and samples by hour, found and expected datapoints.
type Hours = (Vec<f64>, Vec<u8>, u32, u32);

impl From<WeekProfile> for Hours {
    fn from(week: WeekProfile) -> Self {
        (week.max.to_vec(), week.samples.to_vec(), week.found, week.expected)
    }
}

impl TryFrom<Hours> for WeekProfile {
    type Error = &'static str;
    fn try_from((max, samples, found, expected): Hours) -> Result<Self, Self::Error> {
        let (max, samples) = (max.try_into(), samples.try_into());
        match (max, samples) {
            (Ok(max), Ok(samples)) => Ok(Self { max, samples, found, expected }),
            _ => Err("a week has 168 hours"),
        }
    }
}

impl WeekProfile {
    /// Of (instant in seconds since 1970, value) pairs of hourly datapoints.
    #[must_use]
    pub fn of(points: impl IntoIterator<Item = (i64, f64)>, expected: u32) -> Self {
        let mut profile = Self {
            max: [f64::NEG_INFINITY; HOURS_PER_WEEK],
            samples: [0; HOURS_PER_WEEK],
            found: 0,
            expected,
        };
        for (second, value) in points {
            let hour = hour_of_week(second);
            if let (Some(max), Some(samples)) = (profile.max.get_mut(hour), profile.samples.get_mut(hour)) {
                *max = max.max(value);
                *samples = samples.saturating_add(1);
                profile.found += 1;
            }
        }
        profile
    }
}

/// 1970-01-01 was a Thursday: three days after a Monday.
fn hour_of_week(second: i64) -> usize {
    let hours = second.div_euclid(i64::from(HOUR)) + 3 * 24;
    usize::try_from(hours.rem_euclid(168)).unwrap_or(0)
}

/// All series of a scan, by metric and region, then by the resource's id.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MetricStore(HashMap<(Metric, Region), HashMap<Box<str>, Series>>);

impl MetricStore {
    pub fn insert(&mut self, metric: Metric, region: &Region, id: &str, series: Series) {
        self.0.entry((metric, region.clone())).or_default().insert(id.into(), series);
    }

    pub fn merge(&mut self, other: Self) {
        for (key, series) in other.0 {
            self.0.entry(key).or_default().extend(series);
        }
    }

    fn get(&self, metric: Metric, region: &Region, id: &str) -> Option<&Series> {
        self.0.get(&(metric, region.clone()))?.get(id)
    }

    #[must_use]
    pub fn summary(&self, metric: Metric, region: &Region, id: &str) -> Option<&Summary> {
        match self.get(metric, region, id)? {
            Series::Summary(summary) => Some(summary),
            Series::WeekProfile(_) => None,
        }
    }

    #[must_use]
    pub fn week(&self, metric: Metric, region: &Region, id: &str) -> Option<&WeekProfile> {
        match self.get(metric, region, id)? {
            Series::WeekProfile(profile) => Some(profile),
            Series::Summary(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_week_begins_on_monday() {
        let monday: jiff::Timestamp = "2026-11-16T00:30:00Z".parse().unwrap();
        assert_eq!(hour_of_week(monday.as_second()), 0);
        let sunday: jiff::Timestamp = "2026-11-22T23:00:00Z".parse().unwrap();
        assert_eq!(hour_of_week(sunday.as_second()), 167);
    }

    #[test]
    fn a_summary_says_how_much_it_saw() {
        let summary = Summary::of(&[1.0, 5.0, f64::NAN], 14);
        assert_eq!((summary.min, summary.max, summary.sum, summary.found), (1.0, 5.0, 6.0, 2));
        assert!(!summary.covers(80));
        assert!(!Summary::of(&[], 0).covers(0), "nothing found covers nothing");
    }
}
