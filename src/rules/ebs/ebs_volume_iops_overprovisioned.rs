//! io1 and io2 volumes that pay for far more IOPS than they ever use.

use super::{Case, Judgement, Meta, Rule, volume_change::change, volume_demand::Demand};
use crate::domain::{
    finding::{ActionType, ConflictClass, Effort, Finding, Level, SavingsBasis},
    inventory::{ResourceKind, Volume, VolumeType},
};

pub const RULE: Rule =
    Rule { meta: &META, check: |case| case.judge_each(&case.snapshot.inventory.volumes, judge) };

static META: Meta = Meta {
    id: "ebs-volume-iops-overprovisioned",
    title: "Provisioned IOPS are far above the measured peak",
    condition: "An attached io1 or io2 volume whose peak IOPS are at most ebs_iops_used_percent of the provisioned. \
                An io1 volume with Multi-Attach is left alone: AWS does not modify it.",
    formula: "(provisioned IOPS - peak with headroom, at least 100) * IOPS price, by tier for io2",
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
    thresholds: &[
        "ebs_iops_used_percent",
        "ebs_iops_headroom_percent",
        "look_back_days",
        "min_datapoints_percent",
    ],
    on_by_default: true,
};

/// The least that io1 and io2 can be given.
const MIN_IOPS: i64 = 100;

fn judge(case: &Case<'_>, volume: &Volume) -> Judgement {
    let fixed = volume.multi_attach && volume.volume_type == VolumeType::Io1;
    if !volume.volume_type.provisioned_iops() || fixed || volume.attached_to.is_empty() {
        return Ok(None);
    }
    let demand = Demand::measure(case, volume)?;
    let percent = i64::from(case.thresholds.ebs_iops_used_percent);
    if demand.peak_iops.saturating_mul(100) > volume.iops.saturating_mul(percent) {
        return Ok(None);
    }
    let target = Volume { iops: demand.need_iops.max(MIN_IOPS), ..volume.clone() };
    let Some(finding) = change(case, volume, &target)? else { return Ok(None) };
    Ok(Some(Finding {
        title: format!(
            "Lower the {} volume from {} to {} IOPS: its peak is {}",
            volume.volume_type, volume.iops, target.iops, demand.peak_iops
        ),
        confidence: Level::Medium,
        evidence: demand.evidence(case, format!("at most {percent} % of {}", volume.iops)),
        ..finding
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{finding::UnknownReason, metric::Metric};
    use crate::rules::fixtures::{Lab, volume};

    fn io(volume_type: VolumeType, iops: i64) -> Volume {
        Volume { volume_type, iops, throughput_mibps: 0, ..volume("vol-1") }
    }

    /// That many IOPS, all of them reads.
    fn lab(peak: f64) -> Lab {
        let lab = Lab::new().daily(Metric::EbsReadOps, "vol-1", 14, peak * 300.0);
        lab.daily(Metric::EbsWriteOps, "vol-1", 14, 0.0)
    }

    #[test]
    fn unused_iops_are_saved() {
        let finding = lab(600.0).volume(io(VolumeType::Io1, 5_000)).only_finding(&RULE);
        assert_eq!(finding.monthly_cost.to_string(), "337.50");
        assert_eq!(finding.monthly_savings.to_string(), "278.20", "(5000 - 720) * 0.065");
        assert!(finding.remediation.commands[0].ends_with("--volume-id vol-1 --volume-type io1 --iops 720"));
        assert!(finding.remediation.rollback_commands[0].ends_with("--iops 5000"));
    }

    #[test]
    fn io2_saves_its_upper_tier_at_the_upper_tiers_price() {
        let finding = lab(600.0).volume(io(VolumeType::Io2, 40_000)).only_finding(&RULE);
        assert_eq!(finding.monthly_savings.to_string(), "2397.20", "8000 * 0.0455 + (32000 - 720) * 0.065");
    }

    #[test]
    fn a_silent_volume_keeps_the_least_that_aws_sells() {
        let finding = lab(0.0).volume(io(VolumeType::Io1, 1_100)).only_finding(&RULE);
        assert_eq!(finding.monthly_savings.to_string(), "65.00");
    }

    #[test]
    fn the_limit_is_exact() {
        lab(2_000.0).volume(io(VolumeType::Io1, 5_000)).only_finding(&RULE);
        lab(2_001.0).volume(io(VolumeType::Io1, 5_000)).nothing(&RULE);
        lab(0.0).volume(io(VolumeType::Io1, 100)).nothing(&RULE);
    }

    #[test]
    fn volumes_that_cannot_change_or_are_not_used_are_fine() {
        let shared = |volume_type| Volume { multi_attach: true, ..io(volume_type, 5_000) };
        lab(1.0).volume(shared(VolumeType::Io1)).nothing(&RULE);
        lab(1.0).volume(shared(VolumeType::Io2)).only_finding(&RULE);
        lab(1.0).volume(io(VolumeType::Gp3, 16_000)).nothing(&RULE);
        lab(1.0).volume(Volume { attached_to: vec![], ..io(VolumeType::Io1, 5_000) }).nothing(&RULE);
    }

    #[test]
    fn missing_metrics_are_no_proof_of_rest() {
        Lab::new().volume(io(VolumeType::Io1, 5_000)).unknown(&RULE, UnknownReason::MetricMissing);
    }
}
