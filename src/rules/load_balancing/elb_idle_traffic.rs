//! Application and network load balancers that hardly anybody asks anything.

use super::{
    Amounts, Case, Judgement, Meta, Rule,
    balancer::{cost, delete, sum_or_zero},
    case::property,
};
use crate::domain::{
    finding::{ActionType, ConflictClass, Effort, Evidence, Finding, Level, SavingsBasis, UnknownReason},
    inventory::{BalancerType, LoadBalancer, ResourceKind},
    metric::Metric,
};
use serde_json::json;

pub const RULE: Rule =
    Rule { meta: &META, check: |case| case.judge_each(&case.snapshot.inventory.load_balancers, judge) };

static META: Meta = Meta {
    id: "elb-idle-traffic",
    title: "Load balancer is hardly used",
    condition: "Active, older than the window, not tagged to keep, with targets; an application load balancer \
                that forwards, redirects and answers fewer than elb_idle_requests_per_day requests a day on \
                average, or a network load balancer without a flow and without a byte. AWS leaves some of these \
                out while they are zero: that counts where ConsumedLCUs or ActiveFlowCount is there.",
    formula: "load balancer * 730 h + each public IPv4 address of AWS that it has * 730 h; what it charges for \
              traffic is left out",
    pitfalls: "Services for emergencies and recovery; traffic that comes once a quarter; requests that only a \
               firewall answers.",
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
        "cloudwatch:GetMetricData",
    ],
    metrics: &[
        Metric::AlbRequests,
        Metric::AlbRedirects,
        Metric::AlbFixedResponses,
        Metric::AlbCapacityUnits,
        Metric::NlbFlows,
        Metric::NlbBytes,
    ],
    thresholds: &["elb_idle_requests_per_day", "look_back_days", "min_datapoints_percent"],
    on_by_default: true,
};

fn judge(case: &Case<'_>, balancer: &LoadBalancer) -> Judgement {
    let judged = matches!(balancer.balancer_type, BalancerType::Application | BalancerType::Network);
    if !judged || !balancer.active || balancer.common.tags.keep() {
        return Ok(None);
    }
    // One that leads nowhere is another rule's matter.
    if balancer.targets.as_ref().ok_or(UnknownReason::InventoryIncomplete)?.in_use == 0 {
        return Ok(None);
    }
    case.require_full_window(&balancer.common)?;
    let idle = match balancer.balancer_type {
        BalancerType::Application => requests(case, balancer)?,
        _ => flows(case, balancer)?,
    };
    let Some(evidence) = idle else { return Ok(None) };
    let mut bill = case.bill();
    let cost = cost(&mut bill, balancer)?;
    let (name, days) = (balancer.short_name(), case.thresholds.look_back_days);
    Ok(Some(Finding {
        title: format!("Delete the load balancer {name}, hardly used in {days} days"),
        current: json!({"type": balancer.balancer_type, "zones": balancer.zones, "targets": balancer.targets}),
        recommended: json!({"state": "deleted"}),
        confidence: Level::Medium,
        evidence,
        remediation: delete(case, balancer),
        ..case.finding(balancer, Amounts { savings: cost.clone(), cost, bill })
    }))
}

/// Those that it forwarded, and those that it answered itself: AWS counts them apart.
fn requests(case: &Case<'_>, balancer: &LoadBalancer) -> Result<Option<Vec<Evidence>>, UnknownReason> {
    let (days, limit) = (case.thresholds.look_back_days, case.thresholds.elb_idle_requests_per_day);
    let most = f64::from(limit) * f64::from(days);
    let mut sum = 0.0;
    for metric in [Metric::AlbRequests, Metric::AlbRedirects, Metric::AlbFixedResponses] {
        sum += sum_or_zero(case, (metric, Metric::AlbCapacityUnits), &balancer.common)?;
        if sum >= most {
            return Ok(None);
        }
    }
    let observed = format!("{sum:.0} in {days} days");
    Ok(Some(vec![property(
        "requests, redirects and own answers",
        observed,
        Some(format!("less than {limit} a day")),
    )]))
}

fn flows(case: &Case<'_>, balancer: &LoadBalancer) -> Result<Option<Vec<Evidence>>, UnknownReason> {
    let flows = case.summary(Metric::NlbFlows, &balancer.common)?;
    if flows.max > 0.0 || sum_or_zero(case, (Metric::NlbBytes, Metric::NlbFlows), &balancer.common)? > 0.0 {
        return Ok(None);
    }
    Ok(Some(vec![
        case.measured(Metric::NlbFlows, flows, "0 flows".into(), "0 flows".into()),
        property("ProcessedBytes", "0", Some("0".into())),
    ]))
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{balancer, with};
    use super::*;
    use crate::domain::inventory::Targets;
    use crate::rules::fixtures::{Lab, days_ago};

    fn alb(forwarded: f64, redirected: f64) -> Lab {
        with(balancer(BalancerType::Application))
            .daily(Metric::AlbCapacityUnits, "app/web/1", 14, 0.001)
            .daily(Metric::AlbRequests, "app/web/1", 14, forwarded)
            .daily(Metric::AlbRedirects, "app/web/1", 14, redirected)
            .no_datapoints(Metric::AlbFixedResponses, "app/web/1")
    }

    #[test]
    fn few_requests_are_idle() {
        let finding = alb(4.0, 5.0).only_finding(&RULE);
        assert_eq!(finding.monthly_savings.to_string(), "23.725");
        assert_eq!(finding.evidence[0].observed, "126 in 14 days");
        alb(5.0, 5.0).nothing(&RULE);
        alb(10.0, 0.0).nothing(&RULE);
    }

    #[test]
    fn no_datapoint_is_zero_only_where_capacity_units_are_reported() {
        let silent = || {
            let lab = alb(0.0, 0.0).no_datapoints(Metric::AlbRequests, "app/web/1");
            lab.no_datapoints(Metric::AlbRedirects, "app/web/1")
        };
        silent().only_finding(&RULE);
        let dark = silent().no_datapoints(Metric::AlbCapacityUnits, "app/web/1");
        dark.unknown(&RULE, UnknownReason::MetricMissing);
        let mut young = balancer(BalancerType::Application);
        young.common.created_at = Some(days_ago(13));
        with(young).unknown(&RULE, UnknownReason::TooYoung);
    }

    fn nlb(flows: f64) -> Lab {
        with(balancer(BalancerType::Network))
            .daily(Metric::NlbFlows, "net/web/1", 14, flows)
            .no_datapoints(Metric::NlbBytes, "net/web/1")
    }

    #[test]
    fn a_network_load_balancer_is_idle_without_flows_and_bytes() {
        nlb(0.0).only_finding(&RULE);
        nlb(1.0).nothing(&RULE);
        nlb(0.0).daily(Metric::NlbBytes, "net/web/1", 1, 60.0).nothing(&RULE);
    }

    #[test]
    fn without_targets_another_rule_speaks() {
        let empty = LoadBalancer { targets: Some(Targets::default()), ..balancer(BalancerType::Network) };
        with(empty).nothing(&RULE);
        with(balancer(BalancerType::Gateway)).nothing(&RULE);
        let unread = LoadBalancer { targets: None, ..balancer(BalancerType::Network) };
        with(unread).unknown(&RULE, UnknownReason::InventoryIncomplete);
    }
}
