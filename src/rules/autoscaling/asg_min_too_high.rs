//! A group that is held at a minimum which its load does not need.

use super::{
    Amounts, Case, Judgement, Meta, Rule,
    crew::{Crew, Roll, judge_groups},
    ec2::ec2_usage::{Used, busiest_cpu, find_idle},
    relaunch::resize,
};
use crate::domain::{
    finding::{ActionType, ConflictClass, Effort, Finding, Level, SavingsBasis},
    inventory::{AutoScalingGroup, ResourceKind},
    metric::{Metric, Summary},
};
use serde_json::json;

pub const RULE: Rule = Rule { meta: &META, check: |case| judge_groups(case, judge) };

static META: Meta = Meta {
    id: "asg-min-too-high",
    title: "Minimum of an Auto Scaling group is too high",
    condition: "Older than the window, not idle, all members of one type and on demand, never more in service \
                than the minimum (where the group does not count them: desired is the minimum), and fewer \
                members would work at asg_target_cpu_percent at the busiest member's p99.5 of CPU. One member \
                for each availability zone is kept. Groups that EKS, ECS, Batch, EMR or Elastic Beanstalk size \
                are left alone.",
    formula: "(minimum - members needed) * hourly price * 730; needed = minimum * CPU / target, rounded up",
    pitfalls: "Headroom for bursts that come faster than new members start; memory and connections are not \
               looked at.",
    kind: ResourceKind::AutoScalingGroup,
    action_type: ActionType::ScaleIn,
    class: ConflictClass::Resize,
    basis: SavingsBasis::Modelled,
    effort: Effort::Low,
    risk: Level::Medium,
    restart_needed: false,
    rollback_possible: true,
    actions: &["autoscaling:DescribeAutoScalingGroups", "ec2:DescribeInstances"],
    metrics: &[Metric::AsgCpuMax, Metric::AsgCpuP995, Metric::AsgInServiceMax],
    thresholds: &[
        "asg_target_cpu_percent",
        "ec2_idle_cpu_percent",
        "look_back_days",
        "min_datapoints_percent",
    ],
    on_by_default: true,
};

fn judge(case: &Case<'_>, roll: &Roll<'_>, group: &AutoScalingGroup) -> Judgement {
    let Some(crew) = Crew::of(case, roll, group)? else { return Ok(None) };
    if group.min < 2 || group.desired != group.min {
        return Ok(None);
    }
    let used = Used::by_group(group);
    if find_idle(case, used)?.is_some() {
        return Ok(None);
    }
    let counted = case.summary(Metric::AsgInServiceMax, &group.common).ok();
    if counted.is_some_and(|seen| seen.max > as_float(group.min)) {
        return Ok(None);
    }
    let (metric, cpu) = busiest_cpu(case, used)?;
    let needed = needed(case, group, cpu);
    if needed >= group.min {
        return Ok(None);
    }
    let mut bill = case.bill();
    let hour = bill.instance_hour(crew.lead, &crew.lead.instance_type)?;
    let amounts = Amounts { cost: hour.monthly(group.min), savings: hour.monthly(group.min - needed), bill };
    let target = format!("{needed} members at {} %", case.thresholds.asg_target_cpu_percent);
    let mut evidence = vec![case.measured(metric, cpu, format!("{:.1} %", cpu.max), target)];
    evidence.extend(counted.map(|seen| {
        let limit = format!("at most the minimum of {}", group.min);
        case.measured(Metric::AsgInServiceMax, seen, format!("{:.0}", seen.max), limit)
    }));
    Ok(Some(Finding {
        title: format!("Lower the minimum from {} to {needed}", group.min),
        current: json!({"minSize": group.min, "desiredCapacity": group.desired}),
        recommended: json!({"minSize": needed, "desiredCapacity": needed}),
        confidence: if counted.is_some() { Level::Medium } else { Level::Low },
        evidence,
        remediation: resize(group, needed, needed),
        ..case.finding(group, amounts)
    }))
}

/// One for each zone at least.
#[allow(clippy::cast_possible_truncation, reason = "members are few, and a cast of a float saturates")]
fn needed(case: &Case<'_>, group: &AutoScalingGroup, cpu: &Summary) -> i64 {
    let target = f64::from(case.thresholds.asg_target_cpu_percent.max(1));
    let by_load = (as_float(group.min) * cpu.max / target).ceil() as i64;
    by_load.max(group.zones).max(1)
}

fn as_float(members: i64) -> f64 {
    f64::from(i32::try_from(members).unwrap_or(i32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{finding::UnknownReason, inventory::Instance};
    use crate::rules::autoscaling::crew::fixtures::{self, group, member, refuses};
    use crate::rules::fixtures::Lab;

    fn floor() -> AutoScalingGroup {
        AutoScalingGroup { min: 4, ..group() }
    }

    fn lab(group: AutoScalingGroup, member: impl Fn(&str) -> Instance) -> Lab {
        fixtures::lab(group, member).daily(Metric::AsgCpuMax, "web", 14, 20.0).daily(
            Metric::AsgInServiceMax,
            "web",
            14,
            4.0,
        )
    }

    #[test]
    fn as_many_as_the_load_needs_are_kept() {
        let finding = lab(floor(), member).only_finding(&RULE);
        assert_eq!(finding.recommended["minSize"], 2);
        assert_eq!(finding.monthly_savings.to_string(), "280.32");
        assert_eq!(finding.confidence, Level::Medium);
        let uncounted = lab(floor(), member).no_datapoints(Metric::AsgInServiceMax, "web");
        assert_eq!(uncounted.only_finding(&RULE).confidence, Level::Low);
    }

    #[test]
    fn each_zone_keeps_a_member() {
        let spread = AutoScalingGroup { zones: 3, ..floor() };
        assert_eq!(lab(spread, member).only_finding(&RULE).recommended["minSize"], 3);
    }

    #[test]
    fn load_and_scaling_need_the_minimum() {
        lab(floor(), member).daily(Metric::AsgCpuMax, "web", 14, 38.0).nothing(&RULE);
        lab(floor(), member).daily(Metric::AsgInServiceMax, "web", 14, 5.0).nothing(&RULE);
        lab(group(), member).nothing(&RULE);
    }

    #[test]
    fn only_groups_of_one_kind_are_judged() {
        refuses(&RULE, |group, member| lab(AutoScalingGroup { min: 4, ..group }, member));
        let unmeasured = lab(floor(), member).no_datapoints(Metric::AsgCpuMax, "web");
        unmeasured.unknown(&RULE, UnknownReason::MetricMissing);
    }
}
