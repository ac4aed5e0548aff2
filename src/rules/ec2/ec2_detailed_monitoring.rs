//! An instance that is measured each minute, for a charge.

use super::{Amounts, Case, Judgement, Meta, Rule, case::property, command::aws, ec2_usage::is_own};
use crate::domain::{
    finding::{ActionType, ConflictClass, Effort, Finding, Level, Remediation, SavingsBasis},
    inventory::{Instance, ResourceKind},
    price::PriceKey,
    price_item::Item,
};
use serde_json::json;

pub const RULE: Rule =
    Rule { meta: &META, check: |case| case.judge_each(&case.snapshot.inventory.instances, judge) };

static META: Meta = Meta {
    id: "ec2-detailed-monitoring",
    title: "Instance is measured each minute",
    condition: "Running on demand with detailed monitoring, no member of a group or cluster, whose scaling may \
                need it.",
    formula: "7 metrics * price of a metric-month",
    pitfalls: "Alarms that react within minutes need it. The first ten metrics of an account are free, and many \
               thousands cost less each.",
    kind: ResourceKind::Instance,
    action_type: ActionType::Configure,
    class: ConflictClass::Add,
    basis: SavingsBasis::UpperBound,
    effort: Effort::VeryLow,
    risk: Level::Low,
    restart_needed: false,
    rollback_possible: true,
    actions: &["ec2:DescribeInstances"],
    metrics: &[],
    thresholds: &[],
    on_by_default: true,
};

/// What AWS charges for an instance with detailed monitoring.
const METRICS: i64 = 7;

fn judge(case: &Case<'_>, instance: &Instance) -> Judgement {
    if !is_own(instance) || !instance.detailed_monitoring {
        return Ok(None);
    }
    let mut bill = case.bill();
    let cost = bill.price(PriceKey::item(Item::MetricMonth, &instance.common.region))?.times(METRICS);
    let (region, ids) = (&instance.common.region, [("--instance-ids", &*instance.common.id)]);
    Ok(Some(Finding {
        title: format!("Measure the {} each five minutes, for nothing", instance.instance_type),
        current: json!({"monitoring": "detailed"}),
        recommended: json!({"monitoring": "basic"}),
        confidence: Level::Medium,
        evidence: vec![property("monitoring", "detailed", Some("basic comes with the instance".into()))],
        remediation: Remediation {
            commands: vec![aws("ec2 unmonitor-instances", region, &ids)],
            rollback_commands: vec![aws("ec2 monitor-instances", region, &ids)],
            notes: vec!["Look first for alarms on it with a period of one minute.".into()],
        },
        ..case.finding(instance, Amounts { savings: cost.clone(), cost, bill })
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::finding::UnknownReason;
    use crate::rules::fixtures::{Lab, instance, region};

    fn monitored() -> Instance {
        Instance { detailed_monitoring: true, ..instance("i-1") }
    }

    fn lab(instance: Instance) -> Lab {
        Lab::new().price(PriceKey::item(Item::MetricMonth, &region()), "0.30").instance(instance)
    }

    #[test]
    fn seven_metrics_are_saved() {
        assert_eq!(lab(monitored()).only_finding(&RULE).monthly_savings.to_string(), "2.10");
    }

    #[test]
    fn basic_monitoring_and_members_of_groups_are_fine() {
        lab(instance("i-1")).nothing(&RULE);
        let mut member = monitored();
        member.common.tags = [("aws:autoscaling:groupName", "web")].into_iter().collect();
        lab(member).nothing(&RULE);
    }

    #[test]
    fn without_a_price_nothing_is_known() {
        Lab::new().instance(monitored()).unknown(&RULE, UnknownReason::PriceMissing);
    }
}
