//! An instance whose measured need fits a cheaper type of the present generation.

use super::{
    Amounts, Case, Judgement, Meta, Rule,
    ec2_need::Need,
    ec2_shelf::{Offer, Shelf},
    ec2_usage::{find_idle, is_own},
    resize::resize_instance,
};
use crate::domain::{
    finding::{
        ActionType, ConflictClass, Effort, Finding, Level, Remediation, SavingsBasis, UnknownReason, Verdicts,
    },
    inventory::{Instance, InstanceTypeSpec, ResourceKind},
    metric::Metric,
    money::UnitPrice,
};
use serde_json::{Value, json};

pub const RULE: Rule = Rule { meta: &META, check };

static META: Meta = Meta {
    id: "ec2-instance-rightsize",
    title: "Instance is larger than its use",
    condition: "Running on demand, not idle, no GPU, no local disks, no Marketplace product, not part of a \
                group or cluster. The need is the p99.5 of CPU (else its maximum) and the agent's memory \
                maximum, each with rightsize_headroom_percent to spare; without the agent the memory may not \
                shrink. Cheaper types of the same architecture and the present generation that hold vCPUs, \
                memory, network and EBS bandwidth are proposed, the cheapest first; burstable types only for \
                burstable ones.",
    formula: "(hourly price - hourly price of the cheapest type that fits) * 730",
    pitfalls: "Short peaks of network and disk inside a day are not seen: bandwidth shrinks no more than the \
               CPU does. Licences counted by core or type may not allow the change.",
    kind: ResourceKind::Instance,
    action_type: ActionType::Rightsize,
    class: ConflictClass::Resize,
    basis: SavingsBasis::Modelled,
    effort: Effort::Medium,
    risk: Level::Medium,
    restart_needed: true,
    rollback_possible: true,
    actions: &["ec2:DescribeInstances", "ec2:DescribeInstanceTypes"],
    metrics: &[
        Metric::Ec2CpuMax,
        Metric::Ec2CpuP995,
        Metric::Ec2NetworkIn,
        Metric::Ec2NetworkOut,
        Metric::Ec2MemoryMax,
    ],
    thresholds: &["rightsize_headroom_percent", "look_back_days", "min_datapoints_percent"],
    on_by_default: true,
};

fn check(case: &Case<'_>) -> Verdicts {
    let shelf = Shelf::of(case);
    case.judge_each(&case.snapshot.inventory.instances, |case, instance| judge(case, &shelf, instance))
}

fn judge(case: &Case<'_>, shelf: &Shelf<'_>, instance: &Instance) -> Judgement {
    let bound = instance.marketplace || instance.paravirtual || instance.instance_store_root;
    if !is_own(instance) || bound {
        return Ok(None);
    }
    let present = case
        .snapshot
        .instance_types
        .get(&instance.common.region, &instance.instance_type)
        .ok_or(UnknownReason::SpecificationMissing)?;
    if present.gpu || present.instance_storage || present.bare_metal || find_idle(case, instance)?.is_some() {
        return Ok(None);
    }
    let need = Need::measure(case, instance, present)?;
    let mut bill = case.bill();
    let now = bill.instance_hour(instance, &instance.instance_type)?;
    let offers = shelf.cheaper(instance, now.per_unit())?;
    let options: Vec<&Offer<'_>> = offers.filter(|offer| need.fits(instance, offer.spec)).take(3).collect();
    let Some(best) = options.first() else { return Ok(None) };
    // A machine that moves much with little CPU must not lose its bandwidth unseen.
    for metric in [Metric::Ec2NetworkIn, Metric::Ec2NetworkOut] {
        case.summary(metric, &instance.common)?;
    }
    let then = bill.instance_hour(instance, &best.spec.name)?;
    for option in &options {
        bill.instance_hour(instance, &option.spec.name)?;
    }
    let savings = now.monthly(1) - then.monthly(1);
    Ok(Some(Finding {
        title: title(instance, &need, best.spec),
        current: specification(present),
        recommended: recommended(&options, &need, now.per_unit()),
        effort: if changes_hypervisor(present, best.spec) { Effort::High } else { Effort::Medium },
        confidence: if need.memory_is_measured() { Level::High } else { Level::Medium },
        evidence: need.evidence(case),
        remediation: remediation(instance, present, best.spec),
        ..case.finding(instance, Amounts { cost: now.monthly(1), savings, bill })
    }))
}

fn changes_hypervisor(present: &InstanceTypeSpec, target: &InstanceTypeSpec) -> bool {
    present.hypervisor != target.hypervisor
}

