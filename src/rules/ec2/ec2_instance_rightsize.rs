//! An instance whose measured need fits a cheaper type of the present generation: in its own family, or in others.

use super::{
    Amounts, Case, Judgement, Meta, Rule,
    ec2_need::Need,
    ec2_rightsize::{Choice, Range, changes_hypervisor, plain_specification, specification},
    ec2_shelf::Shelf,
    ec2_usage::{Used, find_idle, is_own, leaves_room},
    resize::{replace_instance, resize_instance},
};
use crate::domain::{
    finding::{ActionType, ConflictClass, Effort, Finding, Level, Remediation, SavingsBasis, Verdicts},
    inventory::{Instance, InstanceTypeSpec, ResourceKind},
    metric::Metric,
};

pub const SAME_FAMILY: Rule = Rule { meta: &META, check: |case| check(case, Range::SameFamily) };
pub const CROSS_FAMILY: Rule = Rule { meta: &CROSS_META, check: |case| check(case, Range::OtherFamilies) };

static META: Meta = Meta {
    id: "ec2-instance-rightsize",
    title: "Instance is larger than its use",
    condition: "Running on demand, not idle, no GPU, no local disks, no Marketplace product, not part of a \
                group or cluster. The need is the p99.5 of CPU (else its maximum), the agent's memory \
                maximum and the busiest minute of network and EBS, with rightsize_headroom_percent and \
                rightsize_memory_headroom_percent to spare; without the agent the memory may not shrink, \
                and where only that stands in the way the answer is unknown. Up to three smaller types of \
                the same family that hold it are proposed, the cheapest first.",
    formula: "(hourly price - hourly price of the cheapest type that fits) * 730",
    pitfalls: "A busier season than the window saw. Licences counted by core or type may not allow the \
               change.",
    kind: ResourceKind::Instance,
    action_type: ActionType::Rightsize,
    class: ConflictClass::Resize,
    basis: SavingsBasis::Modelled,
    effort: Effort::Medium,
    risk: Level::Medium,
    restart_needed: true,
    rollback_possible: true,
    actions: &["ec2:DescribeInstances", "ec2:DescribeInstanceTypes"],
    metrics: METRICS,
    thresholds: &[
        "rightsize_headroom_percent",
        "rightsize_memory_headroom_percent",
        "preferred_families",
        "look_back_days",
        "min_datapoints_percent",
    ],
    on_by_default: true,
};

static CROSS_META: Meta = Meta {
    id: "ec2-instance-rightsize-cross-family",
    title: "Instance would cost less in another family",
    condition: "As ec2-instance-rightsize, but types of other families of the present generation, and only \
                where one of them costs less than the cheapest of the own family that fits. The same \
                architecture, unless rightsize_other_architectures names one for Linux; burstable types \
                only for burstable ones; preferred_families limits the targets.",
    formula: "(hourly price - hourly price of the cheapest type that fits) * 730",
    pitfalls: "An EC2 Instance Savings Plan or a standard reservation stays with its family: until it ends \
               the move saves nothing. Another CPU may be slower or faster for the same number of vCPUs.",
    kind: ResourceKind::Instance,
    action_type: ActionType::Rightsize,
    class: ConflictClass::Resize,
    basis: SavingsBasis::Modelled,
    effort: Effort::Medium,
    risk: Level::Medium,
    restart_needed: true,
    rollback_possible: true,
    actions: &["ec2:DescribeInstances", "ec2:DescribeInstanceTypes"],
    metrics: METRICS,
    thresholds: &[
        "rightsize_headroom_percent",
        "rightsize_memory_headroom_percent",
        "rightsize_other_architectures",
        "preferred_families",
        "look_back_days",
        "min_datapoints_percent",
    ],
    on_by_default: true,
};

const METRICS: &[Metric] = &[
    Metric::Ec2CpuMax,
    Metric::Ec2CpuP995,
    Metric::Ec2NetworkIn,
    Metric::Ec2NetworkOut,
    Metric::Ec2NetworkInPeak,
    Metric::Ec2NetworkOutPeak,
    Metric::Ec2EbsReadBytesPeak,
    Metric::Ec2EbsWriteBytesPeak,
    Metric::Ec2EbsReadOpsPeak,
    Metric::Ec2EbsWriteOpsPeak,
    Metric::Ec2MemoryMax,
];

fn check(case: &Case<'_>, range: Range) -> Verdicts {
    let shelf = Shelf::of(case);
    case.judge_each(&case.snapshot.inventory.instances, |case, instance| judge(case, &shelf, instance, range))
}

fn judge(case: &Case<'_>, shelf: &Shelf<'_>, instance: &Instance, range: Range) -> Judgement {
    if !is_own(instance) {
        return Ok(None);
    }
    let Some(present) = plain_specification(case, instance)? else { return Ok(None) };
    let used = Used::by_instance(instance);
    if find_idle(case, used)?.is_some() || !leaves_room(case, used)? {
        return Ok(None);
    }
    let mut bill = case.bill();
    let now = bill.instance_hour(instance, &instance.instance_type)?;
    let need = Need::measure(case, used, instance, present)?;
    let choice = Choice::of(shelf, &need, instance, (now.per_unit(), range))?;
    let Some(best) = choice.best() else { return Ok(None) };
    let then = bill.instance_hour(instance, &best.spec.name)?;
    for option in &choice.options {
        bill.instance_hour(instance, &option.spec.name)?;
    }
    let savings = now.monthly(1) - then.monthly(1);
    let mut evidence = need.evidence(case);
    evidence.extend(choice.evidence());
    Ok(Some(Finding {
        title: title(instance, &need, best.spec),
        current: specification(present),
        recommended: choice.recommended(&need, now.per_unit(), 100),
        effort: effort(instance, present, best.spec),
        risk: need.project(best.spec).risk(),
        confidence: need.confidence(),
        evidence,
        remediation: remediation(instance, present, best.spec),
        ..case.finding(instance, Amounts { cost: now.monthly(1), savings, bill })
    }))
}

fn same_architecture(instance: &Instance, target: &InstanceTypeSpec) -> bool {
    target.architectures.contains(&instance.architecture)
}

fn effort(instance: &Instance, present: &InstanceTypeSpec, target: &InstanceTypeSpec) -> Effort {
    match (same_architecture(instance, target), changes_hypervisor(present, target)) {
        (false, _) => Effort::VeryHigh,
        (true, true) => Effort::High,
        (true, false) => Effort::Medium,
    }
}

fn remediation(instance: &Instance, present: &InstanceTypeSpec, target: &InstanceTypeSpec) -> Remediation {
    if !same_architecture(instance, target) {
        return replace_instance(instance, &target.name);
    }
    let mut fix = resize_instance(instance, &target.name);
    if changes_hypervisor(present, target) {
        fix.notes.push("The hypervisor changes: the image needs NVMe and ENA drivers.".into());
    }
    fix
}

fn title(instance: &Instance, need: &Need<'_>, target: &InstanceTypeSpec) -> String {
    let (from, percent, to) = (&instance.instance_type, need.cpu_percent(), &target.name);
    format!("Move from {from}, whose CPU needs {percent:.0} %, to {to}")
}

#[cfg(test)]
mod tests;
