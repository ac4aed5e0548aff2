//! Fargate services whose tasks are larger than they need.

use super::{
    Amounts, Bill, Case, Judgement, Meta, Rule,
    fargate::{Demand, demand, evidence, month, month_now, new_revision, size_in_words, sizes_for},
    quantity::{whole_units, with_headroom},
};
use crate::domain::{
    figure::Figure,
    finding::{ActionType, ConflictClass, Effort, Finding, Level, SavingsBasis, UnknownReason},
    inventory::{EcsService, ResourceKind, TaskSize},
    metric::Metric,
};

use serde_json::json;

pub const RULE: Rule =
    Rule { meta: &META, check: |case| case.judge_each(&case.snapshot.inventory.ecs_services, judge) };

static META: Meta = Meta {
    id: "ecs-service-rightsize",
    title: "Fargate tasks are larger than they need",
    condition: "A Fargate service for Linux (not Spot) that wants tasks, older than the window: a cheaper pair of CPU and \
                memory that Fargate has, neither above the present, holds the p99.5 of CPU and the greatest memory \
                with ecs_headroom_percent to spare.",
    formula: "desired tasks * ((vCPU - new vCPU) + (GB - new GB)) * 730 h",
    pitfalls: "Both metrics are averages over the service's tasks: one task may need more. A Java heap that is set by the \
               container's size shrinks with it. Start-up may need the most CPU.",
    kind: ResourceKind::EcsService,
    action_type: ActionType::Rightsize,
    class: ConflictClass::Resize,
    basis: SavingsBasis::Modelled,
    effort: Effort::Low,
    risk: Level::Medium,
    restart_needed: true,
    rollback_possible: true,
    actions: &["ecs:DescribeServices", "ecs:DescribeTaskDefinition", "cloudwatch:GetMetricData"],
    metrics: &[Metric::EcsCpuMax, Metric::EcsCpuP995, Metric::EcsMemoryMax],
    thresholds: &["look_back_days", "min_datapoints_percent", "ecs_headroom_percent"],
    on_by_default: true,
};

fn judge(case: &Case<'_>, service: &EcsService) -> Judgement {
    let Some(task) = service.fargate_task() else { return Ok(None) };
    let used = demand(case, service)?;
    let (cpu, memory) = need(case, task, &used);
    let mut bill = case.bill();
    let cost = month_now(&mut bill, service, task)?;
    let Some((size, then)) = cheapest(&mut bill, service, task, (cpu, memory))? else { return Ok(None) };
    let savings = cost.clone() - then;
    if !savings.is_positive() {
        return Ok(None);
    }
    let (now, new) = (size_in_words(task.cpu_units, task.memory_mib), size_in_words(size.0, size.1));
    let note = format!("Set cpu to {} and memory to {} in the new revision.", size.0, size.1);
    Ok(Some(Finding {
        title: format!("Give each task of {} {new} in place of {now}", service.common.id),
        current: json!({"cpuUnits": task.cpu_units, "memoryMib": task.memory_mib}),
        recommended: json!({"cpuUnits": size.0, "memoryMib": size.1}),
        evidence: evidence(case, &used, format!("{} CPU units", size.0), format!("{} MiB", size.1)),
        confidence: Level::Medium,
        remediation: new_revision(service, task, note),
        ..case.finding(service, Amounts { cost, savings, bill })
    }))
}

/// CPU units and MiB with what is to spare.
#[allow(clippy::cast_precision_loss, reason = "sizes of tasks are far below 2^52")]
fn need(case: &Case<'_>, task: &TaskSize, used: &Demand<'_>) -> (i64, i64) {
    let share = |whole: i64, percent: f64| {
        with_headroom(whole_units(whole as f64 * percent / 100.0), case.thresholds.ecs_headroom_percent)
    };
    (share(task.cpu_units, used.cpu.1.max), share(task.memory_mib, used.memory.max))
}

/// CPU units and MiB, and what a month of it costs.
type Offer = ((i64, i64), Figure);

/// Of the sizes that hold the need and are nowhere larger than the present one.
fn cheapest(
    bill: &mut Bill<'_>,
    service: &EcsService,
    task: &TaskSize,
    (cpu, memory): (i64, i64),
) -> Result<Option<Offer>, UnknownReason> {
    let mut best: Option<Offer> = None;
    for size in sizes_for(cpu, memory) {
        if size.0 > task.cpu_units || size.1 > task.memory_mib {
            continue;
        }
        let cost = month(bill, service, task.architecture, size)?;
        if best.as_ref().is_none_or(|(_, least)| cost < *least) {
            best = Some((size, cost));
        }
    }
    Ok(best)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::ecs::lab::{lab, service};

    #[test]
    fn the_cheapest_pair_that_holds_the_need_is_proposed() {
        let finding = lab(service("web"), 20.0, 30.0).only_finding(&RULE);
        // 246 units and 1,475 MiB: a quarter of a vCPU with 2 GB.
        assert_eq!(finding.recommended, json!({"cpuUnits": 256, "memoryMib": 2_048}));
        // 2 * 730 * (0.75 * 0.04048 + 2 * 0.004445).
        assert_eq!(finding.monthly_savings.to_string(), "57.305");
    }

    #[test]
    fn a_percentile_tells_more_than_a_spike() {
        let spiky = lab(service("web"), 95.0, 30.0);
        spiky.daily(Metric::EcsCpuP995, "shop/web", 14, 20.0).only_finding(&RULE);
    }

    #[test]
    fn a_task_that_is_used_stays() {
        lab(service("web"), 70.0, 70.0).nothing(&RULE);
        lab(service("web"), 95.0, 90.0).nothing(&RULE);
    }
}
