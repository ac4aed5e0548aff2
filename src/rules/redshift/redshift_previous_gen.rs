//! A cluster on nodes of an old generation that RA3 beats in price, its storage included.

use super::{
    Amounts, Case, Judgement, Meta, Rule,
    case::property,
    cluster_use::{is_used, of_cluster},
    quantity::whole_units,
};
use crate::domain::{
    finding::{ActionType, ConflictClass, Effort, Finding, Level, Remediation, SavingsBasis, UnknownReason},
    inventory::{RedshiftCluster, ResourceKind},
    metric::Metric,
    price::PriceKey,
    price_item::Item,
};
use serde_json::json;

pub const RULE: Rule =
    Rule { meta: &META, check: |case| case.judge_each(&case.snapshot.inventory.redshift_clusters, judge) };

static META: Meta = Meta {
    id: "redshift-previous-gen",
    title: "Cluster is on an old generation",
    condition: "Available with connections in the window, on nodes of ds2, dc1 or dc2, and the RA3 nodes that Redshift's guide \
                says to start with, with managed storage for the data of today, cost less.",
    formula: "(nodes * price of a node - RA3 nodes * price of such a node) * 730 - data in GB * price of managed storage",
    pitfalls: "The guide's number of nodes is a start: compare query times on a restored snapshot. Reserved nodes are bound \
               to their type.",
    kind: ResourceKind::RedshiftCluster,
    action_type: ActionType::Upgrade,
    class: ConflictClass::Resize,
    basis: SavingsBasis::Modelled,
    effort: Effort::Medium,
    risk: Level::Medium,
    restart_needed: true,
    rollback_possible: true,
    actions: &["redshift:DescribeClusters"],
    metrics: &[Metric::RedshiftConnectionsMax, Metric::RedshiftDiskMax],
    thresholds: &["look_back_days", "min_datapoints_percent"],
    on_by_default: true,
};

fn judge(case: &Case<'_>, cluster: &RedshiftCluster) -> Judgement {
    let Some((newer, nodes)) = cluster.successor() else { return Ok(None) };
    if !is_used(case, cluster)? {
        return Ok(None);
    }
    let disk = case.summary(Metric::RedshiftDiskMax, &cluster.common)?;
    let local = cluster.local_gb().ok_or(UnknownReason::SpecificationMissing)?;
    let gb = whole_units(disk.max * 1_000.0).saturating_mul(local).saturating_add(99_999) / 100_000;
    let (mut bill, region) = (case.bill(), &cluster.common.region);
    let cost = bill.redshift_node(region, &cluster.node_type)?.monthly(cluster.nodes);
    let storage = bill.price(PriceKey::named(Item::RedshiftStorage, region, newer))?.times(gb);
    let then = bill.redshift_node(region, newer)?.monthly(nodes) + storage;
    if then >= cost {
        return Ok(None);
    }
    let (now, old) = (cluster.nodes, &cluster.node_type);
    Ok(Some(Finding {
        title: format!("Move from {now} {old} to the cheaper {nodes} {newer}"),
        current: json!({"nodeType": old, "nodes": now}),
        recommended: json!({"nodeType": newer, "nodes": nodes, "managedStorageGb": gb}),
        evidence: vec![
            property("node type", &**old, Some(format!("{nodes} {newer} cost less"))),
            case.measured(
                Metric::RedshiftDiskMax,
                disk,
                format!("{:.1} % of {local} GB", disk.max),
                format!("{gb} GB of managed storage"),
            ),
        ],
        remediation: resize(cluster, newer, nodes),
        ..case.finding(cluster, Amounts { savings: cost.clone() - then, cost, bill })
    }))
}

fn resize(cluster: &RedshiftCluster, newer: &str, nodes: i64) -> Remediation {
    let (name, nodes, old) =
        (format!("{}-before-ra3", cluster.common.id), nodes.to_string(), cluster.nodes.to_string());
    let snapshot = ("--snapshot-identifier", &*name);
    let to = |node_type, nodes| [("--node-type", node_type), ("--number-of-nodes", nodes)];
    Remediation {
        commands: vec![
            of_cluster("create-cluster-snapshot", cluster, &[snapshot]),
            of_cluster("resize-cluster", cluster, &to(newer, &nodes)),
        ],
        rollback_commands: vec![of_cluster("resize-cluster", cluster, &to(&cluster.node_type, &old))],
        notes: vec![
            "Where an elastic resize is not offered, add --classic: the cluster is read-only for hours then."
                .into(),
            "Redshift may no longer offer the old node type: try the move on a restored snapshot first."
                .into(),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{
        fixtures::Lab,
        redshift::lab::{cluster, used},
    };

    fn lab(node_type: &'static str, nodes: i64, disk: f64) -> Lab {
        let change = move |cluster: &mut RedshiftCluster| {
            cluster.node_type = node_type.into();
            cluster.nodes = nodes;
        };
        used(cluster(change), 40.0, disk)
    }

    #[test]
    fn dense_storage_moves_where_its_disks_are_empty_enough() {
        let finding = lab("ds2.xlarge", 6, 10.0).only_finding(&RULE);
        assert_eq!(
            (&finding.recommended["nodes"], &finding.recommended["managedStorageGb"]),
            (&json!(4), &json!(1200))
        );
        // 6 * 0.85 * 730 - 4 * 1.086 * 730 - 1,200 * 0.024
        assert_eq!(finding.monthly_savings.to_string(), "523.08");
        lab("ds2.xlarge", 6, 99.0).only_finding(&RULE);
        lab("ds2.xlarge", 8, 99.0).nothing(&RULE);
    }

    #[test]
    fn what_would_cost_more_stays() {
        lab("dc2.large", 8, 10.0).nothing(&RULE);
        lab("ds2.xlarge", 2, 10.0).nothing(&RULE);
        lab("ra3.xlplus", 4, 10.0).nothing(&RULE);
    }

    #[test]
    fn idle_clusters_belong_to_another_rule() {
        lab("ds2.xlarge", 6, 10.0).daily(Metric::RedshiftConnectionsMax, "warehouse", 14, 0.0).nothing(&RULE);
    }

    #[test]
    fn what_is_missing_is_unknown() {
        lab("ds2.xlarge", 6, 10.0)
            .no_datapoints(Metric::RedshiftDiskMax, "warehouse")
            .unknown(&RULE, UnknownReason::MetricMissing);
        lab("dc2.8xlarge", 2, 10.0).unknown(&RULE, UnknownReason::PriceMissing);
    }
}
