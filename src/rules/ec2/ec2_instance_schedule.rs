//! A development instance that rests at the same hours each week and could be off in them.

use super::{
    Amounts, Case, Judgement, Meta, Rule,
    case::property,
    command::aws,
    ec2_usage::is_own,
    week::{IdleWeek, schedule_name, schedule_tags, tagging},
};
use crate::domain::{
    finding::{
        ActionType, ConflictClass, Effort, Evidence, Finding, Level, Remediation, SavingsBasis, UnknownReason,
    },
    inventory::{Instance, ResourceKind},
    metric::{Metric, WeekProfile},
};
use serde_json::json;

pub const RULE: Rule =
    Rule { meta: &META, check: |case| case.judge_each(&case.snapshot.inventory.instances, judge) };

static META: Meta = Meta {
    id: "ec2-instance-schedule",
    title: "Instance could be off at night and on weekends",
    condition: "Tagged as not productive, running on demand, not yet tagged Scheduler=Enabled. An hour of \
                the week is idle if in every week seen its CPU maximum and its network stayed within the \
                schedule_idle thresholds; runs of schedule_min_run_hours count, and at least \
                schedule_min_idle_hours_per_week are needed. An instance that is idle all week is left to \
                ec2-instance-idle.",
    formula: "hourly price * idle hours a week * 52 / 12",
    pitfalls: "Two weeks may miss a monthly job. Hours that a Savings Plan covers save nothing until it \
               ends.",
    kind: ResourceKind::Instance,
    action_type: ActionType::Schedule,
    class: ConflictClass::Pause,
    basis: SavingsBasis::Modelled,
    effort: Effort::Low,
    risk: Level::Medium,
    restart_needed: false,
    rollback_possible: true,
    actions: &["ec2:DescribeInstances"],
    metrics: &[Metric::Ec2CpuHourly, Metric::Ec2NetworkInHourly, Metric::Ec2NetworkOutHourly],
    thresholds: &[
        "nonprod_values",
        "schedule_idle_cpu_percent",
        "schedule_idle_network_bytes_per_second",
        "schedule_min_idle_hours_per_week",
        "schedule_min_run_hours",
    ],
    on_by_default: true,
};

fn judge(case: &Case<'_>, instance: &Instance) -> Judgement {
    let tags = &instance.common.tags;
    if !is_own(instance) || !case.nonprod(tags) || tags.scheduled() || instance.instance_store_root {
        return Ok(None);
    }
    case.require_full_window(&instance.common)?;
    let seen = Seen::of(case, instance)?;
    let week = seen.idle_week(case);
    let Some(idle_hours) = week.worthwhile_hours(case.thresholds) else { return Ok(None) };
    let mut bill = case.bill();
    let hour = bill.instance_hour(instance, &instance.instance_type)?;
    let savings = hour.times_ratio(idle_hours * 52, 12);
    Ok(Some(Finding {
        title: format!("Switch the {} off for {idle_hours} idle hours a week", instance.instance_type),
        current: json!({"instanceType": instance.instance_type, "hoursPerWeek": 168}),
        recommended: week.schedule(&schedule_name(&instance.common)),
        evidence: seen.evidence(case, idle_hours),
        remediation: remediation(instance),
        ..case.finding(instance, Amounts { cost: hour.monthly(1), savings, bill })
    }))
}

/// The hourly metrics of one instance.
struct Seen<'a> {
    cpu: &'a WeekProfile,
    received: &'a WeekProfile,
    sent: &'a WeekProfile,
}

impl<'a> Seen<'a> {
    fn of(case: &Case<'a>, instance: &Instance) -> Result<Self, UnknownReason> {
        Ok(Self {
            cpu: case.week(Metric::Ec2CpuHourly, &instance.common)?,
            received: case.week(Metric::Ec2NetworkInHourly, &instance.common)?,
            sent: case.week(Metric::Ec2NetworkOutHourly, &instance.common)?,
        })
    }

    fn idle_week(&self, case: &Case<'_>) -> IdleWeek {
        let cpu_limit = f64::from(case.thresholds.schedule_idle_cpu_percent);
        let bytes_limit = f64::from(case.thresholds.schedule_idle_network_bytes_per_second) * 3600.0;
        let busiest = |week: &WeekProfile, hour: usize| week.max.get(hour).copied().unwrap_or(f64::INFINITY);
        IdleWeek::of(case.thresholds, |hour| {
            busiest(self.cpu, hour) <= cpu_limit
                && busiest(self.received, hour) + busiest(self.sent, hour) <= bytes_limit
        })
    }

    fn evidence(&self, case: &Case<'_>, idle_hours: i64) -> Vec<Evidence> {
        let thresholds = case.thresholds;
        let cpu = format!("at most {} % in an idle hour", thresholds.schedule_idle_cpu_percent);
        let network = format!("at most {} B/s in and out", thresholds.schedule_idle_network_bytes_per_second);
        let least = format!("at least {} hours", thresholds.schedule_min_idle_hours_per_week);
        vec![
            property("idle hours a week", idle_hours.to_string(), Some(least)),
            case.measured_week(Metric::Ec2CpuHourly, self.cpu, cpu),
            case.measured_week(Metric::Ec2NetworkInHourly, self.received, network.clone()),
            case.measured_week(Metric::Ec2NetworkOutHourly, self.sent, network),
        ]
    }
}

