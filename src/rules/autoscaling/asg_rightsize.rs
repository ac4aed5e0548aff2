//! A group whose busiest member fits a cheaper type.

use super::{
    Amounts, Case, Judgement, Meta, Rule,
    crew::{Crew, Roll, judge_groups},
    ec2::{
        ec2_need::Need,
        ec2_rightsize::{Choice, Range, plain_specification, specification},
        ec2_shelf::Shelf,
        ec2_usage::{Used, find_idle, leaves_room},
    },
    relaunch::{Change, relaunch},
};
use crate::domain::{
    finding::{ActionType, ConflictClass, Effort, Finding, Level, SavingsBasis, Verdicts},
    inventory::{AutoScalingGroup, ResourceKind},
    metric::Metric,
};

pub const RULE: Rule = Rule { meta: &META, check };

static META: Meta = Meta {
    id: "asg-rightsize",
    title: "Members of an Auto Scaling group are larger than their use",
    condition: "As ec2-instance-rightsize, over the busiest of all members: older than the window, not idle, all \
                members of one type and on demand, no mixed instances policy. Memory only where the agent adds \
                it up by group; otherwise it may not shrink. Any family of the same architecture; \
                preferred_families limits the targets. Groups that EKS, ECS, Batch, EMR or Elastic Beanstalk \
                size are left alone.",
    formula: "(hourly price - hourly price of the cheapest type that fits) * 730 * members in service on \
              average, or desired where the group does not count them",
    pitfalls: "A group that scales by its CPU may start more of the smaller members. Savings Plans of a family \
               stay behind.",
    kind: ResourceKind::AutoScalingGroup,
    action_type: ActionType::Rightsize,
    class: ConflictClass::Resize,
    basis: SavingsBasis::Modelled,
    effort: Effort::Medium,
    risk: Level::Medium,
    restart_needed: true,
    rollback_possible: true,
    actions: &["autoscaling:DescribeAutoScalingGroups", "ec2:DescribeInstanceTypes", "ec2:DescribeInstances"],
    metrics: &[
        Metric::AsgCpuMax,
        Metric::AsgCpuP995,
        Metric::AsgNetworkIn,
        Metric::AsgNetworkOut,
        Metric::AsgNetworkInPeak,
        Metric::AsgNetworkOutPeak,
        Metric::AsgEbsReadBytesPeak,
        Metric::AsgEbsWriteBytesPeak,
        Metric::AsgEbsReadOpsPeak,
        Metric::AsgEbsWriteOpsPeak,
        Metric::AsgMemoryMax,
        Metric::AsgInServiceAverage,
    ],
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

fn check(case: &Case<'_>) -> Verdicts {
    let shelf = Shelf::of(case);
    judge_groups(case, |case, roll, group| judge(case, (roll, &shelf), group))
}

fn judge(case: &Case<'_>, (roll, shelf): (&Roll<'_>, &Shelf<'_>), group: &AutoScalingGroup) -> Judgement {
    let Some(crew) = Crew::of(case, roll, group)? else { return Ok(None) };
    let lead = crew.lead;
    let Some(present) = plain_specification(case, lead)? else { return Ok(None) };
    let used = Used::by_group(group);
    if find_idle(case, used)?.is_some() || !leaves_room(case, used)? {
        return Ok(None);
    }
    let mut bill = case.bill();
    let now = bill.instance_hour(lead, &lead.instance_type)?;
    let need = Need::measure(case, used, lead, present)?;
    let choice = Choice::of(shelf, &need, lead, (now.per_unit(), Range::Any))?;
    let Some(best) = choice.best() else { return Ok(None) };
    let then = bill.instance_hour(lead, &best.spec.name)?;
    for option in &choice.options {
        bill.instance_hour(lead, &option.spec.name)?;
    }
    let cost = crew.monthly(&now);
    let savings = cost.clone() - crew.monthly(&then);
    let mut evidence = need.evidence(case);
    evidence.extend(choice.evidence());
    let (from, to, cpu) = (&lead.instance_type, &best.spec.name, need.cpu_percent());
    let another = !best.spec.architectures.contains(&lead.architecture);
    let change = Change { instance_type: to, image: another.then_some("IMAGE_ID") };
    Ok(Some(Finding {
        title: format!("Move the members from {from}, whose CPU needs {cpu:.0} %, to {to}"),
        current: specification(present),
        recommended: choice.recommended(&need, now.per_unit(), crew.count),
        effort: if another { Effort::VeryHigh } else { Effort::Medium },
        risk: need.project(best.spec).risk(),
        confidence: need.confidence(),
        evidence,
        remediation: relaunch(group, lead, change),
        ..case.finding(group, Amounts { cost, savings, bill })
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{finding::UnknownReason, inventory::Instance};
    use crate::rules::autoscaling::crew::fixtures::{self, group, member, refuses};
    use crate::rules::fixtures::{Lab, instance_type};

    fn lab(group: AutoScalingGroup, member: impl Fn(&str) -> Instance) -> Lab {
        fixtures::lab(group, member)
            .instance_type(instance_type("m5.xlarge", 4, 16))
            .instance_type(instance_type("m5.large", 2, 8))
            .instance_price("m5.large", "0.096")
            .daily(Metric::AsgCpuMax, "web", 14, 38.0)
            .daily(Metric::AsgMemoryMax, "web", 14, 30.0)
            .daily(Metric::AsgNetworkIn, "web", 14, 4e9)
            .daily(Metric::AsgNetworkOut, "web", 14, 4e9)
    }

    #[test]
    fn the_average_number_of_members_counts() {
        let desired = lab(group(), member).only_finding(&RULE);
        assert_eq!(desired.monthly_savings.to_string(), "280.32", "four times 70.08");
        let counted = lab(group(), member).daily(Metric::AsgInServiceAverage, "web", 14, 2.5);
        let finding = counted.only_finding(&RULE);
        assert_eq!(finding.monthly_savings.to_string(), "175.20");
        assert_eq!(finding.recommended["options"][0]["monthlySavings"], "175.20");
        assert!(finding.remediation.commands[0].contains("create-launch-template-version"));
    }

    #[test]
    fn without_memory_nothing_smaller_is_proposed() {
        let unmeasured = lab(group(), member).no_datapoints(Metric::AsgMemoryMax, "web");
        unmeasured.unknown(&RULE, UnknownReason::MetricMissing);
        lab(group(), member).daily(Metric::AsgCpuMax, "web", 14, 90.0).nothing(&RULE);
    }

    #[test]
    fn only_groups_of_one_kind_are_judged() {
        refuses(&RULE, |group, member| lab(group, member));
    }
}
