//! Fargate tasks on x86: the same task on arm64 costs a fifth less.

use super::{
    Amounts, Case, Judgement, Meta, Rule,
    case::property,
    fargate::{month, month_now, new_revision, size_in_words},
};
use crate::domain::{
    finding::{ActionType, ConflictClass, Effort, Finding, Level, SavingsBasis},
    inventory::{Architecture, EcsService, ResourceKind},
};
use serde_json::json;

pub const RULE: Rule =
    Rule { meta: &META, check: |case| case.judge_each(&case.snapshot.inventory.ecs_services, judge) };

static META: Meta = Meta {
    id: "ecs-graviton",
    title: "Fargate service could run on Graviton",
    condition: "A Fargate service for Linux on x86_64 (not Spot) that wants tasks. Counted only where the tag workload or \
                runtime names one of portable_workloads; otherwise shown without a promise. Clusters on EC2 are judged \
                by their instances.",
    formula: "desired tasks * (vCPU + GB at the prices of x86 - the same at those of arm64) * 730 h",
    pitfalls: "Every image of the task must exist for arm64. It competes with rightsizing and is never added to it.",
    kind: ResourceKind::EcsService,
    action_type: ActionType::MigrateToGraviton,
    class: ConflictClass::Resize,
    basis: SavingsBasis::Modelled,
    effort: Effort::High,
    risk: Level::Medium,
    restart_needed: true,
    rollback_possible: true,
    actions: &["ecs:DescribeServices", "ecs:DescribeTaskDefinition"],
    metrics: &[],
    thresholds: &["portable_workloads"],
    on_by_default: true,
};

fn judge(case: &Case<'_>, service: &EcsService) -> Judgement {
    let x86 = service.fargate_task().filter(|task| task.architecture == Architecture::X86_64);
    let Some(task) = x86 else { return Ok(None) };
    let mut bill = case.bill();
    let cost = month_now(&mut bill, service, task)?;
    let size = (task.cpu_units, task.memory_mib);
    let savings = cost.clone() - month(&mut bill, service, Architecture::Arm64, size)?;
    if !savings.is_positive() {
        return Ok(None);
    }
    let (tasks, words) = (service.desired_count, size_in_words(size.0, size.1));
    let note =
        "Set runtimePlatform.cpuArchitecture to ARM64 and name images that hold arm64 in the new revision.";
    let finding = Finding {
        title: format!("Run {tasks} tasks of {words} on Graviton"),
        current: json!({"architecture": "x86_64", "desiredCount": tasks}),
        recommended: json!({"architecture": "arm64", "desiredCount": tasks}),
        remediation: new_revision(service, task, note.into()),
        ..case.finding(service, Amounts { cost, savings, bill })
    };
    Ok(Some(weigh(case, service, finding)))
}

/// Only a workload that is known to run on arm64 is promised.
fn weigh(case: &Case<'_>, service: &EcsService, finding: Finding) -> Finding {
    let workload = service.common.tags.get_any(&["workload", "runtime"]).unwrap_or("not tagged");
    let known = case.thresholds.portable_workloads.iter().any(|name| name.eq_ignore_ascii_case(workload));
    let limit = format!("one of {}", case.thresholds.portable_workloads.join(", "));
    let evidence = vec![
        property("architecture", "x86_64", None),
        property("tag workload or runtime", workload, Some(limit)),
    ];
    if known {
        return Finding { evidence, confidence: Level::Medium, ..finding };
    }
    Finding {
        evidence,
        basis: SavingsBasis::Exposure,
        effort: Effort::VeryHigh,
        confidence: Level::Low,
        ..finding
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::inventory::TaskSize;
    use crate::rules::ecs::lab::{lab, service, tagged};

    #[test]
    fn a_portable_workload_saves_the_difference() {
        let finding = lab(tagged("web", "Runtime", "Java"), 50.0, 50.0).only_finding(&RULE);
        // 2 * 730 * (0.0081 + 4 * 0.000885).
        assert_eq!(finding.monthly_savings.to_string(), "16.9944");
        assert_eq!((finding.basis, finding.confidence), (SavingsBasis::Modelled, Level::Medium));
    }

    #[test]
    fn others_are_shown_without_a_promise() {
        let finding = lab(service("web"), 50.0, 50.0).only_finding(&RULE);
        assert_eq!(finding.basis, SavingsBasis::Exposure);
    }

    #[test]
    fn arm_and_windows_are_left_alone() {
        for (architecture, windows) in [(Architecture::Arm64, false), (Architecture::X86_64, true)] {
            let mut service = service("web");
            service.task = service.task.map(|task| TaskSize { architecture, windows, ..task });
            lab(service, 50.0, 50.0).nothing(&RULE);
        }
    }
}
