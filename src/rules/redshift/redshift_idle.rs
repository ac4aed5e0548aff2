//! A cluster that nobody connected to for the whole window.

use super::{
    Amounts, Case, Judgement, Meta, Rule,
    cluster_use::{find_unused, of_cluster},
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
    id: "redshift-idle",
    title: "Nobody connects to the cluster",
    condition: "Available since before the window with DatabaseConnections at 0 in all of it. What cannot be paused (outside a \
                VPC, without snapshots, with a hardware module or a second zone) would have to be deleted.",
    formula: "nodes * price of a node * 730; managed storage and snapshots stay",
    pitfalls: "A job that runs less often than the window is long. While it is paused nothing can be loaded.",
    kind: ResourceKind::RedshiftCluster,
    action_type: ActionType::Stop,
    class: ConflictClass::Pause,
    basis: SavingsBasis::Modelled,
    effort: Effort::Low,
    risk: Level::Low,
    restart_needed: false,
    rollback_possible: true,
    actions: &["redshift:DescribeClusters"],
    metrics: &[Metric::RedshiftConnectionsMax],
    thresholds: &["look_back_days", "min_datapoints_percent"],
    on_by_default: true,
};

fn judge(case: &Case<'_>, cluster: &RedshiftCluster) -> Judgement {
    let Some(connections) = find_unused(case, cluster)? else { return Ok(None) };
    let mut bill = case.bill();
    let cost = bill.redshift_node(&cluster.common.region, &cluster.node_type)?.monthly(cluster.nodes);
    let finding = Finding {
        current: json!({"nodeType": cluster.node_type, "nodes": cluster.nodes, "status": "available"}),
        evidence: vec![case.measured(
            Metric::RedshiftConnectionsMax,
            connections,
            "0 connections".into(),
            "none".into(),
        )],
        ..case.finding(cluster, Amounts { savings: cost.clone(), cost, bill })
    };
    let what = format!("{} {} that nobody connects to", cluster.nodes, cluster.node_type);
    Ok(Some(if cluster.can_pause() {
        Finding {
            title: format!("Pause the cluster of {what}"),
            recommended: json!({"status": "paused"}),
            remediation: pause(cluster),
            ..finding
        }
    } else {
        Finding {
            title: format!("Delete the cluster of {what}"),
            recommended: json!({"status": "deleted", "finalSnapshot": "kept"}),
            action_type: ActionType::Delete,
            class: ConflictClass::Remove,
            remediation: delete(cluster),
            ..finding
        }
    }))
}

fn pause(cluster: &RedshiftCluster) -> Remediation {
    Remediation {
        commands: vec![of_cluster("pause-cluster", cluster, &[])],
        rollback_commands: vec![of_cluster("resume-cluster", cluster, &[])],
        notes: vec!["Storage keeps billing while the cluster is paused; resuming takes some minutes.".into()],
    }
}

fn delete(cluster: &RedshiftCluster) -> Remediation {
    let name = format!("{}-final", cluster.common.id);
    let last = [("--final-cluster-snapshot-identifier", &*name)];
    let restore = [("--snapshot-identifier", &*name)];
    Remediation {
        commands: vec![of_cluster("delete-cluster", cluster, &last)],
        rollback_commands: vec![of_cluster("restore-from-cluster-snapshot", cluster, &restore)],
        notes: vec!["The final snapshot costs by its size until it is deleted.".into()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::finding::UnknownReason;
    use crate::rules::{
        fixtures::{Lab, days_ago},
        redshift::lab::cluster,
    };

    fn unused(change: impl Fn(&mut RedshiftCluster)) -> Lab {
        cluster(change).daily(Metric::RedshiftConnectionsMax, "warehouse", 14, 0.0)
    }

    #[test]
    fn every_node_is_saved_by_a_pause() {
        let finding = unused(|_| {}).only_finding(&RULE);
        assert_eq!(finding.monthly_savings.to_string(), "3171.12", "4 * 1.086 * 730");
        let pause = "aws redshift pause-cluster --region us-east-1 --cluster-identifier warehouse";
        assert_eq!(finding.remediation.commands, [pause]);
        assert_eq!(finding.class, ConflictClass::Pause);
    }

    #[test]
    fn what_cannot_pause_would_have_to_go() {
        let finding = unused(|cluster| cluster.multi_az = true).only_finding(&RULE);
        assert_eq!(finding.class, ConflictClass::Remove);
        assert!(
            finding.remediation.commands[0].contains("--final-cluster-snapshot-identifier warehouse-final")
        );
    }

    #[test]
    fn one_connection_is_use_and_a_paused_cluster_is_fine() {
        unused(|_| {}).daily(Metric::RedshiftConnectionsMax, "warehouse", 14, 1.0).nothing(&RULE);
        unused(|cluster| cluster.status = "paused".into()).nothing(&RULE);
    }

    #[test]
    fn what_is_missing_is_unknown() {
        unused(|_| {})
            .no_datapoints(Metric::RedshiftConnectionsMax, "warehouse")
            .unknown(&RULE, UnknownReason::MetricMissing);
        unused(|cluster| cluster.common.created_at = Some(days_ago(3)))
            .unknown(&RULE, UnknownReason::TooYoung);
        unused(|cluster| cluster.node_type = "ra9.large".into()).unknown(&RULE, UnknownReason::PriceMissing);
    }
}
