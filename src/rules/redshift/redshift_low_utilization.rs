//! A cluster whose CPU has little to do even in its busiest hour. Nothing is promised: queues and disks may be busy.

use super::{
    Amounts, Case, Judgement, Meta, Rule,
    cluster_use::{BusiestHour, is_used},
};
use crate::domain::{
    figure::Figure,
    finding::{ActionType, ConflictClass, Effort, Finding, Level, SavingsBasis},
    inventory::{RedshiftCluster, ResourceKind},
    metric::Metric,
};
use serde_json::json;

pub const RULE: Rule =
    Rule { meta: &META, check: |case| case.judge_each(&case.snapshot.inventory.redshift_clusters, judge) };

static META: Meta = Meta {
    id: "redshift-low-utilization",
    title: "Cluster has little to do",
    condition: "Available with connections in the window, and the mean CPUUtilization of the busiest hour of the week is below \
                redshift_low_cpu_percent.",
    formula: "none: what the nodes cost is shown, nothing is counted as saved",
    pitfalls: "Short queries that have to answer at once. Redshift Serverless charges by use and may cost less.",
    kind: ResourceKind::RedshiftCluster,
    action_type: ActionType::Rightsize,
    class: ConflictClass::Resize,
    basis: SavingsBasis::Exposure,
    effort: Effort::Medium,
    risk: Level::Medium,
    restart_needed: true,
    rollback_possible: true,
    actions: &["redshift:DescribeClusters"],
    metrics: &[Metric::RedshiftConnectionsMax, Metric::RedshiftCpuHourly],
    thresholds: &["redshift_low_cpu_percent", "look_back_days"],
    on_by_default: true,
};

fn judge(case: &Case<'_>, cluster: &RedshiftCluster) -> Judgement {
    if !is_used(case, cluster)? {
        return Ok(None);
    }
    let busiest = BusiestHour::measure(case, cluster)?;
    let limit = case.thresholds.redshift_low_cpu_percent;
    if busiest.percent >= f64::from(limit) {
        return Ok(None);
    }
    let mut bill = case.bill();
    let cost = bill.redshift_node(&cluster.common.region, &cluster.node_type)?.monthly(cluster.nodes);
    Ok(Some(Finding {
        title: format!(
            "Look at {} {} whose CPU stays at {:.0} % in the busiest hour",
            cluster.nodes, cluster.node_type, busiest.percent
        ),
        current: json!({"nodeType": cluster.node_type, "nodes": cluster.nodes}),
        recommended: json!({"review": "fewer nodes, a pause in idle hours, or Redshift Serverless"}),
        evidence: vec![busiest.evidence(case, format!("below {limit} %"))],
        ..case.finding(cluster, Amounts { cost, savings: Figure::zero(), bill })
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::finding::UnknownReason;
    use crate::rules::redshift::lab::{cluster, used};

    #[test]
    fn a_quiet_week_is_shown_at_its_cost() {
        let finding = used(cluster(|_| {}), 9.0, 20.0).only_finding(&RULE);
        assert_eq!(finding.monthly_cost.to_string(), "3171.12");
        assert!(!finding.monthly_savings.is_positive());
    }

    #[test]
    fn one_busy_hour_is_enough() {
        used(cluster(|_| {}), 10.0, 20.0).nothing(&RULE);
    }

    #[test]
    fn idle_and_paused_clusters_are_left_alone() {
        used(cluster(|_| {}), 1.0, 1.0)
            .daily(Metric::RedshiftConnectionsMax, "warehouse", 14, 0.0)
            .nothing(&RULE);
        used(cluster(|cluster| cluster.status = "paused".into()), 1.0, 1.0).nothing(&RULE);
    }

    #[test]
    fn hours_that_were_not_read_are_unknown() {
        cluster(|_| {})
            .daily(Metric::RedshiftConnectionsMax, "warehouse", 14, 1.0)
            .unknown(&RULE, UnknownReason::MetricMissing);
    }
}
