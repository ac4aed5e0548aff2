//! Provisioned concurrency of which a part was never used.

use super::{
    Amounts, Case, Judgement, Meta, Rule,
    command::aws,
    duration::is_judged,
    quantity::{whole_units, with_headroom},
};
use crate::domain::{
    figure::Figure,
    finding::{
        ActionType, ConflictClass, Effort, Evidence, Finding, Level, Remediation, SavingsBasis, UnknownReason,
    },
    inventory::{Architecture, LambdaFunction, ProvisionedConcurrency, ResourceKind},
    metric::Metric,
    money::HOURS_PER_MONTH,
    price::PriceKey,
    price_item::Item,
};
use serde_json::json;

pub const RULE: Rule =
    Rule { meta: &META, check: |case| case.judge_each(&case.snapshot.inventory.lambda_functions, judge) };

static META: Meta = Meta {
    id: "lambda-provisioned-concurrency",
    title: "Provisioned concurrency is not used up",
    condition: "A version or alias whose greatest ProvisionedConcurrencyUtilization of the window, with \
                lambda_headroom_percent to spare, needs fewer environments than are allocated. Without datapoints it \
                is 0 only where the function was called otherwise; else it is unknown.",
    formula: "environments too many * memory * 730 h * 3600 s * provisioned GB-second",
    pitfalls: "Concurrency that a scaling schedule or policy changes: what is allocated now may not be what is tomorrow. \
               Peaks beyond it start cold.",
    kind: ResourceKind::LambdaFunction,
    action_type: ActionType::Configure,
    // Beside the running time, which other rules are about.
    class: ConflictClass::Add,
    basis: SavingsBasis::Modelled,
    effort: Effort::Low,
    risk: Level::Low,
    restart_needed: false,
    rollback_possible: true,
    actions: &["lambda:ListProvisionedConcurrencyConfigs", "cloudwatch:GetMetricData"],
    metrics: &[Metric::LambdaProvisionedUse, Metric::LambdaInvocations],
    thresholds: &["look_back_days", "lambda_headroom_percent", "min_datapoints_percent"],
    on_by_default: true,
};

const SECONDS_PER_HOUR: i64 = 3_600;
const MB_PER_GB: i64 = 1_024;

/// One allocation and how much of it is enough.
struct Spare<'f> {
    provisioned: &'f ProvisionedConcurrency,
    enough: i64,
    evidence: Evidence,
}

fn judge(case: &Case<'_>, function: &LambdaFunction) -> Judgement {
    if !is_judged(function) || function.provisioned.is_empty() {
        return Ok(None);
    }
    case.require_full_window(&function.common)?;
    let mut spares = Vec::new();
    for provisioned in &function.provisioned {
        spares.extend(spare(case, function, provisioned)?);
    }
    let too_many = add_up(spares.iter().map(|spare| spare.provisioned.allocated - spare.enough));
    if too_many <= 0 {
        return Ok(None);
    }
    let mut bill = case.bill();
    let item = match function.architecture {
        Architecture::Arm64 => Item::LambdaProvisionedArm,
        _ => Item::LambdaProvisioned,
    };
    let rate = bill.price(PriceKey::item(item, &function.common.region))?;
    let month = |environments: i64| -> Figure {
        let seconds = HOURS_PER_MONTH * SECONDS_PER_HOUR;
        rate.times_ratio(environments.saturating_mul(function.memory_mb).saturating_mul(seconds), MB_PER_GB)
    };
    let all = add_up(function.provisioned.iter().map(|provisioned| provisioned.allocated));
    Ok(Some(Finding {
        title: format!(
            "Provision {} in place of {all} environments of {}",
            all - too_many,
            function.common.id
        ),
        current: json!({"provisionedConcurrency": all}),
        recommended: json!({"provisionedConcurrency": all - too_many}),
        remediation: remediation(function, &spares),
        evidence: spares.into_iter().map(|spare| spare.evidence).collect(),
        confidence: Level::Medium,
        ..case.finding(function, Amounts { cost: month(all), savings: month(too_many), bill })
    }))
}

fn add_up(counts: impl Iterator<Item = i64>) -> i64 {
    counts.fold(0, i64::saturating_add)
}

