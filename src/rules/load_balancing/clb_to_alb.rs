//! Classic load balancers in use: the next generation charges less for its hours.

use super::{Amounts, Case, Judgement, Meta, Rule, balancer::Running, case::property, command::aws};
use crate::domain::{
    finding::{ActionType, ConflictClass, Effort, Finding, Level, Remediation, SavingsBasis, Verdicts},
    inventory::{ClassicLoadBalancer, ResourceKind},
    price::PriceKey,
    price_item::Item,
};
use serde_json::json;

pub const RULE: Rule = Rule { meta: &META, check };

static META: Meta = Meta {
    id: "clb-to-alb",
    title: "Classic load balancer could be replaced",
    condition: "A classic load balancer with running instances, where the hour of an application load balancer costs less.",
    formula: "at most (classic load balancer - application load balancer) * 730 h",
    pitfalls: "The new one charges for capacity units where the old one charges for GB: that may cost more than the hours \
               save, so no saving is promised. Protocols other than HTTP need a network load balancer.",
    kind: ResourceKind::ClassicLoadBalancer,
    action_type: ActionType::Upgrade,
    class: ConflictClass::Resize,
    basis: SavingsBasis::Exposure,
    effort: Effort::High,
    risk: Level::Medium,
    restart_needed: false,
    rollback_possible: true,
    actions: &["elasticloadbalancing:DescribeLoadBalancers", "ec2:DescribeInstances"],
    metrics: &[],
    thresholds: &[],
    on_by_default: true,
};

fn check(case: &Case<'_>) -> Verdicts {
    let running = Running::of(case);
    let balancers = &case.snapshot.inventory.classic_load_balancers;
    case.judge_each(balancers, |case, balancer| judge(case, balancer, &running))
}

fn judge(case: &Case<'_>, balancer: &ClassicLoadBalancer, running: &Running<'_>) -> Judgement {
    let region = &balancer.common.region;
    let instances = running.behind(case, balancer)?;
    if instances == 0 {
        return Ok(None);
    }
    let mut bill = case.bill();
    let now = bill.price(PriceKey::item(Item::ClbHour, region))?.monthly(1);
    let then = bill.price(PriceKey::item(Item::AlbHour, region))?.monthly(1);
    if then >= now {
        return Ok(None);
    }
    Ok(Some(Finding {
        title: format!(
            "Replace the classic load balancer {} by one of the next generation",
            balancer.common.id
        ),
        current: json!({"type": "classic"}),
        recommended: json!({"type": "application or network"}),
        confidence: Level::Low,
        evidence: vec![property("running instances behind it", instances.to_string(), None)],
        remediation: look(balancer),
        ..case.finding(balancer, Amounts { savings: now.clone() - then, cost: now, bill })
    }))
}

/// Nothing to change yet: the command shows what has to be built again.
fn look(balancer: &ClassicLoadBalancer) -> Remediation {
    let options = [("--load-balancer-names", &*balancer.common.id)];
    Remediation {
        commands: vec![aws("elb describe-load-balancers", &balancer.common.region, &options)],
        rollback_commands: Vec::new(),
        notes: vec![
            "Build the new one beside it, register the same instances, move the DNS name, and delete the old one when its \
             requests end."
                .into(),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{classic, priced};
    use super::*;
    use crate::rules::fixtures::{Lab, instance, region};

    fn lab() -> Lab {
        priced().inventory(|i| i.classic_load_balancers.push(classic())).instance(instance("i-1"))
    }

    #[test]
    fn the_difference_of_the_hours_is_the_ceiling() {
        let finding = lab().only_finding(&RULE);
        assert_eq!(finding.basis, SavingsBasis::Exposure);
        assert_eq!(finding.monthly_savings.to_string(), "1.825");
        assert_eq!(finding.calculation.monthly_savings, "730 * 0.025 - 730 * 0.0225");
    }

    #[test]
    fn one_without_instances_is_to_be_deleted_and_a_dearer_one_not_wanted() {
        priced().inventory(|i| i.classic_load_balancers.push(classic())).nothing(&RULE);
        lab().price(PriceKey::item(Item::AlbHour, &region()), "0.025").nothing(&RULE);
    }
}
