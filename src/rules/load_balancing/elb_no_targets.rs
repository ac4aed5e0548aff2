//! Load balancers of the second generation that lead nowhere.

use super::{
    Amounts, Case, Judgement, Meta, Rule,
    balancer::{cost, delete},
    case::property,
};
use crate::domain::{
    finding::{ActionType, ConflictClass, Effort, Finding, Level, SavingsBasis, UnknownReason},
    inventory::{BalancerType, LoadBalancer, ResourceKind, Targets},
};
use serde_json::json;

pub const APPLICATION: Rule =
    Rule { meta: &OF_APPLICATION, check: |case| each(case, BalancerType::Application) };
pub const NETWORK: Rule = Rule { meta: &OF_NETWORK, check: |case| each(case, BalancerType::Network) };
pub const GATEWAY: Rule = Rule { meta: &OF_GATEWAY, check: |case| each(case, BalancerType::Gateway) };

static OF_APPLICATION: Meta = Meta {
    id: "elb-no-targets-alb",
    title: "Application load balancer leads nowhere",
    condition: "Active, at least elb_unused_days old, not tagged to keep, and every target that its groups have \
                is unused (stopped, say) or on its way out, or there is none. Left alone where a listener \
                redirects or answers by itself. Functions are targets, and so is what fails its health check.",
    formula: "load balancer * 730 h + each public IPv4 address of AWS that it has * 730 h; what it charges for \
              traffic is left out",
    pitfalls: "The idle side of a blue-green deployment; services that are scaled to nothing for the night. \
               Listener rules beside the default action are not read.",
    kind: ResourceKind::LoadBalancer,
    action_type: ActionType::Delete,
    class: ConflictClass::Remove,
    basis: SavingsBasis::Modelled,
    effort: Effort::Low,
    risk: Level::Medium,
    restart_needed: false,
    rollback_possible: false,
    actions: &[
        "elasticloadbalancing:DescribeLoadBalancers",
        "elasticloadbalancing:DescribeTargetGroups",
        "elasticloadbalancing:DescribeTargetHealth",
        "elasticloadbalancing:DescribeListeners",
    ],
    metrics: &[],
    thresholds: &["elb_unused_days"],
    on_by_default: true,
};

static OF_NETWORK: Meta = Meta {
    id: "elb-no-targets-nlb",
    title: "Network load balancer leads nowhere",
    condition: "Active, at least elb_unused_days old, not tagged to keep, and every target that its groups have \
                is unused (stopped, say) or on its way out, or there is none.",
    formula: "load balancer * 730 h + each public IPv4 address of AWS that it has * 730 h; what it charges for \
              traffic is left out",
    pitfalls: "An endpoint service that others connect to through PrivateLink: AWS refuses to delete its load \
               balancer. Elastic IP addresses that it uses are left over and go on costing.",
    kind: ResourceKind::LoadBalancer,
    action_type: ActionType::Delete,
    class: ConflictClass::Remove,
    basis: SavingsBasis::Modelled,
    effort: Effort::Low,
    risk: Level::Medium,
    restart_needed: false,
    rollback_possible: false,
    actions: &[
        "elasticloadbalancing:DescribeLoadBalancers",
        "elasticloadbalancing:DescribeTargetGroups",
        "elasticloadbalancing:DescribeTargetHealth",
    ],
    metrics: &[],
    thresholds: &["elb_unused_days"],
    on_by_default: true,
};

static OF_GATEWAY: Meta = Meta {
    id: "elb-no-targets-gwlb",
    title: "Gateway load balancer leads nowhere",
    condition: "Active, at least elb_unused_days old, not tagged to keep, and every target that its groups have \
                is unused (stopped, say) or on its way out, or there is none.",
    formula: "load balancer * 730 h for each availability zone",
    pitfalls: "Inspection that is scaled to nothing between tests. Endpoints that lead to it drop their traffic \
               already.",
    kind: ResourceKind::LoadBalancer,
    action_type: ActionType::Delete,
    class: ConflictClass::Remove,
    basis: SavingsBasis::Modelled,
    effort: Effort::Low,
    risk: Level::Medium,
    restart_needed: false,
    rollback_possible: false,
    actions: &[
        "elasticloadbalancing:DescribeLoadBalancers",
        "elasticloadbalancing:DescribeTargetGroups",
        "elasticloadbalancing:DescribeTargetHealth",
    ],
    metrics: &[],
    thresholds: &["elb_unused_days"],
    on_by_default: true,
};

fn each(case: &Case<'_>, wanted: BalancerType) -> crate::domain::finding::Verdicts {
    let balancers = &case.snapshot.inventory.load_balancers;
    case.judge_each(balancers, |case, balancer| {
        if balancer.balancer_type == wanted { judge(case, balancer) } else { Ok(None) }
    })
}

