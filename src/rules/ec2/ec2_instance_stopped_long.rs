//! An instance that was stopped long ago: its volumes and addresses keep billing.

use super::{Amounts, Case, Judgement, Meta, Rule, case::property, command::aws};
use crate::domain::{
    figure::Figure,
    finding::{
        ActionType, ConflictClass, Effort, Finding, Level, Remediation, SavingsBasis, UnknownReason, Verdicts,
    },
    inventory::{Address, Instance, InstanceState, ResourceKind, Volume, days_between},
    region::Region,
};
use serde_json::json;
use std::collections::HashMap;

pub const RULE: Rule = Rule { meta: &META, check };

static META: Meta = Meta {
    id: "ec2-instance-stopped-long",
    title: "Instance has been stopped for long",
    condition: "Stopped for at least ec2_stopped_days by the date that AWS gives, with volumes or addresses \
                of its own. Volumes that another instance or a Kubernetes claim uses too and addresses \
                tagged keep do not count; members of groups and clusters are left alone.",
    formula: "its volumes + its public addresses * 730 h - snapshots of the volumes' full size",
    pitfalls: "Seasonal systems and recovery sites. The image taken first keeps the data and the settings.",
    kind: ResourceKind::Instance,
    action_type: ActionType::Delete,
    class: ConflictClass::Remove,
    basis: SavingsBasis::Modelled,
    effort: Effort::Low,
    risk: Level::Medium,
    restart_needed: false,
    rollback_possible: true,
    actions: &["ec2:DescribeInstances", "ec2:DescribeVolumes", "ec2:DescribeAddresses"],
    metrics: &[],
    thresholds: &["ec2_stopped_days"],
    on_by_default: true,
};

/// What goes with an instance.
#[derive(Default)]
struct Belongings<'a> {
    volumes: Vec<&'a Volume>,
    addresses: Vec<&'a Address>,
}

type Owners<'a> = HashMap<(&'a Region, &'a str), Belongings<'a>>;

fn check(case: &Case<'_>) -> Verdicts {
    let owners = index(case);
    case.judge_each(&case.snapshot.inventory.instances, |case, instance| judge(case, &owners, instance))
}

/// One pass over volumes and addresses for all stopped instances: fleets are large.
fn index<'a>(case: &Case<'a>) -> Owners<'a> {
    let inventory = &case.snapshot.inventory;
    let stopped = inventory.instances.iter().filter(|i| i.state == InstanceState::Stopped);
    let mut owners: Owners<'a> =
        stopped.map(|i| ((&i.common.region, &*i.common.id), Belongings::default())).collect();
    for volume in inventory.volumes.iter().filter(|volume| !volume.managed()) {
        let [owner] = volume.attached_to.as_slice() else { continue };
        if let Some(owner) = owners.get_mut(&(&volume.common.region, &**owner)) {
            owner.volumes.push(volume);
        }
    }
    for address in inventory.addresses.iter().filter(|address| !address.common.tags.keep()) {
        let Some(owner) = address.instance_id.as_deref() else { continue };
        if let Some(owner) = owners.get_mut(&(&address.common.region, owner)) {
            owner.addresses.push(address);
        }
    }
    for owner in owners.values_mut() {
        owner.volumes.sort_by(|a, b| a.common.id.cmp(&b.common.id));
        owner.addresses.sort_by(|a, b| a.common.id.cmp(&b.common.id));
    }
    owners
}

fn judge(case: &Case<'_>, owners: &Owners<'_>, instance: &Instance) -> Judgement {
    if instance.state != InstanceState::Stopped || instance.managed() {
        return Ok(None);
    }
    let days = days_between(instance.stopped_at.ok_or(UnknownReason::DateMissing)?, case.now());
    let minimum = i64::from(case.thresholds.ec2_stopped_days);
    if days < minimum {
        return Ok(None);
    }
    let region = &instance.common.region;
    if !case.snapshot.coverage.all_complete(&[ResourceKind::Volume, ResourceKind::Address], region) {
        return Err(UnknownReason::InventoryIncomplete);
    }
    let Some(owned) = owners.get(&(region, &*instance.common.id)) else { return Ok(None) };
    let amounts = amounts(case, owned)?;
    if !amounts.savings.is_positive() {
        return Ok(None);
    }
    let (volumes, addresses) = (owned.volumes.len(), owned.addresses.len());
    Ok(Some(Finding {
        title: format!("Terminate the {} that has been stopped for {days} days", instance.instance_type),
        current: json!({"state": "stopped", "volumes": volumes, "addresses": addresses}),
        recommended: json!({"state": "terminated", "image": "kept"}),
        evidence: vec![
            property("stopped for", format!("{days} days"), Some(format!("at least {minimum} days"))),
            property("attached volumes", volumes.to_string(), None),
            property("associated addresses", addresses.to_string(), None),
        ],
        remediation: remediation(instance, owned),
        ..case.finding(instance, amounts)
    }))
}

