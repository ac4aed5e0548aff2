//! Volumes that are attached to a running instance which does not use them.

use super::{
    Case, Judgement, Meta, Rule,
    case::{Key, key, property},
    volume_change::root_of,
    volume_removal,
};
use crate::domain::{
    finding::{ActionType, ConflictClass, Effort, Finding, Level, SavingsBasis, UnknownReason, Verdicts},
    inventory::{Instance, InstanceState, ResourceKind, Volume},
    metric::{Metric, Summary},
};
use serde_json::json;
use std::collections::HashMap;

pub const RULE: Rule = Rule { meta: &META, check };

static META: Meta = Meta {
    id: "ebs-volume-idle",
    title: "Volume is attached but not used",
    condition: "Attached for the whole window to a running instance, not the disk that it starts from, and fewer reads \
                and writes together than ebs_idle_ops_per_day for each day. Volumes on stopped instances are another \
                rule's; those of Kubernetes claims and those tagged keep, retain or golden are left alone. A volume too \
                small to save a dollar is not measured.",
    formula: "volume (storage, provisioned IOPS and throughput) - a snapshot of its full size; without one where it \
              would cost as much as the volume",
    pitfalls: "Standby and spare disks, members of RAID sets and LVM groups; work that comes once a quarter.",
    kind: ResourceKind::Volume,
    action_type: ActionType::Delete,
    class: ConflictClass::Remove,
    basis: SavingsBasis::Modelled,
    effort: Effort::Low,
    risk: Level::Medium,
    restart_needed: false,
    rollback_possible: true,
    actions: &["ec2:DescribeVolumes", "ec2:DescribeInstances", "cloudwatch:GetMetricData"],
    metrics: &[Metric::EbsReadOpsDaily, Metric::EbsWriteOpsDaily, Metric::EbsReadOps, Metric::EbsWriteOps],
    thresholds: &["ebs_idle_ops_per_day", "look_back_days", "min_datapoints_percent"],
    on_by_default: true,
};

type Instances<'a> = HashMap<Key<'a>, &'a Instance>;

fn check(case: &Case<'_>) -> Verdicts {
    let inventory = &case.snapshot.inventory;
    let instances: Instances<'_> = inventory.instances.iter().map(|i| (key(&i.common), i)).collect();
    case.judge_each(&inventory.volumes, |case, volume| judge(case, volume, &instances))
}

fn judge(case: &Case<'_>, volume: &Volume, instances: &Instances<'_>) -> Judgement {
    let left_alone = volume.boot || volume.managed() || volume.common.tags.keep();
    if left_alone || volume.attached_to.is_empty() || !runs(volume, instances)? {
        return Ok(None);
    }
    let Some(usage) = usage_of(case, volume)? else { return Ok(None) };
    let limit = f64::from(case.thresholds.ebs_idle_ops_per_day) * f64::from(case.thresholds.look_back_days);
    let operations = usage.iter().map(|(_, summary)| summary.sum).sum::<f64>();
    if operations >= limit {
        return Ok(None);
    }
    let (amounts, snapshot_first) = volume_removal::amounts(case, volume)?;
    let (kind, gib) = (volume.volume_type, volume.size_gib);
    let seen = |(metric, summary): &(Metric, &Summary)| {
        let observed = format!("{:.0} operations in the window", summary.sum);
        case.measured(*metric, summary, observed, format!("together fewer than {limit:.0}"))
    };
    Ok(Some(Finding {
        root: root_of(volume),
        title: format!("Delete the {kind} volume of {gib} GiB: attached, but not used"),
        current: json!({"volumeType": kind, "sizeGib": gib, "attachedTo": volume.attached_to}),
        recommended: json!({"state": "deleted", "snapshot": if snapshot_first { "kept" } else { "none" }}),
        evidence: usage
            .iter()
            .map(seen)
            .chain([property("attached to", volume.attached_to.join(", "), None)])
            .collect(),
        rollback_possible: snapshot_first,
        confidence: Level::Medium,
        remediation: volume_removal::remediation(volume, snapshot_first),
        ..case.finding(volume, amounts)
    }))
}

