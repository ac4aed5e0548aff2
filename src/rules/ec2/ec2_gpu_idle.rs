//! A machine with GPUs that computes nothing on them.

use super::{
    Amounts, Case, Judgement, Meta, Rule,
    command::aws,
    ec2_usage::{Used, find_idle, is_own},
};
use crate::domain::{
    finding::{ActionType, ConflictClass, Effort, Finding, Level, Remediation, SavingsBasis, UnknownReason},
    inventory::{Instance, ResourceKind},
    metric::{Metric, Summary},
};
use serde_json::json;

pub const RULE: Rule =
    Rule { meta: &META, check: |case| case.judge_each(&case.snapshot.inventory.instances, judge) };

static META: Meta = Meta {
    id: "ec2-gpu-idle",
    title: "GPU does nothing",
    condition: "Running on demand since before the window, and the CloudWatch agent saw none of its GPUs pass \
                ec2_gpu_idle_percent. Counted only where CPU and network are idle, too, as in \
                ec2-instance-idle; otherwise shown without a promise: a type without a GPU may do. Without \
                the agent nothing is known. Members of groups and clusters are left alone.",
    formula: "hourly price * 730",
    pitfalls: "Encoders, and GPU memory that is held ready, are not looked at. Rare trainings.",
    kind: ResourceKind::Instance,
    action_type: ActionType::Stop,
    class: ConflictClass::Pause,
    basis: SavingsBasis::Modelled,
    effort: Effort::Low,
    risk: Level::Medium,
    restart_needed: false,
    rollback_possible: true,
    actions: &["ec2:DescribeInstances", "ec2:DescribeInstanceTypes"],
    metrics: &[Metric::Ec2GpuMax, Metric::Ec2CpuMax, Metric::Ec2NetworkIn, Metric::Ec2NetworkOut],
    thresholds: &[
        "ec2_gpu_idle_percent",
        "ec2_idle_cpu_percent",
        "ec2_idle_network_mb_per_day",
        "look_back_days",
        "min_datapoints_percent",
    ],
    on_by_default: true,
};

fn judge(case: &Case<'_>, instance: &Instance) -> Judgement {
    let spec = case.snapshot.instance_types.get(&instance.common.region, &instance.instance_type);
    if !is_own(instance) || instance.instance_store_root || spec.is_some_and(|spec| spec.gpus == 0) {
        return Ok(None);
    }
    let gpus = spec.ok_or(UnknownReason::SpecificationMissing)?.gpus;
    case.require_full_window(&instance.common)?;
    let busiest = busiest_gpu(case, instance, gpus)?;
    if busiest.max > f64::from(case.thresholds.ec2_gpu_idle_percent) {
        return Ok(None);
    }
    let mut bill = case.bill();
    let cost = bill.instance_hour(instance, &instance.instance_type)?.monthly(1);
    let limit = format!("at most {} %", case.thresholds.ec2_gpu_idle_percent);
    let gpu = case.measured(Metric::Ec2GpuMax, busiest, format!("{:.1} %", busiest.max), limit);
    let finding = Finding {
        title: format!("The GPU of the {} does nothing", instance.instance_type),
        current: json!({"instanceType": instance.instance_type, "gpus": gpus}),
        recommended: json!({"state": "stopped"}),
        evidence: vec![gpu],
        remediation: stop(instance),
        ..case.finding(instance, Amounts { savings: cost.clone(), cost, bill })
    };
    Ok(Some(match find_idle(case, Used::by_instance(instance))? {
        Some(idle) => with_idle_machine(finding, idle.evidence(case)),
        None => at_work_without_it(finding),
    }))
}

/// That of the GPU that was used most; unknown where not every GPU reports.
fn busiest_gpu<'a>(case: &Case<'a>, instance: &Instance, gpus: i64) -> Result<&'a Summary, UnknownReason> {
    let common = &instance.common;
    if let Ok(whole) = case.summary(Metric::Ec2GpuMax, common) {
        return Ok(whole);
    }
    let mut busiest: Option<&Summary> = None;
    for gpu in 0..gpus {
        let seen = case.summary_of(Metric::Ec2GpuMax, (&common.region, &format!("{}/{gpu}", common.id)))?;
        busiest = Some(busiest.filter(|known| known.max >= seen.max).unwrap_or(seen));
    }
    busiest.ok_or(UnknownReason::MetricMissing)
}

fn with_idle_machine(mut finding: Finding, more: Vec<crate::domain::finding::Evidence>) -> Finding {
    finding.evidence.extend(more);
    finding
}

fn at_work_without_it(finding: Finding) -> Finding {
    Finding {
        recommended: json!({"consider": "a type without a GPU"}),
        basis: SavingsBasis::Exposure,
        confidence: Level::Medium,
        ..finding
    }
}

fn stop(instance: &Instance) -> Remediation {
    let (region, ids) = (&instance.common.region, [("--instance-ids", &*instance.common.id)]);
    Remediation {
        commands: vec![aws("ec2 stop-instances", region, &ids)],
        rollback_commands: vec![aws("ec2 start-instances", region, &ids)],
        notes: vec!["What lies on local disks is lost when it stops.".into()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::inventory::InstanceTypeSpec;
    use crate::rules::fixtures::{Lab, instance, instance_type};

    fn lab(gpus: i64) -> Lab {
        let spec = InstanceTypeSpec { gpu: gpus > 0, gpus, ..instance_type("m5.xlarge", 4, 16) };
        Lab::new()
            .instance_type(spec)
            .daily(Metric::Ec2CpuMax, "i-1", 14, 2.0)
            .daily(Metric::Ec2NetworkIn, "i-1", 14, 1e6)
            .daily(Metric::Ec2NetworkOut, "i-1", 14, 1e6)
            .instance_price("m5.xlarge", "0.526")
            .instance(instance("i-1"))
    }

    #[test]
    fn an_idle_machine_with_an_idle_gpu_is_stopped() {
        let finding = lab(1).daily(Metric::Ec2GpuMax, "i-1", 14, 0.0).only_finding(&RULE);
        assert_eq!(finding.monthly_savings.to_string(), "383.98");
        assert_eq!((finding.basis, finding.evidence.len()), (SavingsBasis::Modelled, 4));
    }

    #[test]
    fn a_busy_machine_with_an_idle_gpu_is_shown_without_a_promise() {
        let busy =
            lab(1).daily(Metric::Ec2GpuMax, "i-1/0", 14, 0.0).daily(Metric::Ec2CpuMax, "i-1", 14, 70.0);
        assert_eq!(busy.only_finding(&RULE).basis, SavingsBasis::Exposure);
    }

    #[test]
    fn one_gpu_at_work_is_enough() {
        let two = lab(2).daily(Metric::Ec2GpuMax, "i-1/0", 14, 0.0);
        two.clone().daily(Metric::Ec2GpuMax, "i-1/1", 14, 40.0).nothing(&RULE);
        two.unknown(&RULE, UnknownReason::MetricMissing);
    }

    #[test]
    fn without_a_gpu_there_is_nothing_and_without_the_agent_nothing_is_known() {
        lab(0).nothing(&RULE);
        lab(1).unknown(&RULE, UnknownReason::MetricMissing);
        Lab::new().instance(instance("i-1")).unknown(&RULE, UnknownReason::SpecificationMissing);
    }
}
