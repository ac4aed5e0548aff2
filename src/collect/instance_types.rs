//! What the instance types of a region offer, as far as they can matter: the families in use and those
//! that rules propose in their place. A region without instances needs none.

use super::{
    Collector,
    instances::architecture_of,
    scope::{Incomplete, Scope},
    wire,
};
use crate::domain::inventory::{Instance, InstanceTypeCatalog, InstanceTypeSpec, family_and_size};
use aws_sdk_ec2::{operation::describe_instance_types::DescribeInstanceTypesOutput, types as sdk};
use std::collections::BTreeSet;

pub(super) const COLLECTOR: Collector =
    Collector { name: "instance types", actions: &[DESCRIBE], listing: None };
const DESCRIBE: &str = "ec2:DescribeInstanceTypes";

/// Burstable families are proposed for burstable ones only.
const BURSTABLE: &[&str] = &["t2", "t3", "t3a", "t4g"];
/// General, compute and memory families stand in for each other: what counts is vCPUs and memory.
const STEADY: &[&str] = &[
    "m5", "m5a", "m6a", "m6g", "m6i", "m7g", "m7i", "c5", "c5a", "c6a", "c6g", "c6i", "c7g", "c7i", "r5",
    "r5a", "r6a", "r6g", "r6i", "r7g", "r7i",
];

pub(super) async fn fetch(
    scope: &Scope<'_>,
    instances: &[Instance],
    found: &mut InstanceTypeCatalog,
) -> Result<(), Incomplete> {
    let families = families_of(instances);
    if families.is_empty() {
        return Ok(());
    }
    let ec2 = scope.session.ec2(&scope.region);
    let wildcards = families.iter().map(|family| format!("{family}.*")).collect();
    let filter = sdk::Filter::builder().name("instance-type").set_values(Some(wildcards)).build();
    let fetch = |token| {
        let call = ec2.describe_instance_types().filters(filter.clone());
        call.max_results(100).set_next_token(token).send()
    };
    let take = |page: DescribeInstanceTypesOutput| {
        for spec in page.instance_types.unwrap_or_default().into_iter().filter_map(map) {
            found.insert(scope.region.clone(), spec);
        }
        page.next_token
    };
    scope.page_through(DESCRIBE, fetch, take).await
}

/// The families in use and what may take their place.
fn families_of(instances: &[Instance]) -> BTreeSet<&str> {
    let used = instances.iter().filter_map(|instance| family_and_size(&instance.instance_type));
    let mut families: BTreeSet<&str> = used.map(|(family, _)| family).collect();
    // Where credits are bought a steady type may cost less.
    if instances.iter().any(|instance| instance.unlimited_credits == Some(true)) {
        families.extend(STEADY);
    }
    let proposed: BTreeSet<&str> = families.iter().flat_map(|family| proposed_for(family)).copied().collect();
    families.extend(proposed);
    families
}

fn proposed_for(family: &str) -> &'static [&'static str] {
    let mut letters = family.bytes();
    match (letters.next(), letters.next()) {
        (Some(b't'), Some(b'0'..=b'9')) => BURSTABLE,
        (Some(b'm' | b'c' | b'r'), Some(b'0'..=b'9')) => STEADY,
        _ => &[],
    }
}

fn map(info: sdk::InstanceTypeInfo) -> Option<InstanceTypeSpec> {
    let architectures = info.processor_info.and_then(|cpu| cpu.supported_architectures).unwrap_or_default();
    let ebs = info.ebs_info.and_then(|ebs| ebs.ebs_optimized_info);
    let network = info.network_info.and_then(|network| network.network_cards).unwrap_or_default();
    Some(InstanceTypeSpec {
        name: info.instance_type?.as_str().into(),
        vcpus: wire::number(info.v_cpu_info?.default_v_cpus),
        memory_mib: info.memory_info?.size_in_mib?,
        architectures: architectures.iter().map(|a| architecture_of(a.as_str())).collect(),
        current_generation: info.current_generation.unwrap_or_default(),
        burstable: info.burstable_performance_supported.unwrap_or_default(),
        gpus: info.gpu_info.as_ref().map_or(0, gpus),
        gpu: info.gpu_info.is_some()
            || info.inference_accelerator_info.is_some()
            || info.neuron_info.is_some(),
        instance_storage: info.instance_storage_supported.unwrap_or_default(),
        bare_metal: info.bare_metal.unwrap_or_default(),
        hypervisor: info.hypervisor.as_ref().map_or("", |hypervisor| hypervisor.as_str()).into(),
        network_baseline_mbps: network.iter().map(|card| mbps(card.baseline_bandwidth_in_gbps)).sum(),
        ebs_baseline_mbps: wire::number(ebs.as_ref().and_then(|ebs| ebs.baseline_bandwidth_in_mbps)),
        ebs_baseline_iops: wire::number(ebs.and_then(|ebs| ebs.baseline_iops)),
    })
}

fn gpus(info: &sdk::GpuInfo) -> i64 {
    info.gpus().iter().map(|gpu| wire::number(gpu.count)).sum()
}

/// AWS gives Gbit/s with up to three decimals.
#[allow(clippy::cast_possible_truncation, reason = "bandwidths are far below the limits of an i64")]
fn mbps(gbps: Option<f64>) -> i64 {
    gbps.filter(|gbps| gbps.is_finite()).map_or(0, |gbps| (gbps * 1_000.0).round() as i64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::inventory::Architecture;

    #[test]
    fn families_bring_their_replacements() {
        assert_eq!(proposed_for("t2"), BURSTABLE);
        assert_eq!(proposed_for("m4"), STEADY);
        assert!(proposed_for("p4d").is_empty());
        assert!(proposed_for("mac1").is_empty());
        assert!(proposed_for("trn1").is_empty());
    }

    #[test]
    fn a_type_keeps_its_limits() {
        let card = sdk::NetworkCardInfo::builder().baseline_bandwidth_in_gbps(0.75).build();
        let ebs =
            sdk::EbsOptimizedInfo::builder().baseline_bandwidth_in_mbps(650).baseline_iops(3_600).build();
        let info = sdk::InstanceTypeInfo::builder()
            .instance_type("m5.large".into())
            .current_generation(true)
            .hypervisor(sdk::InstanceTypeHypervisor::Nitro)
            .v_cpu_info(sdk::VCpuInfo::builder().default_v_cpus(2).build())
            .memory_info(sdk::MemoryInfo::builder().size_in_mib(8_192).build())
            .processor_info(
                sdk::ProcessorInfo::builder().supported_architectures(sdk::ArchitectureType::X8664).build(),
            )
            .network_info(sdk::NetworkInfo::builder().network_cards(card).build())
            .ebs_info(sdk::EbsInfo::builder().ebs_optimized_info(ebs).build())
            .build();
        let spec = map(info).unwrap();
        assert_eq!((spec.vcpus, spec.memory_mib), (2, 8_192));
        assert_eq!((spec.network_baseline_mbps, spec.ebs_baseline_mbps), (750, 650));
        assert_eq!((spec.ebs_baseline_iops, spec.gpus), (3_600, 0));
        assert_eq!(spec.architectures, [Architecture::X86_64]);
        assert_eq!(&*spec.hypervisor, "nitro");
        assert!(spec.current_generation && !spec.gpu && !spec.bare_metal);
    }
}
