//! io1 and io2 volumes whose measured peak a gp3 volume can serve for less.

use super::{Case, Judgement, Meta, Rule, volume_change::change, volume_demand::Demand};
use crate::domain::{
    finding::{ActionType, ConflictClass, Effort, Finding, Level, SavingsBasis},
    inventory::{GP3_FREE_IOPS, GP3_FREE_MIBPS, ResourceKind, Volume, VolumeType},
};

pub const RULE: Rule =
    Rule { meta: &META, check: |case| case.judge_each(&case.snapshot.inventory.volumes, judge) };

static META: Meta = Meta {
    id: "ebs-volume-piops-to-gp3",
    title: "Provisioned-IOPS volume does no more than gp3 can",
    condition: "An attached io1 or io2 volume without Multi-Attach whose peak IOPS and headroom are at most \
                ebs_gp3_max_iops and 500 a GiB.",
    formula: "volume now - gp3 with the needed IOPS and a quarter MiB/s for each of them (256 KiB an operation)",
    pitfalls: "gp3 has 99.8 to 99.9 % durability (io2: 99.999 %) and more latency; bursts below 5 minutes and yearly \
               peaks are not in the window. The peak is an upper bound: busiest reads and writes taken together.",
    kind: ResourceKind::Volume,
    action_type: ActionType::Upgrade,
    class: ConflictClass::Resize,
    basis: SavingsBasis::Modelled,
    effort: Effort::Low,
    risk: Level::Medium,
    restart_needed: false,
    rollback_possible: true,
    actions: &["ec2:DescribeVolumes", "cloudwatch:GetMetricData"],
    metrics: Demand::METRICS,
    thresholds: &[
        "ebs_gp3_max_iops",
        "ebs_iops_headroom_percent",
        "look_back_days",
        "min_datapoints_percent",
    ],
    on_by_default: true,
};

/// AWS counts an operation of up to 256 KiB as one: four need a MiB.
const OPERATIONS_PER_MIB: i64 = 4;
const GP3_MAX_MIBPS: i64 = 1_000;
const GP3_IOPS_PER_GIB: i64 = 500;

fn judge(case: &Case<'_>, volume: &Volume) -> Judgement {
    if !volume.volume_type.provisioned_iops() || volume.multi_attach || volume.attached_to.is_empty() {
        return Ok(None);
    }
    let demand = Demand::measure(case, volume)?;
    let by_size = volume.size_gib.saturating_mul(GP3_IOPS_PER_GIB).max(GP3_FREE_IOPS);
    let limit = i64::from(case.thresholds.ebs_gp3_max_iops).min(by_size);
    if demand.need_iops > limit {
        return Ok(None);
    }
    let target = gp3_for(volume, demand.need_iops);
    let Some(finding) = change(case, volume, &target)? else { return Ok(None) };
    Ok(Some(Finding {
        title: format!(
            "Change the {} volume with {} IOPS to gp3 with {}: its peak is {} IOPS",
            volume.volume_type, volume.iops, target.iops, demand.peak_iops
        ),
        confidence: confidence(demand.need_iops),
        evidence: demand.evidence(
            case,
            format!("with {} % headroom at most {limit}", case.thresholds.ebs_iops_headroom_percent),
        ),
        ..finding
    }))
}

fn gp3_for(volume: &Volume, need_iops: i64) -> Volume {
    let mibps = (need_iops.saturating_add(OPERATIONS_PER_MIB - 1)) / OPERATIONS_PER_MIB;
    Volume {
        volume_type: VolumeType::Gp3,
        iops: need_iops.max(GP3_FREE_IOPS),
        throughput_mibps: mibps.clamp(GP3_FREE_MIBPS, GP3_MAX_MIBPS),
        ..volume.clone()
    }
}

/// Above gp3's greatest throughput large operations might not fit: their size was not measured.
fn confidence(need_iops: i64) -> Level {
    if need_iops > GP3_MAX_MIBPS * OPERATIONS_PER_MIB { Level::Low } else { Level::Medium }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{finding::UnknownReason, metric::Metric};
    use crate::rules::fixtures::{Lab, common, days_ago, volume};

    fn io1() -> Volume {
        Volume { volume_type: VolumeType::Io1, iops: 20_000, throughput_mibps: 0, ..volume("vol-1") }
    }

    /// That many IOPS, two thirds of them reads.
    fn lab(peak: f64) -> Lab {
        Lab::new().daily(Metric::EbsReadOps, "vol-1", 14, peak * 200.0).daily(
            Metric::EbsWriteOps,
            "vol-1",
            14,
            peak * 100.0,
        )
    }

    #[test]
    fn a_quiet_volume_saves_its_iops_less_the_throughput_of_gp3() {
        let finding = lab(600.0).volume(io1()).only_finding(&RULE);
        // 12.50 + 1300.00 now; 8.00 + 55 MiB/s above the free 125.
        assert_eq!(finding.monthly_cost.to_string(), "1312.50");
        assert_eq!(finding.monthly_savings.to_string(), "1302.30");
        assert_eq!(finding.recommended["throughputMibps"], 180);
        assert_eq!(finding.confidence, Level::Medium);
        assert!(finding.remediation.rollback_commands[0].ends_with("--volume-type io1 --iops 20000"));
    }

    #[test]
    fn a_peak_just_within_gp3_pays_for_its_iops_and_throughput() {
        let finding = lab(13_333.0).volume(io1()).only_finding(&RULE);
        // 8.00 + 13,000 IOPS + 875 MiB/s = 108.00.
        assert_eq!(finding.monthly_savings.to_string(), "1204.50");
        assert_eq!(finding.confidence, Level::Low);
        assert_eq!(finding.evidence[0].datapoints_found, Some(14));
    }

    #[test]
    fn more_than_gp3_can_is_fine() {
        lab(13_334.0).volume(io1()).nothing(&RULE);
        lab(4_000.0).volume(Volume { size_gib: 8, ..io1() }).nothing(&RULE);
    }

    #[test]
    fn shared_detached_and_other_volumes_are_fine() {
        lab(1.0).volume(Volume { multi_attach: true, ..io1() }).nothing(&RULE);
        lab(1.0).volume(Volume { attached_to: vec![], available: true, ..io1() }).nothing(&RULE);
        lab(1.0).volume(volume("vol-1")).nothing(&RULE);
    }

    #[test]
    fn a_volume_that_gp3_makes_dearer_is_fine() {
        // 1.00 + 6.50 for io1 against 8.00.
        let cheap = crate::domain::price::PriceKey::VolumeStorage {
            region: crate::rules::fixtures::region(),
            volume_type: VolumeType::Io1,
        };
        lab(100.0).price(cheap, "0.01").volume(Volume { iops: 100, ..io1() }).nothing(&RULE);
    }

    #[test]
    fn what_was_not_measured_is_unknown() {
        Lab::new().volume(io1()).unknown(&RULE, UnknownReason::MetricMissing);
        lab(1.0)
            .no_datapoints(Metric::EbsWriteOps, "vol-1")
            .volume(io1())
            .unknown(&RULE, UnknownReason::MetricMissing);
        lab(1.0)
            .daily(Metric::EbsReadOps, "vol-1", 11, 1.0)
            .volume(io1())
            .unknown(&RULE, UnknownReason::TooFewDatapoints);
        let mut young = common("vol-1");
        young.created_at = Some(days_ago(13));
        lab(1.0).volume(Volume { common: young, ..io1() }).unknown(&RULE, UnknownReason::TooYoung);
    }
}