/// Some instance that it is attached to runs: a stopped one has no metrics.
fn runs(volume: &Volume, instances: &Instances<'_>) -> Result<bool, UnknownReason> {
    let region = &volume.common.region;
    let found: Vec<_> = volume.attached_to.iter().filter_map(|id| instances.get(&(region, &**id))).collect();
    if found.iter().any(|instance| instance.state == InstanceState::Running) {
        return Ok(true);
    }
    if found.len() < volume.attached_to.len() { Err(UnknownReason::InventoryIncomplete) } else { Ok(false) }
}

/// Reads and writes, as days where nothing asked for them in five minutes. None where nothing was worth asking for.
fn usage_of<'a>(
    case: &Case<'a>,
    volume: &Volume,
) -> Result<Option<[(Metric, &'a Summary); 2]>, UnknownReason> {
    case.require_full_window(&volume.common)?;
    let read = |daily, fine| match case.summary(daily, &volume.common) {
        Ok(summary) => Ok((daily, summary)),
        Err(reason) => case.summary(fine, &volume.common).map(|s| (fine, s)).map_err(|_| reason),
    };
    let usage = read(Metric::EbsReadOpsDaily, Metric::EbsReadOps)
        .and_then(|reads| Ok([reads, read(Metric::EbsWriteOpsDaily, Metric::EbsWriteOps)?]));
    match usage {
        Err(_) if volume.size_gib < Volume::SMALLEST_MEASURED_GIB => Ok(None),
        usage => usage.map(Some),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::inventory::VolumeType;
    use crate::rules::fixtures::{Lab, days_ago, instance, volume};

    /// So many reads and writes a day.
    fn lab(reads: f64, writes: f64) -> Lab {
        let lab = Lab::new().instance(instance("i-1")).daily(Metric::EbsReadOpsDaily, "vol-1", 14, reads);
        lab.daily(Metric::EbsWriteOpsDaily, "vol-1", 14, writes)
    }

    #[test]
    fn an_unused_volume_saves_its_price_less_a_snapshot() {
        let finding = lab(0.0, 0.0).volume(volume("vol-1")).only_finding(&RULE);
        assert_eq!(finding.monthly_savings.to_string(), "3.00");
        assert_eq!(finding.root.parents, ["Ec2Instance/i-1"]);
        let verbs: Vec<_> = finding.remediation.commands.iter().filter_map(|c| c.split(' ').nth(2)).collect();
        assert_eq!(verbs, ["create-snapshot", "detach-volume", "delete-volume"]);
    }

    #[test]
    fn one_operation_a_day_is_use() {
        lab(0.5, 0.4).volume(volume("vol-1")).only_finding(&RULE);
        lab(0.5, 0.5).volume(volume("vol-1")).nothing(&RULE);
    }

    #[test]
    fn the_five_minutes_of_paid_operations_tell_as_much() {
        let io1 = Volume { volume_type: VolumeType::Io1, iops: 1_000, ..volume("vol-1") };
        let lab =
            Lab::new().instance(instance("i-1")).volume(io1).daily(Metric::EbsReadOps, "vol-1", 14, 0.0);
        lab.daily(Metric::EbsWriteOps, "vol-1", 14, 0.0).only_finding(&RULE);
    }

    #[test]
    fn disks_to_start_from_and_claims_are_left_alone() {
        lab(0.0, 0.0).volume(Volume { boot: true, ..volume("vol-1") }).nothing(&RULE);
        for tag in ["kubernetes.io/created-for/pvc/name", "keep"] {
            let mut kept = volume("vol-1");
            kept.common.tags = [(tag, "data")].into_iter().collect();
            lab(0.0, 0.0).volume(kept).nothing(&RULE);
        }
    }

    #[test]
    fn a_stopped_instance_proves_nothing() {
        let stopped = Instance { state: InstanceState::Stopped, ..instance("i-1") };
        Lab::new().instance(stopped).volume(volume("vol-1")).nothing(&RULE);
        Lab::new().volume(volume("vol-1")).unknown(&RULE, UnknownReason::InventoryIncomplete);
    }

    #[test]
    fn missing_and_thin_metrics_are_unknown() {
        let lab = || Lab::new().instance(instance("i-1"));
        lab().volume(volume("vol-1")).unknown(&RULE, UnknownReason::MetricMissing);
        lab().volume(Volume { size_gib: 8, ..volume("vol-1") }).nothing(&RULE);
        let mut young = volume("vol-1");
        young.common.created_at = Some(days_ago(3));
        lab().volume(young).unknown(&RULE, UnknownReason::TooYoung);
    }
}
