//! Volumes that wait for an instance which has been stopped for long.

use super::{
    Amounts, Case, Judgement, Meta, Rule,
    case::{Key, key, property},
    volume_change::root_of,
    volume_removal,
};
use crate::domain::{
    finding::{ActionType, ConflictClass, Effort, Finding, Level, SavingsBasis, UnknownReason, Verdicts},
    inventory::{Instance, InstanceState, ResourceKind, Volume, days_between},
};
use serde_json::json;
use std::collections::HashMap;

pub const RULE: Rule = Rule { meta: &META, check };

static META: Meta = Meta {
    id: "ebs-volume-on-stopped-instance",
    title: "Volume belongs to an instance that has long been stopped",
    condition: "Every instance that the volume is attached to has been stopped for ec2_stopped_days, and the volume \
                is at least as old. Volumes of Kubernetes claims and of managed instances (warm pools) are left alone.",
    formula: "volume (storage, provisioned IOPS and throughput) - a snapshot of its full size",
    pitfalls: "Seasonal and recovery instances; the instance cannot start without its volumes until they are restored.",
    kind: ResourceKind::Volume,
    action_type: ActionType::Delete,
    class: ConflictClass::Remove,
    basis: SavingsBasis::Modelled,
    effort: Effort::Low,
    risk: Level::Medium,
    restart_needed: false,
    rollback_possible: true,
    actions: &["ec2:DescribeVolumes", "ec2:DescribeInstances"],
    metrics: &[],
    thresholds: &["ec2_stopped_days"],
    on_by_default: true,
};

type Instances<'a> = HashMap<Key<'a>, &'a Instance>;

fn check(case: &Case<'_>) -> Verdicts {
    let inventory = &case.snapshot.inventory;
    let instances: Instances<'_> = inventory.instances.iter().map(|i| (key(&i.common), i)).collect();
    case.judge_each(&inventory.volumes, |case, volume| judge(case, volume, &instances))
}

fn judge(case: &Case<'_>, volume: &Volume, instances: &Instances<'_>) -> Judgement {
    if volume.attached_to.is_empty() || volume.managed() {
        return Ok(None);
    }
    let Some(days) = days_at_rest(case, volume, instances)? else { return Ok(None) };
    let minimum = i64::from(case.thresholds.ec2_stopped_days);
    if days < minimum || case.age_days(&volume.common)? < minimum {
        return Ok(None);
    }
    let mut bill = case.bill();
    let cost = bill.volume(volume)?;
    let savings = cost.clone() - bill.snapshot_gib(&volume.common.region, false, volume.size_gib)?;
    if !savings.is_positive() {
        return Ok(None);
    }
    let (kind, gib) = (volume.volume_type, volume.size_gib);
    Ok(Some(Finding {
        root: root_of(volume),
        title: format!(
            "Delete the {kind} volume of {gib} GiB: its instance has been stopped for {days} days"
        ),
        current: json!({"volumeType": kind, "sizeGib": gib, "attachedTo": volume.attached_to}),
        recommended: json!({"state": "deleted", "snapshot": "kept"}),
        evidence: vec![
            property("attached to", volume.attached_to.join(", "), None),
            property("stopped for", format!("{days} days"), Some(format!("at least {minimum} days"))),
        ],
        remediation: volume_removal::remediation(volume, true),
        ..case.finding(volume, Amounts { cost, savings, bill })
    }))
}

