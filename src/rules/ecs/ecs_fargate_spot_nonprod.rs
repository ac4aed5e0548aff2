//! Fargate services that are not productive and pay for never being interrupted.

use super::{
    Amounts, Case, Judgement, Meta, Rule,
    case::property,
    fargate::{month_now, update},
};
use crate::domain::{
    finding::{ActionType, ConflictClass, Effort, Finding, Level, Remediation, SavingsBasis},
    inventory::{EcsService, ResourceKind},
};
use serde_json::json;

pub const RULE: Rule =
    Rule { meta: &META, check: |case| case.judge_each(&case.snapshot.inventory.ecs_services, judge) };

static META: Meta = Meta {
    id: "ecs-fargate-spot-nonprod",
    title: "Fargate service that is not productive could run on Spot",
    condition: "A Fargate service for Linux that wants tasks, uses no Spot and is tagged as not productive.",
    formula: "desired tasks * (vCPU + GB) * 730 h * fargate_spot_discount_percent",
    pitfalls: "The price list has no price of Fargate Spot: the discount is an assumption to be set, not a quotation. \
               Tasks are stopped at two minutes' notice. Savings Plans do not apply to Spot.",
    kind: ResourceKind::EcsService,
    action_type: ActionType::Configure,
    class: ConflictClass::Resize,
    basis: SavingsBasis::Modelled,
    effort: Effort::Low,
    risk: Level::Medium,
    restart_needed: true,
    rollback_possible: true,
    actions: &["ecs:DescribeServices", "ecs:DescribeTaskDefinition"],
    metrics: &[],
    thresholds: &["nonprod_values", "fargate_spot_discount_percent"],
    on_by_default: true,
};

fn judge(case: &Case<'_>, service: &EcsService) -> Judgement {
    let task = service.fargate_task().filter(|_| case.nonprod(&service.common.tags));
    let Some(task) = task else { return Ok(None) };
    let mut bill = case.bill();
    let cost = month_now(&mut bill, service, task)?;
    let percent = case.thresholds.fargate_spot_discount_percent;
    let savings = cost.clone().scale(percent.into(), 100);
    let tasks = service.desired_count;
    Ok(Some(Finding {
        title: format!("Run {tasks} tasks of {} on Fargate Spot", service.common.id),
        current: json!({"capacityProvider": "FARGATE", "desiredCount": tasks}),
        recommended: json!({"capacityProvider": "FARGATE_SPOT", "desiredCount": tasks}),
        evidence: vec![
            property("tags", "not productive", None),
            property("assumed discount", format!("{percent} %"), Some("AWS says up to 70 %".into())),
        ],
        confidence: Level::Low,
        remediation: Remediation {
            commands: vec![run_on(service, "FARGATE_SPOT")],
            rollback_commands: vec![run_on(service, "FARGATE")],
            notes: vec![
                "The cluster must have the capacity provider FARGATE_SPOT; tasks should end well on SIGTERM."
                    .into(),
            ],
        },
        ..case.finding(service, Amounts { cost, savings, bill })
    }))
}

fn run_on(service: &EcsService, provider: &str) -> String {
    let strategy = format!("capacityProvider={provider},weight=1");
    update(service, &[("--capacity-provider-strategy", &strategy), ("--force-new-deployment", "")])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::inventory::EcsCapacity;
    use crate::rules::ecs::lab::{lab, tagged};

    #[test]
    fn a_test_service_saves_the_assumed_discount() {
        let finding = lab(tagged("web", "stage", "Staging"), 50.0, 50.0).only_finding(&RULE);
        assert_eq!(finding.monthly_savings.to_string(), "42.5298");
        assert_eq!(finding.confidence, Level::Low);
        assert!(finding.calculation.monthly_savings.starts_with("50 / 100 * ("));
    }

    #[test]
    fn production_and_spot_are_left_alone() {
        lab(tagged("web", "env", "production"), 50.0, 50.0).nothing(&RULE);
        let spot = EcsService { capacity: EcsCapacity::FargateSpot, ..tagged("web", "env", "dev") };
        lab(spot, 50.0, 50.0).nothing(&RULE);
    }
}
