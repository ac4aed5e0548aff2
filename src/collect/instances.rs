//! EC2 instances, those that are gone for good left out.

use super::{
    Collector, Listing, Turn, credit_specifications,
    scope::{Incomplete, Scope},
    wire,
};
use crate::domain::{
    inventory::{Architecture, Instance, InstanceState, Lifecycle, Platform, ResourceKind},
    region::Region,
};
use aws_sdk_ec2::{operation::describe_instances::DescribeInstancesOutput, types as sdk};
use jiff::{Timestamp, civil::DateTime, tz::TimeZone};

const ACTION: &str = "ec2:DescribeInstances";

pub(super) const COLLECTOR: Collector = Collector {
    name: "instances",
    actions: &[ACTION, credit_specifications::ACTION],
    listing: Some(Listing {
        kind: ResourceKind::Instance,
        turn: Turn::First,
        fetch: |scope, found| Box::pin(fetch(scope, &mut found.instances)),
    }),
};

async fn fetch(scope: &Scope<'_>, found: &mut Vec<Instance>) -> Result<(), Incomplete> {
    let ec2 = scope.session.ec2(&scope.region);
    let fetch = |token| ec2.describe_instances().max_results(1_000).set_next_token(token).send();
    let take = |page: DescribeInstancesOutput| {
        let reservations = page.reservations.unwrap_or_default().into_iter();
        let instances = reservations.flat_map(|r| r.instances.unwrap_or_default());
        found.extend(instances.filter_map(|instance| map(instance, &scope.region)));
        page.next_token
    };
    let listed = scope.page_through(ACTION, fetch, take).await;
    credit_specifications::add_to(scope, found).await;
    listed
}

fn map(instance: sdk::Instance, region: &Region) -> Option<Instance> {
    let state = state_of(instance.state.and_then(|state| state.name));
    if state == InstanceState::Terminated {
        return None;
    }
    let stopped_at = match state {
        InstanceState::Stopped => instance.state_transition_reason.as_deref().and_then(transition_time),
        _ => None,
    };
    let tenancy = instance.placement.and_then(|placement| placement.tenancy);
    let volumes = instance.block_device_mappings.unwrap_or_default().into_iter();
    Some(Instance {
        common: wire::common(
            region,
            instance.instance_id,
            wire::ec2_tags(instance.tags),
            instance.launch_time,
        )?,
        instance_type: instance.instance_type?.as_str().into(),
        state,
        platform: Platform::of(instance.platform_details.as_deref(), instance.platform.is_some()),
        architecture: instance.architecture.map_or(Architecture::Other, |a| architecture_of(a.as_str())),
        lifecycle: lifecycle_of(instance.instance_lifecycle.as_ref()),
        image_id: wire::text(instance.image_id),
        stopped_at,
        ena_support: instance.ena_support.unwrap_or_default(),
        paravirtual: instance.virtualization_type == Some(sdk::VirtualizationType::Paravirtual),
        marketplace: marketplace(instance.product_codes.as_deref().unwrap_or_default()),
        dedicated_tenancy: tenancy.is_some_and(|tenancy| tenancy != sdk::Tenancy::Default),
        instance_store_root: instance.root_device_type == Some(sdk::DeviceType::InstanceStore),
        detailed_monitoring: instance.monitoring.and_then(|monitoring| monitoring.state)
            == Some(sdk::MonitoringState::Enabled),
        unlimited_credits: None,
        volume_ids: volumes.filter_map(|mapping| wire::some_text(mapping.ebs?.volume_id)).collect(),
    })
}

fn state_of(name: Option<sdk::InstanceStateName>) -> InstanceState {
    match name {
        Some(sdk::InstanceStateName::Pending) => InstanceState::Pending,
        Some(sdk::InstanceStateName::Running) => InstanceState::Running,
        Some(sdk::InstanceStateName::ShuttingDown) => InstanceState::ShuttingDown,
        Some(sdk::InstanceStateName::Terminated) => InstanceState::Terminated,
        Some(sdk::InstanceStateName::Stopping) => InstanceState::Stopping,
        Some(sdk::InstanceStateName::Stopped) => InstanceState::Stopped,
        _ => InstanceState::Unknown,
    }
}

/// `User initiated (2026-08-01 10:00:00 GMT)`. Other reasons carry no date.
fn transition_time(reason: &str) -> Option<Timestamp> {
    let (_, rest) = reason.rsplit_once('(')?;
    let text = rest.split_once(')')?.0.strip_suffix("GMT")?.trim();
    let at: DateTime = DateTime::strptime("%Y-%m-%d %H:%M:%S", text).ok()?;
    at.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}

