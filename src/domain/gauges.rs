//! The metrics that tell how a machine is used, and the same ones for all members of a group together.
//!
//! Of a group the maxima and percentiles are those of its busiest members: CloudWatch looks at the datapoints of
//! all of them at once. Sums are of the group as a whole.

use super::metric::Metric;

#[derive(Debug)]
pub struct Gauges {
    pub cpu_max: Metric,
    pub cpu_p995: Metric,
    pub network_in: Metric,
    pub network_out: Metric,
    /// In and out.
    pub network_peak: [Metric; 2],
    /// Read and written.
    pub ebs_bytes_peak: [Metric; 2],
    pub ebs_ops_peak: [Metric; 2],
    pub memory: Metric,
}

pub static OF_INSTANCE: Gauges = Gauges {
    cpu_max: Metric::Ec2CpuMax,
    cpu_p995: Metric::Ec2CpuP995,
    network_in: Metric::Ec2NetworkIn,
    network_out: Metric::Ec2NetworkOut,
    network_peak: [Metric::Ec2NetworkInPeak, Metric::Ec2NetworkOutPeak],
    ebs_bytes_peak: [Metric::Ec2EbsReadBytesPeak, Metric::Ec2EbsWriteBytesPeak],
    ebs_ops_peak: [Metric::Ec2EbsReadOpsPeak, Metric::Ec2EbsWriteOpsPeak],
    memory: Metric::Ec2MemoryMax,
};

pub static OF_GROUP: Gauges = Gauges {
    cpu_max: Metric::AsgCpuMax,
    cpu_p995: Metric::AsgCpuP995,
    network_in: Metric::AsgNetworkIn,
    network_out: Metric::AsgNetworkOut,
    network_peak: [Metric::AsgNetworkInPeak, Metric::AsgNetworkOutPeak],
    ebs_bytes_peak: [Metric::AsgEbsReadBytesPeak, Metric::AsgEbsWriteBytesPeak],
    ebs_ops_peak: [Metric::AsgEbsReadOpsPeak, Metric::AsgEbsWriteOpsPeak],
    memory: Metric::AsgMemoryMax,
};
