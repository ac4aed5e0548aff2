//! An instance that wakes up now and then, but does next to nothing on any day.

use super::{
    Amounts, Case, Judgement, Meta, Rule,
    command::aws,
    ec2_usage::{Used, find_idle, is_own, network_evidence},
};
use crate::domain::{
    finding::{ActionType, ConflictClass, Effort, Finding, Level, Remediation, SavingsBasis},
    gauges::OF_INSTANCE,
    inventory::{Instance, ResourceKind},
    metric::Metric,
};
use serde_json::json;

pub const RULE: Rule =
    Rule { meta: &META, check: |case| case.judge_each(&case.snapshot.inventory.instances, judge) };

static META: Meta = Meta {
    id: "ec2-instance-low-utilization",
    title: "Instance is hardly used",
    condition: "Running on demand since before the window; its CPU averages at most ec2_low_cpu_percent on \
                every day and its busiest day's network stays below ec2_idle_network_mb_per_day, but its CPU \
                passes ec2_idle_cpu_percent at times. What never wakes up is left to ec2-instance-idle; \
                members of groups and clusters are left alone.",
    formula: "nothing is promised; the upper bound is hourly price * 730",
    pitfalls: "Rare jobs, bastions and licence servers work little by nature. A schedule, a smaller type or a \
               place on another machine may do; removal only after asking its owner.",
    kind: ResourceKind::Instance,
    action_type: ActionType::Stop,
    class: ConflictClass::Pause,
    basis: SavingsBasis::Exposure,
    effort: Effort::Low,
    risk: Level::Medium,
    restart_needed: false,
    rollback_possible: true,
    actions: &["ec2:DescribeInstances"],
    metrics: &[Metric::Ec2CpuMax, Metric::Ec2CpuAverage, Metric::Ec2NetworkIn, Metric::Ec2NetworkOut],
    thresholds: &[
        "ec2_low_cpu_percent",
        "ec2_idle_cpu_percent",
        "ec2_idle_network_mb_per_day",
        "look_back_days",
        "min_datapoints_percent",
    ],
    on_by_default: true,
};

fn judge(case: &Case<'_>, instance: &Instance) -> Judgement {
    let common = &instance.common;
    if !is_own(instance) || find_idle(case, Used::by_instance(instance))?.is_some() {
        return Ok(None);
    }
    // Where the CPU is busy for long the network was not asked for: such a machine is used.
    let days = [Metric::Ec2NetworkIn, Metric::Ec2NetworkOut].map(|metric| case.summary(metric, common));
    let [Ok(received), Ok(sent)] = days else { return Ok(None) };
    let megabytes = f64::from(case.thresholds.ec2_idle_network_mb_per_day);
    if received.max + sent.max >= megabytes * 1_000_000.0 {
        return Ok(None);
    }
    let average = case.summary(Metric::Ec2CpuAverage, common)?;
    if average.max > f64::from(case.thresholds.ec2_low_cpu_percent) {
        return Ok(None);
    }
    let mut bill = case.bill();
    let cost = bill.instance_hour(instance, &instance.instance_type)?.monthly(1);
    let limit = format!("at most {} % on each day", case.thresholds.ec2_low_cpu_percent);
    let busiest = format!("{:.1} % on the busiest day", average.max);
    let mut evidence = vec![case.measured(Metric::Ec2CpuAverage, average, busiest, limit)];
    evidence.extend(network_evidence(case, &OF_INSTANCE, received, sent));
    Ok(Some(Finding {
        title: format!(
            "The {} is hardly used: its CPU averages {:.1} %",
            instance.instance_type, average.max
        ),
        current: json!({"instanceType": instance.instance_type, "state": "running"}),
        recommended: json!({"state": "stopped, scheduled or smaller"}),
        confidence: Level::Medium,
        evidence,
        remediation: stop(instance),
        ..case.finding(instance, Amounts { savings: cost.clone(), cost, bill })
    }))
}

fn stop(instance: &Instance) -> Remediation {
    let (region, ids) = (&instance.common.region, [("--instance-ids", &*instance.common.id)]);
    Remediation {
        commands: vec![aws("ec2 stop-instances", region, &ids)],
        rollback_commands: vec![aws("ec2 start-instances", region, &ids)],
        notes: vec!["Ask its owner first: it is used a little.".into()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::finding::UnknownReason;
    use crate::rules::fixtures::{Lab, instance};

    fn lab() -> Lab {
        Lab::new()
            .daily(Metric::Ec2CpuMax, "i-1", 14, 60.0)
            .daily(Metric::Ec2CpuAverage, "i-1", 14, 3.0)
            .daily(Metric::Ec2NetworkIn, "i-1", 14, 1e6)
            .daily(Metric::Ec2NetworkOut, "i-1", 14, 1e6)
            .instance_price("m5.xlarge", "0.192")
            .instance(instance("i-1"))
    }

    #[test]
    fn a_job_a_day_is_shown_without_a_promise() {
        let finding = lab().only_finding(&RULE);
        assert_eq!((finding.basis, finding.evidence.len()), (SavingsBasis::Exposure, 3));
        assert_eq!(finding.monthly_savings.to_string(), "140.16");
    }

    #[test]
    fn one_working_day_much_network_or_nothing_at_all_are_something_else() {
        lab().daily(Metric::Ec2CpuAverage, "i-1", 14, 10.1).nothing(&RULE);
        lab().daily(Metric::Ec2NetworkIn, "i-1", 14, 1e7).nothing(&RULE);
        lab().daily(Metric::Ec2CpuMax, "i-1", 14, 1.0).nothing(&RULE);
        lab().no_datapoints(Metric::Ec2NetworkIn, "i-1").nothing(&RULE);
    }

    #[test]
    fn an_average_that_is_missing_is_unknown() {
        lab().no_datapoints(Metric::Ec2CpuAverage, "i-1").unknown(&RULE, UnknownReason::MetricMissing);
    }
}
