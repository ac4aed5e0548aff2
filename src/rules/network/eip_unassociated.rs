//! Public addresses that are held but lead nowhere.

use super::{Amounts, Case, Judgement, Meta, Rule, case::property, command::aws};
use crate::domain::{
    finding::{ActionType, ConflictClass, Effort, Finding, Level, Remediation, SavingsBasis, UnknownReason},
    inventory::{Address, ResourceKind},
    price::PriceKey,
};
use serde_json::json;

pub const RULE: Rule =
    Rule { meta: &META, check: |case| case.judge_each(&case.snapshot.inventory.addresses, judge) };

static META: Meta = Meta {
    id: "eip-unassociated",
    title: "Elastic IP address is associated with nothing",
    condition: "An address of Amazon's pool without association. Left alone: addresses that a service of AWS holds, those \
                of an own pool (which cost nothing), and those tagged keep, retain or golden.",
    formula: "public IPv4 address * 730 h",
    pitfalls: "Addresses kept for recovery or on others' allow lists; AWS gives no date of the allocation, so a new one \
               counts too.",
    kind: ResourceKind::Address,
    action_type: ActionType::Delete,
    class: ConflictClass::Remove,
    basis: SavingsBasis::Exact,
    effort: Effort::Low,
    risk: Level::Low,
    restart_needed: false,
    rollback_possible: false,
    actions: &["ec2:DescribeAddresses"],
    metrics: &[],
    thresholds: &[],
    on_by_default: true,
};

fn judge(case: &Case<'_>, address: &Address) -> Judgement {
    let associated = address.association_id.is_some()
        || address.instance_id.is_some()
        || address.network_interface_id.is_some();
    if associated || address.service_managed || address.common.tags.keep() {
        return Ok(None);
    }
    let pool = address.public_ipv4_pool.as_deref().ok_or(UnknownReason::SpecificationMissing)?;
    if pool != "amazon" {
        return Ok(None);
    }
    let mut bill = case.bill();
    let cost = bill.price(PriceKey::PublicIpv4 { region: address.common.region.clone() })?.monthly(1);
    Ok(Some(Finding {
        title: format!("Release the unassociated address {}", address.public_ip),
        current: json!({"publicIp": address.public_ip, "associated": false}),
        recommended: json!({"state": "released"}),
        evidence: vec![property("associations", "0", None), property("pool", pool, None)],
        remediation: remediation(address),
        ..case.finding(address, Amounts { savings: cost.clone(), cost, bill })
    }))
}

fn remediation(address: &Address) -> Remediation {
    let region = &address.common.region;
    let back = [("--domain", "vpc"), ("--address", &*address.public_ip)];
    Remediation {
        commands: vec![aws("ec2 release-address", region, &[("--allocation-id", &address.common.id)])],
        rollback_commands: vec![aws("ec2 allocate-address", region, &back)],
        notes: vec![
            "The same address comes back only while nobody else has got it: look for it in DNS and allow lists before."
                .into(),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixtures::{Lab, address};

    fn lab(change: impl FnOnce(&mut Address)) -> Lab {
        let mut idle = address("eipalloc-1");
        change(&mut idle);
        Lab::new().inventory(|i| i.addresses.push(idle))
    }

    #[test]
    fn an_idle_address_costs_a_month_of_hours() {
        let finding = lab(|_| {}).only_finding(&RULE);
        assert_eq!(finding.monthly_savings.to_string(), "3.65");
        let fix = "aws ec2 release-address --region us-east-1 --allocation-id eipalloc-1";
        assert_eq!(finding.remediation.commands, [fix]);
        assert!(finding.remediation.rollback_commands[0].ends_with("--address 203.0.113.7"));
    }

    #[test]
    fn a_used_address_is_fine() {
        lab(|a| a.association_id = Some("eipassoc-1".into())).nothing(&RULE);
        lab(|a| a.network_interface_id = Some("eni-1".into())).nothing(&RULE);
        lab(|a| a.service_managed = true).nothing(&RULE);
    }

    #[test]
    fn an_own_address_costs_nothing() {
        lab(|a| a.public_ipv4_pool = Some("ipv4pool-ec2-1".into())).nothing(&RULE);
    }

    #[test]
    fn a_kept_address_is_fine() {
        lab(|a| a.common.tags = [("Retain", "partner allow list")].into_iter().collect()).nothing(&RULE);
    }

    #[test]
    fn an_address_of_an_unknown_pool_is_unknown() {
        lab(|a| a.public_ipv4_pool = None).unknown(&RULE, UnknownReason::SpecificationMissing);
        let mut unpriced = lab(|_| {});
        unpriced.snapshot.prices = crate::domain::price::PriceBook::default();
        unpriced.unknown(&RULE, UnknownReason::PriceMissing);
    }
}
