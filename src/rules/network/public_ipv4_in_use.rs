//! Instances that could do without the public address that they got by themselves.

use super::{
    Amounts, Case, Judgement, Meta, Rule,
    case::{Key, key, property},
    command::aws,
};
use crate::domain::{
    finding::{ActionType, ConflictClass, Effort, Finding, Level, Remediation, SavingsBasis, Verdicts},
    inventory::{Instance, InstanceState, NetworkInterface, ResourceKind},
    price::PriceKey,
};
use serde_json::json;
use std::collections::{HashMap, HashSet};

pub const RULE: Rule = Rule { meta: &META, check };

static META: Meta = Meta {
    id: "public-ipv4-in-use",
    title: "Instance has a public address that it may not need",
    condition: "A running instance of no group has a public IPv4 address that AWS assigned by itself, while its VPC has a NAT \
                gateway in use (another way out) or a load balancer leads to it (another way in).",
    formula: "at most public IPv4 address * 730 h",
    pitfalls: "The instance needs a way out: a NAT gateway charges 0.045 USD and more for each GB, and a new one costs more \
               than eight addresses. An address that was assigned by itself cannot be taken away while the instance \
               runs: it has to be launched anew.",
    kind: ResourceKind::NetworkInterface,
    action_type: ActionType::Configure,
    class: ConflictClass::Add,
    basis: SavingsBasis::Exposure,
    effort: Effort::Medium,
    risk: Level::Medium,
    restart_needed: true,
    rollback_possible: true,
    actions: &["ec2:DescribeNetworkInterfaces", "ec2:DescribeInstances", "ec2:DescribeNatGateways"],
    metrics: &[],
    thresholds: &[],
    on_by_default: true,
};

/// The ways around an address of one's own, found once.
struct Ways<'a> {
    instances: HashMap<Key<'a>, &'a Instance>,
    balanced: HashSet<Key<'a>>,
    with_nat: HashSet<Key<'a>>,
}

fn check(case: &Case<'_>) -> Verdicts {
    let inventory = &case.snapshot.inventory;
    let targets = inventory.load_balancers.iter().flat_map(|balancer| {
        let ids = balancer.targets.iter().flat_map(|targets| &targets.instance_ids);
        ids.map(|id| (&balancer.common.region, &**id))
    });
    let classic = inventory
        .classic_load_balancers
        .iter()
        .flat_map(|balancer| balancer.instance_ids.iter().map(|id| (&balancer.common.region, &**id)));
    let gateways = inventory.nat_gateways.iter().filter(|gateway| gateway.available && gateway.public);
    let ways = Ways {
        instances: inventory.instances.iter().map(|i| (key(&i.common), i)).collect(),
        balanced: targets.chain(classic).collect(),
        with_nat: gateways.map(|gateway| (&gateway.common.region, &*gateway.vpc_id)).collect(),
    };
    case.judge_each(&inventory.network_interfaces, |case, interface| judge(case, interface, &ways))
}

fn judge(case: &Case<'_>, interface: &NetworkInterface, ways: &Ways<'_>) -> Judgement {
    let region = &interface.common.region;
    let (Some(address), Some(id)) = (&interface.auto_assigned_ip, interface.instance_id.as_deref()) else {
        return Ok(None);
    };
    let judged = |instance: &&Instance| instance.state == InstanceState::Running && !instance.managed();
    if !ways.instances.get(&(region, id)).is_some_and(judged) {
        return Ok(None);
    }
    let balanced = ways.balanced.contains(&(region, id));
    let nat = ways.with_nat.contains(&(region, &*interface.vpc_id));
    if !balanced && !nat {
        return Ok(None);
    }
    let mut bill = case.bill();
    let cost = bill.price(PriceKey::PublicIpv4 { region: region.clone() })?.monthly(1);
    let yes = |known: bool| if known { "yes" } else { "none seen" };
    Ok(Some(Finding {
        title: format!("Could {id} do without its public address {address}?"),
        current: json!({"publicIp": address, "instanceId": id}),
        recommended: json!({"publicIp": null}),
        confidence: Level::Low,
        evidence: vec![
            property("a load balancer leads to it", yes(balanced), None),
            property("its VPC has a NAT gateway", yes(nat), None),
        ],
        remediation: remediation(interface, id),
        ..case.finding(interface, Amounts { savings: cost.clone(), cost, bill })
    }))
}

/// The only way without a new launch is to begin with the subnet or the template.
fn remediation(interface: &NetworkInterface, id: &str) -> Remediation {
    let look = [("--instance-ids", id), ("--query", "Reservations[].Instances[].NetworkInterfaces")];
    Remediation {
        commands: vec![aws("ec2 describe-instances", &interface.common.region, &look)],
        rollback_commands: Vec::new(),
        notes: vec![
            "Launch it anew with --no-associate-public-ip-address in a subnet whose routes lead to the NAT gateway, and \
             move what it does there. The command only shows how it is now."
                .into(),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{interface, nat};
    use super::*;
    use crate::domain::inventory::ClassicLoadBalancer;
    use crate::rules::fixtures::{Lab, common, instance};

    fn lab(machine: Instance) -> Lab {
        Lab::new().instance(machine).inventory(|i| i.network_interfaces.push(interface()))
    }

    #[test]
    fn with_another_way_out_or_in_it_is_shown_without_a_promise() {
        let out =
            lab(instance("i-1")).inventory(|i| i.nat_gateways.push(nat("nat-1", 'a'))).only_finding(&RULE);
        assert_eq!((out.basis, out.monthly_savings.to_string()), (SavingsBasis::Exposure, "3.65".into()));
        let balancer = ClassicLoadBalancer { common: common("legacy"), instance_ids: vec!["i-1".into()] };
        let inside =
            lab(instance("i-1")).inventory(|i| i.classic_load_balancers.push(balancer)).only_finding(&RULE);
        assert_eq!(inside.evidence[0].observed, "yes");
    }

    #[test]
    fn an_address_that_is_the_only_way_is_fine() {
        lab(instance("i-1")).nothing(&RULE);
        let elsewhere = crate::domain::inventory::NatGateway { vpc_id: "vpc-2".into(), ..nat("nat-1", 'a') };
        lab(instance("i-1")).inventory(|i| i.nat_gateways.push(elsewhere)).nothing(&RULE);
    }

    #[test]
    fn stopped_and_grouped_instances_are_left_alone() {
        let with_nat = |machine| lab(machine).inventory(|i| i.nat_gateways.push(nat("nat-1", 'a')));
        with_nat(Instance { state: InstanceState::Stopped, ..instance("i-1") }).nothing(&RULE);
        let mut grouped = instance("i-1");
        grouped.common.tags = [("aws:autoscaling:groupName", "web")].into_iter().collect();
        with_nat(grouped).nothing(&RULE);
    }
}
