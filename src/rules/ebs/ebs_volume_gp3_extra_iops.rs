//! gp3 volumes that pay for IOPS above the free 3,000 without using them.

use super::{Case, Judgement, Meta, Rule, volume_change::change, volume_demand::Demand};
use crate::domain::{
    finding::{ActionType, ConflictClass, Effort, Finding, Level, SavingsBasis},
    inventory::{GP3_FREE_IOPS, ResourceKind, Volume, VolumeType},
};

pub const RULE: Rule =
    Rule { meta: &META, check: |case| case.judge_each(&case.snapshot.inventory.volumes, judge) };

static META: Meta = Meta {
    id: "ebs-volume-gp3-extra-iops",
    title: "gp3 volume pays for IOPS that it does not use",
    condition: "An attached gp3 volume with more than 3,000 IOPS that needs fewer: its peak with headroom, at least \
                3,000, and at least four for each MiB/s of its throughput, as AWS demands.",
    formula: "(provisioned IOPS - needed IOPS) * gp3 IOPS price",
    pitfalls: "Restores, rebuilt indexes and yearly peaks outside the window; bursts below 5 minutes. The peak is an \
               upper bound: busiest reads and writes taken together.",
    kind: ResourceKind::Volume,
    action_type: ActionType::Rightsize,
    class: ConflictClass::Resize,
    basis: SavingsBasis::Modelled,
    effort: Effort::Low,
    risk: Level::Low,
    restart_needed: false,
    rollback_possible: true,
    actions: &["ec2:DescribeVolumes", "cloudwatch:GetMetricData"],
    metrics: Demand::METRICS,
    thresholds: &["ebs_iops_headroom_percent", "look_back_days", "min_datapoints_percent"],
    on_by_default: true,
};

/// gp3 refuses more than a quarter MiB/s for each IOPS.
const IOPS_PER_MIBPS: i64 = 4;

fn judge(case: &Case<'_>, volume: &Volume) -> Judgement {
    let extra = volume.volume_type == VolumeType::Gp3 && volume.iops > GP3_FREE_IOPS;
    if !extra || volume.attached_to.is_empty() {
        return Ok(None);
    }
    let demand = Demand::measure(case, volume)?;
    let for_throughput = volume.throughput_mibps.saturating_mul(IOPS_PER_MIBPS);
    let need = demand.need_iops.max(for_throughput).max(GP3_FREE_IOPS);
    if need >= volume.iops {
        return Ok(None);
    }
    let target = Volume { iops: need, ..volume.clone() };
    let Some(finding) = change(case, volume, &target)? else { return Ok(None) };
    Ok(Some(Finding {
        title: format!(
            "Lower the gp3 volume from {} to {need} IOPS: its peak is {}",
            volume.iops, demand.peak_iops
        ),
        confidence: Level::Medium,
        evidence: demand.evidence(
            case,
            format!("with {} % headroom below {}", case.thresholds.ebs_iops_headroom_percent, volume.iops),
        ),
        ..finding
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{finding::UnknownReason, metric::Metric};
    use crate::rules::fixtures::{Lab, volume};

    fn gp3(iops: i64, throughput_mibps: i64) -> Volume {
        Volume { iops, throughput_mibps, ..volume("vol-1") }
    }

    /// That many IOPS, all of them writes.
    fn lab(peak: f64) -> Lab {
        let lab = Lab::new().daily(Metric::EbsReadOps, "vol-1", 14, 0.0);
        lab.daily(Metric::EbsWriteOps, "vol-1", 14, peak * 300.0)
    }

    #[test]
    fn a_quiet_volume_goes_back_to_the_free_iops() {
        let finding = lab(600.0).volume(gp3(10_000, 125)).only_finding(&RULE);
        assert_eq!(finding.monthly_cost.to_string(), "43.00");
        assert_eq!(finding.monthly_savings.to_string(), "35.00", "7000 * 0.005");
        assert!(finding.remediation.commands[0].ends_with("--volume-type gp3 --iops 3000"));
        assert!(finding.remediation.rollback_commands[0].ends_with("--volume-type gp3 --iops 10000"));
    }

    #[test]
    fn a_busy_volume_keeps_its_need() {
        let finding = lab(5_000.0).volume(gp3(10_000, 125)).only_finding(&RULE);
        assert_eq!(finding.monthly_savings.to_string(), "20.00", "(10000 - 6000) * 0.005");
        lab(8_334.0).volume(gp3(10_000, 125)).nothing(&RULE);
    }

    #[test]
    fn throughput_keeps_the_iops_that_it_needs() {
        let finding = lab(0.0).volume(gp3(10_000, 1_000)).only_finding(&RULE);
        assert_eq!(finding.monthly_savings.to_string(), "30.00", "down to 4000");
        lab(0.0).volume(gp3(4_000, 1_000)).nothing(&RULE);
    }

    #[test]
    fn free_iops_detached_and_other_volumes_are_fine() {
        lab(0.0).volume(gp3(3_000, 125)).nothing(&RULE);
        lab(0.0).volume(Volume { attached_to: vec![], available: true, ..gp3(10_000, 125) }).nothing(&RULE);
        lab(0.0).volume(Volume { volume_type: VolumeType::Io1, ..gp3(10_000, 0) }).nothing(&RULE);
    }

    #[test]
    fn missing_metrics_are_no_proof_of_rest() {
        Lab::new().volume(gp3(10_000, 125)).unknown(&RULE, UnknownReason::MetricMissing);
        lab(0.0)
            .daily(Metric::EbsWriteOps, "vol-1", 3, 0.0)
            .volume(gp3(10_000, 125))
            .unknown(&RULE, UnknownReason::TooFewDatapoints);
    }
}