fn remediation(instance: &Instance) -> Remediation {
    let (region, id) = (&instance.common.region, &*instance.common.id);
    let tags = schedule_tags(&instance.common);
    let keys = json!([{"Key": "Scheduler"}, {"Key": "Schedule"}]).to_string();
    let tag = aws("ec2 create-tags", region, &[("--resources", id), ("--tags", &tags)]);
    let untag = aws("ec2 delete-tags", region, &[("--resources", id), ("--tags", &keys)]);
    tagging(
        tag,
        untag,
        "Volumes keep billing; a public address that is not an Elastic IP changes at each start.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixtures::{Lab, days_ago, instance};

    fn tagged(tags: &[(&str, &str)]) -> Instance {
        let mut instance = instance("i-1");
        instance.common.tags = tags.iter().copied().collect();
        instance
    }

    /// Busy from Monday to Friday, 07:00 to 19:00.
    fn office(hour: usize) -> f64 {
        if hour < 120 && (7..19).contains(&(hour % 24)) { 40.0 } else { 5.0 }
    }

    fn lab(instance: Instance, cpu: fn(usize) -> f64) -> Lab {
        Lab::new()
            .hourly(Metric::Ec2CpuHourly, "i-1", cpu)
            .hourly(Metric::Ec2NetworkInHourly, "i-1", |_| 1_800_000.0)
            .hourly(Metric::Ec2NetworkOutHourly, "i-1", |_| 1_800_000.0)
            .instance_price("m5.xlarge", "0.192")
            .instance(instance)
    }

    #[test]
    fn nights_and_weekends_are_saved() {
        let finding = lab(tagged(&[("env", "dev")]), office).only_finding(&RULE);
        assert_eq!(finding.monthly_cost.to_string(), "140.16");
        assert_eq!(finding.monthly_savings.to_string(), "89.856", "0.192 * 108 * 52 / 12");
        let schedule = &finding.recommended["schedule"];
        assert_eq!(schedule["periods"], json!([{"begin": "07:00", "end": "19:00", "weekdays": ["mon-fri"]}]));
        let command = &finding.remediation.commands[0];
        assert!(command.starts_with("aws ec2 create-tags --region us-east-1 --resources i-1 --tags "));
        assert!(command.contains(r#"{"Key":"Schedule","Value":"busy-hours-of-i-1"}"#), "{command}");
    }

    #[test]
    fn production_and_what_is_scheduled_already_are_left_alone() {
        lab(tagged(&[]), office).nothing(&RULE);
        lab(tagged(&[("env", "prod")]), office).nothing(&RULE);
        lab(tagged(&[("env", "dev"), ("Scheduler", "Enabled")]), office).nothing(&RULE);
        lab(tagged(&[("env", "dev"), ("aws:autoscaling:groupName", "web")]), office).nothing(&RULE);
        lab(Instance { instance_store_root: true, ..tagged(&[("env", "dev")]) }, office).nothing(&RULE);
    }

    #[test]
    fn an_idle_week_belongs_to_another_rule_and_a_few_hours_to_none() {
        lab(tagged(&[("env", "dev")]), |_| 1.0).nothing(&RULE);
        lab(tagged(&[("env", "dev")]), |hour| if hour < 19 { 1.0 } else { 40.0 }).nothing(&RULE);
        lab(tagged(&[("env", "dev")]), |hour| if hour % 2 == 0 { 1.0 } else { 40.0 }).nothing(&RULE);
    }

    #[test]
    fn network_keeps_an_hour_busy() {
        lab(tagged(&[("env", "dev")]), office)
            .hourly(Metric::Ec2NetworkOutHourly, "i-1", |_| 1_800_001.0)
            .nothing(&RULE);
    }

    #[test]
    fn unseen_hours_and_young_instances_are_unknown() {
        let dev = || tagged(&[("stage", "QA")]);
        Lab::new().instance(dev()).unknown(&RULE, UnknownReason::MetricMissing);
        let mut young = dev();
        young.common.created_at = Some(days_ago(3));
        lab(young, office).unknown(&RULE, UnknownReason::TooYoung);
        lab(Instance { dedicated_tenancy: true, ..dev() }, office)
            .unknown(&RULE, UnknownReason::PriceMissing);
    }

    #[test]
    fn an_hour_seen_once_is_too_few() {
        use crate::domain::metric::Series;
        let once = WeekProfile::of((0..168).map(|hour| (hour * 3600, 1.0)), 336);
        let mut lab = lab(tagged(&[("env", "dev")]), office);
        let region = crate::rules::fixtures::region();
        lab.snapshot.metrics.insert(
            Metric::Ec2CpuHourly,
            &region,
            "i-1",
            Series::WeekProfile(Box::new(once)),
        );
        lab.unknown(&RULE, UnknownReason::TooFewDatapoints);
    }
}
