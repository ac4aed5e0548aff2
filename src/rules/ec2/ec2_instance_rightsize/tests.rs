//! What is proposed for one m5.xlarge, and when nothing is.

use super::*;
use crate::domain::{
    finding::UnknownReason,
    inventory::{Architecture, Lifecycle},
};
use crate::rules::fixtures::{Lab, instance, instance_type};

/// m5.xlarge at 38 % with smaller and cheaper types beside it.
fn lab(instance: Instance) -> Lab {
    let id = instance.common.id.clone();
    Lab::new()
        .instance_type(instance_type("m5.xlarge", 4, 16))
        .instance_type(small(instance_type("m5.large", 2, 8)))
        .instance_type(instance_type("m6i.xlarge", 4, 16))
        .instance_type(small(instance_type("m6i.large", 2, 8)))
        .instance_type(small(instance_type("r6i.large", 2, 16)))
        .instance_type(instance_type("m6g.xlarge", 4, 16))
        .instance_price("m5.xlarge", "0.192")
        .instance_price("m5.large", "0.096")
        .instance_price("m6i.xlarge", "0.190")
        .instance_price("m6i.large", "0.095")
        .instance_price("r6i.large", "0.126")
        .instance_price("m6g.xlarge", "0.154")
        .daily(Metric::Ec2CpuMax, &id, 14, 90.0)
        .daily(Metric::Ec2CpuP995, &id, 14, 38.0)
        .daily(Metric::Ec2NetworkIn, &id, 14, 1e9)
        .daily(Metric::Ec2NetworkOut, &id, 14, 1e9)
        .instance(instance)
}

fn small(spec: InstanceTypeSpec) -> InstanceTypeSpec {
    InstanceTypeSpec { network_baseline_mbps: 750, ebs_baseline_mbps: 650, ebs_baseline_iops: 3_600, ..spec }
}

fn with_memory(percent: f64) -> Lab {
    lab(instance("i-1")).daily(Metric::Ec2MemoryMax, "i-1", 14, percent)
}

fn types(finding: &Finding) -> Vec<&str> {
    let options = finding.recommended["options"].as_array().unwrap();
    options.iter().map(|o| o["instanceType"].as_str().unwrap()).collect()
}

#[test]
fn without_the_agent_memory_does_not_shrink() {
    lab(instance("i-1")).unknown(&SAME_FAMILY, UnknownReason::MetricMissing);
    let finding = lab(instance("i-1")).only_finding(&CROSS_FAMILY);
    assert_eq!(types(&finding), ["r6i.large", "m6i.xlarge"]);
    assert_eq!(finding.monthly_cost.to_string(), "140.16");
    assert_eq!(finding.monthly_savings.to_string(), "48.18");
    assert_eq!(finding.recommended["options"][0]["projected"]["cpu"]["percent"], 76);
    assert_eq!(finding.confidence, Level::Medium);
    assert_eq!(finding.prices.len(), 3);
}

#[test]
fn measured_memory_may_shrink() {
    let finding = with_memory(40.0).only_finding(&SAME_FAMILY);
    assert_eq!(types(&finding), ["m5.large"]);
    assert_eq!(finding.monthly_savings.to_string(), "70.08");
    assert_eq!(finding.confidence, Level::High);
    with_memory(42.0).nothing(&SAME_FAMILY);
    let finding = with_memory(42.0).only_finding(&CROSS_FAMILY);
    assert_eq!(types(&finding)[0], "r6i.large", "42 % of 16 GiB and a fifth more pass 8 GiB");
}

#[test]
fn another_family_must_be_cheaper_than_the_own_one() {
    assert_eq!(types(&with_memory(40.0).only_finding(&CROSS_FAMILY)), ["m6i.large"]);
    with_memory(40.0).instance_price("m6i.large", "0.097").nothing(&CROSS_FAMILY);
}

