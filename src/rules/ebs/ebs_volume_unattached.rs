//! A volume that nothing is attached to, for long enough that nobody seems to miss it.

use super::{Case, Judgement, Meta, Rule, case::property, volume_removal};
use crate::domain::{
    finding::{ActionType, ConflictClass, Effort, Finding, Level, SavingsBasis, UnknownReason},
    inventory::{ResourceKind, Volume},
    metric::Metric,
};
use serde_json::json;

pub const RULE: Rule =
    Rule { meta: &META, check: |case| case.judge_each(&case.snapshot.inventory.volumes, judge) };

static META: Meta = Meta {
    id: "ebs-volume-unattached",
    title: "Volume is attached to nothing",
    condition: "State available, created at least ebs_unattached_days ago, and no VolumeIdleTime datapoint in the \
                window (CloudWatch sends it only while a volume is attached). Volumes of Kubernetes claims are left alone.",
    formula: "volume (storage, provisioned IOPS and throughput) - a snapshot of its full size; without one where it \
              would cost as much as the volume",
    pitfalls: "Standby clones for recovery; a volume kept for its data: the fix takes a snapshot first.",
    kind: ResourceKind::Volume,
    action_type: ActionType::Delete,
    class: ConflictClass::Remove,
    basis: SavingsBasis::Modelled,
    effort: Effort::Low,
    risk: Level::Low,
    restart_needed: false,
    rollback_possible: true,
    actions: &["ec2:DescribeVolumes", "cloudwatch:GetMetricData"],
    metrics: &[Metric::EbsIdleTime],
    thresholds: &["ebs_unattached_days", "look_back_days"],
    on_by_default: true,
};

fn judge(case: &Case<'_>, volume: &Volume) -> Judgement {
    if !volume.available || volume.managed() {
        return Ok(None);
    }
    let minimum = i64::from(case.thresholds.ebs_unattached_days);
    let age = case.age_days(&volume.common)?;
    if age < minimum {
        return Ok(None);
    }
    // Asked for and empty: never attached in the window. Not asked for, or refused: it may have been, yesterday.
    let metrics = &case.snapshot.metrics;
    let last_used = metrics
        .summary(Metric::EbsIdleTime, &volume.common.region, &volume.common.id)
        .ok_or(UnknownReason::MetricMissing)?;
    if last_used.found > 0 {
        return Ok(None);
    }
    let (amounts, snapshot_first) = volume_removal::amounts(case, volume)?;
    Ok(Some(Finding {
        title: format!("Delete the unattached {} volume of {} GiB", volume.volume_type, volume.size_gib),
        current: json!({"volumeType": volume.volume_type, "sizeGib": volume.size_gib, "state": "available"}),
        recommended: json!({"state": "deleted", "snapshot": if snapshot_first { "kept" } else { "none" }}),
        evidence: vec![
            property("attachments", "0", None),
            case.measured(Metric::EbsIdleTime, last_used, "no datapoint".into(), "no datapoint".into()),
            property("age", format!("{age} days"), Some(format!("at least {minimum} days"))),
        ],
        risk: if snapshot_first { case.meta.risk } else { Level::Medium },
        rollback_possible: snapshot_first,
        remediation: volume_removal::remediation(volume, snapshot_first),
        ..case.finding(volume, amounts)
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixtures::{Lab, volume};

    fn unattached() -> Volume {
        Volume { available: true, attached_to: vec![], ..volume("vol-1") }
    }

    #[test]
    fn an_old_unattached_volume_is_found_at_its_price_less_a_snapshot() {
        let lab = Lab::new()
            .no_datapoints(Metric::EbsIdleTime, "vol-1")
            .volume(Volume { size_gib: 100, ..unattached() });
        let finding = lab.only_finding(&RULE);
        assert_eq!(finding.monthly_cost.to_string(), "8.00");
        assert_eq!(finding.monthly_savings.to_string(), "3.00");
        assert_eq!(finding.confidence, Level::High);
    }

    #[test]
    fn a_volume_cheaper_than_its_snapshot_goes_without_one() {
        use crate::domain::{inventory::VolumeType, price::PriceKey};
        let st1 = Volume { volume_type: VolumeType::St1, size_gib: 1_000, ..unattached() };
        let key = PriceKey::VolumeStorage { region: st1.common.region.clone(), volume_type: VolumeType::St1 };
        let finding = Lab::new()
            .no_datapoints(Metric::EbsIdleTime, "vol-1")
            .price(key, "0.045")
            .volume(st1)
            .only_finding(&RULE);
        assert_eq!(finding.monthly_savings.to_string(), "45.00");
        assert!(!finding.rollback_possible);
        assert!(finding.remediation.commands.iter().all(|c| !c.contains("create-snapshot")));
    }

    #[test]
    fn a_volume_seen_attached_in_the_window_is_fine() {
        Lab::new().daily(Metric::EbsIdleTime, "vol-1", 14, 60.0).volume(unattached()).nothing(&RULE);
    }

    #[test]
    fn without_the_metric_it_may_have_been_attached_yesterday() {
        Lab::new().volume(unattached()).unknown(&RULE, UnknownReason::MetricMissing);
    }

    #[test]
    fn a_claim_of_kubernetes_is_left_alone() {
        let mut claimed = unattached();
        claimed.common.tags = [("kubernetes.io/created-for/pv/name", "data")].into_iter().collect();
        Lab::new().volume(claimed).nothing(&RULE);
    }

    #[test]
    fn a_volume_without_a_date_is_unknown() {
        let mut dateless = unattached();
        dateless.common.created_at = None;
        Lab::new().volume(dateless).unknown(&RULE, UnknownReason::DateMissing);
    }
}
