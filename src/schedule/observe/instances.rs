//! EC2 instances as the scheduler sees them.

use super::{Listing, reader::Reader, wire};
use crate::domain::{
    inventory::Platform,
    schedule::{Facts, Observed, Power, TargetKind},
    tags::Tags,
};
use aws_sdk_ec2::{
    operation::describe_instances::{DescribeInstancesOutput, builders::DescribeInstancesFluentBuilder},
    types as sdk,
};
use std::collections::BTreeSet;

pub(super) const ACTION: &str = "ec2:DescribeInstances";
/// EC2 takes 200 values for a filter. Asked by a filter, ids that are gone are left out; asked by id, one of
/// them would fail the whole call.
const IDS_A_CALL: usize = 200;
const LONGEST_REASON: usize = 200;

/// Those that carry the tag and are not gone.
pub(super) async fn list(reader: &Reader<'_>) -> Listing {
    let states = ["pending", "running", "stopping", "stopped"];
    let filters = vec![
        filter("tag:Scheduler", ["Enabled"].into_iter()),
        filter("instance-state-name", states.into_iter()),
    ];
    let mut listing = read(reader, filters).await;
    listing.observed.retain(|seen| seen.tags.scheduled() && seen.power != Power::Gone);
    listing
}

/// Those of the ids that are there.
pub(super) async fn find(reader: &Reader<'_>, ids: &BTreeSet<&str>) -> Listing {
    let ids: Vec<&str> = ids.iter().copied().collect();
    let mut found = Listing::default();
    for part in ids.chunks(IDS_A_CALL) {
        let read = read(reader, vec![filter("instance-id", part.iter().copied())]).await;
        found.observed.extend(read.observed);
        found.failure = read.failure.or(found.failure);
    }
    found
}

fn filter<'a>(name: &str, values: impl Iterator<Item = &'a str>) -> sdk::Filter {
    sdk::Filter::builder().name(name).set_values(Some(values.map(str::to_owned).collect())).build()
}

async fn read(reader: &Reader<'_>, filters: Vec<sdk::Filter>) -> Listing {
    let mut observed = Vec::new();
    let ec2 = reader.session.ec2(reader.region);
    let request = || -> DescribeInstancesFluentBuilder {
        ec2.describe_instances().set_filters(Some(filters.clone())).max_results(1_000)
    };
    let fetch = |token| request().set_next_token(token).send();
    let take = |page: DescribeInstancesOutput| {
        let reservations = page.reservations.unwrap_or_default().into_iter();
        let instances = reservations.flat_map(|r| r.instances.unwrap_or_default());
        observed.extend(instances.filter_map(|instance| map(reader, instance)));
        page.next_token
    };
    let failure = reader.page_through(ACTION, fetch, take).await;
    Listing { observed, failure }
}

fn map(reader: &Reader<'_>, instance: sdk::Instance) -> Option<Observed> {
    let id = wire::some_text(instance.instance_id.clone())?;
    let tags: Tags = instance
        .tags()
        .iter()
        .filter_map(|tag| Some((tag.key()?.to_owned(), tag.value().unwrap_or_default().to_owned())))
        .collect();
    let state = instance.state.as_ref().and_then(|state| state.name.clone());
    let name = tags.get("Name").filter(|name| !name.is_empty()).map(Into::into);
    let group = tags.get("aws:autoscaling:groupName").is_some();
    let facts = facts_of(instance, group);
    Some(Observed {
        name,
        ..reader.observed(TargetKind::Instance, id, tags, power_of(state.as_ref()), facts)
    })
}

/// A state that nobody knows yet is waited for.
fn power_of(state: Option<&sdk::InstanceStateName>) -> Power {
    match state {
        Some(sdk::InstanceStateName::Running) => Power::Running,
        Some(sdk::InstanceStateName::Stopped) => Power::Stopped,
        Some(sdk::InstanceStateName::Terminated | sdk::InstanceStateName::ShuttingDown) => Power::Gone,
        _ => Power::Changing,
    }
}

fn facts_of(instance: sdk::Instance, auto_scaling_group: bool) -> Facts {
    let no_root_volume = lacks_root_volume(&instance);
    let lifecycle = instance.instance_lifecycle;
    let placement = instance.placement.unwrap_or_else(|| sdk::Placement::builder().build());
    let state = instance.state.and_then(|state| state.name);
    Facts {
        aws_state: state.map(|name| name.as_str().into()).unwrap_or_default(),
        state_reason: instance.state_reason.and_then(reason_text),
        launched_at: wire::timestamp(instance.launch_time),
        size: instance.instance_type.map(|size| size.as_str().into()).unwrap_or_default(),
        zone: wire::text(placement.availability_zone),
        platform: Some(Platform::of(instance.platform_details.as_deref(), instance.platform.is_some())),
        spot: lifecycle == Some(sdk::InstanceLifecycleType::Spot),
        capacity_block: lifecycle.is_some_and(|lifecycle| lifecycle != sdk::InstanceLifecycleType::Spot),
        managed: instance.operator.and_then(|operator| operator.managed).unwrap_or_default(),
        dedicated_tenancy: placement.tenancy.is_some_and(|tenancy| tenancy != sdk::Tenancy::Default),
        auto_scaling_group,
        instance_store_root: instance.root_device_type == Some(sdk::DeviceType::InstanceStore),
        no_root_volume,
        ..Facts::default()
    }
}

/// Only where AWS names the root device of a machine at rest and lists the volumes without it.
fn lacks_root_volume(instance: &sdk::Instance) -> bool {
    let at_rest =
        instance.state().and_then(sdk::InstanceState::name) == Some(&sdk::InstanceStateName::Stopped);
    let on_ebs = instance.root_device_type == Some(sdk::DeviceType::Ebs);
    let Some(root) = instance.root_device_name().filter(|root| !root.is_empty()) else { return false };
    let Some(attached) = &instance.block_device_mappings else { return false };
    at_rest && on_ebs && !attached.iter().any(|device| device.device_name() == Some(root))
}

/// `Client.InternalError: Client error on launch`.
fn reason_text(reason: sdk::StateReason) -> Option<Box<str>> {
    let code = reason.code.filter(|code| !code.is_empty())?;
    let message = reason.message.unwrap_or_default();
    let message = message.strip_prefix(&format!("{code}: ")).unwrap_or(&message).to_owned();
    let text = if message.is_empty() { code } else { format!("{code}: {message}") };
    Some(text.chars().take(LONGEST_REASON).collect::<String>().into_boxed_str())
}
