//! Fargate services that do nothing.

use super::{
    Amounts, Case, Judgement, Meta, Rule,
    fargate::{demand, evidence, month_now, size_in_words, update},
};
use crate::domain::{
    finding::{ActionType, ConflictClass, Effort, Finding, Level, Remediation, SavingsBasis},
    inventory::{EcsService, ResourceKind},
    metric::Metric,
};
use serde_json::json;

pub const RULE: Rule =
    Rule { meta: &META, check: |case| case.judge_each(&case.snapshot.inventory.ecs_services, judge) };

static META: Meta = Meta {
    id: "ecs-service-idle",
    title: "Fargate service does nothing",
    condition: "A Fargate service for Linux (not Spot) that wants tasks, older than the window, not tagged to keep, \
                whose greatest CPU and memory are both below ecs_idle_percent.",
    formula: "desired tasks * (vCPU + GB) * 730 h",
    pitfalls: "Standby for a disaster; sidecars and daemons that only wait. The desired count of a service that scales \
               is that of the moment.",
    kind: ResourceKind::EcsService,
    action_type: ActionType::Delete,
    class: ConflictClass::Remove,
    basis: SavingsBasis::Modelled,
    effort: Effort::Low,
    risk: Level::Medium,
    restart_needed: false,
    rollback_possible: true,
    actions: &["ecs:DescribeServices", "ecs:DescribeTaskDefinition", "cloudwatch:GetMetricData"],
    metrics: &[Metric::EcsCpuMax, Metric::EcsMemoryMax],
    thresholds: &["look_back_days", "min_datapoints_percent", "ecs_idle_percent"],
    on_by_default: true,
};

fn judge(case: &Case<'_>, service: &EcsService) -> Judgement {
    let Some(task) = service.fargate_task().filter(|_| !service.common.tags.keep()) else { return Ok(None) };
    let used = demand(case, service)?;
    let limit = case.thresholds.ecs_idle_percent;
    let greatest = case.summary(Metric::EcsCpuMax, &service.common)?.max;
    if greatest >= f64::from(limit) || used.memory.max >= f64::from(limit) {
        return Ok(None);
    }
    let mut bill = case.bill();
    let cost = month_now(&mut bill, service, task)?;
    let (tasks, days) = (service.desired_count, case.thresholds.look_back_days);
    let size = size_in_words(task.cpu_units, task.memory_mib);
    let below = format!("below {limit} %");
    Ok(Some(Finding {
        title: format!("Stop {tasks} tasks of {size} that did nothing for {days} days"),
        current: json!({"desiredCount": tasks, "cpuUnits": task.cpu_units, "memoryMib": task.memory_mib}),
        recommended: json!({"desiredCount": 0}),
        evidence: evidence(case, &used, below.clone(), below),
        confidence: if service.reachable { Level::High } else { Level::Medium },
        remediation: Remediation {
            commands: vec![update(service, &[("--desired-count", "0")])],
            rollback_commands: vec![update(service, &[("--desired-count", &tasks.to_string())])],
            notes: vec![
                "Delete the service once nobody has missed it; a scalable target would start it again."
                    .into(),
            ],
        },
        ..case.finding(service, Amounts { savings: cost.clone(), cost, bill })
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::finding::UnknownReason;
    use crate::domain::inventory::EcsCapacity;
    use crate::rules::ecs::lab::{lab, service, tagged};
    use crate::rules::fixtures::days_ago;

    #[test]
    fn an_idle_service_costs_its_tasks() {
        let finding = lab(service("web"), 0.4, 0.9).only_finding(&RULE);
        // 2 * 730 * (0.04048 + 4 * 0.004445).
        assert_eq!(finding.monthly_savings.to_string(), "85.0596");
        assert!(finding.remediation.commands[0].ends_with("--cluster shop --service web --desired-count 0"));
    }

    #[test]
    fn work_or_memory_in_use_is_fine() {
        lab(service("web"), 1.0, 0.5).nothing(&RULE);
        lab(service("web"), 0.5, 3.0).nothing(&RULE);
    }

    #[test]
    fn others_are_left_alone() {
        lab(tagged("web", "keep", "standby"), 0.4, 0.4).nothing(&RULE);
        lab(EcsService { desired_count: 0, ..service("web") }, 0.4, 0.4).nothing(&RULE);
        lab(EcsService { capacity: EcsCapacity::Other, ..service("web") }, 0.4, 0.4).nothing(&RULE);
        lab(EcsService { capacity: EcsCapacity::FargateSpot, ..service("web") }, 0.4, 0.4).nothing(&RULE);
    }

    #[test]
    fn silence_and_youth_are_unknown() {
        let silent = lab(service("web"), 0.4, 0.4).no_datapoints(Metric::EcsMemoryMax, "shop/web");
        silent.unknown(&RULE, UnknownReason::MetricMissing);
        let mut young = service("web");
        young.common.created_at = Some(days_ago(3));
        lab(young, 0.4, 0.4).unknown(&RULE, UnknownReason::TooYoung);
    }
}
