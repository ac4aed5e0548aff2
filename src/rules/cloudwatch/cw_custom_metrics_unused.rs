//! Metrics of one's own that no alarm and no dashboard shows.

use super::{Amounts, Case, Judgement, Meta, Rule, case::property, command::aws};
use crate::domain::{
    figure::Figure,
    finding::{
        ActionType, ConflictClass, Effort, Finding, Level, Remediation, SavingsBasis, UnknownReason, Verdicts,
    },
    inventory::{MetricNamespace, ResourceKind},
    price::PriceKey,
    price_item::Item,
    region::Region,
};
use serde_json::json;
use std::collections::HashSet;

pub const RULE: Rule = Rule { meta: &META, check };

static META: Meta = Meta {
    id: "cw-custom-metrics-unused",
    title: "No alarm and no dashboard shows these custom metrics",
    condition: "A namespace that is not AWS's, with at least custom_metrics_unused metrics that had data in the last three \
                hours, and that no alarm of the region and no dashboard of the account names. CWAgent is left alone: rules \
                about memory read it.",
    formula: "none: what the metrics cost is shown, nothing is counted as saved",
    pitfalls: "Grafana, Datadog and programs of one's own read metrics unseen. Each metric is billed for the hours in which \
               it has data; above 10,000 they cost less.",
    kind: ResourceKind::MetricNamespace,
    action_type: ActionType::Configure,
    class: ConflictClass::Add,
    basis: SavingsBasis::Exposure,
    effort: Effort::Low,
    risk: Level::Medium,
    restart_needed: false,
    rollback_possible: true,
    actions: &[
        "cloudwatch:ListMetrics",
        "cloudwatch:DescribeAlarms",
        "cloudwatch:ListDashboards",
        "cloudwatch:GetDashboard",
    ],
    metrics: &[],
    thresholds: &["custom_metrics_unused"],
    on_by_default: true,
};

/// Read by `ec2-instance-rightsize`.
const AGENT: &str = "CWAgent";

struct Shown<'a> {
    by_alarms: HashSet<(&'a Region, &'a str)>,
    by_dashboards: HashSet<&'a str>,
    /// An account's dashboards are listed in one region.
    dashboards_known: bool,
}

fn check(case: &Case<'_>) -> Verdicts {
    let inventory = &case.snapshot.inventory;
    let of_alarms = inventory.alarms.iter();
    let of_dashboards = inventory.dashboards.iter();
    let shown = Shown {
        by_alarms: of_alarms.flat_map(|a| a.namespaces.iter().map(|n| (&a.common.region, &**n))).collect(),
        by_dashboards: of_dashboards.flat_map(|d| d.namespaces.iter().map(|n| &**n)).collect(),
        dashboards_known: case.snapshot.coverage.iter().any(|(kind, _)| *kind == ResourceKind::Dashboard),
    };
    case.judge_each(&inventory.metric_namespaces, |case, namespace| judge(case, namespace, &shown))
}

fn judge(case: &Case<'_>, namespace: &MetricNamespace, shown: &Shown<'_>) -> Judgement {
    let (name, region) = (&*namespace.common.id, &namespace.common.region);
    let limit = i64::from(case.thresholds.custom_metrics_unused);
    let used = shown.by_alarms.contains(&(region, name)) || shown.by_dashboards.contains(name);
    if name == AGENT || used || namespace.active_metrics < limit {
        return Ok(None);
    }
    if !shown.dashboards_known || !case.snapshot.coverage.complete(ResourceKind::Alarm, region) {
        return Err(UnknownReason::InventoryIncomplete);
    }
    let mut bill = case.bill();
    let cost = bill.price(PriceKey::item(Item::MetricMonth, region))?.times(namespace.active_metrics);
    let count = namespace.active_metrics;
    Ok(Some(Finding {
        title: format!("Look who reads the {count} custom metrics of {name}"),
        current: json!({"namespace": name, "activeMetrics": count}),
        evidence: vec![
            property("metrics with data", format!("at least {count}"), Some(format!("at least {limit}"))),
            property("alarms and dashboards that name them", "0", Some("at least 1".into())),
        ],
        confidence: Level::Low,
        remediation: Remediation {
            commands: vec![aws("cloudwatch list-metrics", region, &[("--namespace", name)])],
            rollback_commands: Vec::new(),
            notes: vec![
                "The command only reads. Stop sending what nobody reads: metrics cannot be deleted.".into(),
            ],
        },
        ..case.finding(namespace, Amounts { cost, savings: Figure::zero(), bill })
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::inventory::{Alarm, Dashboard};
    use crate::rules::fixtures::{Lab, common, region};

    fn lab(name: &str, active_metrics: i64) -> Lab {
        let namespace = MetricNamespace { common: common(name), active_metrics };
        let lab = Lab::new().price(PriceKey::item(Item::MetricMonth, &region()), "0.30");
        lab.inventory(|i| i.metric_namespaces.push(namespace))
    }

    #[test]
    fn metrics_that_nothing_shows_are_shown_at_their_cost() {
        let finding = lab("Shop", 200).only_finding(&RULE);
        assert_eq!((finding.monthly_cost.to_string(), finding.monthly_savings.get()), ("60.00".into(), 0));
    }

    #[test]
    fn few_metrics_and_the_agents_are_fine() {
        lab("Shop", 99).nothing(&RULE);
        lab("CWAgent", 500).nothing(&RULE);
    }

    #[test]
    fn an_alarm_or_a_dashboard_is_use() {
        let dashboard = Dashboard { common: common("shop"), namespaces: vec!["Shop".into()] };
        lab("Shop", 200).inventory(|i| i.dashboards.push(dashboard)).nothing(&RULE);
        let alarm = Alarm {
            common: common("orders"),
            metrics: 1,
            high_resolution: false,
            lacks_data: false,
            since: None,
            namespaces: vec!["Shop".into()],
            instance_id: None,
        };
        lab("Shop", 200).inventory(|i| i.alarms.push(alarm)).nothing(&RULE);
    }

    #[test]
    fn unread_alarms_and_dashboards_may_show_them() {
        for kind in [ResourceKind::Alarm, ResourceKind::Dashboard] {
            lab("Shop", 200).incomplete(kind).unknown(&RULE, UnknownReason::InventoryIncomplete);
        }
    }
}
