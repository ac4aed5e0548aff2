//! Fargate services whose number of tasks never follows the load.

use super::{Amounts, Case, Judgement, Meta, Rule, case::property, command::aws, fargate::month_now};
use crate::domain::{
    figure::Figure,
    finding::{
        ActionType, ConflictClass, Effort, Finding, Level, Remediation, SavingsBasis, UnknownReason, Verdicts,
    },
    inventory::{EcsService, ResourceKind},
    region::Region,
};
use serde_json::json;
use std::collections::HashSet;

pub const RULE: Rule = Rule { meta: &META, check };

static META: Meta = Meta {
    id: "ecs-service-no-autoscaling",
    title: "Fargate service does not follow its load",
    condition: "A Fargate service for Linux (not Spot) that wants at least two tasks and has no scalable target for its \
                desired count.",
    formula: "no promise: the cost is that of the present tasks",
    pitfalls: "Services with an even load, and those that another tool scales.",
    kind: ResourceKind::EcsService,
    action_type: ActionType::Configure,
    class: ConflictClass::Resize,
    basis: SavingsBasis::Exposure,
    effort: Effort::Low,
    risk: Level::Low,
    restart_needed: false,
    rollback_possible: true,
    actions: &["ecs:DescribeServices", "application-autoscaling:DescribeScalableTargets"],
    metrics: &[],
    thresholds: &[],
    on_by_default: false,
};

const DIMENSION: &str = "ecs:service:DesiredCount";

fn check(case: &Case<'_>) -> Verdicts {
    let inventory = &case.snapshot.inventory;
    let targets = inventory.scalable_targets.iter().filter(|target| &*target.dimension == DIMENSION);
    let scaled: HashSet<(&Region, &str)> = targets.map(|t| (&t.common.region, &*t.resource)).collect();
    case.judge_each(&inventory.ecs_services, |case, service| judge(case, service, &scaled))
}

fn judge(case: &Case<'_>, service: &EcsService, scaled: &HashSet<(&Region, &str)>) -> Judgement {
    let Some(task) = service.fargate_task().filter(|_| service.desired_count > 1) else { return Ok(None) };
    let (region, resource) = (&service.common.region, format!("service/{}", service.common.id));
    if !case.snapshot.coverage.complete(ResourceKind::ScalableTarget, region) {
        return Err(UnknownReason::InventoryIncomplete);
    }
    if scaled.contains(&(region, &*resource)) {
        return Ok(None);
    }
    let mut bill = case.bill();
    let cost = month_now(&mut bill, service, task)?;
    let tasks = service.desired_count;
    Ok(Some(Finding {
        title: format!("Let the {tasks} tasks of {} follow the load", service.common.id),
        current: json!({"desiredCount": tasks, "autoScaling": false}),
        recommended: json!({"autoScaling": true}),
        evidence: vec![property("scalable target", "none", Some("one".into()))],
        remediation: remediation(service, &resource),
        ..case.finding(service, Amounts { cost, savings: Figure::zero(), bill })
    }))
}

fn remediation(service: &EcsService, resource: &str) -> Remediation {
    let most = service.desired_count.to_string();
    let named =
        [("--service-namespace", "ecs"), ("--resource-id", resource), ("--scalable-dimension", DIMENSION)];
    let call = |operation: &str, more: &[(&str, &str)]| {
        aws(&format!("application-autoscaling {operation}"), &service.common.region, &[&named, more].concat())
    };
    let policy = json!({
        "TargetValue": 60,
        "PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"},
    })
    .to_string();
    Remediation {
        commands: vec![
            call("register-scalable-target", &[("--min-capacity", "1"), ("--max-capacity", &most)]),
            call(
                "put-scaling-policy",
                &[
                    ("--policy-name", "cpu"),
                    ("--policy-type", "TargetTrackingScaling"),
                    ("--target-tracking-scaling-policy-configuration", &policy),
                ],
            ),
        ],
        rollback_commands: vec![call("deregister-scalable-target", &[])],
        notes: vec![
            "Choose least and most by what the service must bear; at least two tasks keep it up.".into(),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::inventory::ScalableTarget;
    use crate::rules::{
        ecs::lab::{lab, service},
        fixtures::common,
    };

    #[test]
    fn a_service_that_never_scales_is_worth_a_look() {
        let finding = lab(service("web"), 50.0, 50.0).only_finding(&RULE);
        assert_eq!(finding.basis, SavingsBasis::Exposure);
        assert!(!finding.monthly_savings.is_positive());
    }

    #[test]
    fn a_scaled_service_and_a_single_task_are_fine() {
        let target = ScalableTarget {
            common: common("0ec5abc"),
            resource: "service/shop/web".into(),
            dimension: DIMENSION.into(),
            least: 1,
            most: 4,
        };
        lab(service("web"), 50.0, 50.0).inventory(|i| i.scalable_targets.push(target)).nothing(&RULE);
        lab(EcsService { desired_count: 1, ..service("web") }, 50.0, 50.0).nothing(&RULE);
    }

    #[test]
    fn targets_that_could_not_be_listed_are_not_absent() {
        let lab = lab(service("web"), 50.0, 50.0).incomplete(ResourceKind::ScalableTarget);
        lab.unknown(&RULE, UnknownReason::InventoryIncomplete);
    }
}
