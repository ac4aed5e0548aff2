//! Clusters with nothing in them: tidying, no saving.

use super::{Amounts, Case, Judgement, Meta, Rule, case::property, command::aws};
use crate::domain::{
    figure::Figure,
    finding::{ActionType, ConflictClass, Effort, Finding, Level, Remediation, SavingsBasis},
    inventory::{EcsCluster, ResourceKind},
};
use serde_json::json;

pub const RULE: Rule =
    Rule { meta: &META, check: |case| case.judge_each(&case.snapshot.inventory.ecs_clusters, judge) };

static META: Meta = Meta {
    id: "ecs-cluster-unused",
    title: "Cluster has nothing in it (saves nothing)",
    condition: "An active cluster, not tagged to keep, without services, tasks and machines at the time of the scan.",
    formula: "0: an empty cluster costs nothing but the metrics of Container Insights",
    pitfalls: "Clusters for tasks that run on a schedule are empty in between.",
    kind: ResourceKind::EcsCluster,
    action_type: ActionType::Delete,
    class: ConflictClass::Remove,
    basis: SavingsBasis::Exposure,
    effort: Effort::VeryLow,
    risk: Level::Low,
    restart_needed: false,
    rollback_possible: true,
    actions: &["ecs:ListClusters", "ecs:DescribeClusters"],
    metrics: &[],
    thresholds: &[],
    on_by_default: true,
};

#[allow(clippy::unnecessary_wraps, reason = "a judge's form")]
fn judge(case: &Case<'_>, cluster: &EcsCluster) -> Judgement {
    let EcsCluster { container_instances, running_tasks, pending_tasks, active_services, .. } = cluster;
    let inside = [container_instances, running_tasks, pending_tasks, active_services];
    if !cluster.active || inside.into_iter().any(|count| *count > 0) || cluster.common.tags.keep() {
        return Ok(None);
    }
    let region = &cluster.common.region;
    let amounts = Amounts { cost: Figure::zero(), savings: Figure::zero(), bill: case.bill() };
    Ok(Some(Finding {
        title: format!("Tidy up the empty cluster {} (saves nothing)", cluster.common.id),
        current: json!({"services": 0, "tasks": 0, "containerInstances": 0}),
        recommended: json!({"state": "deleted"}),
        evidence: vec![property("services, tasks and machines", "0", Some("1".into()))],
        remediation: Remediation {
            commands: vec![aws("ecs delete-cluster", region, &[("--cluster", &cluster.common.id)])],
            rollback_commands: vec![aws(
                "ecs create-cluster",
                region,
                &[("--cluster-name", &cluster.common.id)],
            )],
            notes: Vec::new(),
        },
        ..case.finding(cluster, amounts)
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{ecs::lab::cluster, fixtures::Lab};

    fn lab(cluster: EcsCluster) -> Lab {
        Lab::new().inventory(|i| i.ecs_clusters.push(cluster))
    }

    #[test]
    fn an_empty_cluster_is_shown_and_saves_nothing() {
        let finding = lab(cluster("old")).only_finding(&RULE);
        assert_eq!(finding.basis, SavingsBasis::Exposure);
        assert!(!finding.monthly_savings.is_positive());
    }

    #[test]
    fn anything_inside_is_use() {
        lab(EcsCluster { active_services: 1, ..cluster("old") }).nothing(&RULE);
        lab(EcsCluster { running_tasks: 1, ..cluster("old") }).nothing(&RULE);
        lab(EcsCluster { container_instances: 1, ..cluster("old") }).nothing(&RULE);
        lab(EcsCluster { active: false, ..cluster("old") }).nothing(&RULE);
    }

    #[test]
    fn absurd_counts_are_use() {
        let full = EcsCluster { running_tasks: i64::MAX, active_services: i64::MAX, ..cluster("old") };
        lab(full).nothing(&RULE);
    }
}
