//! A launch configuration that no group launches from.

use super::{
    Amounts, Case, Judgement, Meta, Rule,
    case::{Key, property},
    command::aws,
};
use crate::domain::{
    figure::Figure,
    finding::{
        ActionType, ConflictClass, Effort, Finding, Level, Remediation, SavingsBasis, UnknownReason, Verdicts,
    },
    inventory::{Launch, LaunchConfiguration, ResourceKind},
};
use serde_json::json;
use std::collections::HashSet;

pub const RULE: Rule = Rule { meta: &META, check };

static META: Meta = Meta {
    id: "asg-unused-launch-configuration",
    title: "Launch configuration is not used",
    condition: "Older than asg_unchanged_days and named by no Auto Scaling group of the region.",
    formula: "nothing: it costs nothing itself, but an image and its snapshots count as used as long as it \
              names them",
    pitfalls: "It may be kept for a rollback.",
    kind: ResourceKind::LaunchConfiguration,
    action_type: ActionType::Delete,
    class: ConflictClass::Remove,
    basis: SavingsBasis::Exposure,
    effort: Effort::VeryLow,
    risk: Level::Low,
    restart_needed: false,
    rollback_possible: false,
    actions: &["autoscaling:DescribeAutoScalingGroups", "autoscaling:DescribeLaunchConfigurations"],
    metrics: &[],
    thresholds: &["asg_unchanged_days"],
    on_by_default: false,
};

fn check(case: &Case<'_>) -> Verdicts {
    let inventory = &case.snapshot.inventory;
    let names = inventory.auto_scaling_groups.iter().filter_map(|group| match &group.launch {
        Launch::Configuration { name } => Some((&group.common.region, &**name)),
        Launch::Template { .. } | Launch::Unknown => None,
    });
    let used: HashSet<Key<'_>> = names.collect();
    case.judge_each(&inventory.launch_configurations, |case, item| judge(case, &used, item))
}

fn judge(case: &Case<'_>, used: &HashSet<Key<'_>>, item: &LaunchConfiguration) -> Judgement {
    let (region, name) = (&item.common.region, &*item.common.id);
    if used.contains(&(region, name)) {
        return Ok(None);
    }
    if !case.snapshot.coverage.complete(ResourceKind::AutoScalingGroup, region) {
        return Err(UnknownReason::InventoryIncomplete);
    }
    let (days, limit) = (case.age_days(&item.common)?, i64::from(case.thresholds.asg_unchanged_days));
    if days < limit {
        return Ok(None);
    }
    let amounts = Amounts { cost: Figure::zero(), savings: Figure::zero(), bill: case.bill() };
    Ok(Some(Finding {
        title: "Delete a launch configuration that no group uses".into(),
        current: json!({"imageId": item.image_id, "instanceType": item.instance_type}),
        recommended: json!({"state": "deleted"}),
        evidence: vec![
            property("groups that name it", "0", None),
            property("age", format!("{days} days"), Some(format!("at least {limit} days"))),
        ],
        remediation: Remediation {
            commands: vec![aws(
                "autoscaling delete-launch-configuration",
                region,
                &[("--launch-configuration-name", name)],
            )],
            ..Remediation::default()
        },
        ..case.finding(item, amounts)
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::inventory::AutoScalingGroup;
    use crate::rules::autoscaling::crew::fixtures::group;
    use crate::rules::fixtures::{Lab, common, days_ago};

    fn lab(days: i64) -> Lab {
        let mut configuration = LaunchConfiguration {
            common: common("web-1"),
            image_id: "ami-1".into(),
            instance_type: "m5.large".into(),
            snapshot_ids: vec![],
        };
        configuration.common.created_at = Some(days_ago(days));
        Lab::new().inventory(|i| i.launch_configurations.push(configuration))
    }

    #[test]
    fn what_no_group_names_is_unused() {
        assert_eq!(lab(30).only_finding(&RULE).monthly_savings.to_string(), "0.00");
        lab(29).nothing(&RULE);
        let launch = Launch::Configuration { name: "web-1".into() };
        let user = AutoScalingGroup { launch, ..group() };
        lab(30).inventory(|i| i.auto_scaling_groups.push(user)).nothing(&RULE);
    }

    #[test]
    fn groups_that_were_not_listed_could_use_it() {
        let lab = lab(30).incomplete(ResourceKind::AutoScalingGroup);
        lab.unknown(&RULE, UnknownReason::InventoryIncomplete);
    }
}
