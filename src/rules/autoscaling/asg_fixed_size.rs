//! A group that cannot scale: its bounds are the same.

use super::{
    Amounts, Case, Judgement, Meta, Rule,
    case::property,
    crew::{Roll, judge_groups, monthly_of_all},
};
use crate::domain::{
    figure::Figure,
    finding::{ActionType, ConflictClass, Effort, Finding, Level, SavingsBasis},
    inventory::{AutoScalingGroup, ResourceKind},
};
use serde_json::json;

pub const RULE: Rule = Rule { meta: &META, check: |case| judge_groups(case, judge) };

static META: Meta = Meta {
    id: "asg-fixed-size",
    title: "Auto Scaling group has a fixed size",
    condition: "Older than asg_unchanged_days, at least two members, and minimum, maximum and desired capacity \
                are the same. Groups that EKS, ECS, Batch, EMR or Elastic Beanstalk size are left alone.",
    formula: "nothing is promised; its members on demand * hourly price * 730 is what could scale",
    pitfalls: "Quorums and stateful services need a fixed number.",
    kind: ResourceKind::AutoScalingGroup,
    action_type: ActionType::Configure,
    class: ConflictClass::Resize,
    basis: SavingsBasis::Exposure,
    effort: Effort::Medium,
    risk: Level::Medium,
    restart_needed: false,
    rollback_possible: true,
    actions: &["autoscaling:DescribeAutoScalingGroups", "ec2:DescribeInstances"],
    metrics: &[],
    thresholds: &["asg_unchanged_days"],
    on_by_default: false,
};

fn judge(case: &Case<'_>, roll: &Roll<'_>, group: &AutoScalingGroup) -> Judgement {
    let fixed = group.min == group.max && group.desired == group.min && group.min >= 2;
    if !fixed || case.age_days(&group.common)? < i64::from(case.thresholds.asg_unchanged_days) {
        return Ok(None);
    }
    let mut bill = case.bill();
    let cost = monthly_of_all(case, roll, &mut bill, group)?;
    let size = format!("minimum, maximum and desired {}", group.min);
    Ok(Some(Finding {
        title: format!("The group always runs {} members", group.min),
        current: json!({"minSize": group.min, "maxSize": group.max}),
        recommended: json!({"consider": "a lower minimum and a scaling policy"}),
        evidence: vec![property("bounds", size, Some("minimum below maximum".into()))],
        ..case.finding(group, Amounts { cost, savings: Figure::zero(), bill })
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::autoscaling::crew::fixtures::{group, lab, member};
    use crate::rules::fixtures::days_ago;

    fn fixed() -> AutoScalingGroup {
        AutoScalingGroup { min: 4, max: 4, ..group() }
    }

    #[test]
    fn equal_bounds_are_shown_with_what_they_cost() {
        let finding = lab(fixed(), member).only_finding(&RULE);
        assert_eq!(
            (finding.monthly_cost.to_string(), finding.monthly_savings.to_string()),
            ("560.64".into(), "0.00".into())
        );
    }

    #[test]
    fn room_to_scale_a_single_member_and_youth_are_fine() {
        lab(group(), member).nothing(&RULE);
        lab(AutoScalingGroup { min: 1, max: 1, desired: 1, ..group() }, member).nothing(&RULE);
        let mut young = fixed();
        young.common.created_at = Some(days_ago(29));
        lab(young, member).nothing(&RULE);
    }
}
