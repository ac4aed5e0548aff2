//! Functions on x86: a second on arm64 costs a fifth less.

use super::{
    Amounts, Case, Judgement, Meta, Rule,
    case::property,
    command::aws,
    duration::{beside, invocations, is_judged, month, second_rate},
};
use crate::domain::{
    finding::{ActionType, ConflictClass, Effort, Finding, Level, Remediation, SavingsBasis},
    inventory::{Architecture, LambdaFunction, ResourceKind},
    metric::Metric,
};
use serde_json::json;

pub const RULE: Rule =
    Rule { meta: &META, check: |case| case.judge_each(&case.snapshot.inventory.lambda_functions, judge) };

static META: Meta = Meta {
    id: "lambda-graviton",
    title: "Function could run on Graviton",
    condition: "On x86_64, called at least lambda_min_invocations times in the window, without provisioned \
                concurrency, of a runtime that arm64 has. Counted where the code is interpreted or managed (Python, \
                Node.js, Java, .NET, Ruby) and comes in a zip without layers; otherwise shown without a promise.",
    formula: "GB-seconds of the window as a month * (price on x86 - price on arm64)",
    pitfalls: "Native parts in the zip must exist for arm64; time per call may change either way. Compute Savings \
               Plans cover both.",
    kind: ResourceKind::LambdaFunction,
    action_type: ActionType::MigrateToGraviton,
    class: ConflictClass::Resize,
    basis: SavingsBasis::Modelled,
    effort: Effort::Low,
    risk: Level::Medium,
    restart_needed: false,
    rollback_possible: true,
    actions: &["lambda:ListFunctions", "cloudwatch:GetMetricData"],
    metrics: &[Metric::LambdaInvocations, Metric::LambdaDuration],
    thresholds: &["look_back_days", "lambda_min_invocations"],
    on_by_default: true,
};

/// Managed or interpreted on a system that arm64 has.
const PORTABLE: [&str; 5] = ["python3.", "nodejs", "java", "dotnet", "ruby"];
/// Of these families, what Lambda never had on arm64.
const X86_ONLY: [&str; 8] = [
    "python3.6",
    "python3.7",
    "nodejs10.x",
    "nodejs8.10",
    "java8",
    "dotnetcore2.1",
    "dotnetcore3.1",
    "ruby2.5",
];

fn judge(case: &Case<'_>, function: &LambdaFunction) -> Judgement {
    let x86 = function.architecture == Architecture::X86_64;
    if !x86 || !is_judged(function) || !function.provisioned.is_empty() || !has_arm(function) {
        return Ok(None);
    }
    let Some(calls) = invocations(case, function)? else { return Ok(None) };
    let time = beside(case, Metric::LambdaDuration, function, calls)?;
    let mut bill = case.bill();
    let cost =
        month(case, &second_rate(&mut bill, function, Architecture::X86_64)?, function.memory_mb, time.sum);
    let then = second_rate(&mut bill, function, Architecture::Arm64)?;
    let savings = cost.clone() - month(case, &then, function.memory_mb, time.sum);
    if !savings.is_positive() {
        return Ok(None);
    }
    let runtime = function.runtime.as_deref().unwrap_or("container image");
    let finding = Finding {
        title: format!("Run {} ({runtime}) on Graviton", function.common.id),
        current: json!({"architecture": "x86_64", "memoryMb": function.memory_mb}),
        recommended: json!({"architecture": "arm64", "memoryMb": function.memory_mb}),
        evidence: vec![
            property("runtime", runtime, None),
            property("layers", function.layers.to_string(), Some("0".into())),
            case.measured(
                Metric::LambdaDuration,
                time,
                format!("{:.0} seconds", time.sum / 1_000.0),
                "any".into(),
            ),
        ],
        confidence: Level::Medium,
        remediation: remediation(function),
        ..case.finding(function, Amounts { cost, savings, bill })
    };
    Ok(Some(weigh(function, finding)))
}

fn has_arm(function: &LambdaFunction) -> bool {
    function.runtime.as_deref().is_none_or(|runtime| !X86_ONLY.contains(&runtime) && runtime != "go1.x")
}

/// Compiled code, images and layers may hold anything.
fn weigh(function: &LambdaFunction, finding: Finding) -> Finding {
    let portable = |runtime: &str| PORTABLE.iter().any(|family| runtime.starts_with(family));
    if function.layers == 0 && function.runtime.as_deref().is_some_and(portable) {
        return finding;
    }
    Finding { basis: SavingsBasis::Exposure, effort: Effort::High, confidence: Level::Low, ..finding }
}

fn remediation(function: &LambdaFunction) -> Remediation {
    let set = |architecture: &str, package: &str| {
        let mut options = vec![("--function-name", &*function.common.id), ("--architectures", architecture)];
        options.push(if function.is_image() {
            ("--image-uri", "IMAGE_URI")
        } else {
            ("--zip-file", package)
        });
        aws("lambda update-function-code", &function.common.region, &options)
    };
    Remediation {
        commands: vec![set("arm64", "fileb://arm64.zip")],
        rollback_commands: vec![set("x86_64", "fileb://x86_64.zip")],
        notes: vec!["Try it behind a weighted alias first, and compare Duration and Errors.".into()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{finding::UnknownReason, inventory::ProvisionedConcurrency};
    use crate::rules::lambda::lab::{function, lab};

    #[test]
    fn a_fifth_of_the_running_time_is_saved() {
        let finding = lab(function("checkout")).only_finding(&RULE);
        // 14 days of 20,000 GB-seconds: 608,333 a month.
        assert_eq!(finding.monthly_cost.to_cents(), "10.14");
        assert_eq!(finding.monthly_savings.to_cents(), "2.03");
        assert_eq!((finding.basis, finding.confidence), (SavingsBasis::Modelled, Level::Medium));
    }

    #[test]
    fn what_may_hold_native_code_is_no_promise() {
        let with_layer = LambdaFunction { layers: 1, ..function("checkout") };
        let image = LambdaFunction { runtime: None, ..function("checkout") };
        let custom = LambdaFunction { runtime: Some("provided.al2023".into()), ..function("checkout") };
        for doubtful in [with_layer, image, custom] {
            assert_eq!(lab(doubtful).only_finding(&RULE).basis, SavingsBasis::Exposure);
        }
    }

    #[test]
    fn others_are_left_alone() {
        let arm = LambdaFunction { architecture: Architecture::Arm64, ..function("checkout") };
        let old = LambdaFunction { runtime: Some("go1.x".into()), ..function("checkout") };
        let edge = LambdaFunction { edge_replica: true, ..function("checkout") };
        let warm = ProvisionedConcurrency { qualifier: "live".into(), allocated: 1 };
        let warm = LambdaFunction { provisioned: vec![warm], ..function("checkout") };
        for other in [arm, old, edge, warm] {
            lab(other).nothing(&RULE);
        }
        lab(function("checkout")).daily(Metric::LambdaInvocations, "checkout", 1, 9.0).nothing(&RULE);
    }

    #[test]
    fn a_function_without_metrics_is_unknown() {
        let silent = lab(function("checkout")).no_datapoints(Metric::LambdaInvocations, "checkout");
        silent.unknown(&RULE, UnknownReason::MetricMissing);
    }
}
