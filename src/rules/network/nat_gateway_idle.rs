//! NAT gateways that carry nothing.

use super::{
    Amounts, Case, Judgement, Meta, Rule,
    case::{Key, key},
    command::aws,
};
use crate::domain::{
    finding::{
        ActionType, ConflictClass, Effort, Evidence, Finding, Level, Remediation, SavingsBasis,
        UnknownReason, Verdicts,
    },
    inventory::{NatGateway, ResourceKind},
    metric::Metric,
    price::PriceKey,
    snapshot::Inventory,
};
use serde_json::json;
use std::collections::HashSet;

pub const RULE: Rule = Rule { meta: &META, check };

static META: Meta = Meta {
    id: "nat-gateway-idle",
    title: "NAT gateway carries nothing",
    condition: "Available, older than the window, and on every day of it no active connection and no packet from either \
                side. Confidence is medium while a route table names it, or route tables are not all known.",
    formula: "NAT gateway * 730 h + each of its public addresses * 730 h (not those of an own pool or tagged to keep)",
    pitfalls: "A standby in another zone, which its route tables show; traffic that comes once a month.",
    kind: ResourceKind::NatGateway,
    action_type: ActionType::Delete,
    class: ConflictClass::Remove,
    basis: SavingsBasis::Modelled,
    effort: Effort::Low,
    risk: Level::Medium,
    restart_needed: false,
    rollback_possible: false,
    actions: &["ec2:DescribeNatGateways", "cloudwatch:GetMetricData"],
    metrics: &METRICS,
    thresholds: &["look_back_days", "min_datapoints_percent"],
    on_by_default: true,
};

static METRICS: [Metric; 3] = [Metric::NatActiveConnections, Metric::NatPacketsIn, Metric::NatPacketsBack];

/// What points at gateways, and which addresses outlive or do not burden them, found once.
struct Surroundings<'a> {
    routed: HashSet<Key<'a>>,
    spared_addresses: HashSet<Key<'a>>,
}

impl<'a> Surroundings<'a> {
    fn of(inventory: &'a Inventory) -> Self {
        let tables = inventory.route_tables.iter();
        let own_pool = |pool: &str| pool != "amazon";
        let spared = inventory
            .addresses
            .iter()
            .filter(|a| a.common.tags.keep() || a.public_ipv4_pool.as_deref().is_some_and(own_pool));
        Self {
            routed: tables
                .flat_map(|t| t.nat_gateway_ids.iter().map(|id| (&t.common.region, &**id)))
                .collect(),
            spared_addresses: spared.map(|a| key(&a.common)).collect(),
        }
    }
}

fn check(case: &Case<'_>) -> Verdicts {
    let inventory = &case.snapshot.inventory;
    let around = Surroundings::of(inventory);
    case.judge_each(&inventory.nat_gateways, |case, gateway| judge(case, gateway, &around))
}

fn judge(case: &Case<'_>, gateway: &NatGateway, around: &Surroundings<'_>) -> Judgement {
    if !gateway.available {
        return Ok(None);
    }
    case.require_full_window(&gateway.common)?;
    let Some(evidence) = silence(case, gateway)? else { return Ok(None) };
    let region = &gateway.common.region;
    let addresses: Vec<&str> = if gateway.public { billed(gateway, around) } else { Vec::new() };
    let mut bill = case.bill();
    let mut cost = bill.price(PriceKey::NatGatewayHour { region: region.clone() })?.monthly(1);
    for _ in &addresses {
        cost += bill.price(PriceKey::PublicIpv4 { region: region.clone() })?.monthly(1);
    }
    let days = case.thresholds.look_back_days;
    let (confidence, note) = routing(case, gateway, around);
    let mut remediation = remediation(gateway, &addresses);
    remediation.notes.extend(note);
    Ok(Some(Finding {
        title: format!("Delete the NAT gateway that has carried nothing for {days} days"),
        current: json!({"state": "available", "vpcId": gateway.vpc_id, "publicAddresses": gateway.allocation_ids}),
        recommended: json!({"state": "deleted", "releasedAddresses": addresses}),
        confidence,
        evidence,
        remediation,
        ..case.finding(gateway, Amounts { savings: cost.clone(), cost, bill })
    }))
}

/// Evidence that no day had a connection or a packet; none where one had.
fn silence(case: &Case<'_>, gateway: &NatGateway) -> Result<Option<Vec<Evidence>>, UnknownReason> {
    let mut evidence = Vec::new();
    let mut gaps = false;
    for metric in METRICS {
        let summary = case.summary(metric, &gateway.common)?;
        if summary.max > 0.0 {
            return Ok(None);
        }
        // The gateway reports zeros: a day without a datapoint was not a silent day.
        gaps |= summary.found < summary.expected;
        evidence.push(case.measured(metric, summary, "0".into(), "0".into()));
    }
    if gaps { Err(UnknownReason::TooFewDatapoints) } else { Ok(Some(evidence)) }
}

fn billed<'g>(gateway: &'g NatGateway, around: &Surroundings<'_>) -> Vec<&'g str> {
    let spared = |id: &str| around.spared_addresses.contains(&(&gateway.common.region, id));
    gateway.allocation_ids.iter().map(|id| &**id).filter(|id| !spared(id)).collect()
}

