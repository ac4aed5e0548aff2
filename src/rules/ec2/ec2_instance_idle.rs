//! An instance that computed nothing and talked to nobody for the whole window.

use super::{
    Amounts, Case, Judgement, Meta, Rule,
    command::aws,
    ec2_usage::{Used, find_idle, is_own},
};
use crate::domain::{
    finding::{ActionType, ConflictClass, Effort, Finding, Level, Remediation, SavingsBasis},
    inventory::{Instance, ResourceKind},
    metric::Metric,
};
use serde_json::json;

pub const RULE: Rule =
    Rule { meta: &META, check: |case| case.judge_each(&case.snapshot.inventory.instances, judge) };

static META: Meta = Meta {
    id: "ec2-instance-idle",
    title: "Instance does nothing",
    condition: "Running on demand since before the window, CPU maximum below ec2_idle_cpu_percent, and the \
                busiest day's NetworkIn and NetworkOut together below ec2_idle_network_mb_per_day. Members \
                of groups and clusters are left alone.",
    formula: "hourly price * 730; volumes and addresses stay and keep billing",
    pitfalls: "Warm standby, licence servers, rare jobs: ask the owner before the instance is terminated.",
    kind: ResourceKind::Instance,
    action_type: ActionType::Stop,
    class: ConflictClass::Pause,
    basis: SavingsBasis::Modelled,
    effort: Effort::Low,
    risk: Level::Medium,
    restart_needed: false,
    rollback_possible: true,
    actions: &["ec2:DescribeInstances"],
    metrics: &[Metric::Ec2CpuMax, Metric::Ec2NetworkIn, Metric::Ec2NetworkOut],
    thresholds: &[
        "ec2_idle_cpu_percent",
        "ec2_idle_network_mb_per_day",
        "look_back_days",
        "min_datapoints_percent",
    ],
    on_by_default: true,
};

fn judge(case: &Case<'_>, instance: &Instance) -> Judgement {
    if !is_own(instance) {
        return Ok(None);
    }
    let Some(idle) = find_idle(case, Used::by_instance(instance))? else { return Ok(None) };
    let mut bill = case.bill();
    let cost = bill.instance_hour(instance, &instance.instance_type)?.monthly(1);
    let finding = case.finding(instance, Amounts { savings: cost.clone(), cost, bill });
    let finding = Finding {
        title: format!(
            "Stop the idle {}: its CPU never passed {:.1} %",
            instance.instance_type,
            idle.cpu_max()
        ),
        current: json!({"instanceType": instance.instance_type, "state": "running"}),
        recommended: json!({"state": "stopped"}),
        evidence: idle.evidence(case),
        remediation: stop(instance),
        ..finding
    };
    Ok(Some(if instance.instance_store_root { terminated(instance, finding) } else { finding }))
}

fn stop(instance: &Instance) -> Remediation {
    let (region, ids) = (&instance.common.region, [("--instance-ids", &*instance.common.id)]);
    Remediation {
        commands: vec![aws("ec2 stop-instances", region, &ids)],
        rollback_commands: vec![aws("ec2 start-instances", region, &ids)],
        notes: vec!["A public address that is not an Elastic IP changes at the next start.".into()],
    }
}

/// An instance with its root on a local disk cannot be stopped.
fn terminated(instance: &Instance, finding: Finding) -> Finding {
    let ids = [("--instance-ids", &*instance.common.id)];
    Finding {
        title: format!("Terminate the idle {}, which cannot be stopped", instance.instance_type),
        recommended: json!({"state": "terminated"}),
        action_type: ActionType::Delete,
        risk: Level::High,
        rollback_possible: false,
        remediation: Remediation {
            commands: vec![aws("ec2 terminate-instances", &instance.common.region, &ids)],
            rollback_commands: Vec::new(),
            notes: vec!["Its root is a local disk: copy what is needed first.".into()],
        },
        ..finding
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        finding::UnknownReason,
        inventory::{Lifecycle, Platform},
    };
    use crate::rules::fixtures::{Lab, days_ago, instance};

    fn quiet(instance: Instance) -> Lab {
        let id = instance.common.id.clone();
        Lab::new()
            .daily(Metric::Ec2CpuMax, &id, 14, 4.9)
            .daily(Metric::Ec2NetworkIn, &id, 14, 2_400_000.0)
            .daily(Metric::Ec2NetworkOut, &id, 14, 2_500_000.0)
            .instance_price("m5.xlarge", "0.192")
            .instance(instance)
    }

    #[test]
    fn an_idle_instance_saves_its_hours() {
        let finding = quiet(instance("i-1")).only_finding(&RULE);
        assert_eq!(finding.monthly_cost.to_string(), "140.16");
        assert_eq!(finding.monthly_savings.to_string(), "140.16");
        assert_eq!(finding.evidence.len(), 3);
        assert_eq!(
            finding.remediation.rollback_commands,
            ["aws ec2 start-instances --region us-east-1 --instance-ids i-1"]
        );
    }

    #[test]
    fn an_instance_that_cannot_stop_is_terminated() {
        let finding = quiet(Instance { instance_store_root: true, ..instance("i-1") }).only_finding(&RULE);
        assert_eq!(finding.action_type, ActionType::Delete);
        assert!(!finding.rollback_possible);
    }

    #[test]
    fn one_busy_moment_or_five_megabytes_are_use() {
        quiet(instance("i-1")).daily(Metric::Ec2CpuMax, "i-1", 14, 5.0).nothing(&RULE);
        quiet(instance("i-1")).daily(Metric::Ec2NetworkOut, "i-1", 14, 2_600_000.0).nothing(&RULE);
    }

    #[test]
    fn spot_and_managed_instances_are_left_alone() {
        quiet(Instance { lifecycle: Lifecycle::Spot, ..instance("i-1") }).nothing(&RULE);
        for key in ["aws:autoscaling:groupName", "eks:cluster-name", "aws:elasticmapreduce:job-flow-id"] {
            let mut member = instance("i-1");
            member.common.tags = [(key, "x")].into_iter().collect();
            quiet(member).nothing(&RULE);
        }
    }

    #[test]
    fn what_was_not_measured_is_unknown() {
        let missing = UnknownReason::MetricMissing;
        quiet(instance("i-1")).no_datapoints(Metric::Ec2CpuMax, "i-1").unknown(&RULE, missing);
        quiet(instance("i-1")).no_datapoints(Metric::Ec2NetworkIn, "i-1").unknown(&RULE, missing);
        quiet(instance("i-1"))
            .daily(Metric::Ec2CpuMax, "i-1", 11, 1.0)
            .unknown(&RULE, UnknownReason::TooFewDatapoints);
        let mut young = instance("i-1");
        young.common.created_at = Some(days_ago(13));
        quiet(young).unknown(&RULE, UnknownReason::TooYoung);
    }

    #[test]
    fn what_has_no_plain_price_is_unknown() {
        let missing = UnknownReason::PriceMissing;
        quiet(Instance { platform: Platform::Other, ..instance("i-1") }).unknown(&RULE, missing);
        quiet(Instance { dedicated_tenancy: true, ..instance("i-1") }).unknown(&RULE, missing);
    }
}
