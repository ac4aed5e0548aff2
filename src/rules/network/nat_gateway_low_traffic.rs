//! NAT gateways that carry next to nothing.

use super::{
    Amounts, Case, Judgement, Meta, Rule,
    case::property,
    command::aws,
    gateways::{Gateways, bytes, monthly},
};
use crate::domain::{
    finding::{ActionType, ConflictClass, Effort, Finding, Level, Remediation, SavingsBasis, Verdicts},
    inventory::{NatGateway, ResourceKind},
    metric::Metric,
    price::PriceKey,
    price_item::Item,
};
use serde_json::json;

pub const RULE: Rule = Rule { meta: &META, check };

static META: Meta = Meta {
    id: "nat-gateway-low-traffic",
    title: "NAT gateway carries little",
    condition: "Public, available, older than the window, not tagged to keep; in the window it moved something, but less \
                than nat_low_traffic_gb both ways together. Counted where another public gateway of the VPC stays and \
                can take its routes; otherwise shown without a promise, since something has to come in its place.",
    formula: "NAT gateway * 730 h + each of its public addresses * 730 h (not those of an own pool or tagged to keep)",
    pitfalls: "The last way out for updates or certificates. What takes its place (another zone's gateway, endpoints, \
               an instance) has a cost of its own.",
    kind: ResourceKind::NatGateway,
    action_type: ActionType::Delete,
    class: ConflictClass::Remove,
    basis: SavingsBasis::Modelled,
    effort: Effort::Medium,
    risk: Level::Medium,
    restart_needed: false,
    rollback_possible: true,
    actions: &["ec2:DescribeNatGateways", "cloudwatch:GetMetricData"],
    metrics: &[Metric::NatBytesOut, Metric::NatBytesBack],
    thresholds: &["nat_low_traffic_gb", "look_back_days", "min_datapoints_percent"],
    on_by_default: true,
};

const BYTES_PER_GB: f64 = 1e9;

fn check(case: &Case<'_>) -> Verdicts {
    let around = Gateways::of(case);
    case.judge_each(&case.snapshot.inventory.nat_gateways, |case, gateway| judge(case, gateway, &around))
}

fn judge(case: &Case<'_>, gateway: &NatGateway, around: &Gateways<'_>) -> Judgement {
    if !gateway.available || !gateway.public || gateway.common.tags.keep() {
        return Ok(None);
    }
    case.require_full_window(&gateway.common)?;
    let moved = bytes(case, gateway)?;
    // Nothing at all is another rule's matter.
    if moved <= 0.0 || moved >= f64::from(case.thresholds.nat_low_traffic_gb) * BYTES_PER_GB {
        return Ok(None);
    }
    let mut bill = case.bill();
    let per_gb = bill.price(PriceKey::item(Item::NatGatewayGb, &gateway.common.region))?;
    let savings = around.cost(&mut bill, gateway)?;
    let cost = savings.clone() + monthly(case, moved, &per_gb);
    let (days, limit) = (case.thresholds.look_back_days, case.thresholds.nat_low_traffic_gb);
    let observed = format!("{:.3} GB in {days} days", moved / BYTES_PER_GB);
    let finding = Finding {
        title: format!("Do without the NAT gateway that moved {observed}"),
        current: json!({"state": "available", "vpcId": gateway.vpc_id, "zone": around.zone(gateway)}),
        recommended: json!({"state": "deleted", "releasedAddresses": around.billed(gateway)}),
        evidence: vec![property("bytes both ways", observed, Some(format!("less than {limit} GB")))],
        ..case.finding(gateway, Amounts { cost, savings, bill })
    };
    Ok(Some(replaced(gateway, around, finding)))
}

/// Only what can go without anything new in its place is promised.
fn replaced(gateway: &NatGateway, around: &Gateways<'_>, finding: Finding) -> Finding {
    match around.beside(gateway).first().filter(|stays| stays.common.id != gateway.common.id) {
        Some(stays) => {
            Finding { confidence: Level::Medium, remediation: around.replace(gateway, stays), ..finding }
        }
        None => Finding {
            basis: SavingsBasis::Exposure,
            confidence: Level::Low,
            remediation: look(gateway),
            ..finding
        },
    }
}

/// Nothing to change yet: the command shows who uses it.
fn look(gateway: &NatGateway) -> Remediation {
    let filter = format!("Name=route.nat-gateway-id,Values={}", gateway.common.id);
    Remediation {
        commands: vec![aws("ec2 describe-route-tables", &gateway.common.region, &[("--filters", &filter)])],
        rollback_commands: Vec::new(),
        notes: vec!["It is the VPC's only one that is left: endpoints for the services it reaches, or a small instance, \
                     could take its place."
            .into()],
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{nat, vpc, with_nat};
    use super::*;
    use crate::domain::finding::UnknownReason;

    #[test]
    fn beside_a_busier_one_it_can_go() {
        let lab = with_nat(with_nat(vpc(), nat("nat-1", 'a'), 0.05), nat("nat-2", 'b'), 40.0);
        let finding = lab.only_finding(&RULE);
        assert_eq!(&*finding.subject.id, "nat-1");
        assert_eq!(finding.monthly_savings.to_string(), "36.50");
        assert_eq!((finding.basis, finding.confidence), (SavingsBasis::Modelled, Level::Medium));
        assert_eq!(finding.title, "Do without the NAT gateway that moved 0.700 GB in 14 days");
    }

    #[test]
    fn the_only_one_is_shown_without_a_promise() {
        let finding = with_nat(vpc(), nat("nat-1", 'a'), 0.05).only_finding(&RULE);
        assert_eq!((finding.basis, finding.confidence), (SavingsBasis::Exposure, Level::Low));
        assert!(finding.remediation.commands[0].contains("describe-route-tables"));
    }

    #[test]
    fn of_two_small_ones_one_stays() {
        let lab = with_nat(with_nat(vpc(), nat("nat-1", 'a'), 0.05), nat("nat-2", 'b'), 0.04);
        let found = lab.verdicts(&RULE).findings;
        let basis = |id: &str| found.iter().find(|f| &*f.subject.id == id).map(|f| f.basis);
        assert_eq!(basis("nat-1"), Some(SavingsBasis::Exposure));
        assert_eq!(basis("nat-2"), Some(SavingsBasis::Modelled));
    }

    #[test]
    fn traffic_silence_and_a_keep_tag_are_fine() {
        with_nat(vpc(), nat("nat-1", 'a'), 0.08).nothing(&RULE);
        with_nat(vpc(), nat("nat-1", 'a'), 0.0).nothing(&RULE);
        let mut kept = nat("nat-1", 'a');
        kept.common.tags = [("keep", "egress of last resort")].into_iter().collect();
        with_nat(vpc(), kept, 0.05).nothing(&RULE);
    }

    #[test]
    fn without_bytes_it_is_unknown() {
        let lab = with_nat(vpc(), nat("nat-1", 'a'), 0.05).no_datapoints(Metric::NatBytesBack, "nat-1");
        lab.unknown(&RULE, UnknownReason::MetricMissing);
    }
}
