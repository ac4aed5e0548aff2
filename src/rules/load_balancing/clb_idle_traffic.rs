//! Classic load balancers that hardly anybody asks anything.

use super::{
    Amounts, Case, Judgement, Meta, Rule,
    balancer::{Running, delete_classic, sum_or_zero},
    case::property,
};
use crate::domain::{
    finding::{ActionType, ConflictClass, Effort, Finding, Level, SavingsBasis, Verdicts},
    inventory::{ClassicLoadBalancer, ResourceKind},
    metric::Metric,
    price::PriceKey,
    price_item::Item,
};
use serde_json::json;

pub const RULE: Rule = Rule { meta: &META, check };

static META: Meta = Meta {
    id: "clb-idle-traffic",
    title: "Classic load balancer is hardly used",
    condition: "Older than the window, not tagged to keep, with running instances, and fewer than \
                elb_idle_requests_per_day requests or connections a day on average. AWS leaves the metric out \
                while it is zero: that counts where HealthyHostCount is there.",
    formula: "load balancer * 730 h; its public addresses and its traffic are left out",
    pitfalls: "Services for emergencies and recovery; traffic that comes once a quarter.",
    kind: ResourceKind::ClassicLoadBalancer,
    action_type: ActionType::Delete,
    class: ConflictClass::Remove,
    basis: SavingsBasis::Modelled,
    effort: Effort::Low,
    risk: Level::Medium,
    restart_needed: false,
    rollback_possible: false,
    actions: &[
        "elasticloadbalancing:DescribeLoadBalancers",
        "ec2:DescribeInstances",
        "cloudwatch:GetMetricData",
    ],
    metrics: &[Metric::ClbRequests, Metric::ClbHosts],
    thresholds: &["elb_idle_requests_per_day", "look_back_days", "min_datapoints_percent"],
    on_by_default: true,
};

fn check(case: &Case<'_>) -> Verdicts {
    let running = Running::of(case);
    let balancers = &case.snapshot.inventory.classic_load_balancers;
    case.judge_each(balancers, |case, balancer| judge(case, balancer, &running))
}

fn judge(case: &Case<'_>, balancer: &ClassicLoadBalancer, running: &Running<'_>) -> Judgement {
    let common = &balancer.common;
    // One without instances is another rule's matter.
    if common.tags.keep() || running.behind(case, balancer)? == 0 {
        return Ok(None);
    }
    case.require_full_window(common)?;
    let requests = sum_or_zero(case, (Metric::ClbRequests, Metric::ClbHosts), common)?;
    let (days, limit) = (case.thresholds.look_back_days, case.thresholds.elb_idle_requests_per_day);
    if requests >= f64::from(limit) * f64::from(days) {
        return Ok(None);
    }
    let mut bill = case.bill();
    let cost = bill.price(PriceKey::item(Item::ClbHour, &common.region))?.monthly(1);
    Ok(Some(Finding {
        title: format!(
            "Delete the classic load balancer {}: {requests:.0} requests in {days} days",
            common.id
        ),
        current: json!({"type": "classic", "registeredInstances": balancer.instance_ids.len()}),
        recommended: json!({"state": "deleted"}),
        confidence: Level::Medium,
        evidence: vec![property(
            "RequestCount",
            format!("{requests:.0} in {days} days"),
            Some(format!("less than {limit} a day")),
        )],
        remediation: delete_classic(balancer),
        ..case.finding(balancer, Amounts { savings: cost.clone(), cost, bill })
    }))
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{classic, priced};
    use super::*;
    use crate::domain::finding::UnknownReason;
    use crate::rules::fixtures::{Lab, instance};

    fn lab(requests: f64) -> Lab {
        priced()
            .inventory(|i| i.classic_load_balancers.push(classic()))
            .instance(instance("i-1"))
            .daily(Metric::ClbHosts, "legacy", 14, 1.0)
            .daily(Metric::ClbRequests, "legacy", 14, requests)
    }

    #[test]
    fn few_requests_are_idle() {
        let finding = lab(9.0).only_finding(&RULE);
        assert_eq!(finding.monthly_savings.to_string(), "18.25");
        assert_eq!(finding.title, "Delete the classic load balancer legacy: 126 requests in 14 days");
        lab(10.0).nothing(&RULE);
    }

    #[test]
    fn no_datapoint_is_zero_only_where_hosts_are_reported() {
        let silent = || lab(0.0).no_datapoints(Metric::ClbRequests, "legacy");
        silent().only_finding(&RULE);
        let dark = silent().no_datapoints(Metric::ClbHosts, "legacy");
        dark.unknown(&RULE, UnknownReason::MetricMissing);
    }
}
