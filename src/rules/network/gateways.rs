//! What the rules about NAT gateways share: which stand beside each other, which of them stays, what one costs and how
//! it is taken away.
//!
//! Invariant: of the gateways of a VPC the same one stays for every rule, so that following all of them never takes
//! the last one that carries anything: first the one whose traffic is unknown, then the busiest, then by id.

use super::{
    Case,
    case::{Key, key},
    command::aws,
    quantity::whole_units,
};
use crate::domain::{
    figure::{Figure, Rate},
    finding::{Remediation, UnknownReason},
    inventory::{NatGateway, ResourceKind, RouteTable, Subnet},
    metric::Metric,
    price::PriceKey,
    region::Region,
};
use crate::rules::Bill;
use std::collections::{HashMap, HashSet};

const BYTES_PER_MB: f64 = 1_000_000.0;
const MB_PER_GB: i64 = 1_000;

pub(super) struct Gateways<'a> {
    /// Public ones in use by VPC, the one that stays first.
    of_vpc: HashMap<Key<'a>, Vec<&'a NatGateway>>,
    subnets: HashMap<Key<'a>, &'a Subnet>,
    tables: HashMap<Key<'a>, Vec<&'a RouteTable>>,
    /// Addresses that outlive a gateway or do not burden it.
    spared: HashSet<Key<'a>>,
}

impl<'a> Gateways<'a> {
    pub fn of(case: &Case<'a>) -> Self {
        let inventory = &case.snapshot.inventory;
        let own_pool = |pool: &str| pool != "amazon";
        let spared = inventory
            .addresses
            .iter()
            .filter(|a| a.common.tags.keep() || a.public_ipv4_pool.as_deref().is_some_and(own_pool));
        let mut tables: HashMap<Key<'a>, Vec<&RouteTable>> = HashMap::new();
        for table in &inventory.route_tables {
            for id in &table.nat_gateway_ids {
                tables.entry((&table.common.region, id)).or_default().push(table);
            }
        }
        for tables in tables.values_mut() {
            tables.sort_by(|a, b| a.common.id.cmp(&b.common.id));
        }
        Self {
            of_vpc: by_vpc(case),
            subnets: inventory.subnets.iter().map(|subnet| (key(&subnet.common), subnet)).collect(),
            tables,
            spared: spared.map(|address| key(&address.common)).collect(),
        }
    }

    /// The gateway's VPC, itself among them; none for what is private or in no subnet.
    pub fn beside<'s>(&'s self, gateway: &'s NatGateway) -> &'s [&'s NatGateway] {
        self.of_vpc.get(&(&gateway.common.region, &*gateway.vpc_id)).map_or(&[], Vec::as_slice)
    }

    pub fn subnet<'s>(&'s self, gateway: &'s NatGateway) -> Option<&'s Subnet> {
        self.subnets.get(&(&gateway.common.region, &*gateway.subnet_id)).copied()
    }

