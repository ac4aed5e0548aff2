//! Functions with more memory than they fill. Less memory is less CPU: only the time spent waiting gets cheaper.

use super::{
    Amounts, Case, Judgement, Meta, Rule,
    command::aws,
    duration::{beside, invocations, is_judged, month, second_rate},
    quantity::{whole_units, with_headroom},
};
use crate::domain::{
    finding::{ActionType, ConflictClass, Effort, Finding, Level, Remediation, SavingsBasis},
    inventory::{LambdaFunction, ResourceKind},
    metric::Metric,
};
use serde_json::json;

pub const RULE: Rule =
    Rule { meta: &META, check: |case| case.judge_each(&case.snapshot.inventory.lambda_functions, judge) };

static META: Meta = Meta {
    id: "lambda-memory-rightsize",
    title: "Function has more memory than it fills",
    condition: "Called at least lambda_min_invocations times in the window, without provisioned concurrency, and its \
                greatest memory use with lambda_headroom_percent to spare fits in less. Only where Lambda Insights \
                measures memory and CPU time; otherwise it is unknown.",
    formula: "(memory - new memory) * (Duration - CPU time) of the window as a month * GB-second: CPU moves with \
              memory, so the time at work takes longer in the same measure and saves nothing",
    pitfalls: "Calls take longer: watch the timeout and whoever waits for the answer. A call larger than any of the \
               window runs out of memory.",
    kind: ResourceKind::LambdaFunction,
    action_type: ActionType::Rightsize,
    class: ConflictClass::Resize,
    basis: SavingsBasis::Modelled,
    effort: Effort::Low,
    risk: Level::Medium,
    restart_needed: false,
    rollback_possible: true,
    actions: &["lambda:ListFunctions", "cloudwatch:GetMetricData"],
    metrics: &[
        Metric::LambdaInvocations,
        Metric::LambdaDuration,
        Metric::LambdaMemoryMax,
        Metric::LambdaCpuTime,
    ],
    thresholds: &["look_back_days", "lambda_min_invocations", "lambda_headroom_percent"],
    on_by_default: true,
};

const LEAST_MB: i64 = 128;
/// Lambda takes any size; steps keep the advice from moving with every scan.
const STEP_MB: i64 = 64;

fn judge(case: &Case<'_>, function: &LambdaFunction) -> Judgement {
    let smallest = function.memory_mb <= LEAST_MB;
    if smallest || !is_judged(function) || !function.provisioned.is_empty() {
        return Ok(None);
    }
    let Some(calls) = invocations(case, function)? else { return Ok(None) };
    let time = beside(case, Metric::LambdaDuration, function, calls)?;
    let memory = beside(case, Metric::LambdaMemoryMax, function, calls)?;
    let work = beside(case, Metric::LambdaCpuTime, function, calls)?;
    let enough = memory_for(function, memory.max, case.thresholds.lambda_headroom_percent);
    let waiting_ms = (time.sum - work.sum).max(0.0);
    if enough >= function.memory_mb || waiting_ms <= 0.0 {
        return Ok(None);
    }
    let mut bill = case.bill();
    let rate = second_rate(&mut bill, function, function.architecture)?;
    let cost = month(case, &rate, function.memory_mb, time.sum);
    let savings = month(case, &rate, function.memory_mb - enough, waiting_ms).min(cost.clone());
    let seconds = |ms: f64| format!("{:.0} seconds", ms / 1_000.0);
    Ok(Some(Finding {
        title: format!("Give {} {enough} MB in place of {} MB", function.common.id, function.memory_mb),
        current: json!({"memoryMb": function.memory_mb}),
        recommended: json!({"memoryMb": enough}),
        evidence: vec![
            case.measured(
                Metric::LambdaMemoryMax,
                memory,
                format!("{:.1} %", memory.max),
                format!("{enough} MB"),
            ),
            case.measured(Metric::LambdaDuration, time, seconds(time.sum), "more than CPU time".into()),
            case.measured(Metric::LambdaCpuTime, work, seconds(work.sum), "less than Duration".into()),
        ],
        confidence: Level::Medium,
        remediation: remediation(function, enough),
        ..case.finding(function, Amounts { cost, savings, bill })
    }))
}

/// The next step above the greatest use and what is to spare.
#[allow(clippy::cast_precision_loss, reason = "megabytes are far below 2^52")]
fn memory_for(function: &LambdaFunction, used_percent: f64, headroom_percent: u32) -> i64 {
    let used = whole_units(function.memory_mb as f64 * used_percent / 100.0);
    let steps = with_headroom(used, headroom_percent).saturating_add(STEP_MB - 1) / STEP_MB;
    (steps * STEP_MB).max(LEAST_MB)
}

fn remediation(function: &LambdaFunction, enough: i64) -> Remediation {
    let set = |megabytes: i64| {
        let options = [("--function-name", &*function.common.id), ("--memory-size", &*megabytes.to_string())];
        aws("lambda update-function-configuration", &function.common.region, &options)
    };
    Remediation {
        commands: vec![set(enough)],
        rollback_commands: vec![set(function.memory_mb)],
        notes: vec![
            "Compare Duration and the bill after a day: what works rather than waits takes longer.".into(),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::finding::UnknownReason;
    use crate::rules::{
        fixtures::Lab,
        lambda::lab::{function, lab},
    };

    /// A tenth of a second of each second at work.
    fn measured(memory_percent: f64, work_ms: f64) -> Lab {
        lab(function("checkout")).daily(Metric::LambdaMemoryMax, "checkout", 14, memory_percent).daily(
            Metric::LambdaCpuTime,
            "checkout",
            14,
            work_ms * 10_000.0,
        )
    }

    #[test]
    fn only_waiting_gets_cheaper() {
        let finding = measured(20.0, 100.0).only_finding(&RULE);
        // 410 MB with a fifth to spare are 492: 512 MB. 1,536 MB less for nine tenths of the time.
        assert_eq!(finding.recommended, json!({"memoryMb": 512}));
        assert_eq!(finding.monthly_cost.to_cents(), "10.14");
        assert_eq!(finding.monthly_savings.to_cents(), "6.84");
    }

    #[test]
    fn a_function_that_works_all_the_time_saves_nothing() {
        measured(20.0, 1_000.0).nothing(&RULE);
    }

    #[test]
    fn a_function_that_fills_its_memory_keeps_it() {
        measured(83.0, 100.0).nothing(&RULE);
    }

    #[test]
    fn without_insights_nothing_is_known() {
        lab(function("checkout")).unknown(&RULE, UnknownReason::MetricMissing);
        measured(20.0, 100.0)
            .no_datapoints(Metric::LambdaCpuTime, "checkout")
            .unknown(&RULE, UnknownReason::MetricMissing);
    }
}
