//! Subnets that use a NAT gateway of another zone although their own has one.

use super::{
    Amounts, Case, Judgement, Meta, Rule,
    case::property,
    command::aws,
    gateways::{Gateways, bytes, monthly, require},
};
use crate::domain::{
    figure::Figure,
    finding::{ActionType, ConflictClass, Effort, Finding, Level, Remediation, SavingsBasis, Verdicts},
    inventory::{NatGateway, ResourceKind, RouteTable, Subnet},
    price::PriceKey,
    price_item::Item,
    region::Region,
};
use crate::rules::{Bill, case::Key};
use serde_json::json;
use std::collections::{HashMap, HashSet};

pub const RULE: Rule = Rule { meta: &META, check };

static META: Meta = Meta {
    id: "nat-gateway-cross-az-transfer",
    title: "Route table leads to a NAT gateway in another zone",
    condition: "A table routes to exactly one NAT gateway, and a subnet that it holds for lies in another zone, which has a \
                public gateway of the same VPC.",
    formula: "at most 2 * the gateway's GB in the window * cross-zone GB * 730 h / hours of the window; 0 where its bytes \
              are unknown",
    pitfalls: "How much of the gateway's traffic comes from the other zone needs flow logs: no saving is promised. Routes \
               may have been moved for an outage of a zone.",
    kind: ResourceKind::RouteTable,
    action_type: ActionType::Configure,
    class: ConflictClass::Add,
    basis: SavingsBasis::Exposure,
    effort: Effort::Low,
    risk: Level::Low,
    restart_needed: false,
    rollback_possible: true,
    actions: &["ec2:DescribeRouteTables", "ec2:DescribeSubnets", "ec2:DescribeNatGateways"],
    metrics: &[],
    thresholds: &[],
    on_by_default: true,
};

/// Which subnets a table holds for, and which gateway an id means.
struct Map<'a> {
    gateways: Gateways<'a>,
    by_id: HashMap<Key<'a>, &'a NatGateway>,
    associated: HashSet<Key<'a>>,
    of_vpc: HashMap<Key<'a>, Vec<&'a Subnet>>,
}

fn check(case: &Case<'_>) -> Verdicts {
    let inventory = &case.snapshot.inventory;
    let tables = inventory.route_tables.iter();
    let mut of_vpc: HashMap<Key<'_>, Vec<&Subnet>> = HashMap::new();
    for subnet in &inventory.subnets {
        of_vpc.entry((&subnet.common.region, &*subnet.vpc_id)).or_default().push(subnet);
    }
    let map = Map {
        gateways: Gateways::of(case),
        by_id: inventory.nat_gateways.iter().map(|g| ((&g.common.region, &*g.common.id), g)).collect(),
        associated: tables
            .flat_map(|table| table.subnet_ids.iter().map(|id| (&table.common.region, &**id)))
            .collect(),
        of_vpc,
    };
    case.judge_each(&inventory.route_tables, |case, table| judge(case, table, &map))
}

fn judge(case: &Case<'_>, table: &RouteTable, map: &Map<'_>) -> Judgement {
    let region = &table.common.region;
    let [gateway] = table.nat_gateway_ids.as_slice() else { return Ok(None) };
    let Some(gateway) = map.by_id.get(&(region, &**gateway)).filter(|gateway| gateway.available) else {
        return Ok(None);
    };
    require(case, &[ResourceKind::Subnet, ResourceKind::RouteTable, ResourceKind::NatGateway], region)?;
    let Some(zone) = map.gateways.zone(gateway) else { return Ok(None) };
    let astray = astray(region, table, map, (gateway, zone));
    let Some((_, nearer)) = astray.first() else { return Ok(None) };
    let mut bill = case.bill();
    let ceiling = ceiling(case, &mut bill, gateway)?;
    let subnets: Vec<&str> = astray.iter().map(|(subnet, _)| *subnet).collect();
    Ok(Some(Finding {
        title: format!(
            "{} subnets use a NAT gateway in {zone} although their own zone has one",
            subnets.len()
        ),
        current: json!({"natGateway": gateway.common.id, "zone": zone, "subnetsOfOtherZones": subnets}),
        recommended: json!({"natGateway": "of the subnet's own zone"}),
        confidence: Level::Low,
        evidence: vec![
            property("zone of the NAT gateway", zone, None),
            property("subnets of other zones with a gateway", subnets.join(", "), None),
        ],
        remediation: remediation(table, gateway, nearer, subnets.len()),
        ..case.finding(table, Amounts { savings: ceiling.clone(), cost: ceiling, bill })
    }))
}

