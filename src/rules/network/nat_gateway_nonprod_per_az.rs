//! A NAT gateway in each zone of what is not productive.

use super::{
    Amounts, Case, Judgement, Meta, Rule,
    case::property,
    gateways::{Gateways, bytes, monthly, require},
};
use crate::domain::{
    finding::{ActionType, ConflictClass, Effort, Finding, Level, SavingsBasis, UnknownReason, Verdicts},
    inventory::{NatGateway, ResourceKind},
    metric::Metric,
    price::PriceKey,
    price_item::Item,
};
use serde_json::json;

pub const RULE: Rule = Rule { meta: &META, check };

static META: Meta = Meta {
    id: "nat-gateway-nonprod-per-az",
    title: "NAT gateway for each zone outside of production",
    condition: "Public, available, older than the window, not tagged to keep; the gateway or its subnet is tagged as not \
                productive, and a gateway of its VPC in another zone stays: the busiest one.",
    formula: "NAT gateway * 730 h + its public addresses * 730 h - 2 * its GB in the window * cross-zone GB * 730 h / \
              hours of the window",
    pitfalls: "Without it a failure of the other zone cuts the way out. What crosses zones is billed in both directions, \
               which is taken off.",
    kind: ResourceKind::NatGateway,
    action_type: ActionType::Delete,
    class: ConflictClass::Remove,
    basis: SavingsBasis::Modelled,
    effort: Effort::Medium,
    risk: Level::Medium,
    restart_needed: false,
    rollback_possible: true,
    actions: &["ec2:DescribeNatGateways", "ec2:DescribeSubnets", "cloudwatch:GetMetricData"],
    metrics: &[Metric::NatBytesOut, Metric::NatBytesBack],
    thresholds: &["nonprod_values", "look_back_days", "min_datapoints_percent"],
    on_by_default: true,
};

fn check(case: &Case<'_>) -> Verdicts {
    let around = Gateways::of(case);
    case.judge_each(&case.snapshot.inventory.nat_gateways, |case, gateway| judge(case, gateway, &around))
}

fn judge(case: &Case<'_>, gateway: &NatGateway, around: &Gateways<'_>) -> Judgement {
    let beside = around.beside(gateway);
    let Some(stays) = beside.first().filter(|stays| stays.common.id != gateway.common.id) else {
        return Ok(None);
    };
    if !gateway.available || !gateway.public || gateway.common.tags.keep() || !nonprod(case, gateway, around)
    {
        return Ok(None);
    }
    let region = &gateway.common.region;
    require(case, &[ResourceKind::Subnet], region)?;
    let zone = around.zone(gateway).ok_or(UnknownReason::SpecificationMissing)?;
    // Two in one zone are another rule's matter.
    if around.zone(stays) == Some(zone) {
        return Ok(None);
    }
    case.require_full_window(&gateway.common)?;
    let moved = bytes(case, gateway)?;
    let mut bill = case.bill();
    let cost = around.cost(&mut bill, gateway)?;
    let crossing = monthly(case, moved, &bill.price(PriceKey::item(Item::CrossZoneGb, region))?).scale(2, 1);
    let savings = cost.clone() - crossing;
    if !savings.is_positive() {
        return Ok(None);
    }
    let gb = format!("{:.1} GB in {} days", moved / 1e9, case.thresholds.look_back_days);
    Ok(Some(Finding {
        title: format!("Let {zone} use the NAT gateway of another zone: this is not production"),
        current: json!({"zone": zone, "vpcId": gateway.vpc_id, "gatewaysInVpc": beside.len()}),
        recommended: json!({"state": "deleted", "routesThrough": stays.common.id}),
        confidence: Level::Medium,
        evidence: vec![
            property("public gateways in the VPC", beside.len().to_string(), Some("1".into())),
            property("bytes both ways, which will cross zones", gb, None),
        ],
        remediation: around.replace(gateway, stays),
        ..case.finding(gateway, Amounts { cost, savings, bill })
    }))
}

/// By its own tags or its subnet's: VPCs are not read.
fn nonprod(case: &Case<'_>, gateway: &NatGateway, around: &Gateways<'_>) -> bool {
    case.nonprod(&gateway.common.tags)
        || around.subnet(gateway).is_some_and(|subnet| case.nonprod(&subnet.common.tags))
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{nat, vpc, with_nat};
    use super::*;
    use crate::rules::fixtures::Lab;

    fn dev(id: &str, zone: char) -> NatGateway {
        let mut gateway = nat(id, zone);
        gateway.common.tags = [("env", "dev")].into_iter().collect();
        gateway
    }

    /// 24 and 48 GB a day.
    fn two(first: NatGateway, second: NatGateway) -> Lab {
        with_nat(with_nat(vpc(), first, 24.0), second, 48.0)
    }

    #[test]
    fn what_will_cross_zones_is_taken_off() {
        let finding = two(dev("nat-1", 'a'), dev("nat-2", 'b')).only_finding(&RULE);
        assert_eq!(&*finding.subject.id, "nat-1");
        // 730 GB a month, twice 0.01 each.
        assert_eq!(
            (finding.monthly_cost.to_string(), finding.monthly_savings.to_string()),
            ("36.50".into(), "21.90".into())
        );
    }

    #[test]
    fn much_traffic_is_worth_a_gateway() {
        with_nat(with_nat(vpc(), dev("nat-1", 'a'), 100.0), dev("nat-2", 'b'), 200.0).nothing(&RULE);
    }

    #[test]
    fn a_subnet_can_say_that_it_is_not_production() {
        let lab = two(nat("nat-1", 'a'), nat("nat-2", 'b')).inventory(|i| {
            i.subnets[0].common.tags = [("Environment", "Staging")].into_iter().collect();
        });
        lab.only_finding(&RULE);
    }

    #[test]
    fn production_one_zone_and_one_gateway_are_fine() {
        two(nat("nat-1", 'a'), nat("nat-2", 'b')).nothing(&RULE);
        two(dev("nat-1", 'a'), dev("nat-2", 'a')).nothing(&RULE);
        with_nat(vpc(), dev("nat-1", 'a'), 1.0).nothing(&RULE);
    }

    #[test]
    fn without_zones_it_is_unknown() {
        let lab = two(dev("nat-1", 'a'), dev("nat-2", 'b')).incomplete(ResourceKind::Subnet);
        lab.unknown(&RULE, UnknownReason::InventoryIncomplete);
    }
}
