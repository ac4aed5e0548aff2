//! An instance that has run for long: a candidate for a commitment, not waste.

use super::{Amounts, Case, Judgement, Meta, Rule, case::property, ec2_usage::is_own};
use crate::domain::{
    figure::Figure,
    finding::{ActionType, ConflictClass, Effort, Finding, Level, SavingsBasis},
    inventory::{Instance, ResourceKind},
};
use serde_json::json;

pub const RULE: Rule =
    Rule { meta: &META, check: |case| case.judge_each(&case.snapshot.inventory.instances, judge) };

static META: Meta = Meta {
    id: "ec2-instance-long-running",
    title: "Instance has run on demand for long",
    condition: "Running on demand for at least ec2_long_running_days since its last launch, no member of a \
                group or cluster.",
    formula: "nothing: what a commitment saves is the matter of the commitment rules",
    pitfalls: "A restart begins the count anew. It may be covered by a Savings Plan or reservation already.",
    kind: ResourceKind::Instance,
    action_type: ActionType::PurchaseSavingsPlans,
    class: ConflictClass::Add,
    basis: SavingsBasis::Exposure,
    effort: Effort::VeryLow,
    risk: Level::Low,
    restart_needed: false,
    rollback_possible: false,
    actions: &["ec2:DescribeInstances"],
    metrics: &[],
    thresholds: &["ec2_long_running_days"],
    on_by_default: false,
};

fn judge(case: &Case<'_>, instance: &Instance) -> Judgement {
    if !is_own(instance) {
        return Ok(None);
    }
    let (days, minimum) = (case.age_days(&instance.common)?, case.thresholds.ec2_long_running_days);
    if days < i64::from(minimum) {
        return Ok(None);
    }
    let mut bill = case.bill();
    let cost = bill.instance_hour(instance, &instance.instance_type)?.monthly(1);
    Ok(Some(Finding {
        title: format!("The {} has run for {days} days", instance.instance_type),
        current: json!({"instanceType": instance.instance_type, "runningDays": days}),
        recommended: json!({"consider": "a Savings Plan or a reservation"}),
        evidence: vec![property(
            "running for",
            format!("{days} days"),
            Some(format!("at least {minimum} days")),
        )],
        ..case.finding(instance, Amounts { cost, savings: Figure::zero(), bill })
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::finding::UnknownReason;
    use crate::rules::fixtures::{Lab, days_ago, instance};

    fn lab(days: i64) -> Lab {
        let mut instance = instance("i-1");
        instance.common.created_at = Some(days_ago(days));
        Lab::new().instance_price("m5.xlarge", "0.192").instance(instance)
    }

    #[test]
    fn half_a_year_is_long_and_promises_nothing() {
        let finding = lab(180).only_finding(&RULE);
        assert_eq!(
            (finding.monthly_savings.to_string(), finding.basis),
            ("0.00".into(), SavingsBasis::Exposure)
        );
        lab(179).nothing(&RULE);
    }

    #[test]
    fn an_unknown_launch_is_unknown() {
        let mut undated = instance("i-1");
        undated.common.created_at = None;
        Lab::new().instance(undated).unknown(&RULE, UnknownReason::DateMissing);
    }
}
