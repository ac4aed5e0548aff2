//! A large instance: worth asking whether it has to be.

use super::{Amounts, Case, Judgement, Meta, Rule, case::property, ec2_usage::is_own};
use crate::domain::{
    figure::Figure,
    finding::{ActionType, ConflictClass, Effort, Finding, Level, SavingsBasis, UnknownReason},
    inventory::{Instance, ResourceKind},
};
use serde_json::json;

pub const RULE: Rule =
    Rule { meta: &META, check: |case| case.judge_each(&case.snapshot.inventory.instances, judge) };

static META: Meta = Meta {
    id: "ec2-instance-large",
    title: "Instance is large",
    condition: "Running on demand with at least ec2_large_vcpus vCPUs, or a bare-metal machine; no member of a \
                group or cluster. Use is not looked at.",
    formula: "nothing: a question, not a saving",
    pitfalls: "Large machines may be right. ec2-instance-rightsize says where they are not.",
    kind: ResourceKind::Instance,
    action_type: ActionType::Rightsize,
    class: ConflictClass::Add,
    basis: SavingsBasis::Exposure,
    effort: Effort::Medium,
    risk: Level::Low,
    restart_needed: true,
    rollback_possible: true,
    actions: &["ec2:DescribeInstances", "ec2:DescribeInstanceTypes"],
    metrics: &[],
    thresholds: &["ec2_large_vcpus"],
    on_by_default: false,
};

fn judge(case: &Case<'_>, instance: &Instance) -> Judgement {
    if !is_own(instance) {
        return Ok(None);
    }
    let spec = case.snapshot.instance_types.get(&instance.common.region, &instance.instance_type);
    let spec = spec.ok_or(UnknownReason::SpecificationMissing)?;
    let minimum = case.thresholds.ec2_large_vcpus;
    if spec.vcpus < i64::from(minimum) && !spec.bare_metal {
        return Ok(None);
    }
    let mut bill = case.bill();
    let cost = bill.instance_hour(instance, &instance.instance_type)?.monthly(1);
    Ok(Some(Finding {
        title: format!("The {} has {} vCPUs", instance.instance_type, spec.vcpus),
        current: json!({"instanceType": instance.instance_type, "vcpus": spec.vcpus}),
        recommended: json!({"consider": "whether it has to be this large"}),
        evidence: vec![property("vCPUs", spec.vcpus.to_string(), Some(format!("at least {minimum}")))],
        ..case.finding(instance, Amounts { cost, savings: Figure::zero(), bill })
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::inventory::InstanceTypeSpec;
    use crate::rules::fixtures::{Lab, instance, instance_type};

    fn lab(spec: InstanceTypeSpec) -> Lab {
        Lab::new().instance_type(spec).instance_price("m5.xlarge", "0.192").instance(instance("i-1"))
    }

    #[test]
    fn many_vcpus_or_bare_metal_are_large() {
        lab(instance_type("m5.xlarge", 16, 64)).only_finding(&RULE);
        lab(InstanceTypeSpec { bare_metal: true, ..instance_type("m5.xlarge", 4, 16) }).only_finding(&RULE);
        lab(instance_type("m5.xlarge", 15, 64)).nothing(&RULE);
    }

    #[test]
    fn a_type_that_nobody_knows_is_unknown() {
        Lab::new().instance(instance("i-1")).unknown(&RULE, UnknownReason::SpecificationMissing);
    }
}
