//! A cluster whose CPU and data fit fewer nodes.

use super::{
    Amounts, Case, Judgement, Meta, Rule,
    cluster_use::{BusiestHour, is_used, of_cluster},
    quantity::whole_units,
};
use crate::domain::{
    finding::{ActionType, ConflictClass, Effort, Finding, Level, Remediation, SavingsBasis},
    inventory::{RedshiftCluster, ResourceKind},
    metric::Metric,
};
use serde_json::json;

pub const RULE: Rule =
    Rule { meta: &META, check: |case| case.judge_each(&case.snapshot.inventory.redshift_clusters, judge) };

static META: Meta = Meta {
    id: "redshift-rightsize",
    title: "Cluster has more nodes than it needs",
    condition: "Available with connections in the window and more than two nodes. The CPU of the busiest hour spread over fewer \
                nodes stays at or below redshift_cpu_percent, PercentageDiskSpaceUsed at or below redshift_disk_percent. At \
                most half of the nodes go, which an elastic resize can do, and two stay.",
    formula: "nodes that go * price of a node * 730",
    pitfalls: "Queries wait longer for fewer slices. Peaks within an hour are not seen. Reserved nodes keep billing.",
    kind: ResourceKind::RedshiftCluster,
    action_type: ActionType::Rightsize,
    class: ConflictClass::Resize,
    basis: SavingsBasis::Modelled,
    effort: Effort::Medium,
    risk: Level::Medium,
    restart_needed: true,
    rollback_possible: true,
    actions: &["redshift:DescribeClusters"],
    metrics: &[Metric::RedshiftConnectionsMax, Metric::RedshiftCpuHourly, Metric::RedshiftDiskMax],
    thresholds: &[
        "redshift_cpu_percent",
        "redshift_disk_percent",
        "look_back_days",
        "min_datapoints_percent",
    ],
    on_by_default: true,
};

fn judge(case: &Case<'_>, cluster: &RedshiftCluster) -> Judgement {
    if cluster.nodes <= 2 || !is_used(case, cluster)? {
        return Ok(None);
    }
    let (limits, nodes) = (case.thresholds, cluster.nodes);
    let busiest = BusiestHour::measure(case, cluster)?;
    let disk = case.summary(Metric::RedshiftDiskMax, &cluster.common)?;
    let need = least_nodes(busiest.percent, nodes, limits.redshift_cpu_percent)
        .max(least_nodes(disk.max, nodes, limits.redshift_disk_percent))
        .max(nodes / 2 + nodes % 2)
        .max(2);
    if need >= nodes {
        return Ok(None);
    }
    let mut bill = case.bill();
    let hour = bill.redshift_node(&cluster.common.region, &cluster.node_type)?;
    let (cost, savings) = (hour.monthly(nodes), hour.monthly(nodes - need));
    let (cpu_limit, disk_limit) = (limits.redshift_cpu_percent, limits.redshift_disk_percent);
    Ok(Some(Finding {
        title: format!("Shrink the cluster from {nodes} to {need} {}", cluster.node_type),
        current: json!({"nodeType": cluster.node_type, "nodes": nodes}),
        recommended: json!({"nodeType": cluster.node_type, "nodes": need}),
        evidence: vec![
            busiest.evidence(case, format!("at most {cpu_limit} % on {need} nodes")),
            case.measured(
                Metric::RedshiftDiskMax,
                disk,
                format!("{:.1} %", disk.max),
                format!("at most {disk_limit} % on {need} nodes"),
            ),
        ],
        remediation: resize(cluster, need),
        ..case.finding(cluster, Amounts { cost, savings, bill })
    }))
}

/// How many nodes keep a load at or below a limit.
fn least_nodes(percent: f64, nodes: i64, limit: u32) -> i64 {
    let load = whole_units(percent * 1_000.0).saturating_mul(nodes);
    let limit = i64::from(limit.max(1)) * 1_000;
    load.saturating_add(limit - 1) / limit
}

fn resize(cluster: &RedshiftCluster, nodes: i64) -> Remediation {
    let to = |nodes: i64| of_cluster("resize-cluster", cluster, &[("--number-of-nodes", &nodes.to_string())]);
    Remediation {
        commands: vec![to(nodes)],
        rollback_commands: vec![to(cluster.nodes)],
        notes: vec![
            "An elastic resize: connections pause for some minutes, and the cluster is read-only before that.".into(),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::finding::UnknownReason;
    use crate::rules::redshift::lab::{cluster, used};

    fn nodes(lab: &crate::rules::fixtures::Lab) -> i64 {
        lab.only_finding(&RULE).recommended["nodes"].as_i64().unwrap()
    }

    #[test]
    fn nodes_that_go_are_saved() {
        let finding = used(cluster(|_| {}), 20.0, 30.0).only_finding(&RULE);
        assert_eq!(finding.recommended["nodes"], 2);
        assert_eq!(finding.monthly_savings.to_string(), "1585.56", "2 * 1.086 * 730");
        assert!(finding.remediation.commands[0].ends_with("--number-of-nodes 2"));
    }

    #[test]
    fn cpu_and_disk_both_have_to_fit() {
        assert_eq!(nodes(&used(cluster(|_| {}), 45.0, 30.0)), 3, "60 % on three");
        used(cluster(|_| {}), 45.1, 30.0).nothing(&RULE);
        assert_eq!(nodes(&used(cluster(|_| {}), 5.0, 60.0)), 3, "80 % on three");
        used(cluster(|_| {}), 5.0, 60.1).nothing(&RULE);
    }

    #[test]
    fn at_most_half_goes_and_two_stay() {
        assert_eq!(nodes(&used(cluster(|cluster| cluster.nodes = 16), 1.0, 1.0)), 8);
        assert_eq!(nodes(&used(cluster(|cluster| cluster.nodes = 3), 1.0, 1.0)), 2);
        used(cluster(|cluster| cluster.nodes = 2), 1.0, 1.0).nothing(&RULE);
    }

    #[test]
    fn what_is_missing_is_unknown() {
        used(cluster(|_| {}), 5.0, 5.0)
            .no_datapoints(Metric::RedshiftDiskMax, "warehouse")
            .unknown(&RULE, UnknownReason::MetricMissing);
    }
}