/// The subnets of other zones, each with the gateway of its own zone.
fn astray<'a>(
    region: &'a Region,
    table: &'a RouteTable,
    map: &'a Map<'a>,
    (gateway, zone): (&'a NatGateway, &str),
) -> Vec<(&'a str, &'a NatGateway)> {
    let mut subnets: Vec<&str> = table.subnet_ids.iter().map(|id| &**id).collect();
    if table.main {
        let all = map.of_vpc.get(&(region, &*table.vpc_id)).into_iter().flatten();
        subnets.extend(all.map(|s| &*s.common.id).filter(|id| !map.associated.contains(&(region, id))));
    }
    subnets.sort_unstable();
    let nearer = |subnet: &'a str| {
        let own = map.gateways.zone_of(region, subnet).filter(|own| *own != zone)?;
        let beside = map.gateways.beside(gateway).iter().copied();
        beside.into_iter().find(|other| map.gateways.zone(other) == Some(own)).map(|near| (subnet, near))
    };
    subnets.into_iter().filter_map(nearer).collect()
}

fn ceiling(
    case: &Case<'_>,
    bill: &mut Bill<'_>,
    gateway: &NatGateway,
) -> Result<Figure, crate::domain::finding::UnknownReason> {
    let Ok(moved) = bytes(case, gateway) else { return Ok(Figure::zero()) };
    let per_gb = bill.price(PriceKey::item(Item::CrossZoneGb, &gateway.common.region))?;
    Ok(monthly(case, moved, &per_gb).scale(2, 1))
}

fn remediation(table: &RouteTable, now: &NatGateway, nearer: &NatGateway, astray: usize) -> Remediation {
    let to = |gateway: &NatGateway| {
        let options = [
            ("--route-table-id", &*table.common.id),
            ("--destination-cidr-block", "0.0.0.0/0"),
            ("--nat-gateway-id", &*gateway.common.id),
        ];
        aws("ec2 replace-route", &table.common.region, &options)
    };
    if astray == table.subnet_ids.len() && !table.main && astray == 1 {
        return Remediation {
            commands: vec![to(nearer)],
            rollback_commands: vec![to(now)],
            notes: Vec::new(),
        };
    }
    let vpc = [("--vpc-id", &*table.vpc_id)];
    Remediation {
        commands: vec![aws("ec2 create-route-table", &table.common.region, &vpc)],
        rollback_commands: Vec::new(),
        notes: vec![
            "The table holds for several subnets: make one for each zone, with that zone's gateway, and associate the \
             subnets with it."
                .into(),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{nat, routes, vpc, with_nat};
    use super::*;
    use crate::domain::finding::UnknownReason;
    use crate::rules::fixtures::Lab;

    fn lab(table: RouteTable) -> Lab {
        with_nat(with_nat(vpc(), nat("nat-a", 'a'), 24.0), nat("nat-b", 'b'), 1.0)
            .inventory(|i| i.route_tables.push(table))
    }

    #[test]
    fn a_subnet_beside_its_own_gateway_is_shown() {
        let finding = lab(routes("rtb-1", "b", "nat-a")).only_finding(&RULE);
        assert_eq!(finding.basis, SavingsBasis::Exposure);
        assert_eq!(finding.monthly_savings.to_string(), "14.60", "all of it at most, both directions");
        assert!(finding.remediation.commands[0].ends_with("--nat-gateway-id nat-b"));
        assert!(finding.remediation.rollback_commands[0].ends_with("--nat-gateway-id nat-a"));
    }

    #[test]
    fn the_main_table_holds_for_what_names_no_other() {
        let main = RouteTable { main: true, ..routes("rtb-1", "", "nat-a") };
        assert_eq!(lab(main.clone()).only_finding(&RULE).current["subnetsOfOtherZones"], json!(["subnet-b"]));
        lab(main).inventory(|i| i.route_tables.push(routes("rtb-2", "b", "nat-b"))).nothing(&RULE);
    }

    #[test]
    fn a_zone_without_a_gateway_has_to_cross() {
        lab(routes("rtb-1", "ac", "nat-a")).nothing(&RULE);
        lab(routes("rtb-1", "b", "nat-gone")).nothing(&RULE);
    }

    #[test]
    fn unknown_bytes_leave_the_ceiling_open_and_unknown_zones_the_verdict() {
        let dark = lab(routes("rtb-1", "b", "nat-a"))
            .no_datapoints(crate::domain::metric::Metric::NatBytesOut, "nat-a");
        assert_eq!(dark.only_finding(&RULE).monthly_savings.to_string(), "0.00");
        let lab = lab(routes("rtb-1", "b", "nat-a")).incomplete(ResourceKind::Subnet);
        lab.unknown(&RULE, UnknownReason::InventoryIncomplete);
    }
}
