//! An Aurora cluster that nobody connected to for the whole window.

use super::{
    Amounts, Case, Judgement, Meta, Rule,
    command::aws,
    db_cluster::{Cluster, IoOptimized, judge_clusters, mean_gib},
    extended_support::find_surcharge,
};
use crate::domain::{
    finding::{ActionType, ConflictClass, Effort, Finding, Level, Remediation, SavingsBasis, UnknownReason},
    inventory::ResourceKind,
    metric::Metric,
};
use serde_json::json;

pub const RULE: Rule = Rule { meta: &META, check: |case| judge_clusters(case, judge) };

static META: Meta = Meta {
    id: "aurora-cluster-idle",
    title: "Nobody connects to the Aurora cluster",
    condition: "Aurora, available since before the window with members, and DatabaseConnections of the whole cluster at 0 in all \
                of it. Parts of a global database and what replicates from or to another cluster are left alone.",
    formula: "members * 730 (serverless ones by their mean capacity) + storage + extended support - a final snapshot of what is \
              stored",
    pitfalls: "A copy for recovery. A proxy or a monitor that stays connected hides an idle cluster. Stopping is no lasting way: \
               RDS starts a stopped cluster after seven days.",
    kind: ResourceKind::DbCluster,
    action_type: ActionType::Delete,
    class: ConflictClass::Remove,
    basis: SavingsBasis::Modelled,
    effort: Effort::Low,
    risk: Level::Medium,
    restart_needed: false,
    rollback_possible: true,
    actions: &["rds:DescribeDBClusters", "rds:DescribeDBInstances"],
    metrics: &[Metric::AuroraConnectionsMax, Metric::AuroraStorageUsed, Metric::AuroraAcus],
    thresholds: &["look_back_days", "min_datapoints_percent"],
    on_by_default: true,
};

fn judge(case: &Case<'_>, aurora: &Cluster<'_>) -> Judgement {
    let cluster = aurora.cluster;
    let judged = cluster.engine.is_aurora() && cluster.available() && !cluster.replicated;
    if !judged || aurora.members.is_empty() {
        return Ok(None);
    }
    case.require_full_window(&cluster.common)?;
    let connections = case.summary(Metric::AuroraConnectionsMax, &cluster.common)?;
    if connections.max > 0.0 {
        return Ok(None);
    }
    let stored = case.summary(Metric::AuroraStorageUsed, &cluster.common)?;
    let gib = mean_gib(stored);
    let amounts = amounts(case, aurora, gib)?;
    if !amounts.savings.is_positive() {
        return Ok(None);
    }
    let count = aurora.members.len();
    Ok(Some(Finding {
        title: format!("Delete the {} cluster of {count} that nobody connects to", cluster.engine),
        current: json!({"engine": cluster.engine, "members": cluster.member_ids, "storedGib": gib}),
        recommended: json!({"status": "deleted", "finalSnapshot": "kept"}),
        evidence: vec![
            case.measured(Metric::AuroraConnectionsMax, connections, "0 connections".into(), "none".into()),
            case.measured(
                Metric::AuroraStorageUsed,
                stored,
                format!("{gib} GiB on average"),
                "is billed".into(),
            ),
        ],
        remediation: remediation(aurora),
        ..case.finding(cluster, amounts)
    }))
}

fn amounts<'a>(case: &Case<'a>, aurora: &Cluster<'_>, gib: i64) -> Result<Amounts<'a>, UnknownReason> {
    let (mut bill, cluster) = (case.bill(), aurora.cluster);
    let mut cost = aurora.compute_as_is(case, &mut bill)?;
    cost += aurora.storage(&mut bill, gib, IoOptimized::of(cluster))?;
    if let Some(surcharge) = find_surcharge(case, cluster) {
        cost += aurora.surcharge(case, &mut bill, &surcharge)?;
    }
    let kept = bill.db_backup(&cluster.common.region, cluster.engine, gib)?;
    Ok(Amounts { savings: cost.clone() - kept, cost, bill })
}