pub(super) fn architecture_of(text: &str) -> Architecture {
    match text {
        "x86_64" => Architecture::X86_64,
        "arm64" => Architecture::Arm64,
        "i386" => Architecture::I386,
        _ => Architecture::Other,
    }
}

/// What is neither named nor plain is not judged as on demand.
fn lifecycle_of(lifecycle: Option<&sdk::InstanceLifecycleType>) -> Lifecycle {
    match lifecycle {
        None => Lifecycle::OnDemand,
        Some(sdk::InstanceLifecycleType::Spot) => Lifecycle::Spot,
        Some(sdk::InstanceLifecycleType::Scheduled) => Lifecycle::Scheduled,
        Some(_) => Lifecycle::CapacityBlock,
    }
}

fn marketplace(codes: &[sdk::ProductCode]) -> bool {
    codes.iter().any(|code| code.product_code_type == Some(sdk::ProductCodeValues::Marketplace))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn sdk_instance(state: sdk::InstanceStateName) -> sdk::builders::InstanceBuilder {
        sdk::Instance::builder()
            .instance_id("i-1")
            .instance_type("m5.large".into())
            .state(sdk::InstanceState::builder().name(state).build())
            .architecture(sdk::ArchitectureValues::X8664)
            .platform_details("Linux/UNIX")
            .ena_support(true)
    }

    fn mapped(builder: sdk::builders::InstanceBuilder) -> Option<Instance> {
        map(builder.build(), &Region::global())
    }

    #[test]
    fn a_plain_instance_is_on_demand_linux() {
        let instance = mapped(sdk_instance(sdk::InstanceStateName::Running)).unwrap();
        assert!(instance.running_on_demand() && instance.ena_support && !instance.marketplace);
        assert_eq!(instance.platform, Platform::Linux);
        assert_eq!(instance.architecture, Architecture::X86_64);
        assert_eq!(instance.stopped_at, None);
    }

    #[test]
    fn a_terminated_instance_is_gone() {
        assert!(mapped(sdk_instance(sdk::InstanceStateName::Terminated)).is_none());
    }

    #[rstest]
    #[case("User initiated (2026-08-01 10:00:00 GMT)", Some("2026-08-01T10:00:00Z"))]
    #[case("Client.UserInitiatedShutdown: (x) (2026-08-01 10:00:00 GMT)", Some("2026-08-01T10:00:00Z"))]
    #[case("User initiated", None)]
    #[case("User initiated (yesterday GMT)", None)]
    #[case("User initiated (2026-08-01 10:00:00)", None)]
    #[case("", None)]
    fn the_stop_is_dated_by_its_reason(#[case] reason: &str, #[case] at: Option<&str>) {
        let stopped = sdk_instance(sdk::InstanceStateName::Stopped).state_transition_reason(reason);
        assert_eq!(mapped(stopped).unwrap().stopped_at, at.map(|text| text.parse().unwrap()));
    }

    #[test]
    fn a_running_instance_has_not_stopped_whatever_its_reason_says() {
        let running = sdk_instance(sdk::InstanceStateName::Running)
            .state_transition_reason("User initiated (2026-08-01 10:00:00 GMT)");
        assert_eq!(mapped(running).unwrap().stopped_at, None);
    }

    #[rstest]
    #[case(Some("Windows"), false, Platform::Windows)]
    #[case(Some("Windows with SQL Server Standard"), false, Platform::WindowsSqlStandard)]
    #[case(Some("Red Hat Enterprise Linux"), false, Platform::Rhel)]
    #[case(Some("Red Hat Enterprise Linux with HA"), false, Platform::Other)]
    #[case(Some("SUSE Linux"), false, Platform::Suse)]
    #[case(None, true, Platform::Windows)]
    #[case(None, false, Platform::Linux)]
    fn platforms_follow_what_is_billed(
        #[case] details: Option<&str>,
        #[case] windows: bool,
        #[case] platform: Platform,
    ) {
        assert_eq!(Platform::of(details, windows), platform);
    }

    #[test]
    fn marketplace_spot_tenancy_and_root_are_seen() {
        let code = sdk::ProductCode::builder().product_code_type(sdk::ProductCodeValues::Marketplace).build();
        let placement = sdk::Placement::builder().tenancy(sdk::Tenancy::Dedicated).build();
        let instance = sdk_instance(sdk::InstanceStateName::Running)
            .product_codes(code)
            .placement(placement)
            .instance_lifecycle(sdk::InstanceLifecycleType::Spot)
            .root_device_type(sdk::DeviceType::InstanceStore);
        let instance = mapped(instance).unwrap();
        assert!(instance.marketplace && instance.dedicated_tenancy && instance.instance_store_root);
        assert_eq!(instance.lifecycle, Lifecycle::Spot);
    }
}
