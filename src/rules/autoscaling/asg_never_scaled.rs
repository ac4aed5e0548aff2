//! A group that could scale and does not.

use super::{
    Amounts, Case, Judgement, Meta, Rule,
    case::property,
    crew::{Roll, judge_groups, monthly_of_all},
};
use crate::domain::{
    figure::Figure,
    finding::{ActionType, ConflictClass, Effort, Finding, Level, SavingsBasis, UnknownReason},
    inventory::{AutoScalingGroup, CapacityChange, ResourceKind, days_between},
};
use serde_json::json;

pub const RULE: Rule = Rule { meta: &META, check: |case| judge_groups(case, judge) };

static META: Meta = Meta {
    id: "asg-never-scaled",
    title: "Auto Scaling group does not scale",
    condition: "Older than asg_unchanged_days with members, a minimum below its maximum, and no activity changed \
                its desired capacity in that time. Replacing a broken member is no change. Groups that EKS, \
                ECS, Batch, EMR or Elastic Beanstalk size are left alone.",
    formula: "nothing is promised; its members on demand * hourly price * 730 is what could scale",
    pitfalls: "AWS keeps activities for six weeks. A steady load needs no scaling.",
    kind: ResourceKind::AutoScalingGroup,
    action_type: ActionType::Configure,
    class: ConflictClass::Resize,
    basis: SavingsBasis::Exposure,
    effort: Effort::Medium,
    risk: Level::Medium,
    restart_needed: false,
    rollback_possible: true,
    actions: &[
        "autoscaling:DescribeAutoScalingGroups",
        "autoscaling:DescribeScalingActivities",
        "ec2:DescribeInstances",
    ],
    metrics: &[],
    thresholds: &["asg_unchanged_days"],
    on_by_default: true,
};

fn judge(case: &Case<'_>, roll: &Roll<'_>, group: &AutoScalingGroup) -> Judgement {
    let limit = i64::from(case.thresholds.asg_unchanged_days);
    if group.min >= group.max || group.members.is_empty() || case.age_days(&group.common)? < limit {
        return Ok(None);
    }
    let last = match group.capacity_change {
        CapacityChange::NotRead => return Err(UnknownReason::InventoryIncomplete),
        CapacityChange::At(at) if days_between(at, case.now()) < limit => return Ok(None),
        CapacityChange::At(at) => format!("{} days ago", days_between(at, case.now())),
        CapacityChange::NotSeen => "not in the six weeks that AWS remembers".into(),
    };
    let mut bill = case.bill();
    let cost = monthly_of_all(case, roll, &mut bill, group)?;
    Ok(Some(Finding {
        title: format!("The group stays at {} members", group.desired),
        current: json!({"minSize": group.min, "maxSize": group.max, "desiredCapacity": group.desired}),
        recommended: json!({"consider": "a scaling policy that follows the load"}),
        evidence: vec![property("last change of capacity", last, Some(format!("within {limit} days")))],
        ..case.finding(group, Amounts { cost, savings: Figure::zero(), bill })
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::autoscaling::crew::fixtures::{group, lab, member};
    use crate::rules::fixtures::days_ago;

    fn with(capacity_change: CapacityChange) -> AutoScalingGroup {
        AutoScalingGroup { capacity_change, ..group() }
    }

    #[test]
    fn a_month_without_a_change_is_shown() {
        for change in [CapacityChange::NotSeen, CapacityChange::At(days_ago(30))] {
            let finding = lab(with(change), member).only_finding(&RULE);
            assert_eq!(
                (finding.basis, finding.monthly_cost.to_string()),
                (SavingsBasis::Exposure, "560.64".into())
            );
        }
    }

    #[test]
    fn a_group_that_scaled_or_cannot_is_fine() {
        lab(with(CapacityChange::At(days_ago(29))), member).nothing(&RULE);
        lab(AutoScalingGroup { max: 2, ..with(CapacityChange::NotSeen) }, member).nothing(&RULE);
        let mut young = with(CapacityChange::NotSeen);
        young.common.created_at = Some(days_ago(10));
        lab(young, member).nothing(&RULE);
    }

    #[test]
    fn activities_that_were_not_read_are_unknown() {
        lab(group(), member).unknown(&RULE, UnknownReason::InventoryIncomplete);
    }
}
