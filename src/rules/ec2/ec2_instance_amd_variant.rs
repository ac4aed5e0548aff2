//! An Intel machine whose sibling with an AMD processor costs less at the same size.

use super::{
    Amounts, Case, Judgement, Meta, Rule, case::property, ec2_rightsize::plain_specification,
    ec2_usage::is_own, generations::amd_instance_type, resize::resize_instance,
};
use crate::domain::{
    finding::{ActionType, ConflictClass, Effort, Finding, Level, SavingsBasis},
    inventory::{Instance, ResourceKind},
};
use serde_json::json;

pub const RULE: Rule =
    Rule { meta: &META, check: |case| case.judge_each(&case.snapshot.inventory.instances, judge) };

static META: Meta = Meta {
    id: "ec2-instance-amd-variant",
    title: "Instance would cost less on an AMD processor",
    condition: "Running on demand, of the families t3, m5, c5, r5, m6i, c6i or r6i, and the region offers the \
                same size of t3a, m5a, c5a, r5a, m6a, c6a or r6a for less. Marketplace products, local root \
                disks and members of groups and clusters are left alone.",
    formula: "(hourly price - hourly price of the AMD type) * 730",
    pitfalls: "Software that needs AVX-512 or is licensed for a processor. The first AMD generation (m5a, c5a, \
               r5a, t3a) is slower per core. A Savings Plan of the family does not move along.",
    kind: ResourceKind::Instance,
    action_type: ActionType::Upgrade,
    class: ConflictClass::Resize,
    basis: SavingsBasis::Exact,
    effort: Effort::Medium,
    risk: Level::Low,
    restart_needed: true,
    rollback_possible: true,
    actions: &["ec2:DescribeInstances", "ec2:DescribeInstanceTypes"],
    metrics: &[],
    thresholds: &["preferred_families"],
    on_by_default: true,
};

fn judge(case: &Case<'_>, instance: &Instance) -> Judgement {
    if !is_own(instance) {
        return Ok(None);
    }
    let target = amd_instance_type(&instance.instance_type);
    let Some(target) = target.filter(|target| case.thresholds.prefers(target)) else { return Ok(None) };
    let region = &instance.common.region;
    let offered = plain_specification(case, instance)?.is_some()
        && case.snapshot.instance_types.get(region, &target).is_some();
    if !offered {
        return Ok(None);
    }
    let mut bill = case.bill();
    let now = bill.instance_hour(instance, &instance.instance_type)?;
    let then = bill.instance_hour(instance, &target)?;
    if then >= now {
        return Ok(None);
    }
    let (cost, savings) = (now.monthly(1), now.monthly(1) - then.monthly(1));
    Ok(Some(Finding {
        title: format!(
            "Move from {} to {target}, the same size with an AMD processor",
            instance.instance_type
        ),
        current: json!({"instanceType": instance.instance_type}),
        recommended: json!({"instanceType": target}),
        evidence: vec![property(
            "instance type",
            &*instance.instance_type,
            Some(format!("{target} costs less")),
        )],
        remediation: resize_instance(instance, &target),
        ..case.finding(instance, Amounts { cost, savings, bill })
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{finding::UnknownReason, inventory::Lifecycle};
    use crate::rules::fixtures::{Lab, instance, instance_type};

    fn lab(instance: Instance) -> Lab {
        Lab::new()
            .instance_type(instance_type("m5.xlarge", 4, 16))
            .instance_type(instance_type("m5a.xlarge", 4, 16))
            .instance_price("m5.xlarge", "0.192")
            .instance_price("m5a.xlarge", "0.172")
            .instance(instance)
    }

    #[test]
    fn the_difference_of_a_month_is_saved() {
        let finding = lab(instance("i-1")).only_finding(&RULE);
        assert_eq!(finding.monthly_savings.to_string(), "14.60");
        assert_eq!(finding.recommended, json!({"instanceType": "m5a.xlarge"}));
    }

    #[test]
    fn what_costs_no_less_is_no_saving() {
        lab(instance("i-1")).instance_price("m5a.xlarge", "0.192").nothing(&RULE);
    }

    #[test]
    fn what_cannot_move_is_left_alone() {
        lab(Instance { marketplace: true, ..instance("i-1") }).nothing(&RULE);
        lab(Instance { lifecycle: Lifecycle::Spot, ..instance("i-1") }).nothing(&RULE);
        lab(Instance { instance_type: "m6a.xlarge".into(), ..instance("i-1") }).nothing(&RULE);
        let mut preferring = lab(instance("i-1"));
        preferring.thresholds.preferred_families = vec!["m7i".into()];
        preferring.nothing(&RULE);
    }

    #[test]
    fn without_specification_or_price_nothing_is_known() {
        let unlisted = Lab::new().instance(instance("i-1"));
        unlisted.unknown(&RULE, UnknownReason::SpecificationMissing);
        let dedicated = Instance { dedicated_tenancy: true, ..instance("i-1") };
        lab(dedicated).unknown(&RULE, UnknownReason::PriceMissing);
    }
}
