//! An x86 instance whose Graviton sibling costs less.

use super::{
    Amounts, Case, Judgement, Meta, Rule, case::property, ec2_usage::is_own, generations::arm_instance_type,
    resize::replace_instance,
};
use crate::domain::{
    finding::{ActionType, ConflictClass, Effort, Finding, Level, SavingsBasis},
    inventory::{Architecture, Instance, Platform, ResourceKind},
    tags::Tags,
};
use serde_json::json;

pub const RULE: Rule =
    Rule { meta: &META, check: |case| case.judge_each(&case.snapshot.inventory.instances, judge) };

static META: Meta = Meta {
    id: "ec2-instance-graviton",
    title: "Instance could run on Graviton",
    condition: "Running on demand, Linux on x86_64, no Marketplace product, of the families t2, t3, t3a, m4, \
                m5, m5a, m6i, m6a, c4, c5, c5a, c6i, c6a, r4, r5, r5a, r6i or r6a, and the same size of t4g, \
                m6g, c6g or r6g is cheaper. Counted only where the tag workload or runtime names one of \
                portable_workloads; otherwise shown without a promise.",
    formula: "(hourly price - hourly price of the Graviton type) * 730",
    pitfalls: "Software, agents and images must exist for arm64. It competes with rightsizing and is never \
               added to it.",
    kind: ResourceKind::Instance,
    action_type: ActionType::MigrateToGraviton,
    class: ConflictClass::Resize,
    basis: SavingsBasis::Modelled,
    effort: Effort::High,
    risk: Level::High,
    restart_needed: true,
    rollback_possible: true,
    actions: &["ec2:DescribeInstances"],
    metrics: &[],
    thresholds: &["portable_workloads", "preferred_families"],
    on_by_default: true,
};

fn judge(case: &Case<'_>, instance: &Instance) -> Judgement {
    let portable = instance.platform == Platform::Linux && instance.architecture == Architecture::X86_64;
    if !is_own(instance) || !portable || instance.marketplace {
        return Ok(None);
    }
    let target = arm_instance_type(&instance.instance_type);
    let Some(target) = target.filter(|target| case.thresholds.prefers(target)) else { return Ok(None) };
    let mut bill = case.bill();
    let now = bill.instance_hour(instance, &instance.instance_type)?;
    let then = bill.instance_hour(instance, &target)?;
    if then >= now {
        return Ok(None);
    }
    let (cost, savings) = (now.monthly(1), now.monthly(1) - then.monthly(1));
    let finding = Finding {
        title: format!("Move from {} to {target} on Graviton", instance.instance_type),
        current: json!({"instanceType": instance.instance_type, "architecture": "x86_64"}),
        recommended: json!({"instanceType": target, "architecture": "arm64"}),
        remediation: replace_instance(instance, &target),
        ..case.finding(instance, Amounts { cost, savings, bill })
    };
    Ok(Some(weigh(case, instance, finding)))
}

/// The tag that names a workload, and whether such a one is known to run on arm64.
#[must_use]
pub fn workload_of<'t>(case: &Case<'_>, tags: &'t Tags) -> (&'t str, bool) {
    let workload = tags.get_any(&["workload", "runtime"]).unwrap_or("not tagged");
    let known = case.thresholds.portable_workloads.iter().any(|name| name.eq_ignore_ascii_case(workload));
    (workload, known)
}

/// Only a workload that is known to run on arm64 is promised.
fn weigh(case: &Case<'_>, instance: &Instance, finding: Finding) -> Finding {
    let (workload, known) = workload_of(case, &instance.common.tags);
    let limit = format!("one of {}", case.thresholds.portable_workloads.join(", "));
    let evidence = vec![
        property("architecture", "x86_64", None),
        property("tag workload or runtime", workload, Some(limit)),
    ];
    if known {
        return Finding { evidence, confidence: Level::Medium, ..finding };
    }
    Finding {
        evidence,
        basis: SavingsBasis::Exposure,
        effort: Effort::VeryHigh,
        confidence: Level::Low,
        ..finding
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{finding::UnknownReason, inventory::Lifecycle};
    use crate::rules::fixtures::{Lab, instance};

    fn tagged(key: &str, value: &str) -> Instance {
        let mut instance = instance("i-1");
        instance.common.tags = [(key, value)].into_iter().collect();
        instance
    }

    fn lab(instance: Instance) -> Lab {
        Lab::new()
            .instance_price("m5.xlarge", "0.192")
            .instance_price("m6g.xlarge", "0.154")
            .instance(instance)
    }

    #[test]
    fn a_portable_workload_is_promised() {
        let finding = lab(tagged("Workload", "Java")).only_finding(&RULE);
        assert_eq!(finding.monthly_cost.to_string(), "140.16");
        assert_eq!(finding.monthly_savings.to_string(), "27.74");
        assert_eq!((finding.basis, finding.effort), (SavingsBasis::Modelled, Effort::High));
        assert_eq!(finding.recommended["instanceType"], "m6g.xlarge");
    }

    #[test]
    fn an_unknown_workload_is_shown_without_a_promise() {
        for instance in [instance("i-1"), tagged("runtime", "oracle-forms")] {
            let finding = lab(instance).only_finding(&RULE);
            assert_eq!(finding.basis, SavingsBasis::Exposure);
            assert_eq!((finding.effort, finding.confidence), (Effort::VeryHigh, Level::Low));
        }
    }

    #[test]
    fn what_cannot_move_is_left_alone() {
        for platform in [Platform::Windows, Platform::Rhel, Platform::Other] {
            lab(Instance { platform, ..instance("i-1") }).nothing(&RULE);
        }
        lab(Instance { architecture: Architecture::Arm64, ..instance("i-1") }).nothing(&RULE);
        lab(Instance { marketplace: true, ..instance("i-1") }).nothing(&RULE);
        lab(Instance { lifecycle: Lifecycle::Spot, ..instance("i-1") }).nothing(&RULE);
        lab(tagged("eks:cluster-name", "prod")).nothing(&RULE);
        lab(Instance { instance_type: "m5.24xlarge".into(), ..instance("i-1") }).nothing(&RULE);
    }

    #[test]
    fn only_a_lower_price_counts() {
        lab(instance("i-1")).instance_price("m6g.xlarge", "0.192").nothing(&RULE);
        Lab::new().instance(instance("i-1")).unknown(&RULE, UnknownReason::PriceMissing);
        let dedicated = Instance { dedicated_tenancy: true, ..instance("i-1") };
        lab(dedicated).unknown(&RULE, UnknownReason::PriceMissing);
    }
}