#[test]
fn what_has_too_little_is_named() {
    let finding = with_memory(42.0).only_finding(&CROSS_FAMILY);
    let evidence = finding.evidence.iter().find(|line| line.fact == "cheaper types with too little").unwrap();
    assert_eq!(evidence.observed, "m6i.large: memory, m5.large: memory");
}

#[test]
fn each_option_says_how_busy_it_would_be() {
    let measured = with_memory(40.0)
        .daily(Metric::Ec2NetworkInPeak, "i-1", 14, 2e9)
        .daily(Metric::Ec2NetworkOutPeak, "i-1", 14, 1e9)
        .daily(Metric::Ec2EbsReadBytesPeak, "i-1", 14, 1e9)
        .daily(Metric::Ec2EbsWriteBytesPeak, "i-1", 14, 1e9)
        .daily(Metric::Ec2EbsReadOpsPeak, "i-1", 14, 60_000.0)
        .daily(Metric::Ec2EbsWriteOpsPeak, "i-1", 14, 60_000.0);
    let finding = measured.only_finding(&SAME_FAMILY);
    let projected = &finding.recommended["options"][0]["projected"];
    let percent = |what: &str| projected[what]["percent"].as_i64().unwrap();
    assert_eq!((percent("cpu"), percent("memory")), (76, 80));
    assert_eq!(percent("network"), 54, "3 GB a minute are 400 Mbit/s of 750");
    assert_eq!((percent("ebsThroughput"), percent("ebsOperations")), (42, 56));
    assert_eq!(finding.risk, Level::Medium);
}

#[test]
fn a_busy_network_or_disk_keeps_its_bandwidth() {
    let busy = |one, other, each| with_memory(40.0).daily(one, "i-1", 14, each).daily(other, "i-1", 14, each);
    busy(Metric::Ec2NetworkInPeak, Metric::Ec2NetworkOutPeak, 3e9).nothing(&SAME_FAMILY);
    busy(Metric::Ec2EbsReadBytesPeak, Metric::Ec2EbsWriteBytesPeak, 3e9).nothing(&SAME_FAMILY);
    busy(Metric::Ec2EbsReadOpsPeak, Metric::Ec2EbsWriteOpsPeak, 120_000.0).nothing(&SAME_FAMILY);
}

#[test]
fn a_busy_cpu_keeps_its_cores() {
    let busy = lab(instance("i-1")).daily(Metric::Ec2CpuP995, "i-1", 14, 42.0);
    assert_eq!(types(&busy.only_finding(&CROSS_FAMILY)), ["m6i.xlarge"]);
    let unasked = lab(instance("i-1")).no_datapoints(Metric::Ec2CpuP995, "i-1").daily(
        Metric::Ec2CpuMax,
        "i-1",
        14,
        42.0,
    );
    assert_eq!(types(&unasked.only_finding(&CROSS_FAMILY)), ["m6i.xlarge"], "the maximum stands in");
    lab(instance("i-1")).daily(Metric::Ec2CpuP995, "i-1", 14, 99.0).nothing(&CROSS_FAMILY);
}

#[test]
fn unmeasured_bandwidth_shrinks_no_more_than_the_cpu() {
    let narrow = InstanceTypeSpec { network_baseline_mbps: 0, ..instance_type("r6i.large", 2, 16) };
    let lab_narrow = lab(instance("i-1")).instance_type(narrow);
    assert_eq!(types(&lab_narrow.only_finding(&CROSS_FAMILY)), ["m6i.xlarge"]);
    // 9 TB in a day are 833 Mbit/s, with a fifth more 1,000.
    let loaded = lab(instance("i-1")).daily(Metric::Ec2NetworkIn, "i-1", 14, 9e12);
    assert_eq!(types(&loaded.only_finding(&CROSS_FAMILY)), ["m6i.xlarge"]);
}

