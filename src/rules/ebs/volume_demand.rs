//! What an attached volume was asked for in the window, as far as CloudWatch tells.
//!
//! The peak is an upper bound of every 5-minute average: the busiest reads and the busiest writes are taken as if
//! they came together. A burst that is shorter than 5 minutes is not seen, hence the headroom.

use super::{
    Case,
    case::property,
    quantity::{whole_units, with_headroom},
};
use crate::domain::{
    finding::{Evidence, UnknownReason},
    inventory::Volume,
    metric::{Metric, Summary},
};

/// Both series are sums over 5 minutes.
const SECONDS: f64 = 300.0;

pub struct Demand<'a> {
    pub peak_iops: i64,
    /// The peak with headroom.
    pub need_iops: i64,
    reads: &'a Summary,
    writes: &'a Summary,
}

impl<'a> Demand<'a> {
    pub const METRICS: &'static [Metric] = &[Metric::EbsReadOps, Metric::EbsWriteOps];

    pub fn measure(case: &Case<'a>, volume: &Volume) -> Result<Self, UnknownReason> {
        case.require_full_window(&volume.common)?;
        let reads = case.summary(Metric::EbsReadOps, &volume.common)?;
        let writes = case.summary(Metric::EbsWriteOps, &volume.common)?;
        let peak_iops = whole_units((reads.max + writes.max) / SECONDS);
        let need_iops = with_headroom(peak_iops, case.thresholds.ebs_iops_headroom_percent);
        Ok(Self { peak_iops, need_iops, reads, writes })
    }

    /// Reads, writes, and what they come to against the rule's limit.
    pub fn evidence(&self, case: &Case<'_>, limit: String) -> Vec<Evidence> {
        let busiest = |metric, summary: &Summary| Evidence {
            threshold: None,
            ..case.measured(
                metric,
                summary,
                format!("at most {} operations in 5 minutes", whole_units(summary.max)),
                String::new(),
            )
        };
        vec![
            busiest(Metric::EbsReadOps, self.reads),
            busiest(Metric::EbsWriteOps, self.writes),
            property(
                "peak IOPS",
                format!("at most {} (busiest reads and writes together)", self.peak_iops),
                Some(limit),
            ),
        ]
    }
}