fn remediation(aurora: &Cluster<'_>) -> Remediation {
    let (region, id, engine) =
        (&aurora.cluster.common.region, &*aurora.cluster.common.id, aurora.cluster.engine.as_str());
    let last = format!("{id}-final");
    let (named, engine) = (("--db-cluster-identifier", id), ("--engine", engine));
    let member = |id| ("--db-instance-identifier", id);
    let mut commands = Vec::new();
    let mut rollback_commands = vec![aws(
        "rds restore-db-cluster-from-snapshot",
        region,
        &[named, ("--snapshot-identifier", &*last), engine],
    )];
    for db in &aurora.members {
        let id = member(&*db.common.id);
        commands.push(aws("rds delete-db-instance", region, &[id]));
        let class = ("--db-instance-class", &*db.class);
        rollback_commands.push(aws("rds create-db-instance", region, &[id, named, class, engine]));
    }
    commands.push(aws("rds delete-db-cluster", region, &[named, ("--final-db-snapshot-identifier", &*last)]));
    Remediation {
        commands,
        rollback_commands,
        notes: vec![
            "Automated backups go with the cluster; the final snapshot stays and costs by its size.".into(),
            "With deletion protection on, switch that off first.".into(),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::inventory::{DbCluster, DbInstance};
    use crate::rules::{
        fixtures::{Lab, days_ago},
        rds::lab::{aurora, cluster, member},
    };

    const GIB: f64 = 1_073_741_824.0;

    fn unused(cluster: DbCluster, members: Vec<DbInstance>) -> Lab {
        aurora(cluster, members).daily(Metric::AuroraConnectionsMax, "shop", 14, 0.0).daily(
            Metric::AuroraStorageUsed,
            "shop",
            14,
            100.0 * GIB,
        )
    }

    #[test]
    fn members_and_storage_are_saved_but_the_final_snapshot() {
        let finding = unused(cluster("shop"), vec![member("a"), member("b")]).only_finding(&RULE);
        assert_eq!(finding.monthly_cost.to_string(), "389.60", "2 * 0.26 * 730 + 100 * 0.10");
        assert_eq!(finding.monthly_savings.to_string(), "387.50", "100 GiB * 0.021 stay");
        let commands = finding.remediation.commands;
        assert_eq!(commands.len(), 3);
        assert!(
            commands[2].ends_with("--db-cluster-identifier shop --final-db-snapshot-identifier shop-final")
        );
    }

    #[test]
    fn io_optimized_clusters_have_their_own_prices() {
        let dear = DbCluster { io_optimized: true, ..cluster("shop") };
        let finding = unused(dear, vec![member("a")]).only_finding(&RULE);
        assert_eq!(finding.monthly_cost.to_string(), "269.24", "1.3 * 0.26 * 730 + 100 * 0.225");
    }

    #[test]
    fn a_serverless_member_costs_its_mean_capacity() {
        let serverless = DbInstance { class: "db.serverless".into(), ..member("a") };
        let finding = unused(cluster("shop"), vec![serverless])
            .daily(Metric::AuroraAcus, "a", 14, 2.5)
            .only_finding(&RULE);
        assert_eq!(finding.monthly_cost.to_string(), "229.00", "2.5 * 0.12 * 730 + 10");
    }

    #[test]
    fn used_replicated_stopped_and_empty_clusters_are_left_alone() {
        unused(cluster("shop"), vec![member("a")])
            .daily(Metric::AuroraConnectionsMax, "shop", 14, 1.0)
            .nothing(&RULE);
        unused(DbCluster { replicated: true, ..cluster("shop") }, vec![member("a")]).nothing(&RULE);
        unused(DbCluster { status: "stopped".into(), ..cluster("shop") }, vec![member("a")]).nothing(&RULE);
        unused(cluster("shop"), vec![]).nothing(&RULE);
    }

    #[test]
    fn what_is_missing_is_unknown() {
        let mut young = cluster("shop");
        young.common.created_at = Some(days_ago(3));
        unused(young, vec![member("a")]).unknown(&RULE, UnknownReason::TooYoung);
        unused(cluster("shop"), vec![member("a")])
            .no_datapoints(Metric::AuroraStorageUsed, "shop")
            .unknown(&RULE, UnknownReason::MetricMissing);
        unused(cluster("shop"), vec![member("a")])
            .inventory(|i| i.db_instances.clear())
            .unknown(&RULE, UnknownReason::InventoryIncomplete);
    }
}