fn routing(case: &Case<'_>, gateway: &NatGateway, around: &Surroundings<'_>) -> (Level, Option<String>) {
    if around.routed.contains(&key(&gateway.common)) {
        let note = "A route table still names this gateway: replace or delete the route before.";
        (Level::Medium, Some(note.into()))
    } else if case.snapshot.coverage.complete(ResourceKind::RouteTable, &gateway.common.region) {
        (Level::High, None)
    } else {
        let note = "Route tables could not all be read: look for routes to this gateway before.";
        (Level::Medium, Some(note.into()))
    }
}

fn remediation(gateway: &NatGateway, addresses: &[&str]) -> Remediation {
    let (region, id) = (&gateway.common.region, &*gateway.common.id);
    let mut commands = vec![
        aws("ec2 delete-nat-gateway", region, &[("--nat-gateway-id", id)]),
        aws("ec2 wait nat-gateway-deleted", region, &[("--nat-gateway-ids", id)]),
    ];
    commands
        .extend(addresses.iter().map(|id| aws("ec2 release-address", region, &[("--allocation-id", id)])));
    let subnet = ("--subnet-id", &*gateway.subnet_id);
    let rollback_commands = if gateway.public {
        vec![
            aws("ec2 allocate-address", region, &[("--domain", "vpc")]),
            aws("ec2 create-nat-gateway", region, &[subnet, ("--allocation-id", "NEW_ALLOCATION_ID")]),
        ]
    } else {
        vec![aws("ec2 create-nat-gateway", region, &[subnet, ("--connectivity-type", "private")])]
    };
    let note = "A new gateway has another id and, once its address is released, another address: its routes and the \
                allow lists of others have to follow.";
    Remediation { commands, rollback_commands, notes: vec![note.into()] }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::inventory::RouteTable;
    use crate::rules::fixtures::{Lab, address, common, days_ago};

    fn gateway() -> NatGateway {
        NatGateway {
            common: common("nat-1"),
            available: true,
            public: true,
            vpc_id: "vpc-1".into(),
            subnet_id: "subnet-1".into(),
            allocation_ids: vec!["eipalloc-1".into()],
        }
    }

    fn lab(gateway: NatGateway) -> Lab {
        let lab = Lab::new().inventory(|i| i.nat_gateways.push(gateway));
        METRICS.into_iter().fold(lab, |lab, metric| lab.daily(metric, "nat-1", 14, 0.0))
    }

    fn routed(lab: Lab) -> Lab {
        let table = RouteTable { common: common("rtb-1"), nat_gateway_ids: vec!["nat-1".into()] };
        lab.inventory(|i| i.route_tables.push(table))
    }

    #[test]
    fn an_idle_gateway_costs_its_hours_and_its_address() {
        let finding = lab(gateway()).only_finding(&RULE);
        assert_eq!(finding.monthly_savings.to_string(), "36.50");
        assert_eq!(finding.confidence, Level::High);
        assert_eq!(finding.evidence.len(), 3);
        assert!(
            finding.remediation.commands[2]
                .ends_with("release-address --region us-east-1 --allocation-id eipalloc-1")
        );
    }

    #[test]
    fn a_private_gateway_has_no_public_address() {
        let finding = lab(NatGateway { public: false, ..gateway() }).only_finding(&RULE);
        assert_eq!(finding.monthly_savings.to_string(), "32.85");
        assert!(finding.remediation.rollback_commands[0].ends_with("--connectivity-type private"));
    }

    #[test]
    fn kept_and_own_addresses_stay_and_save_nothing() {
        let mut kept = address("eipalloc-1");
        kept.common.tags = [("keep", "true")].into_iter().collect();
        let own = crate::domain::inventory::Address {
            public_ipv4_pool: Some("ipv4pool-ec2-1".into()),
            ..address("eipalloc-1")
        };
        for spared in [kept, own] {
            let finding = lab(gateway()).inventory(|i| i.addresses.push(spared)).only_finding(&RULE);
            assert_eq!(finding.monthly_savings.to_string(), "32.85");
        }
    }

    #[test]
    fn a_standby_in_a_route_table_is_less_certain() {
        let standby = routed(lab(gateway())).only_finding(&RULE);
        assert_eq!((standby.confidence, standby.remediation.notes.len()), (Level::Medium, 2));
        let unread = lab(gateway()).incomplete(ResourceKind::RouteTable).only_finding(&RULE);
        assert_eq!((unread.confidence, unread.remediation.notes.len()), (Level::Medium, 2));
    }

    #[test]
    fn any_sign_of_life_is_fine() {
        for metric in METRICS {
            lab(gateway()).daily(metric, "nat-1", 12, 1.0).nothing(&RULE);
        }
        lab(NatGateway { available: false, ..gateway() }).nothing(&RULE);
    }

    #[test]
    fn gaps_and_youth_are_unknown() {
        lab(gateway()).no_datapoints(METRICS[1], "nat-1").unknown(&RULE, UnknownReason::MetricMissing);
        lab(gateway()).daily(METRICS[2], "nat-1", 13, 0.0).unknown(&RULE, UnknownReason::TooFewDatapoints);
        let mut young = gateway();
        young.common.created_at = Some(days_ago(13));
        lab(young).unknown(&RULE, UnknownReason::TooYoung);
    }
}
