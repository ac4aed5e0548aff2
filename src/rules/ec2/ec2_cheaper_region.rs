//! An instance that would cost clearly less in another region that the account uses already.

use super::{Amounts, Case, Judgement, Meta, Rule, case::property, ec2_usage::is_own};
use crate::domain::{
    finding::{ActionType, ConflictClass, Effort, Finding, Level, SavingsBasis, Verdicts},
    inventory::{Instance, Platform, ResourceKind},
    money::UnitPrice,
    price::{PriceKey, PriceSource},
    region::Region,
};
use serde_json::json;
use std::collections::{BTreeSet, HashMap};

pub const RULE: Rule = Rule { meta: &META, check };

static META: Meta = Meta {
    id: "ec2-cheaper-region",
    title: "Instance would cost less in another region",
    condition: "Running on demand with shared tenancy, no member of a group or cluster, and the same type costs \
                at least ec2_cheaper_region_percent less in a region of the same partition in which the \
                account has instances. Only prices of the region itself count.",
    formula: "nothing is promised; the upper bound is (hourly price - hourly price there) * 730",
    pitfalls: "Latency, where data may lie, and what the transfer between regions costs. Nothing moves alone.",
    kind: ResourceKind::Instance,
    action_type: ActionType::Configure,
    class: ConflictClass::Resize,
    basis: SavingsBasis::Exposure,
    effort: Effort::VeryHigh,
    risk: Level::High,
    restart_needed: true,
    rollback_possible: true,
    actions: &["ec2:DescribeInstances"],
    metrics: &[],
    thresholds: &["ec2_cheaper_region_percent"],
    on_by_default: false,
};

/// The cheapest region first, of those that have a price of their own.
type Offers<'a> = HashMap<(&'a str, Platform), Vec<(UnitPrice, &'a Region)>>;

fn check(case: &Case<'_>) -> Verdicts {
    let instances = &case.snapshot.inventory.instances;
    let used: BTreeSet<&Region> = instances.iter().map(|instance| &instance.common.region).collect();
    let mut offers = Offers::new();
    for (key, price) in case.snapshot.prices.iter() {
        let PriceKey::Instance { region, instance_type, platform } = key else { continue };
        if used.contains(region) && price.source != PriceSource::BuiltInOtherRegion {
            offers.entry((&**instance_type, *platform)).or_default().push((price.per_unit, region));
        }
    }
    for regions in offers.values_mut() {
        regions.sort_unstable();
    }
    case.judge_each(instances, |case, instance| judge(case, &offers, instance))
}

fn judge(case: &Case<'_>, offers: &Offers<'_>, instance: &Instance) -> Judgement {
    if !is_own(instance) {
        return Ok(None);
    }
    let mut bill = case.bill();
    let now = bill.instance_hour(instance, &instance.instance_type)?;
    let here = &instance.common.region;
    let known = offers.get(&(&*instance.instance_type, instance.platform)).map_or(&[][..], Vec::as_slice);
    let same_law = |region: &Region| region.partition() == here.partition() && region != here;
    let Some((price, there)) = known.iter().copied().find(|(_, region)| same_law(region)) else {
        return Ok(None);
    };
    let percent = case.thresholds.ec2_cheaper_region_percent;
    if price > now.per_unit().scale(i64::from(100_u32.saturating_sub(percent)), 100) {
        return Ok(None);
    }
    let then = bill.shared_hour(there, instance.platform, &instance.instance_type)?;
    let (cost, savings) = (now.monthly(1), now.monthly(1) - then.monthly(1));
    if !savings.is_positive() {
        return Ok(None);
    }
    Ok(Some(Finding {
        title: format!("The {} costs less in {there}", instance.instance_type),
        current: json!({"region": here}),
        recommended: json!({"region": there}),
        confidence: Level::Low,
        evidence: vec![property(
            "hourly price",
            now.per_unit().to_string(),
            Some(format!("{} in {there}, at least {percent} % less", then.per_unit())),
        )],
        ..case.finding(instance, Amounts { cost, savings, bill })
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{finding::UnknownReason, inventory::Common};
    use crate::rules::fixtures::{Lab, common, instance};

    fn lab(there: &str, usd: &str) -> Lab {
        let region: Region = there.parse().unwrap();
        let instance_type = "m5.xlarge".into();
        let key = PriceKey::Instance { region: region.clone(), instance_type, platform: Platform::Linux };
        let mut other = instance("i-2");
        other.common = Common { region, ..common("i-2") };
        Lab::new()
            .instance_price("m5.xlarge", "0.200")
            .price(key, usd)
            .instance(instance("i-1"))
            .instance(other)
    }

    #[test]
    fn a_tenth_less_elsewhere_is_worth_a_look() {
        let finding = lab("us-east-2", "0.180").only_finding(&RULE);
        assert_eq!((&*finding.subject.id, finding.monthly_savings.to_string()), ("i-1", "14.60".into()));
        lab("us-east-2", "0.181").nothing(&RULE);
    }

    #[test]
    fn another_partition_is_another_world() {
        lab("cn-north-1", "0.100").nothing(&RULE);
    }

    #[test]
    fn without_its_own_price_nothing_is_known() {
        Lab::new().instance(instance("i-1")).unknown(&RULE, UnknownReason::PriceMissing);
    }
}
