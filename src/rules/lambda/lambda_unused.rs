//! Functions that nobody calls. They cost nothing until they are called: tidying, no saving.

use super::{Amounts, Case, Judgement, Meta, Rule, case::property, command::aws, duration::is_judged};
use crate::domain::{
    figure::Figure,
    finding::{
        ActionType, ConflictClass, Effort, Finding, Level, Remediation, SavingsBasis, UnknownReason, Verdicts,
    },
    inventory::{LambdaFunction, ResourceKind},
    metric::Metric,
    region::Region,
    snapshot::Snapshot,
};
use serde_json::json;
use std::collections::HashSet;

pub const RULE: Rule = Rule { meta: &META, check };

static META: Meta = Meta {
    id: "lambda-unused",
    title: "Function is never called (saves nothing)",
    condition: "Unchanged for longer than the window, not tagged to keep, and without a call in it. Lambda publishes \
                nothing about a function that is not called: silence counts only where another function of the region \
                has datapoints.",
    formula: "0: a function that is not called costs nothing but its provisioned concurrency, SnapStart and logs",
    pitfalls: "Functions for emergencies and for jobs of once a quarter.",
    kind: ResourceKind::LambdaFunction,
    action_type: ActionType::Delete,
    class: ConflictClass::Remove,
    basis: SavingsBasis::Exposure,
    effort: Effort::VeryLow,
    risk: Level::Medium,
    restart_needed: false,
    rollback_possible: false,
    actions: &["lambda:ListFunctions", "cloudwatch:GetMetricData"],
    metrics: &[Metric::LambdaInvocations],
    thresholds: &["look_back_days"],
    on_by_default: true,
};

fn check(case: &Case<'_>) -> Verdicts {
    let speaking = regions_with_calls(case.snapshot);
    case.judge_each(&case.snapshot.inventory.lambda_functions, |case, function| {
        judge(case, function, &speaking)
    })
}

/// Where CloudWatch tells of calls at all.
fn regions_with_calls(snapshot: &Snapshot) -> HashSet<&Region> {
    let called = |function: &&LambdaFunction| {
        let common = &function.common;
        let seen = snapshot.metrics.summary(Metric::LambdaInvocations, &common.region, &common.id);
        seen.is_some_and(|calls| calls.sum > 0.0)
    };
    let functions = snapshot.inventory.lambda_functions.iter();
    functions.filter(called).map(|function| &function.common.region).collect()
}

fn judge(case: &Case<'_>, function: &LambdaFunction, speaking: &HashSet<&Region>) -> Judgement {
    let common = &function.common;
    if !is_judged(function) || common.tags.keep() {
        return Ok(None);
    }
    case.require_full_window(common)?;
    let calls = case.snapshot.metrics.summary(Metric::LambdaInvocations, &common.region, &common.id);
    let calls = calls.ok_or(UnknownReason::MetricMissing)?;
    if calls.sum > 0.0 {
        return Ok(None);
    }
    if calls.found == 0 && !speaking.contains(&common.region) {
        return Err(UnknownReason::MetricMissing);
    }
    let days = case.thresholds.look_back_days;
    let changed = case.age_days(common)?;
    let name = [("--function-name", &*common.id)];
    let amounts = Amounts { cost: Figure::zero(), savings: Figure::zero(), bill: case.bill() };
    Ok(Some(Finding {
        title: format!("Tidy up {}: no call in {days} days (saves nothing)", common.id),
        current: json!({"runtime": function.runtime, "memoryMb": function.memory_mb}),
        recommended: json!({"state": "deleted"}),
        confidence: Level::Low,
        evidence: vec![
            case.measured(Metric::LambdaInvocations, calls, "0 calls".into(), "0 calls".into()),
            property("unchanged for", format!("{changed} days"), Some(format!("{days} days"))),
        ],
        remediation: Remediation {
            commands: vec![aws("lambda delete-function", &common.region, &name)],
            rollback_commands: Vec::new(),
            notes: vec!["Keep its code and its settings: a deleted function does not come back.".into()],
        },
        ..case.finding(function, amounts)
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::money::MicroUsd;
    use crate::rules::{
        fixtures::Lab,
        lambda::lab::{function, lab},
    };

    fn silent(name: &str) -> Lab {
        lab(function("busy"))
            .inventory(|i| i.lambda_functions.push(function(name)))
            .no_datapoints(Metric::LambdaInvocations, name)
    }

    #[test]
    fn a_function_that_nobody_calls_is_shown_and_saves_nothing() {
        let finding = silent("old").only_finding(&RULE);
        assert_eq!(&*finding.subject.id, "old");
        assert_eq!((finding.basis, finding.monthly_savings), (SavingsBasis::Exposure, MicroUsd::ZERO));
    }

    #[test]
    fn silence_everywhere_is_unknown() {
        let lab = lab(function("old")).no_datapoints(Metric::LambdaInvocations, "old");
        lab.unknown(&RULE, UnknownReason::MetricMissing);
    }

    #[test]
    fn kept_functions_and_a_single_call_are_fine() {
        let mut kept = silent("old");
        kept.snapshot.inventory.lambda_functions[1].common.tags = [("keep", "yes")].into_iter().collect();
        kept.nothing(&RULE);
        silent("old").daily(Metric::LambdaInvocations, "old", 1, 1.0).nothing(&RULE);
    }
}
