//! Classic load balancers without a running instance.

use super::{
    Amounts, Case, Judgement, Meta, Rule,
    balancer::{Running, delete_classic},
    case::property,
};
use crate::domain::{
    finding::{ActionType, ConflictClass, Effort, Finding, Level, SavingsBasis, Verdicts},
    inventory::{ClassicLoadBalancer, ResourceKind},
    price::PriceKey,
    price_item::Item,
};
use serde_json::json;

pub const RULE: Rule = Rule { meta: &META, check };

static META: Meta = Meta {
    id: "elb-no-instances-clb",
    title: "Classic load balancer has no running instance",
    condition: "At least elb_unused_days old, not tagged to keep, and no instance is registered with it, or none \
                of those that are runs.",
    formula: "load balancer * 730 h; its public addresses and its traffic are left out",
    pitfalls: "Services that are scaled to nothing for the night; a group that registers its instances by \
               itself.",
    kind: ResourceKind::ClassicLoadBalancer,
    action_type: ActionType::Delete,
    class: ConflictClass::Remove,
    basis: SavingsBasis::Modelled,
    effort: Effort::Low,
    risk: Level::Medium,
    restart_needed: false,
    rollback_possible: false,
    actions: &["elasticloadbalancing:DescribeLoadBalancers", "ec2:DescribeInstances"],
    metrics: &[],
    thresholds: &["elb_unused_days"],
    on_by_default: true,
};

fn check(case: &Case<'_>) -> Verdicts {
    let running = Running::of(case);
    let balancers = &case.snapshot.inventory.classic_load_balancers;
    case.judge_each(balancers, |case, balancer| judge(case, balancer, &running))
}

fn judge(case: &Case<'_>, balancer: &ClassicLoadBalancer, running: &Running<'_>) -> Judgement {
    let (age, minimum) = (case.age_days(&balancer.common)?, i64::from(case.thresholds.elb_unused_days));
    if age < minimum || balancer.common.tags.keep() || running.behind(case, balancer)? > 0 {
        return Ok(None);
    }
    let mut bill = case.bill();
    let cost = bill.price(PriceKey::item(Item::ClbHour, &balancer.common.region))?.monthly(1);
    let registered = balancer.instance_ids.len();
    Ok(Some(Finding {
        title: format!("Delete the classic load balancer {}: no instance behind it runs", balancer.common.id),
        current: json!({"type": "classic", "registeredInstances": registered}),
        recommended: json!({"state": "deleted"}),
        evidence: vec![
            property("registered instances", registered.to_string(), None),
            property("running ones among them", "0", Some("0".into())),
            property("age", format!("{age} days"), Some(format!("at least {minimum} days"))),
        ],
        remediation: delete_classic(balancer),
        ..case.finding(balancer, Amounts { savings: cost.clone(), cost, bill })
    }))
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{classic, priced};
    use super::*;
    use crate::domain::{
        finding::UnknownReason,
        inventory::{Instance, InstanceState},
    };
    use crate::rules::fixtures::{Lab, days_ago, instance};

    fn lab(change: impl FnOnce(&mut ClassicLoadBalancer)) -> Lab {
        let mut balancer = classic();
        change(&mut balancer);
        priced().inventory(|i| i.classic_load_balancers.push(balancer))
    }

    #[test]
    fn an_empty_one_costs_its_hours() {
        let finding = lab(|b| b.instance_ids.clear()).only_finding(&RULE);
        assert_eq!(finding.monthly_savings.to_string(), "18.25");
        assert!(finding.remediation.commands[0].ends_with("--load-balancer-name legacy"));
    }

    #[test]
    fn stopped_and_gone_instances_do_not_count() {
        lab(|_| {}).only_finding(&RULE);
        let stopped = Instance { state: InstanceState::Stopped, ..instance("i-1") };
        lab(|_| {}).instance(stopped).only_finding(&RULE);
        lab(|_| {}).instance(instance("i-1")).nothing(&RULE);
    }

    #[test]
    fn young_and_kept_ones_are_fine() {
        lab(|b| b.common.created_at = Some(days_ago(6))).nothing(&RULE);
        lab(|b| b.common.tags = [("golden", "")].into_iter().collect()).nothing(&RULE);
    }

    #[test]
    fn instances_that_could_not_be_read_may_run() {
        let lab = lab(|_| {}).incomplete(ResourceKind::Instance);
        lab.unknown(&RULE, UnknownReason::InventoryIncomplete);
    }
}