fn judge(case: &Case<'_>, balancer: &LoadBalancer) -> Judgement {
    if !balancer.active || balancer.common.tags.keep() {
        return Ok(None);
    }
    let targets = balancer.targets.as_ref().ok_or(UnknownReason::InventoryIncomplete)?;
    let (age, minimum) = (case.age_days(&balancer.common)?, i64::from(case.thresholds.elb_unused_days));
    if targets.in_use > 0 || age < minimum || answers_by_itself(balancer)? {
        return Ok(None);
    }
    let mut bill = case.bill();
    let cost = cost(&mut bill, balancer)?;
    Ok(Some(Finding {
        title: format!("Delete the load balancer {}, which leads nowhere", balancer.short_name()),
        current: json!({"type": balancer.balancer_type, "zones": balancer.zones, "targetGroups": targets.groups,
                        "publicAddresses": balancer.public_addresses}),
        recommended: json!({"state": "deleted"}),
        evidence: vec![
            property("target groups", targets.groups.to_string(), None),
            property("registered targets", registered(targets), Some("0 in use".into())),
            property("age", format!("{age} days"), Some(format!("at least {minimum} days"))),
        ],
        remediation: delete(case, balancer),
        ..case.finding(balancer, Amounts { savings: cost.clone(), cost, bill })
    }))
}

fn answers_by_itself(balancer: &LoadBalancer) -> Result<bool, UnknownReason> {
    if balancer.balancer_type != BalancerType::Application {
        return Ok(false);
    }
    Ok(balancer.listeners.ok_or(UnknownReason::InventoryIncomplete)?.answering > 0)
}

fn registered(targets: &Targets) -> String {
    format!("{}, of which {} in use", targets.registered, targets.in_use)
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{balancer, with};
    use super::*;
    use crate::domain::inventory::Listeners;
    use crate::rules::fixtures::days_ago;

    fn empty(balancer_type: BalancerType) -> LoadBalancer {
        LoadBalancer {
            targets: Some(Targets::default()),
            listeners: Some(Listeners { count: 1, answering: 0 }),
            ..balancer(balancer_type)
        }
    }

    #[test]
    fn an_application_load_balancer_costs_its_hours_and_addresses() {
        let finding = with(empty(BalancerType::Application)).only_finding(&APPLICATION);
        assert_eq!(finding.monthly_savings.to_string(), "23.725");
        assert_eq!(finding.title, "Delete the load balancer web, which leads nowhere");
        let fix = "aws elbv2 delete-load-balancer --region us-east-1 --load-balancer-arn \
                   arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/web/1";
        assert_eq!(finding.remediation.commands, [fix]);
    }

    #[test]
    fn a_gateway_load_balancer_is_billed_by_zone() {
        let finding = with(empty(BalancerType::Gateway)).only_finding(&GATEWAY);
        assert_eq!(finding.monthly_savings.to_string(), "18.25");
    }

    #[test]
    fn each_type_has_its_rule() {
        let network = with(empty(BalancerType::Network));
        network.only_finding(&NETWORK);
        network.nothing(&APPLICATION);
        network.nothing(&GATEWAY);
    }

    #[test]
    fn stopped_targets_are_none() {
        let stopped = Targets { groups: 2, registered: 3, ..Targets::default() };
        let lab = with(LoadBalancer { targets: Some(stopped), ..empty(BalancerType::Network) });
        assert_eq!(lab.only_finding(&NETWORK).evidence[1].observed, "3, of which 0 in use");
        with(balancer(BalancerType::Network)).nothing(&NETWORK);
    }

    #[test]
    fn one_that_redirects_has_work_to_do() {
        let listeners = Some(Listeners { count: 2, answering: 1 });
        with(LoadBalancer { listeners, ..empty(BalancerType::Application) }).nothing(&APPLICATION);
        let none = Some(Listeners::default());
        with(LoadBalancer { listeners: none, ..empty(BalancerType::Application) }).only_finding(&APPLICATION);
    }

    #[test]
    fn young_kept_and_failed_ones_are_left_alone() {
        let change = |change: fn(&mut LoadBalancer)| {
            let mut balancer = empty(BalancerType::Network);
            change(&mut balancer);
            with(balancer).nothing(&NETWORK);
        };
        change(|b| b.common.created_at = Some(days_ago(6)));
        change(|b| b.common.tags = [("keep", "launch next month")].into_iter().collect());
        change(|b| b.active = false);
    }

    #[test]
    fn what_could_not_be_read_is_unknown() {
        let dark = LoadBalancer { targets: None, ..empty(BalancerType::Application) };
        with(dark).unknown(&APPLICATION, UnknownReason::InventoryIncomplete);
        let deaf = LoadBalancer { listeners: None, ..empty(BalancerType::Application) };
        with(deaf).unknown(&APPLICATION, UnknownReason::InventoryIncomplete);
    }

    #[test]
    fn what_kubernetes_made_is_deleted_there() {
        let mut service = empty(BalancerType::Network);
        service.common.tags = [("kubernetes.io/service-name", "shop/web")].into_iter().collect();
        assert_eq!(with(service).only_finding(&NETWORK).remediation.notes.len(), 2);
    }
}
