//! Public addresses of instances that do not run, and of interfaces that nothing uses.

use super::{
    Amounts, Case, Judgement, Meta, Rule,
    case::{Key, key, property},
    command::aws,
};
use crate::domain::{
    finding::{
        ActionType, ConflictClass, Effort, Evidence, Finding, Level, Remediation, SavingsBasis,
        UnknownReason, Verdicts,
    },
    inventory::{Address, Instance, InstanceState, NetworkInterface, ResourceKind, days_between},
    price::PriceKey,
};
use serde_json::json;
use std::collections::HashMap;

pub const RULE: Rule = Rule { meta: &META, check };

static META: Meta = Meta {
    id: "eip-on-stopped-instance",
    title: "Elastic IP address of something that does not run",
    condition: "An address of Amazon's pool, associated with an instance that has been stopped for eip_stopped_days, or with a \
                network interface that is attached to nothing. Left alone: what is tagged keep, retain or golden, what \
                the scheduler or a group starts again, and interfaces of AWS's services.",
    formula: "public IPv4 address * 730 h",
    pitfalls: "Every public IPv4 address costs the same, in use or not: only releasing it saves, and then the instance comes \
               back with another one. Look for it in DNS and allow lists.",
    kind: ResourceKind::Address,
    action_type: ActionType::Delete,
    class: ConflictClass::Remove,
    basis: SavingsBasis::Exact,
    effort: Effort::Low,
    risk: Level::Medium,
    restart_needed: false,
    rollback_possible: false,
    actions: &["ec2:DescribeAddresses", "ec2:DescribeInstances", "ec2:DescribeNetworkInterfaces"],
    metrics: &[],
    thresholds: &["eip_stopped_days"],
    on_by_default: true,
};

/// What holds addresses, found once.
struct Holders<'a> {
    instances: HashMap<Key<'a>, &'a Instance>,
    interfaces: HashMap<Key<'a>, &'a NetworkInterface>,
}

fn check(case: &Case<'_>) -> Verdicts {
    let inventory = &case.snapshot.inventory;
    let holders = Holders {
        instances: inventory.instances.iter().map(|i| (key(&i.common), i)).collect(),
        interfaces: inventory.network_interfaces.iter().map(|i| (key(&i.common), i)).collect(),
    };
    case.judge_each(&inventory.addresses, |case, address| judge(case, address, &holders))
}

/// Why an address is of no use, and how sure that is.
struct Idle {
    words: String,
    evidence: Evidence,
    confidence: Level,
}

fn judge(case: &Case<'_>, address: &Address, holders: &Holders<'_>) -> Judgement {
    if address.service_managed || address.common.tags.keep() {
        return Ok(None);
    }
    let idle = match (&address.instance_id, &address.network_interface_id) {
        (Some(instance), _) => of_instance(case, address, instance, holders)?,
        (None, Some(interface)) => of_interface(case, address, interface, holders)?,
        (None, None) => None,
    };
    let Some(idle) = idle else { return Ok(None) };
    let pool = address.public_ipv4_pool.as_deref().ok_or(UnknownReason::SpecificationMissing)?;
    if pool != "amazon" {
        return Ok(None);
    }
    let mut bill = case.bill();
    let cost = bill.price(PriceKey::PublicIpv4 { region: address.common.region.clone() })?.monthly(1);
    let finding = Finding {
        title: format!("Release {}: {}", address.public_ip, idle.words),
        current: json!({"publicIp": address.public_ip, "instanceId": address.instance_id,
                        "networkInterfaceId": address.network_interface_id}),
        recommended: json!({"state": "released"}),
        confidence: idle.confidence,
        evidence: vec![idle.evidence, property("pool", pool, None)],
        remediation: remediation(address),
        ..case.finding(address, Amounts { savings: cost.clone(), cost, bill })
    };
    // Terminating the instance takes its addresses along.
    let root = finding.root.clone().child_of(ResourceKind::Instance, address.instance_id.as_deref());
    Ok(Some(Finding { root, ..finding }))
}

fn of_instance(
    case: &Case<'_>,
    address: &Address,
    instance: &str,
    holders: &Holders<'_>,
) -> Result<Option<Idle>, UnknownReason> {
    let Some(instance) = holders.instances.get(&(&address.common.region, instance)) else { return Ok(None) };
    let tags = &instance.common.tags;
    if instance.state != InstanceState::Stopped || instance.managed() || tags.scheduled() || tags.keep() {
        return Ok(None);
    }
    let days = days_between(instance.stopped_at.ok_or(UnknownReason::DateMissing)?, case.now());
    let minimum = i64::from(case.thresholds.eip_stopped_days);
    let limit = Some(format!("at least {minimum} days"));
    Ok((days >= minimum).then(|| Idle {
        words: format!("its instance has been stopped for {days} days"),
        evidence: property("instance stopped for", format!("{days} days"), limit),
        confidence: Level::High,
    }))
}

