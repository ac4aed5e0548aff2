//! A group none of whose members does anything.

use super::{
    Amounts, Case, Judgement, Meta, Rule,
    crew::{Roll, judge_groups, monthly_of_all},
    ec2::ec2_usage::{Used, find_idle},
    relaunch::resize,
};
use crate::domain::{
    finding::{ActionType, ConflictClass, Effort, Finding, Level, SavingsBasis},
    inventory::{AutoScalingGroup, ResourceKind},
    metric::Metric,
};
use serde_json::json;

pub const RULE: Rule = Rule { meta: &META, check: |case| judge_groups(case, judge) };

static META: Meta = Meta {
    id: "asg-idle",
    title: "Auto Scaling group does nothing",
    condition: "Older than the window with members in service, the CPU maximum of all of them below \
                ec2_idle_cpu_percent, and the busiest day's NetworkIn and NetworkOut together below \
                ec2_idle_network_mb_per_day a member. Groups that EKS, ECS, Batch, EMR or Elastic Beanstalk \
                size are left alone.",
    formula: "sum over its members on demand of hourly price * 730; members on Spot do not count",
    pitfalls: "A group that stands ready for a failover.",
    kind: ResourceKind::AutoScalingGroup,
    action_type: ActionType::ScaleIn,
    class: ConflictClass::Pause,
    basis: SavingsBasis::Modelled,
    effort: Effort::Low,
    risk: Level::Medium,
    restart_needed: false,
    rollback_possible: true,
    actions: &["autoscaling:DescribeAutoScalingGroups", "ec2:DescribeInstances"],
    metrics: &[Metric::AsgCpuMax, Metric::AsgNetworkIn, Metric::AsgNetworkOut],
    thresholds: &[
        "ec2_idle_cpu_percent",
        "ec2_idle_network_mb_per_day",
        "look_back_days",
        "min_datapoints_percent",
    ],
    on_by_default: true,
};

fn judge(case: &Case<'_>, roll: &Roll<'_>, group: &AutoScalingGroup) -> Judgement {
    if group.members.is_empty() {
        return Ok(None);
    }
    let Some(idle) = find_idle(case, Used::by_group(group))? else { return Ok(None) };
    let mut bill = case.bill();
    let cost = monthly_of_all(case, roll, &mut bill, group)?;
    if !cost.is_positive() {
        return Ok(None);
    }
    let members = group.members.len();
    Ok(Some(Finding {
        title: format!("Scale the idle group of {members} in: its CPU never passed {:.1} %", idle.cpu_max()),
        current: json!({"minSize": group.min, "desiredCapacity": group.desired}),
        recommended: json!({"minSize": 0, "desiredCapacity": 0}),
        evidence: idle.evidence(case),
        remediation: resize(group, 0, 0),
        ..case.finding(group, Amounts { savings: cost.clone(), cost, bill })
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{finding::UnknownReason, inventory::Instance, inventory::Lifecycle};
    use crate::rules::autoscaling::crew::fixtures::{group, lab, member};
    use crate::rules::fixtures::{Lab, days_ago};

    fn quiet(group: AutoScalingGroup, member: impl Fn(&str) -> Instance) -> Lab {
        lab(group, member)
            .daily(Metric::AsgCpuMax, "web", 14, 4.0)
            .daily(Metric::AsgNetworkIn, "web", 14, 9e6)
            .daily(Metric::AsgNetworkOut, "web", 14, 9e6)
    }

    #[test]
    fn all_members_are_saved_and_come_back() {
        let finding = quiet(group(), member).only_finding(&RULE);
        assert_eq!(finding.monthly_savings.to_string(), "560.64");
        assert!(finding.remediation.commands[0].ends_with("--min-size 0 --desired-capacity 0"));
        assert!(finding.remediation.rollback_commands[0].ends_with("--min-size 2 --desired-capacity 4"));
    }

    #[test]
    fn spot_costs_little_and_work_is_work() {
        let spot = |id: &str| Instance { lifecycle: Lifecycle::Spot, ..member(id) };
        quiet(group(), spot).nothing(&RULE);
        quiet(group(), member).daily(Metric::AsgCpuMax, "web", 14, 5.0).nothing(&RULE);
        quiet(group(), member).daily(Metric::AsgNetworkIn, "web", 14, 11.5e6).nothing(&RULE);
        quiet(AutoScalingGroup { members: vec![], ..group() }, member).nothing(&RULE);
        let mut nodes = group();
        nodes.common.tags = [("eks:cluster-name", "main")].into_iter().collect();
        quiet(nodes, member).nothing(&RULE);
    }

    #[test]
    fn what_was_not_measured_is_unknown() {
        let unmeasured = quiet(group(), member).no_datapoints(Metric::AsgCpuMax, "web");
        unmeasured.unknown(&RULE, UnknownReason::MetricMissing);
        let mut young = group();
        young.common.created_at = Some(days_ago(3));
        quiet(young, member).unknown(&RULE, UnknownReason::TooYoung);
        let incomplete = quiet(group(), member).incomplete(ResourceKind::Instance);
        incomplete.unknown(&RULE, UnknownReason::InventoryIncomplete);
    }
}