fn amounts<'a>(case: &Case<'a>, owned: &Belongings<'_>) -> Result<Amounts<'a>, UnknownReason> {
    let mut bill = case.bill();
    let (mut cost, mut kept) = (Figure::zero(), Figure::zero());
    for volume in &owned.volumes {
        cost += bill.volume(volume)?;
        kept += bill.snapshot_gib(&volume.common.region, false, volume.size_gib)?;
    }
    for address in &owned.addresses {
        cost += bill.address(address)?;
    }
    Ok(Amounts { savings: cost.clone() - kept, cost, bill })
}

fn remediation(instance: &Instance, owned: &Belongings<'_>) -> Remediation {
    let (region, id) = (&instance.common.region, &*instance.common.id);
    let image_name = format!("last state of {id}");
    let mut commands = vec![
        aws("ec2 create-image", region, &[("--instance-id", id), ("--name", &image_name)]),
        aws("ec2 terminate-instances", region, &[("--instance-ids", id)]),
    ];
    commands.extend(
        owned.volumes.iter().map(|v| aws("ec2 delete-volume", region, &[("--volume-id", &v.common.id)])),
    );
    commands.extend(
        owned
            .addresses
            .iter()
            .map(|a| aws("ec2 release-address", region, &[("--allocation-id", &a.common.id)])),
    );
    let restore = [("--image-id", "IMAGE_ID"), ("--instance-type", &*instance.instance_type)];
    Remediation {
        commands,
        rollback_commands: vec![aws("ec2 run-instances", region, &restore)],
        notes: vec![
            "Terminate only after the image is available; a released address does not come back.".into(),
            "Volumes that are deleted with the instance need no command of their own.".into(),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixtures::{Lab, address, days_ago, instance, volume};

    fn stopped(days: i64) -> Instance {
        Instance { state: InstanceState::Stopped, stopped_at: Some(days_ago(days)), ..instance("i-1") }
    }

    fn lab(instance: Instance) -> Lab {
        let theirs = Address { instance_id: Some("i-1".into()), ..address("eipalloc-1") };
        Lab::new().volume(volume("vol-1")).inventory(|i| i.addresses.push(theirs)).instance(instance)
    }

    #[test]
    fn volumes_and_addresses_are_saved_less_a_snapshot() {
        let finding = lab(stopped(30)).only_finding(&RULE);
        assert_eq!(finding.monthly_cost.to_string(), "11.65", "8.00 of gp3 and 3.65 of an address");
        assert_eq!(finding.monthly_savings.to_string(), "6.65");
        assert_eq!(finding.root.name, "Ec2Instance/i-1");
        assert_eq!(finding.remediation.commands.len(), 4);
    }

    #[test]
    fn what_others_use_or_bring_costs_nothing_here() {
        let shared = Volume { attached_to: vec!["i-1".into(), "i-2".into()], ..volume("vol-2") };
        let mut claimed = volume("vol-3");
        claimed.common.tags = [("kubernetes.io/created-for/pvc/name", "data")].into_iter().collect();
        let own_pool = Address {
            instance_id: Some("i-1".into()),
            public_ipv4_pool: Some("ipv4pool-ec2-1".into()),
            ..address("eipalloc-2")
        };
        let mut kept = Address { instance_id: Some("i-1".into()), ..address("eipalloc-3") };
        kept.common.tags = [("keep", "true")].into_iter().collect();
        let lab = lab(stopped(90))
            .volume(shared)
            .volume(claimed)
            .inventory(|i| i.addresses.extend([own_pool, kept]));
        assert_eq!(lab.only_finding(&RULE).monthly_cost.to_string(), "11.65");
    }

    #[test]
    fn a_short_stop_and_a_running_instance_are_fine() {
        lab(stopped(29)).nothing(&RULE);
        lab(instance("i-1")).nothing(&RULE);
        Lab::new().instance(stopped(90)).nothing(&RULE);
        let mut member = stopped(90);
        member.common.tags = [("aws:autoscaling:groupName", "web")].into_iter().collect();
        lab(member).nothing(&RULE);
    }

    #[test]
    fn an_unreadable_date_or_an_unlisted_kind_is_unknown() {
        lab(Instance { stopped_at: None, ..stopped(90) }).unknown(&RULE, UnknownReason::DateMissing);
        for kind in [ResourceKind::Volume, ResourceKind::Address] {
            lab(stopped(90)).incomplete(kind).unknown(&RULE, UnknownReason::InventoryIncomplete);
        }
    }
}