/// AWS does not say since when an interface is free.
fn of_interface(
    case: &Case<'_>,
    address: &Address,
    interface: &str,
    holders: &Holders<'_>,
) -> Result<Option<Idle>, UnknownReason> {
    let region = &address.common.region;
    if !case.snapshot.coverage.complete(ResourceKind::NetworkInterface, region) {
        return Err(UnknownReason::InventoryIncomplete);
    }
    let Some(interface) = holders.interfaces.get(&(region, interface)) else { return Ok(None) };
    let free = !interface.in_use && !interface.requester_managed && !interface.common.tags.keep();
    Ok(free.then(|| Idle {
        words: "its network interface is attached to nothing".into(),
        evidence: property("status of the network interface", "available", Some("in-use".into())),
        confidence: Level::Medium,
    }))
}

fn remediation(address: &Address) -> Remediation {
    let region = &address.common.region;
    let association = address.association_id.as_deref();
    let mut commands: Vec<String> = association
        .map(|id| aws("ec2 disassociate-address", region, &[("--association-id", id)]))
        .into_iter()
        .collect();
    commands.push(aws("ec2 release-address", region, &[("--allocation-id", &address.common.id)]));
    let back = [("--domain", "vpc"), ("--address", &*address.public_ip)];
    Remediation {
        commands,
        rollback_commands: vec![aws("ec2 allocate-address", region, &back)],
        notes: vec!["The same address comes back only while nobody else has got it.".into()],
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::interface;
    use super::*;
    use crate::rules::fixtures::{Lab, address, days_ago, instance};

    fn stopped(days: i64, change: impl FnOnce(&mut Instance)) -> Lab {
        let mut machine = instance("i-1");
        (machine.state, machine.stopped_at) = (InstanceState::Stopped, Some(days_ago(days)));
        change(&mut machine);
        let held = Address {
            association_id: Some("eipassoc-1".into()),
            instance_id: Some("i-1".into()),
            network_interface_id: Some("eni-1".into()),
            ..address("eipalloc-1")
        };
        Lab::new().instance(machine).inventory(|i| i.addresses.push(held))
    }

    #[test]
    fn an_address_of_a_stopped_instance_costs_its_hours() {
        let finding = stopped(7, |_| {}).only_finding(&RULE);
        assert_eq!(finding.monthly_savings.to_string(), "3.65");
        assert_eq!(finding.root.parents, ["Ec2Instance/i-1"]);
        assert!(finding.remediation.commands[0].contains("disassociate-address"));
        assert!(finding.remediation.commands[1].ends_with("--allocation-id eipalloc-1"));
    }

    #[test]
    fn what_comes_back_keeps_its_address() {
        stopped(6, |_| {}).nothing(&RULE);
        stopped(90, |i| i.state = InstanceState::Running).nothing(&RULE);
        for tag in [("Scheduler", "Enabled"), ("aws:autoscaling:groupName", "web"), ("keep", "true")] {
            stopped(90, |i| i.common.tags = [tag].into_iter().collect()).nothing(&RULE);
        }
    }

    #[test]
    fn without_a_date_it_is_unknown() {
        stopped(90, |i| i.stopped_at = None).unknown(&RULE, UnknownReason::DateMissing);
    }

    fn on_interface(change: impl FnOnce(&mut NetworkInterface)) -> Lab {
        let mut free = NetworkInterface { in_use: false, instance_id: None, ..interface() };
        change(&mut free);
        let held = Address { network_interface_id: Some("eni-1".into()), ..address("eipalloc-1") };
        Lab::new().inventory(|i| {
            i.network_interfaces.push(free);
            i.addresses.push(held);
        })
    }

    #[test]
    fn an_interface_attached_to_nothing_is_no_use() {
        let finding = on_interface(|_| {}).only_finding(&RULE);
        assert_eq!(finding.confidence, Level::Medium);
        assert!(finding.root.parents.is_empty());
    }

    #[test]
    fn an_interface_in_use_or_of_a_service_is_fine() {
        on_interface(|i| i.in_use = true).nothing(&RULE);
        on_interface(|i| i.requester_managed = true).nothing(&RULE);
        let lab = on_interface(|_| {}).incomplete(ResourceKind::NetworkInterface);
        lab.unknown(&RULE, UnknownReason::InventoryIncomplete);
    }
}
