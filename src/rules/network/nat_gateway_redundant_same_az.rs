//! More than one NAT gateway in the same zone of a VPC.

use super::{
    Amounts, Case, Judgement, Meta, Rule,
    case::property,
    gateways::{Gateways, bytes, require},
};
use crate::domain::{
    finding::{ActionType, ConflictClass, Effort, Finding, Level, SavingsBasis, UnknownReason, Verdicts},
    inventory::{NatGateway, ResourceKind},
    metric::Metric,
};
use serde_json::json;

pub const RULE: Rule = Rule { meta: &META, check };

static META: Meta = Meta {
    id: "nat-gateway-redundant-same-az",
    title: "Zone has more than one NAT gateway",
    condition: "Public, available, older than the window, not tagged to keep, and another public gateway of its VPC in the \
                same zone stays: the busiest one. Left alone where either of them ran out of ports in the window.",
    formula: "NAT gateway * 730 h + each of its public addresses * 730 h (not those of an own pool or tagged to keep)",
    pitfalls: "Gateways that are kept apart for their addresses: partners may allow each team's own. One gateway carries \
               55,000 connections to one destination for each of its addresses.",
    kind: ResourceKind::NatGateway,
    action_type: ActionType::Delete,
    class: ConflictClass::Remove,
    basis: SavingsBasis::Modelled,
    effort: Effort::Medium,
    risk: Level::Medium,
    restart_needed: false,
    rollback_possible: true,
    actions: &["ec2:DescribeNatGateways", "ec2:DescribeSubnets", "cloudwatch:GetMetricData"],
    metrics: &[Metric::NatBytesOut, Metric::NatBytesBack, Metric::NatPortErrors],
    thresholds: &["look_back_days", "min_datapoints_percent"],
    on_by_default: true,
};

fn check(case: &Case<'_>) -> Verdicts {
    let around = Gateways::of(case);
    case.judge_each(&case.snapshot.inventory.nat_gateways, |case, gateway| judge(case, gateway, &around))
}

fn judge(case: &Case<'_>, gateway: &NatGateway, around: &Gateways<'_>) -> Judgement {
    let beside = around.beside(gateway);
    if beside.len() < 2 || !gateway.available || !gateway.public || gateway.common.tags.keep() {
        return Ok(None);
    }
    require(case, &[ResourceKind::Subnet], &gateway.common.region)?;
    let zone = around.zone(gateway).ok_or(UnknownReason::SpecificationMissing)?;
    let in_zone: Vec<_> = beside.iter().filter(|other| around.zone(other) == Some(zone)).collect();
    let Some(stays) = in_zone.first().filter(|stays| stays.common.id != gateway.common.id) else {
        return Ok(None);
    };
    case.require_full_window(&gateway.common)?;
    bytes(case, gateway)?;
    if out_of_ports(case, gateway)? || out_of_ports(case, stays).unwrap_or(false) {
        return Ok(None);
    }
    let mut bill = case.bill();
    let cost = around.cost(&mut bill, gateway)?;
    Ok(Some(Finding {
        title: format!("Route through one NAT gateway in {zone}: it has {}", in_zone.len()),
        current: json!({"zone": zone, "vpcId": gateway.vpc_id, "gatewaysInZone": in_zone.len()}),
        recommended: json!({"state": "deleted", "routesThrough": stays.common.id}),
        confidence: Level::Medium,
        evidence: vec![
            property("gateways in the zone", in_zone.len().to_string(), Some("1".into())),
            property("ports that could not be had", "0", Some("0".into())),
        ],
        remediation: around.replace(gateway, stays),
        ..case.finding(gateway, Amounts { savings: cost.clone(), cost, bill })
    }))
}

fn out_of_ports(case: &Case<'_>, gateway: &NatGateway) -> Result<bool, UnknownReason> {
    Ok(case.summary(Metric::NatPortErrors, &gateway.common)?.sum > 0.0)
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{nat, vpc, with_nat};
    use super::*;
    use crate::rules::fixtures::{Lab, days_ago};

    fn two(first: NatGateway, second: NatGateway) -> Lab {
        with_nat(with_nat(vpc(), first, 1.0), second, 2.0)
    }

    #[test]
    fn the_less_busy_one_goes() {
        let finding = two(nat("nat-1", 'a'), nat("nat-2", 'a')).only_finding(&RULE);
        assert_eq!(&*finding.subject.id, "nat-1");
        assert_eq!(finding.monthly_savings.to_string(), "36.50");
        assert_eq!(finding.recommended["routesThrough"], "nat-2");
    }

    #[test]
    fn one_in_each_zone_or_vpc_is_fine() {
        two(nat("nat-1", 'a'), nat("nat-2", 'b')).nothing(&RULE);
        let elsewhere = NatGateway { vpc_id: "vpc-2".into(), ..nat("nat-2", 'a') };
        two(nat("nat-1", 'a'), elsewhere).nothing(&RULE);
    }

    #[test]
    fn want_of_ports_is_a_reason_for_two() {
        let lab = two(nat("nat-1", 'a'), nat("nat-2", 'a')).daily(Metric::NatPortErrors, "nat-2", 14, 1.0);
        lab.nothing(&RULE);
    }

    #[test]
    fn what_is_unknown_stays() {
        let pair = || two(nat("nat-1", 'a'), nat("nat-2", 'a'));
        pair().incomplete(ResourceKind::Subnet).verdicts(&RULE).unknown.iter().for_each(|unknown| {
            assert_eq!(unknown.reason, UnknownReason::InventoryIncomplete);
        });
        let mut young = nat("nat-1", 'a');
        young.common.created_at = Some(days_ago(3));
        two(young, nat("nat-2", 'a')).unknown(&RULE, UnknownReason::TooYoung);
        let dark = pair().no_datapoints(Metric::NatBytesOut, "nat-1");
        assert_eq!(&*dark.only_finding(&RULE).subject.id, "nat-2", "the one that is known can go");
    }
}