    /// The zone of a subnet.
    pub fn zone_of<'s>(&'s self, region: &'s Region, subnet: &'s str) -> Option<&'s str> {
        self.subnets.get(&(region, subnet)).map(|subnet| &*subnet.zone)
    }

    pub fn zone<'s>(&'s self, gateway: &'s NatGateway) -> Option<&'s str> {
        self.zone_of(&gateway.common.region, &gateway.subnet_id)
    }

    /// The tables that route to a gateway, by id.
    pub fn tables<'s>(&'s self, gateway: &'s NatGateway) -> &'s [&'s RouteTable] {
        self.tables.get(&key(&gateway.common)).map_or(&[], Vec::as_slice)
    }

    /// The addresses that go with a gateway.
    pub fn billed<'g>(&self, gateway: &'g NatGateway) -> Vec<&'g str> {
        let spared = |id: &str| self.spared.contains(&(&gateway.common.region, id));
        let ids: &[Box<str>] = if gateway.public { &gateway.allocation_ids } else { &[] };
        ids.iter().map(|id| &**id).filter(|id| !spared(id)).collect()
    }

    /// Its hours and those of the addresses that go with it.
    pub fn cost(&self, bill: &mut Bill<'_>, gateway: &NatGateway) -> Result<Figure, UnknownReason> {
        let region = &gateway.common.region;
        let mut cost = bill.price(PriceKey::NatGatewayHour { region: region.clone() })?.monthly(1);
        for _ in self.billed(gateway) {
            cost += bill.price(PriceKey::PublicIpv4 { region: region.clone() })?.monthly(1);
        }
        Ok(cost)
    }

    /// Its routes go to another gateway, then it is deleted and its addresses with it.
    pub fn replace(&self, gateway: &NatGateway, by: &NatGateway) -> Remediation {
        let region = &gateway.common.region;
        let route = |table: &&RouteTable| {
            let options = [
                ("--route-table-id", &*table.common.id),
                ("--destination-cidr-block", "0.0.0.0/0"),
                ("--nat-gateway-id", &*by.common.id),
            ];
            aws("ec2 replace-route", region, &options)
        };
        let mut commands: Vec<_> = self.tables(gateway).iter().map(route).collect();
        let deletion = self.delete(gateway);
        commands.extend(deletion.commands);
        let mut notes = deletion.notes;
        notes.push(
            "Where a table routes something other than 0.0.0.0/0 to it, replace that route, too.".into(),
        );
        Remediation { commands, notes, rollback_commands: deletion.rollback_commands }
    }

    pub fn delete(&self, gateway: &NatGateway) -> Remediation {
        let (region, id) = (&gateway.common.region, &*gateway.common.id);
        let mut commands = vec![
            aws("ec2 delete-nat-gateway", region, &[("--nat-gateway-id", id)]),
            aws("ec2 wait nat-gateway-deleted", region, &[("--nat-gateway-ids", id)]),
        ];
        let release = |id: &str| aws("ec2 release-address", region, &[("--allocation-id", id)]);
        commands.extend(self.billed(gateway).into_iter().map(release));
        let note = "A new gateway has another id and, once its address is released, another address: its routes and \
                    the allow lists of others have to follow.";
        Remediation { commands, rollback_commands: create(gateway), notes: vec![note.into()] }
    }
}

fn create(gateway: &NatGateway) -> Vec<String> {
    let region = &gateway.common.region;
    let subnet = ("--subnet-id", &*gateway.subnet_id);
    if gateway.public {
        vec![
            aws("ec2 allocate-address", region, &[("--domain", "vpc")]),
            aws("ec2 create-nat-gateway", region, &[subnet, ("--allocation-id", "NEW_ALLOCATION_ID")]),
        ]
    } else {
        vec![aws("ec2 create-nat-gateway", region, &[subnet, ("--connectivity-type", "private")])]
    }
}

fn by_vpc<'a>(case: &Case<'a>) -> HashMap<Key<'a>, Vec<&'a NatGateway>> {
    let mut of_vpc: HashMap<Key<'a>, Vec<&NatGateway>> = HashMap::new();
    let inventory = &case.snapshot.inventory;
    for gateway in
        inventory.nat_gateways.iter().filter(|g| g.available && g.public && !g.subnet_id.is_empty())
    {
        of_vpc.entry((&gateway.common.region, &*gateway.vpc_id)).or_default().push(gateway);
    }
    for gateways in of_vpc.values_mut() {
        let rank = |gateway: &NatGateway| bytes(case, gateway).unwrap_or(f64::INFINITY);
        gateways.sort_by(|a, b| rank(b).total_cmp(&rank(a)).then_with(|| a.common.id.cmp(&b.common.id)));
    }
    of_vpc
}

/// Both ways, in the look-back window.
pub(super) fn bytes(case: &Case<'_>, gateway: &NatGateway) -> Result<f64, UnknownReason> {
    let out = case.summary(Metric::NatBytesOut, &gateway.common)?;
    let back = case.summary(Metric::NatBytesBack, &gateway.common)?;
    Ok(out.sum + back.sum)
}

/// What the bytes of the window cost in a month of 730 hours at a price for each GB.
pub(super) fn monthly(case: &Case<'_>, bytes: f64, per_gb: &Rate) -> Figure {
    let hours = 24 * i64::from(case.thresholds.look_back_days);
    per_gb.times_ratio(whole_units(bytes / BYTES_PER_MB), MB_PER_GB).scale(730, hours)
}