fn spare<'f>(
    case: &Case<'_>,
    function: &LambdaFunction,
    provisioned: &'f ProvisionedConcurrency,
) -> Result<Option<Spare<'f>>, UnknownReason> {
    let (region, metric) = (&function.common.region, Metric::LambdaProvisionedUse);
    let resource = provisioned.resource_of(&function.common.id);
    let seen =
        case.snapshot.metrics.summary(metric, region, &resource).ok_or(UnknownReason::MetricMissing)?;
    // Lambda publishes it with calls only: none at all is no use where CloudWatch knows the function's other calls.
    if seen.found == 0 {
        case.summary(Metric::LambdaInvocations, &function.common)?;
    }
    let used_percent = seen.max.max(0.0) * 100.0;
    let enough = needed(provisioned.allocated, used_percent, case.thresholds.lambda_headroom_percent);
    let observed = format!("{used_percent:.0} % of {} at {}", provisioned.allocated, provisioned.qualifier);
    let evidence = case.measured(metric, seen, observed, format!("{enough} are enough"));
    Ok((enough < provisioned.allocated).then_some(Spare { provisioned, enough, evidence }))
}

#[allow(clippy::cast_precision_loss, reason = "environments are counted in thousands")]
fn needed(allocated: i64, used_percent: f64, headroom_percent: u32) -> i64 {
    with_headroom(whole_units(allocated as f64 * used_percent / 100.0), headroom_percent)
}

fn remediation(function: &LambdaFunction, spares: &[Spare<'_>]) -> Remediation {
    let change = |qualifier: &str, environments: i64| {
        let region = &function.common.region;
        let number = environments.to_string();
        let named = [("--function-name", &*function.common.id), ("--qualifier", qualifier)];
        if environments == 0 {
            return aws("lambda delete-provisioned-concurrency-config", region, &named);
        }
        let options = [&named[..], &[("--provisioned-concurrent-executions", &*number)]].concat();
        aws("lambda put-provisioned-concurrency-config", region, &options)
    };
    Remediation {
        commands: spares.iter().map(|spare| change(&spare.provisioned.qualifier, spare.enough)).collect(),
        rollback_commands: spares
            .iter()
            .map(|spare| change(&spare.provisioned.qualifier, spare.provisioned.allocated))
            .collect(),
        notes: vec!["Where Application Auto Scaling moves it, change its least capacity instead.".into()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{
        fixtures::Lab,
        lambda::lab::{function, lab},
    };

    fn warm() -> Lab {
        let provisioned = vec![ProvisionedConcurrency { qualifier: "live".into(), allocated: 20 }];
        lab(LambdaFunction { provisioned, ..function("checkout") })
    }

    #[test]
    fn what_is_never_used_at_once_is_too_much() {
        let finding =
            warm().daily(Metric::LambdaProvisionedUse, "checkout:live", 14, 0.25).only_finding(&RULE);
        // 5 with a fifth to spare are 6: 14 environments of 2 GB for 2,628,000 seconds.
        assert_eq!(finding.recommended, json!({"provisionedConcurrency": 6}));
        assert_eq!(finding.monthly_savings.to_cents(), "306.62");
        assert!(
            finding.remediation.commands[0]
                .ends_with("--qualifier live --provisioned-concurrent-executions 6")
        );
    }

    #[test]
    fn an_alias_that_nobody_calls_needs_none() {
        let finding = warm().no_datapoints(Metric::LambdaProvisionedUse, "checkout:live").only_finding(&RULE);
        assert_eq!(finding.recommended, json!({"provisionedConcurrency": 0}));
        assert!(finding.remediation.commands[0].contains("delete-provisioned-concurrency-config"));
    }

    #[test]
    fn used_up_concurrency_is_fine() {
        warm().daily(Metric::LambdaProvisionedUse, "checkout:live", 14, 0.9).nothing(&RULE);
        lab(function("checkout")).nothing(&RULE);
    }

    #[test]
    fn silence_about_the_whole_function_is_unknown() {
        let silent = warm().no_datapoints(Metric::LambdaProvisionedUse, "checkout:live");
        silent
            .no_datapoints(Metric::LambdaInvocations, "checkout")
            .unknown(&RULE, UnknownReason::MetricMissing);
    }

    #[test]
    fn absurd_numbers_of_environments_add_up() {
        let alias = |name: &str| ProvisionedConcurrency { qualifier: name.into(), allocated: i64::MAX };
        let provisioned = vec![alias("live"), alias("next")];
        let finding = lab(LambdaFunction { provisioned, ..function("checkout") })
            .no_datapoints(Metric::LambdaProvisionedUse, "checkout:live")
            .no_datapoints(Metric::LambdaProvisionedUse, "checkout:next")
            .only_finding(&RULE);
        assert_eq!(finding.monthly_savings, finding.monthly_cost);
    }
}
