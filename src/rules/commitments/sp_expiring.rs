//! Savings Plans that end soon or ended a short while ago.

use super::{Amounts, Case, Judgement, Meta, Rule, case::property, command::aws};
use crate::domain::{
    figure::Figure,
    finding::{ActionType, ConflictClass, Effort, Finding, Level, Remediation, SavingsBasis, UnknownReason},
    inventory::{ResourceKind, SavingsPlan, days_between},
    money::HOURS_PER_MONTH,
    region::Region,
};
use jiff::Timestamp;
use serde_json::json;

pub const RULE: Rule =
    Rule { meta: &META, check: |case| case.judge_each(&case.snapshot.inventory.savings_plans, judge) };

static META: Meta = Meta {
    id: "sp-expiring",
    title: "Savings Plan ends",
    condition: "A Savings Plan ends within commitment_expiry_days, or ended within as many days. Not where another one of \
                the same type, family and region is queued, or began when it ended.",
    formula: "none: the commitment is shown; what it saves depends on what it covers by then",
    pitfalls: "The usage that it covers may be gone by then.",
    kind: ResourceKind::SavingsPlan,
    action_type: ActionType::PurchaseSavingsPlans,
    class: ConflictClass::Add,
    basis: SavingsBasis::Exposure,
    effort: Effort::VeryLow,
    risk: Level::Low,
    restart_needed: false,
    rollback_possible: false,
    actions: &["savingsplans:DescribeSavingsPlans"],
    metrics: &[],
    thresholds: &["commitment_expiry_days"],
    on_by_default: true,
};

fn judge(case: &Case<'_>, plan: &SavingsPlan) -> Judgement {
    let Some(ends_at) = plan.ends_at else {
        return if plan.active { Err(UnknownReason::DateMissing) } else { Ok(None) };
    };
    let limit = i64::from(case.thresholds.commitment_expiry_days);
    let left = days_between(case.now(), ends_at);
    let near = if plan.active { (0..=limit).contains(&left) } else { (-limit..0).contains(&left) };
    let renewed = || case.snapshot.inventory.savings_plans.iter().any(|other| renews(plan, other, ends_at));
    Ok((near && !renewed()).then(|| finding(case, plan, ends_at)))
}

/// One that is queued, or that began when the other ended.
fn renews(ending: &SavingsPlan, other: &SavingsPlan, ends_at: Timestamp) -> bool {
    other.common.id != ending.common.id
        && other.plan_type == ending.plan_type
        && other.family == ending.family
        && other.family_region == ending.family_region
        && other.common.created_at.is_some_and(|start| days_between(start, ends_at) <= 1)
        && other.ends_at.is_some_and(|end| end > ends_at)
}

fn finding(case: &Case<'_>, plan: &SavingsPlan, ends_at: Timestamp) -> Finding {
    let verb = if plan.active { "ends" } else { "ended" };
    let day = ends_at.to_zoned(jiff::tz::TimeZone::UTC).date();
    let cost = Figure::stated(plan.hourly_commitment).scale(HOURS_PER_MONTH, 1);
    Finding {
        title: format!("Savings Plan of {} USD an hour {verb} on {day}", plan.hourly_commitment),
        current: json!({ "savingsPlan": plan }),
        recommended: json!({ "action": "renew, or let it end on purpose" }),
        evidence: vec![property(
            "end",
            day.to_string(),
            Some(format!("{} days around it", case.thresholds.commitment_expiry_days)),
        )],
        remediation: Remediation {
            commands: vec![aws(
                "ce get-savings-plans-purchase-recommendation",
                &Region::global(),
                &[
                    ("--savings-plans-type", purchase_type(plan)),
                    ("--term-in-years", "ONE_YEAR"),
                    ("--payment-option", "NO_UPFRONT"),
                    ("--lookback-period-in-days", "THIRTY_DAYS"),
                ],
            )],
            rollback_commands: Vec::new(),
            notes: vec![
                "The command asks what to buy in its place; Cost Explorer charges 0.01 USD a request.".into(),
            ],
        },
        ..case.finding(plan, Amounts { cost, savings: Figure::zero(), bill: case.bill() })
    }
}

fn purchase_type(plan: &SavingsPlan) -> &'static str {
    use crate::domain::inventory::SavingsPlanType as T;
    match plan.plan_type {
        T::Compute => "COMPUTE_SP",
        T::Ec2Instance => "EC2_INSTANCE_SP",
        T::SageMaker => "SAGEMAKER_SP",
        T::Database => "DATABASE_SP",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::inventory::{Common, SavingsPlanType},
        rules::fixtures::{Lab, common, days_ago},
    };

    fn plan(id: &str, ends_in_days: i64) -> SavingsPlan {
        SavingsPlan {
            common: common(id),
            plan_type: SavingsPlanType::Compute,
            active: true,
            ends_at: Some(days_ago(-ends_in_days)),
            family: None,
            family_region: None,
            hourly_commitment: "0.5".parse().unwrap(),
        }
    }

    fn lab(plans: Vec<SavingsPlan>) -> Lab {
        Lab::new().inventory(|i| i.savings_plans.extend(plans))
    }

    #[test]
    fn a_plan_that_ends_soon_is_shown_with_its_commitment() {
        let finding = lab(vec![plan("sp-1", 12)]).only_finding(&RULE);
        assert_eq!(finding.title, "Savings Plan of 0.50 USD an hour ends on 2026-07-13");
        assert_eq!(finding.calculation.monthly_cost, "730 * 0.50");
        assert_eq!(finding.monthly_savings.get(), 0);
    }

    #[test]
    fn the_limit_counts_days_before_and_after_the_end() {
        lab(vec![plan("sp-1", 31)]).nothing(&RULE);
        let ended = |days: i64| SavingsPlan { active: false, ..plan("sp-1", -days) };
        assert!(lab(vec![ended(30)]).only_finding(&RULE).title.contains("ended"));
        lab(vec![ended(31)]).nothing(&RULE);
    }

    #[test]
    fn a_plan_whose_successor_is_queued_is_fine() {
        let start = Some(days_ago(-12));
        let next = SavingsPlan {
            common: Common { created_at: start, ..common("sp-2") },
            active: false,
            ..plan("sp-2", 377)
        };
        lab(vec![plan("sp-1", 12), next.clone()]).nothing(&RULE);
        let other = SavingsPlan { plan_type: SavingsPlanType::Database, ..next };
        assert_eq!(lab(vec![plan("sp-1", 12), other]).verdicts(&RULE).findings.len(), 1);
    }
}
