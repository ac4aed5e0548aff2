//! Clusters whose machines have little to do. The machines are judged as instances; this says where they belong.

use super::{Amounts, Case, Judgement, Meta, Rule, command::aws};
use crate::domain::{
    figure::Figure,
    finding::{ActionType, ConflictClass, Effort, Finding, Level, Remediation, SavingsBasis},
    inventory::{EcsCluster, ResourceKind},
    metric::{Metric, Summary},
};
use serde_json::json;

pub const RULE: Rule =
    Rule { meta: &META, check: |case| case.judge_each(&case.snapshot.inventory.ecs_clusters, judge) };

static META: Meta = Meta {
    id: "ecs-cluster-low-utilization",
    title: "Cluster's machines have little to do",
    condition: "An active cluster with machines of its own, whose daily maximum of CPU, and of memory, is below \
                ecs_cluster_low_percent on average over the window.",
    formula: "no promise: what its machines cost is that of the instances and groups behind it",
    pitfalls: "Both are shares of what tasks reserved and use, not of the machines alone. Spare machines for a failed zone.",
    kind: ResourceKind::EcsCluster,
    action_type: ActionType::ScaleIn,
    class: ConflictClass::Resize,
    basis: SavingsBasis::Exposure,
    effort: Effort::Medium,
    risk: Level::Medium,
    restart_needed: false,
    rollback_possible: true,
    actions: &["ecs:DescribeClusters", "cloudwatch:GetMetricData"],
    metrics: &[Metric::EcsCpuMax, Metric::EcsMemoryMax],
    thresholds: &["look_back_days", "min_datapoints_percent", "ecs_cluster_low_percent"],
    on_by_default: false,
};

fn judge(case: &Case<'_>, cluster: &EcsCluster) -> Judgement {
    if !cluster.active || cluster.container_instances == 0 {
        return Ok(None);
    }
    let cpu = case.summary(Metric::EcsCpuMax, &cluster.common)?;
    let memory = case.summary(Metric::EcsMemoryMax, &cluster.common)?;
    let limit = case.thresholds.ecs_cluster_low_percent;
    if [cpu, memory].into_iter().any(|seen| average(seen) >= f64::from(limit)) {
        return Ok(None);
    }
    let machines = cluster.container_instances;
    let percent = |seen: &Summary| format!("{:.1} % on average over the days", average(seen));
    let amounts = Amounts { cost: Figure::zero(), savings: Figure::zero(), bill: case.bill() };
    Ok(Some(Finding {
        title: format!("Run {} on fewer than {machines} machines", cluster.common.id),
        current: json!({"containerInstances": machines, "runningTasks": cluster.running_tasks}),
        recommended: json!({"containerInstances": format!("fewer than {machines}")}),
        evidence: vec![
            case.measured(Metric::EcsCpuMax, cpu, percent(cpu), format!("{limit} %")),
            case.measured(Metric::EcsMemoryMax, memory, percent(memory), format!("{limit} %")),
        ],
        remediation: look_at(cluster),
        ..case.finding(cluster, amounts)
    }))
}

/// Of the daily maxima.
fn average(days: &Summary) -> f64 {
    days.sum / f64::from(days.found.max(1))
}

fn look_at(cluster: &EcsCluster) -> Remediation {
    let list = [("--cluster", &*cluster.common.id)];
    Remediation {
        commands: vec![aws("ecs list-container-instances", &cluster.common.region, &list)],
        rollback_commands: Vec::new(),
        notes: vec!["Lower the Auto Scaling group behind it, or let a capacity provider do so.".into()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{ecs::lab::cluster, fixtures::Lab};

    fn lab(cpu: f64, memory: f64, machines: i64) -> Lab {
        let cluster = EcsCluster { container_instances: machines, ..cluster("batch") };
        Lab::new()
            .inventory(|i| i.ecs_clusters.push(cluster))
            .daily(Metric::EcsCpuMax, "batch", 14, cpu)
            .daily(Metric::EcsMemoryMax, "batch", 14, memory)
    }

    #[test]
    fn machines_with_little_to_do_are_worth_a_look() {
        assert_eq!(lab(12.0, 19.0, 6).only_finding(&RULE).basis, SavingsBasis::Exposure);
    }

    #[test]
    fn full_memory_and_no_machines_are_fine() {
        lab(12.0, 60.0, 6).nothing(&RULE);
        lab(12.0, 19.0, 0).nothing(&RULE);
    }
}