/// Days since the last of the volume's instances was stopped; none where one runs, is managed or rests too short.
fn days_at_rest(
    case: &Case<'_>,
    volume: &Volume,
    instances: &Instances<'_>,
) -> Result<Option<i64>, UnknownReason> {
    let region = &volume.common.region;
    let found = || volume.attached_to.iter().filter_map(|id| instances.get(&(region, &**id)));
    if found().any(|instance| instance.state != InstanceState::Stopped || instance.managed()) {
        return Ok(None);
    }
    if found().count() < volume.attached_to.len() {
        return Err(UnknownReason::InventoryIncomplete);
    }
    let dates = || found().filter_map(|instance| instance.stopped_at);
    let days = dates().map(|at| days_between(at, case.now())).min().ok_or(UnknownReason::DateMissing)?;
    if days < i64::from(case.thresholds.ec2_stopped_days) {
        Ok(None)
    } else if dates().count() < volume.attached_to.len() {
        Err(UnknownReason::DateMissing)
    } else {
        Ok(Some(days))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::inventory::VolumeType;
    use crate::rules::fixtures::{Lab, days_ago, instance, volume};

    fn stopped(id: &str, days: i64) -> Instance {
        Instance { state: InstanceState::Stopped, stopped_at: Some(days_ago(days)), ..instance(id) }
    }

    fn shared() -> Volume {
        Volume { attached_to: vec!["i-1".into(), "i-2".into()], ..volume("vol-1") }
    }

    #[test]
    fn a_volume_at_rest_saves_its_price_less_a_snapshot() {
        let finding = Lab::new().volume(volume("vol-1")).instance(stopped("i-1", 30)).only_finding(&RULE);
        assert_eq!(finding.monthly_cost.to_string(), "8.00");
        assert_eq!(finding.monthly_savings.to_string(), "3.00");
        assert_eq!(finding.root.parents, ["Ec2Instance/i-1"]);
        assert!(finding.remediation.commands[1].ends_with("--volume-id vol-1 --instance-id i-1"));
    }

    #[test]
    fn the_latest_of_its_instances_counts() {
        let lab = Lab::new().volume(shared()).instance(stopped("i-1", 300)).instance(stopped("i-2", 40));
        assert!(lab.only_finding(&RULE).title.ends_with("for 40 days"));
        Lab::new().volume(shared()).instance(stopped("i-1", 300)).instance(stopped("i-2", 29)).nothing(&RULE);
        Lab::new().volume(shared()).instance(stopped("i-1", 300)).instance(instance("i-2")).nothing(&RULE);
    }

    #[test]
    fn volumes_that_someone_else_decides_about_are_fine() {
        let mut claimed = volume("vol-1");
        claimed.common.tags = [("kubernetes.io/created-for/pvc/name", "data")].into_iter().collect();
        Lab::new().volume(claimed).instance(stopped("i-1", 300)).nothing(&RULE);
        let mut pooled = stopped("i-1", 300);
        pooled.common.tags = [("aws:autoscaling:groupName", "web")].into_iter().collect();
        Lab::new().volume(volume("vol-1")).instance(pooled).nothing(&RULE);
    }

    #[test]
    fn new_cheap_and_detached_volumes_are_fine() {
        let mut new = volume("vol-1");
        new.common.created_at = Some(days_ago(2));
        Lab::new().volume(new).instance(stopped("i-1", 300)).nothing(&RULE);
        Lab::new().volume(Volume { attached_to: vec![], ..volume("vol-1") }).nothing(&RULE);
        let cold = Volume { volume_type: VolumeType::Sc1, ..volume("vol-1") };
        let price = crate::domain::price::PriceKey::VolumeStorage {
            region: crate::rules::fixtures::region(),
            volume_type: VolumeType::Sc1,
        };
        Lab::new().price(price, "0.015").volume(cold).instance(stopped("i-1", 300)).nothing(&RULE);
    }

    #[test]
    fn an_unreadable_date_is_unknown() {
        let dateless = Instance { stopped_at: None, ..stopped("i-2", 0) };
        let lab = Lab::new().volume(shared()).instance(stopped("i-1", 300)).instance(dateless.clone());
        lab.unknown(&RULE, UnknownReason::DateMissing);
        Lab::new().volume(shared()).instance(stopped("i-1", 3)).instance(dateless).nothing(&RULE);
    }

    #[test]
    fn an_instance_that_was_not_listed_is_unknown() {
        let lab = Lab::new().volume(shared()).instance(stopped("i-1", 300));
        lab.unknown(&RULE, UnknownReason::InventoryIncomplete);
        Lab::new().volume(shared()).instance(instance("i-1")).nothing(&RULE);
    }
}