/// Zones of subnets and routes must be known to their end where a rule counts on them.
pub(super) fn require(case: &Case<'_>, kinds: &[ResourceKind], region: &Region) -> Result<(), UnknownReason> {
    if case.snapshot.coverage.all_complete(kinds, region) {
        Ok(())
    } else {
        Err(UnknownReason::InventoryIncomplete)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{
        fixtures::{nat, routes, vpc, with_nat},
        nat_gateway_idle, nat_gateway_low_traffic, nat_gateway_nonprod_per_az, nat_gateway_redundant_same_az,
    };
    use super::*;
    use crate::domain::finding::SavingsBasis;
    use proptest::prelude::*;

    #[test]
    fn the_unknown_one_stays_then_the_busiest() {
        let lab = with_nat(with_nat(vpc(), nat("nat-1", 'a'), 1.0), nat("nat-2", 'b'), 5.0)
            .inventory(|i| i.nat_gateways.push(nat("nat-3", 'c')));
        let case = Case::new(nat_gateway_idle::RULE.meta, &lab.snapshot, &lab.thresholds);
        let gateways = Gateways::of(&case);
        let asked = nat("nat-1", 'a');
        let order: Vec<_> = gateways.beside(&asked).iter().map(|g| &*g.common.id).collect();
        assert_eq!(order, ["nat-3", "nat-2", "nat-1"]);
    }

    #[test]
    fn routes_move_before_a_gateway_goes() {
        let lab = vpc().inventory(|i| {
            i.nat_gateways.extend([nat("nat-1", 'a'), nat("nat-2", 'b')]);
            i.route_tables.push(routes("rtb-1", "a", "nat-1"));
        });
        let case = Case::new(nat_gateway_idle::RULE.meta, &lab.snapshot, &lab.thresholds);
        let fix = Gateways::of(&case).replace(&nat("nat-1", 'a'), &nat("nat-2", 'b'));
        assert!(fix.commands[0].ends_with("--destination-cidr-block 0.0.0.0/0 --nat-gateway-id nat-2"));
        assert!(fix.commands[1].contains("delete-nat-gateway"));
    }

    #[test]
    fn bytes_of_the_window_are_brought_to_a_month() {
        let lab = vpc();
        let case = Case::new(nat_gateway_idle::RULE.meta, &lab.snapshot, &lab.thresholds);
        let per_gb = case.bill().price(PriceKey::item(
            crate::domain::price_item::Item::NatGatewayGb,
            &crate::rules::fixtures::region(),
        ));
        let figure = monthly(&case, 336e9, &per_gb.unwrap());
        assert_eq!(figure.arithmetic(), "730 / 336 * 336000 / 1000 * 0.045");
        assert_eq!(figure.amount().to_string(), "32.85");
    }

    fn any_vpc() -> impl Strategy<Value = Vec<(char, f64, bool)>> {
        let zone = prop_oneof![Just('a'), Just('b'), Just('c')];
        let gb_a_day = prop_oneof![Just(0.0), Just(0.02), Just(0.05), Just(3.0), Just(50.0)];
        prop::collection::vec((zone, gb_a_day, any::<bool>()), 1..7)
    }

    proptest! {
        #[test]
        fn whoever_follows_all_findings_keeps_a_way_out(gateways in any_vpc()) {
            let mut lab = vpc();
            for (number, (zone, gb_a_day, dev)) in gateways.iter().enumerate() {
                let mut gateway = nat(&format!("nat-{number}"), *zone);
                gateway.common.tags = dev.then_some(("env", "dev")).into_iter().collect();
                lab = with_nat(lab, gateway, *gb_a_day);
            }
            let rules = [&nat_gateway_low_traffic::RULE, &nat_gateway_nonprod_per_az::RULE, &nat_gateway_redundant_same_az::RULE];
            let found = rules.into_iter().flat_map(|rule| lab.verdicts(rule).findings);
            let removed: HashSet<_> =
                found.filter(|f| f.basis != SavingsBasis::Exposure).map(|f| f.subject.id).collect();
            prop_assert!(removed.len() < gateways.len(), "{removed:?} of {gateways:?}");
        }
    }
}
