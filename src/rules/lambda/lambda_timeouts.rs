//! Functions that often run until they are cut off: what they did is paid and lost.

use super::{
    Amounts, Case, Judgement, Meta, Rule,
    duration::{beside, invocations, is_judged, month, second_rate},
    lambda_high_error_rate::look_at,
};
use crate::domain::{
    figure::Figure,
    finding::{ActionType, ConflictClass, Effort, Finding, Level, SavingsBasis},
    inventory::{LambdaFunction, ResourceKind},
    metric::Metric,
};
use serde_json::json;

pub const RULE: Rule =
    Rule { meta: &META, check: |case| case.judge_each(&case.snapshot.inventory.lambda_functions, judge) };

static META: Meta = Meta {
    id: "lambda-timeouts",
    title: "Many of the function's calls run into its timeout",
    condition: "Called at least lambda_min_invocations times in the window, its longest call took as long as the \
                timeout, and on some day so did the 90th percentile: more than a tenth of the calls. A long timeout by \
                itself costs nothing and is never reported.",
    formula: "no promise: the cost is that of the running time",
    pitfalls: "Loops that work until they are stopped, on purpose.",
    kind: ResourceKind::LambdaFunction,
    action_type: ActionType::Configure,
    class: ConflictClass::Add,
    basis: SavingsBasis::Exposure,
    effort: Effort::Medium,
    risk: Level::Low,
    restart_needed: false,
    rollback_possible: true,
    actions: &["lambda:ListFunctions", "cloudwatch:GetMetricData"],
    metrics: &[
        Metric::LambdaInvocations,
        Metric::LambdaDuration,
        Metric::LambdaDurationMax,
        Metric::LambdaDurationP90,
    ],
    thresholds: &["look_back_days", "lambda_min_invocations"],
    on_by_default: true,
};

fn judge(case: &Case<'_>, function: &LambdaFunction) -> Judgement {
    if !is_judged(function) || function.timeout_seconds <= 0 {
        return Ok(None);
    }
    let Some(calls) = invocations(case, function)? else { return Ok(None) };
    let longest = beside(case, Metric::LambdaDurationMax, function, calls)?;
    let limit = function.timeout_ms();
    if longest.max < limit {
        return Ok(None);
    }
    let slowest_tenth = beside(case, Metric::LambdaDurationP90, function, calls)?;
    if slowest_tenth.max < limit {
        return Ok(None);
    }
    let time = beside(case, Metric::LambdaDuration, function, calls)?;
    let mut bill = case.bill();
    let rate = second_rate(&mut bill, function, function.architecture)?;
    let cost = month(case, &rate, function.memory_mb, time.sum);
    let seconds = function.timeout_seconds;
    Ok(Some(Finding {
        title: format!(
            "Mend {}: more than a tenth of a day's calls end at {seconds} seconds",
            function.common.id
        ),
        current: json!({"timeoutSeconds": seconds}),
        recommended: json!({"timeoutSeconds": "longer, or calls that end before"}),
        evidence: vec![case.measured(
            Metric::LambdaDurationP90,
            slowest_tenth,
            format!("{:.0} ms on the worst day", slowest_tenth.max),
            format!("{limit:.0} ms"),
        )],
        remediation: look_at(function),
        ..case.finding(function, Amounts { cost, savings: Figure::zero(), bill })
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::finding::UnknownReason;
    use crate::rules::{
        fixtures::Lab,
        lambda::lab::{function, lab},
    };

    fn longest(ms: f64) -> Lab {
        lab(function("checkout")).daily(Metric::LambdaDurationMax, "checkout", 14, ms)
    }

    #[test]
    fn a_tenth_that_is_cut_off_is_worth_a_look() {
        let finding =
            longest(10_000.0).daily(Metric::LambdaDurationP90, "checkout", 14, 10_000.0).only_finding(&RULE);
        assert_eq!(finding.basis, SavingsBasis::Exposure);
        assert!(!finding.monthly_savings.is_positive());
    }

    #[test]
    fn a_rare_timeout_and_none_are_fine() {
        longest(10_000.0).daily(Metric::LambdaDurationP90, "checkout", 14, 900.0).nothing(&RULE);
        longest(9_000.0).nothing(&RULE);
    }

    #[test]
    fn a_percentile_that_is_missing_is_unknown() {
        longest(10_000.0).unknown(&RULE, UnknownReason::MetricMissing);
    }
}
