//! Functions of whose calls many fail: failed work is paid like any other.

use super::{
    Amounts, Case, Judgement, Meta, Rule,
    command::aws,
    duration::{beside, invocations, is_judged, month, second_rate},
    quantity::whole_units,
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
    id: "lambda-high-error-rate",
    title: "Many of the function's calls fail",
    condition: "Called at least lambda_min_invocations times in the window, and more than lambda_failed_percent of the \
                calls ended in an error.",
    formula: "cost of the running time * errors / invocations: what failed calls cost at most, never in a total",
    pitfalls: "Some callers are answered by an error on purpose. Retries make one fault count up to three times.",
    kind: ResourceKind::LambdaFunction,
    action_type: ActionType::Configure,
    class: ConflictClass::Add,
    basis: SavingsBasis::Exposure,
    effort: Effort::Medium,
    risk: Level::Low,
    restart_needed: false,
    rollback_possible: true,
    actions: &["lambda:ListFunctions", "cloudwatch:GetMetricData"],
    metrics: &[Metric::LambdaInvocations, Metric::LambdaErrors, Metric::LambdaDuration],
    thresholds: &["look_back_days", "lambda_min_invocations", "lambda_failed_percent"],
    on_by_default: true,
};

fn judge(case: &Case<'_>, function: &LambdaFunction) -> Judgement {
    if !is_judged(function) {
        return Ok(None);
    }
    let Some(calls) = invocations(case, function)? else { return Ok(None) };
    let errors = beside(case, Metric::LambdaErrors, function, calls)?;
    let limit = case.thresholds.lambda_failed_percent;
    if errors.sum * 100.0 <= calls.sum * f64::from(limit) {
        return Ok(None);
    }
    let time = beside(case, Metric::LambdaDuration, function, calls)?;
    let mut bill = case.bill();
    let rate = second_rate(&mut bill, function, function.architecture)?;
    let cost = month(case, &rate, function.memory_mb, time.sum);
    let failed = whole_units(errors.sum.min(calls.sum));
    let savings = cost.clone().scale(failed, whole_units(calls.sum)).min(cost.clone());
    let percent = errors.sum / calls.sum * 100.0;
    Ok(Some(Finding {
        title: format!("Mend {}: {percent:.0} % of its calls fail", function.common.id),
        current: json!({"failedPercent": format!("{percent:.1}")}),
        recommended: json!({"failedPercent": format!("at most {limit}")}),
        evidence: vec![case.measured(
            Metric::LambdaErrors,
            errors,
            format!("{:.0} of {:.0} calls", errors.sum, calls.sum),
            format!("{limit} %"),
        )],
        remediation: look_at(function),
        ..case.finding(function, Amounts { cost, savings, bill })
    }))
}

/// Where the reason is to be found.
pub fn look_at(function: &LambdaFunction) -> Remediation {
    let group = format!("/aws/lambda/{}", function.common.id);
    Remediation {
        commands: vec![aws(
            "logs filter-log-events",
            &function.common.region,
            &[("--log-group-name", &group)],
        )],
        rollback_commands: Vec::new(),
        notes: vec!["The function's log says why; a dead-letter queue keeps what failed.".into()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::finding::UnknownReason;
    use crate::rules::lambda::lab::{function, lab};

    #[test]
    fn failed_calls_are_worth_a_look() {
        let lab = lab(function("checkout")).daily(Metric::LambdaErrors, "checkout", 14, 2_500.0);
        let finding = lab.only_finding(&RULE);
        assert_eq!(finding.basis, SavingsBasis::Exposure);
        assert_eq!(finding.monthly_savings.to_cents(), "2.53");
    }

    #[test]
    fn few_errors_and_few_calls_are_fine() {
        lab(function("checkout")).daily(Metric::LambdaErrors, "checkout", 14, 1_000.0).nothing(&RULE);
        lab(function("checkout")).daily(Metric::LambdaInvocations, "checkout", 1, 40.0).nothing(&RULE);
    }

    #[test]
    fn missing_errors_are_unknown() {
        let lab = lab(function("checkout")).no_datapoints(Metric::LambdaErrors, "checkout");
        lab.unknown(&RULE, UnknownReason::MetricMissing);
    }
}