fn remediation(instance: &Instance, present: &InstanceTypeSpec, target: &InstanceTypeSpec) -> Remediation {
    let mut fix = resize_instance(instance, &target.name);
    if changes_hypervisor(present, target) {
        fix.notes.push("The hypervisor changes: the image needs NVMe and ENA drivers.".into());
    }
    fix
}

fn title(instance: &Instance, need: &Need<'_>, target: &InstanceTypeSpec) -> String {
    let (from, percent, to) = (&instance.instance_type, need.cpu_percent(), &target.name);
    format!("Move from {from}, whose CPU needs {percent:.0} %, to {to}")
}

fn specification(spec: &InstanceTypeSpec) -> Value {
    json!({"instanceType": spec.name, "vcpus": spec.vcpus, "memoryMib": spec.memory_mib})
}

/// The best target, with all options beside it.
fn recommended(options: &[&Offer<'_>], need: &Need<'_>, now: UnitPrice) -> Value {
    let all: Vec<Value> = options
        .iter()
        .map(|option| {
            json!({
                "instanceType": option.spec.name,
                "vcpus": option.spec.vcpus,
                "memoryMib": option.spec.memory_mib,
                "projectedCpuPercent": need.projected_cpu_percent(option.spec),
                "monthlySavings": now.monthly(1) - option.price.monthly(1),
            })
        })
        .collect();
    json!({"instanceType": options.first().map(|best| best.spec.name.clone()), "options": all})
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::inventory::{Architecture, Lifecycle};
    use crate::rules::fixtures::{Lab, instance, instance_type};

    /// m5.xlarge at 38 % with four smaller or cheaper types beside it.
    fn lab(instance: Instance) -> Lab {
        let id = instance.common.id.clone();
        Lab::new()
            .instance_type(instance_type("m5.xlarge", 4, 16))
            .instance_type(instance_type("m6i.xlarge", 4, 16))
            .instance_type(small(instance_type("m6i.large", 2, 8)))
            .instance_type(small(instance_type("r6i.large", 2, 16)))
            .instance_type(instance_type("m6g.xlarge", 4, 16))
            .instance_price("m5.xlarge", "0.192")
            .instance_price("m6i.xlarge", "0.190")
            .instance_price("m6i.large", "0.096")
            .instance_price("r6i.large", "0.126")
            .instance_price("m6g.xlarge", "0.154")
            .daily(Metric::Ec2CpuMax, &id, 14, 90.0)
            .daily(Metric::Ec2CpuP995, &id, 14, 38.0)
            .daily(Metric::Ec2NetworkIn, &id, 14, 1e9)
            .daily(Metric::Ec2NetworkOut, &id, 14, 1e9)
            .instance(instance)
    }

    fn small(spec: InstanceTypeSpec) -> InstanceTypeSpec {
        InstanceTypeSpec { network_baseline_mbps: 750, ebs_baseline_mbps: 650, ..spec }
    }

    fn types(finding: &Finding) -> Vec<&str> {
        let options = finding.recommended["options"].as_array().unwrap();
        options.iter().map(|o| o["instanceType"].as_str().unwrap()).collect()
    }

    #[test]
    fn without_the_agent_memory_does_not_shrink() {
        let finding = lab(instance("i-1")).only_finding(&RULE);
        assert_eq!(types(&finding), ["r6i.large", "m6i.xlarge"]);
        assert_eq!(finding.monthly_cost.to_string(), "140.16");
        assert_eq!(finding.monthly_savings.to_string(), "48.18");
        assert_eq!(finding.recommended["options"][0]["projectedCpuPercent"], 76);
        assert_eq!(finding.confidence, Level::Medium);
        assert_eq!(finding.prices.len(), 3);
    }

    #[test]
    fn measured_memory_may_shrink() {
        let finding = lab(instance("i-1")).daily(Metric::Ec2MemoryMax, "i-1", 14, 40.0).only_finding(&RULE);
        assert_eq!(types(&finding), ["m6i.large", "r6i.large", "m6i.xlarge"]);
        assert_eq!(finding.monthly_savings.to_string(), "70.08");
        let finding = lab(instance("i-1")).daily(Metric::Ec2MemoryMax, "i-1", 14, 42.0).only_finding(&RULE);
        assert_eq!(types(&finding)[0], "r6i.large", "42 % of 16 GiB and a fifth more pass 8 GiB");
    }

    #[test]
    fn a_busy_cpu_keeps_its_cores() {
        let busy = lab(instance("i-1")).daily(Metric::Ec2CpuP995, "i-1", 14, 42.0);
        assert_eq!(types(&busy.only_finding(&RULE)), ["m6i.xlarge"]);
        let unasked = lab(instance("i-1")).no_datapoints(Metric::Ec2CpuP995, "i-1").daily(
            Metric::Ec2CpuMax,
            "i-1",
            14,
            42.0,
        );
        assert_eq!(types(&unasked.only_finding(&RULE)), ["m6i.xlarge"], "the maximum stands in");
        lab(instance("i-1")).daily(Metric::Ec2CpuP995, "i-1", 14, 99.0).nothing(&RULE);
    }

    #[test]
    fn bandwidth_must_be_enough() {
        let narrow = InstanceTypeSpec { network_baseline_mbps: 0, ..instance_type("r6i.large", 2, 16) };
        assert_eq!(types(&lab(instance("i-1")).instance_type(narrow).only_finding(&RULE)), ["m6i.xlarge"]);
        // 9 TB in a day are 833 Mbit/s, with a fifth more 1,000.
        let loaded = lab(instance("i-1")).daily(Metric::Ec2NetworkIn, "i-1", 14, 9e12);
        assert_eq!(types(&loaded.only_finding(&RULE)), ["m6i.xlarge"]);
    }

    #[test]
    fn only_types_of_its_own_kind_are_proposed() {
        let old = InstanceTypeSpec { current_generation: false, ..instance_type("r6i.large", 2, 16) };
        assert_eq!(types(&lab(instance("i-1")).instance_type(old).only_finding(&RULE)), ["m6i.xlarge"]);
        let lab = lab(instance("i-1"))
            .instance_type(instance_type("t3.xlarge", 4, 16))
            .instance_price("t3.xlarge", "0.0166");
        assert_eq!(types(&lab.only_finding(&RULE))[0], "r6i.large", "burstable only for burstable");
    }

    #[test]
    fn a_burstable_instance_stays_burstable() {
        let burstable = Instance { instance_type: "t3.xlarge".into(), ..instance("i-1") };
        let lab = lab(burstable)
            .instance_type(instance_type("t3.xlarge", 4, 16))
            .instance_type(small(instance_type("t3.large", 2, 8)))
            .instance_price("t3.xlarge", "0.1664")
            .instance_price("t3.large", "0.0832")
            .daily(Metric::Ec2MemoryMax, "i-1", 14, 40.0);
        assert_eq!(types(&lab.only_finding(&RULE)), ["t3.large"]);
        lab.daily(Metric::Ec2CpuP995, "i-1", 14, 42.0).nothing(&RULE);
    }

    #[test]
    fn a_new_hypervisor_is_more_effort() {
        let xen = InstanceTypeSpec { hypervisor: "xen".into(), ..instance_type("m5.xlarge", 4, 16) };
        let finding = lab(instance("i-1")).instance_type(xen).only_finding(&RULE);
        assert_eq!((finding.effort, finding.remediation.notes.len()), (Effort::High, 2));
    }

    #[test]
    fn what_cannot_be_resized_is_left_alone() {
        lab(Instance { paravirtual: true, ..instance("i-1") }).nothing(&RULE);
        lab(Instance { marketplace: true, ..instance("i-1") }).nothing(&RULE);
        lab(Instance { lifecycle: Lifecycle::Spot, ..instance("i-1") }).nothing(&RULE);
        lab(Instance { instance_store_root: true, ..instance("i-1") }).nothing(&RULE);
        lab(Instance { architecture: Architecture::I386, ..instance("i-1") }).nothing(&RULE);
        lab(Instance { ena_support: false, ..instance("i-1") }).nothing(&RULE);
        let gpu = InstanceTypeSpec { gpu: true, ..instance_type("m5.xlarge", 4, 16) };
        lab(instance("i-1")).instance_type(gpu).nothing(&RULE);
        let disks = InstanceTypeSpec { instance_storage: true, ..instance_type("m5.xlarge", 4, 16) };
        lab(instance("i-1")).instance_type(disks).nothing(&RULE);
    }

    #[test]
    fn an_idle_instance_belongs_to_another_rule() {
        lab(instance("i-1"))
            .daily(Metric::Ec2CpuMax, "i-1", 14, 1.0)
            .daily(Metric::Ec2NetworkIn, "i-1", 14, 0.0)
            .daily(Metric::Ec2NetworkOut, "i-1", 14, 0.0)
            .nothing(&RULE);
    }

    #[test]
    fn what_is_missing_is_unknown() {
        let other = Instance { instance_type: "m9.huge".into(), ..instance("i-1") };
        lab(other).unknown(&RULE, UnknownReason::SpecificationMissing);
        lab(instance("i-1"))
            .no_datapoints(Metric::Ec2CpuMax, "i-1")
            .unknown(&RULE, UnknownReason::MetricMissing);
        let dedicated = Instance { dedicated_tenancy: true, ..instance("i-1") };
        lab(dedicated).unknown(&RULE, UnknownReason::PriceMissing);
    }
}