#[test]
fn only_types_of_its_own_kind_are_proposed() {
    let old = InstanceTypeSpec { current_generation: false, ..instance_type("r6i.large", 2, 16) };
    let lab_old = lab(instance("i-1")).instance_type(old);
    assert_eq!(types(&lab_old.only_finding(&CROSS_FAMILY)), ["m6i.xlarge"]);
    let lab = lab(instance("i-1"))
        .instance_type(instance_type("t3.xlarge", 4, 16))
        .instance_price("t3.xlarge", "0.0166");
    assert_eq!(types(&lab.only_finding(&CROSS_FAMILY))[0], "r6i.large", "burstable only for burstable");
}

#[test]
fn another_architecture_must_be_asked_for() {
    let mut lab = lab(instance("i-1"));
    lab.thresholds.rightsize_other_architectures = vec!["arm64".into()];
    let finding = lab.only_finding(&CROSS_FAMILY);
    assert_eq!(types(&finding), ["r6i.large", "m6g.xlarge", "m6i.xlarge"]);
    lab.thresholds.preferred_families = vec!["M6G".into()];
    let finding = lab.only_finding(&CROSS_FAMILY);
    assert_eq!((types(&finding), finding.effort), (vec!["m6g.xlarge"], Effort::VeryHigh));
    assert!(finding.remediation.commands[0].contains("ARM64_IMAGE_ID"), "{:?}", finding.remediation);
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
    assert_eq!(types(&lab.only_finding(&SAME_FAMILY)), ["t3.large"]);
    lab.nothing(&CROSS_FAMILY);
    lab.daily(Metric::Ec2CpuP995, "i-1", 14, 42.0).nothing(&SAME_FAMILY);
}

#[test]
fn a_new_hypervisor_is_more_effort() {
    let xen = InstanceTypeSpec { hypervisor: "xen".into(), ..instance_type("m5.xlarge", 4, 16) };
    let finding = lab(instance("i-1")).instance_type(xen).only_finding(&CROSS_FAMILY);
    assert_eq!((finding.effort, finding.remediation.notes.len()), (Effort::High, 2));
}

#[test]
fn what_cannot_be_resized_is_left_alone() {
    for rule in [&SAME_FAMILY, &CROSS_FAMILY] {
        lab(Instance { paravirtual: true, ..instance("i-1") }).nothing(rule);
        lab(Instance { marketplace: true, ..instance("i-1") }).nothing(rule);
        lab(Instance { lifecycle: Lifecycle::Spot, ..instance("i-1") }).nothing(rule);
        lab(Instance { instance_store_root: true, ..instance("i-1") }).nothing(rule);
        lab(Instance { architecture: Architecture::I386, ..instance("i-1") }).nothing(rule);
        lab(Instance { ena_support: false, ..instance("i-1") }).nothing(rule);
        let gpu = InstanceTypeSpec { gpu: true, ..instance_type("m5.xlarge", 4, 16) };
        lab(instance("i-1")).instance_type(gpu).nothing(rule);
        let disks = InstanceTypeSpec { instance_storage: true, ..instance_type("m5.xlarge", 4, 16) };
        lab(instance("i-1")).instance_type(disks).nothing(rule);
    }
}

#[test]
fn an_idle_instance_belongs_to_another_rule() {
    lab(instance("i-1"))
        .daily(Metric::Ec2CpuMax, "i-1", 14, 1.0)
        .daily(Metric::Ec2NetworkIn, "i-1", 14, 0.0)
        .daily(Metric::Ec2NetworkOut, "i-1", 14, 0.0)
        .nothing(&CROSS_FAMILY);
}

#[test]
fn what_is_missing_is_unknown() {
    let other = Instance { instance_type: "m9.huge".into(), ..instance("i-1") };
    lab(other).unknown(&CROSS_FAMILY, UnknownReason::SpecificationMissing);
    for metric in [Metric::Ec2CpuMax, Metric::Ec2NetworkOut] {
        let lab = lab(instance("i-1")).no_datapoints(metric, "i-1");
        lab.unknown(&CROSS_FAMILY, UnknownReason::MetricMissing);
    }
    let dedicated = Instance { dedicated_tenancy: true, ..instance("i-1") };
    lab(dedicated).unknown(&CROSS_FAMILY, UnknownReason::PriceMissing);
}
