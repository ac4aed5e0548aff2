//! gp3 volumes that pay for throughput above the free 125 MiB/s without using it.

use super::{
    Case, Judgement, Meta, Rule,
    case::property,
    command::aws,
    quantity::{whole_units, with_headroom},
    volume_change::change,
};
use crate::domain::{
    finding::{ActionType, ConflictClass, Effort, Finding, Level, Remediation, SavingsBasis},
    inventory::{GP3_FREE_MIBPS, ResourceKind, Volume, VolumeType},
    metric::{Metric, Summary},
};

pub const RULE: Rule =
    Rule { meta: &META, check: |case| case.judge_each(&case.snapshot.inventory.volumes, judge) };

static META: Meta = Meta {
    id: "ebs-volume-gp3-extra-throughput",
    title: "gp3 volume pays for throughput that it does not use",
    condition: "An attached gp3 volume with more than 125 MiB/s that needs less: its peak with headroom, at least 125.",
    formula: "(provisioned MiB/s - needed MiB/s) * gp3 throughput price",
    pitfalls: "Restores, backups and yearly peaks outside the window; bursts below 5 minutes. The peak is an upper \
               bound: busiest reads and writes taken together.",
    kind: ResourceKind::Volume,
    action_type: ActionType::Rightsize,
    // Beside the IOPS, which are priced apart.
    class: ConflictClass::Add,
    basis: SavingsBasis::Modelled,
    effort: Effort::Low,
    risk: Level::Low,
    restart_needed: false,
    rollback_possible: true,
    actions: &["ec2:DescribeVolumes", "cloudwatch:GetMetricData"],
    metrics: &[Metric::EbsReadBytes, Metric::EbsWriteBytes],
    thresholds: &["ebs_iops_headroom_percent", "look_back_days", "min_datapoints_percent"],
    on_by_default: true,
};

/// The series are sums over 5 minutes.
const BYTES_OF_A_MIBPS: f64 = 300.0 * 1_048_576.0;

fn judge(case: &Case<'_>, volume: &Volume) -> Judgement {
    let extra = volume.volume_type == VolumeType::Gp3 && volume.throughput_mibps > GP3_FREE_MIBPS;
    if !extra || volume.attached_to.is_empty() {
        return Ok(None);
    }
    case.require_full_window(&volume.common)?;
    let reads = case.summary(Metric::EbsReadBytes, &volume.common)?;
    let writes = case.summary(Metric::EbsWriteBytes, &volume.common)?;
    let peak = whole_units((reads.max + writes.max) / BYTES_OF_A_MIBPS);
    let need = with_headroom(peak, case.thresholds.ebs_iops_headroom_percent).max(GP3_FREE_MIBPS);
    if need >= volume.throughput_mibps {
        return Ok(None);
    }
    let target = Volume { throughput_mibps: need, ..volume.clone() };
    let Some(finding) = change(case, volume, &target)? else { return Ok(None) };
    let busiest = |metric, summary: &Summary| {
        let most = whole_units(summary.max / BYTES_OF_A_MIBPS);
        case.measured(metric, summary, format!("at most {most} MiB/s over 5 minutes"), String::new())
    };
    let limit = format!(
        "with {} % headroom below {}",
        case.thresholds.ebs_iops_headroom_percent, volume.throughput_mibps
    );
    Ok(Some(Finding {
        title: format!(
            "Lower the gp3 volume from {} to {need} MiB/s: its peak is {peak}",
            volume.throughput_mibps
        ),
        confidence: Level::Medium,
        evidence: vec![
            busiest(Metric::EbsReadBytes, reads),
            busiest(Metric::EbsWriteBytes, writes),
            property("peak throughput", format!("at most {peak} MiB/s"), Some(limit)),
        ],
        remediation: Remediation {
            commands: vec![set(volume, need)],
            rollback_commands: vec![set(volume, volume.throughput_mibps)],
            ..finding.remediation
        },
        ..finding
    }))
}

/// Nothing but the throughput: the IOPS may be lowered by another finding.
fn set(volume: &Volume, mibps: i64) -> String {
    let mibps = mibps.to_string();
    let options = [("--volume-id", &*volume.common.id), ("--throughput", &mibps)];
    aws("ec2 modify-volume", &volume.common.region, &options)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::finding::UnknownReason;
    use crate::rules::fixtures::{Lab, volume};

    fn gp3(throughput_mibps: i64) -> Volume {
        Volume { throughput_mibps, ..volume("vol-1") }
    }

    /// That many MiB/s, all of them reads.
    fn lab(peak: f64) -> Lab {
        let lab = Lab::new().daily(Metric::EbsReadBytes, "vol-1", 14, peak * BYTES_OF_A_MIBPS);
        lab.daily(Metric::EbsWriteBytes, "vol-1", 14, 0.0)
    }

    #[test]
    fn unused_throughput_is_saved() {
        let finding = lab(40.0).volume(gp3(500)).only_finding(&RULE);
        assert_eq!(finding.monthly_savings.to_string(), "15.00", "375 * 0.04");
        let command = &finding.remediation.commands[0];
        assert!(command.ends_with("--volume-id vol-1 --throughput 125"), "{command}");
        assert!(finding.remediation.rollback_commands[0].ends_with("--throughput 500"));
    }

    #[test]
    fn a_need_is_kept_with_headroom() {
        let finding = lab(200.0).volume(gp3(500)).only_finding(&RULE);
        assert_eq!(finding.monthly_savings.to_string(), "10.40", "(500 - 240) * 0.04");
        lab(417.0).volume(gp3(500)).nothing(&RULE);
        lab(0.0).volume(gp3(125)).nothing(&RULE);
    }

    #[test]
    fn missing_metrics_are_no_proof_of_rest() {
        Lab::new().volume(gp3(500)).unknown(&RULE, UnknownReason::MetricMissing);
    }
}
