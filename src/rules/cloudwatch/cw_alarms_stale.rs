//! Alarms whose metric has had no data for long: what they watched is gone.

use super::{
    Amounts, Case, Judgement, Meta, Rule,
    case::{Key, key, property},
    command::aws,
};
use crate::domain::{
    finding::{
        ActionType, ConflictClass, Effort, Finding, Level, Remediation, SavingsBasis, UnknownReason, Verdicts,
    },
    inventory::{Alarm, ResourceKind, days_between},
    price::PriceKey,
    price_item::Item,
};
use serde_json::json;
use std::collections::HashSet;

pub const RULE: Rule = Rule { meta: &META, check };

static META: Meta = Meta {
    id: "cw-alarms-stale",
    title: "Alarm watches what is no longer there",
    condition: "In the state INSUFFICIENT_DATA for alarm_stale_days, or on an instance that does not exist any more. Alarms \
                that target tracking makes for itself, and those that combine others, are left alone.",
    formula: "metrics of the alarm * alarm price, high resolution at its own price",
    pitfalls: "Metrics that come only with an error have no data while all is well: look what the alarm is for. Ten alarms \
               of an account are free.",
    kind: ResourceKind::Alarm,
    action_type: ActionType::Delete,
    class: ConflictClass::Remove,
    basis: SavingsBasis::Exact,
    effort: Effort::VeryLow,
    risk: Level::Low,
    restart_needed: false,
    rollback_possible: false,
    actions: &["cloudwatch:DescribeAlarms", "ec2:DescribeInstances"],
    metrics: &[],
    thresholds: &["alarm_stale_days"],
    on_by_default: true,
};

type Instances<'a> = HashSet<Key<'a>>;

fn check(case: &Case<'_>) -> Verdicts {
    let inventory = &case.snapshot.inventory;
    let instances: Instances<'_> = inventory.instances.iter().map(|i| key(&i.common)).collect();
    case.judge_each(&inventory.alarms, |case, alarm| judge(case, alarm, &instances))
}

fn judge(case: &Case<'_>, alarm: &Alarm, instances: &Instances<'_>) -> Judgement {
    if alarm.common.id.starts_with("TargetTracking-") {
        return Ok(None);
    }
    let orphaned = target_is_gone(case, alarm, instances);
    let limit = i64::from(case.thresholds.alarm_stale_days);
    let days = match (alarm.lacks_data, alarm.since) {
        (true, Some(at)) => days_between(at, case.now()),
        (true, None) if !orphaned => return Err(UnknownReason::DateMissing),
        _ => 0,
    };
    if days < limit && !orphaned {
        return Ok(None);
    }
    let item = if alarm.high_resolution { Item::AlarmHighResolution } else { Item::Alarm };
    let mut bill = case.bill();
    let cost = bill.price(PriceKey::item(item, &alarm.common.region))?.times(alarm.metrics);
    let why = if orphaned { "its instance is gone".to_owned() } else { format!("no data for {days} days") };
    let evidence = if orphaned {
        property("instance", alarm.instance_id.as_deref().unwrap_or_default(), Some("exists".into()))
    } else {
        property("without data for", format!("{days} days"), Some(format!("at least {limit} days")))
    };
    Ok(Some(Finding {
        title: format!("Delete the alarm {}: {why}", alarm.common.id),
        current: json!({"metrics": alarm.metrics, "highResolution": alarm.high_resolution}),
        recommended: json!({"state": "deleted"}),
        evidence: vec![evidence],
        confidence: if orphaned { Level::High } else { Level::Medium },
        remediation: remediation(alarm),
        ..case.finding(alarm, Amounts { savings: cost.clone(), cost, bill })
    }))
}

/// Only where all instances of the region are known.
fn target_is_gone(case: &Case<'_>, alarm: &Alarm, instances: &Instances<'_>) -> bool {
    let region = &alarm.common.region;
    let of_ec2 = alarm.namespaces.iter().any(|namespace| &**namespace == "AWS/EC2");
    let known = case.snapshot.coverage.complete(ResourceKind::Instance, region);
    let missing = |id: &str| !instances.contains(&(region, id));
    of_ec2 && known && alarm.instance_id.as_deref().is_some_and(missing)
}

fn remediation(alarm: &Alarm) -> Remediation {
    let name = [("--alarm-names", &*alarm.common.id)];
    Remediation {
        commands: vec![
            aws("cloudwatch describe-alarms", &alarm.common.region, &name),
            aws("cloudwatch delete-alarms", &alarm.common.region, &name),
        ],
        rollback_commands: Vec::new(),
        notes: vec![
            "Keep what the first command shows: put-metric-alarm makes the alarm again from it.".into(),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixtures::{Lab, common, days_ago, instance, region};

    fn lab(change: impl FnOnce(&mut Alarm)) -> Lab {
        let mut alarm = Alarm {
            common: common("queue-depth"),
            metrics: 1,
            high_resolution: false,
            lacks_data: true,
            since: Some(days_ago(40)),
            namespaces: vec!["Shop".into()],
            instance_id: None,
        };
        change(&mut alarm);
        Lab::new()
            .price(PriceKey::item(Item::Alarm, &region()), "0.10")
            .price(PriceKey::item(Item::AlarmHighResolution, &region()), "0.30")
            .instance(instance("i-1"))
            .inventory(|i| i.alarms.push(alarm))
    }

    fn on_instance(id: &'static str) -> Lab {
        lab(|a| {
            a.lacks_data = false;
            a.namespaces = vec!["AWS/EC2".into()];
            a.instance_id = Some(id.into());
        })
    }

    #[test]
    fn each_metric_of_a_stale_alarm_costs() {
        assert_eq!(lab(|_| {}).only_finding(&RULE).monthly_savings.to_string(), "0.10");
        assert_eq!(lab(|a| a.metrics = 12).only_finding(&RULE).monthly_savings.to_string(), "1.20");
        let fine = lab(|a| a.high_resolution = true).only_finding(&RULE);
        assert_eq!(fine.monthly_savings.to_string(), "0.30");
    }

    #[test]
    fn an_alarm_on_an_instance_that_is_gone_is_found_whatever_its_state() {
        assert!(on_instance("i-9").only_finding(&RULE).title.ends_with("its instance is gone"));
        on_instance("i-1").nothing(&RULE);
        on_instance("i-9").incomplete(ResourceKind::Instance).nothing(&RULE);
    }

    #[test]
    fn fresh_and_scaling_alarms_are_fine() {
        lab(|a| a.since = Some(days_ago(29))).nothing(&RULE);
        lab(|a| a.lacks_data = false).nothing(&RULE);
        lab(|a| a.common.id = "TargetTracking-table/orders-AlarmLow-1".into()).nothing(&RULE);
        lab(|a| a.since = None).unknown(&RULE, UnknownReason::DateMissing);
    }
}
