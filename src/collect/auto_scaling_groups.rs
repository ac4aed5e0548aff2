//! Auto Scaling groups, and when each of them last changed its size.
//!
//! Activities are read group by group, the newest first, until one changed the capacity: a group that scales
//! often tells it on the first page. Those that cannot scale, or that somebody else sizes, are not asked about.

use super::{
    Collector, Listing, Turn,
    scope::{Incomplete, Scope},
    wire,
};
use crate::domain::{
    inventory::{AutoScalingGroup, CapacityChange, Launch, Member, ResourceKind},
    region::Region,
};
use aws_sdk_autoscaling::{
    operation::{
        describe_auto_scaling_groups::DescribeAutoScalingGroupsOutput,
        describe_scaling_activities::DescribeScalingActivitiesOutput,
    },
    types as sdk,
};
use aws_smithy_types::DateTime;
use futures_util::{StreamExt, stream};

const GROUPS: &str = "autoscaling:DescribeAutoScalingGroups";
const ACTIVITIES: &str = "autoscaling:DescribeScalingActivities";
/// Groups whose activities are read side by side.
const SIDE_BY_SIDE: usize = 8;

pub(super) const COLLECTOR: Collector = Collector {
    name: "Auto Scaling groups",
    actions: &[GROUPS, ACTIVITIES],
    listing: Some(Listing {
        kind: ResourceKind::AutoScalingGroup,
        turn: Turn::First,
        fetch: |scope, found| Box::pin(fetch(scope, &mut found.auto_scaling_groups)),
    }),
};

async fn fetch(scope: &Scope<'_>, found: &mut Vec<AutoScalingGroup>) -> Result<(), Incomplete> {
    let client = scope.session.autoscaling(&scope.region);
    let fetch = |token| client.describe_auto_scaling_groups().max_records(100).set_next_token(token).send();
    let take = |page: DescribeAutoScalingGroupsOutput| {
        let groups = page.auto_scaling_groups.unwrap_or_default().into_iter();
        found.extend(groups.filter_map(|group| map(group, &scope.region)));
        page.next_token
    };
    let listed = scope.page_through(GROUPS, fetch, take).await;
    let able = found.iter_mut().filter(|group| group.min < group.max && !group.managed());
    let reads: Vec<_> = able.map(|group| read_change(scope, group)).collect();
    stream::iter(reads).buffer_unordered(SIDE_BY_SIDE).collect::<()>().await;
    listed
}

async fn read_change(scope: &Scope<'_>, group: &mut AutoScalingGroup) {
    let client = scope.session.autoscaling(&scope.region);
    let name = group.common.id.to_string();
    let fetch = |token| {
        let call = client.describe_scaling_activities().auto_scaling_group_name(&name);
        call.max_records(100).set_next_token(token).send()
    };
    let mut newest: Option<DateTime> = None;
    let take = |page: DescribeScalingActivitiesOutput| {
        let changes = page.activities.unwrap_or_default().into_iter().filter(changes_capacity);
        newest = newest.into_iter().chain(changes.filter_map(|activity| activity.start_time)).max();
        page.next_token.filter(|_| newest.is_none())
    };
    match scope.try_page_through(ACTIVITIES, fetch, take).await {
        Ok(()) => {
            group.capacity_change =
                wire::timestamp(newest).map_or(CapacityChange::NotSeen, CapacityChange::At);
        }
        // Gone since it was listed.
        Err(failure) if failure.code == "ValidationError" => {}
        Err(failure) => {
            let Incomplete = scope.missing(ACTIVITIES, failure);
        }
    }
}

/// `… changing the desired capacity from 2 to 3.`; the replacement of a broken member says nothing of the kind.
fn changes_capacity(activity: &sdk::Activity) -> bool {
    activity.cause.as_deref().is_some_and(|cause| cause.contains("desired capacity from "))
}

fn map(group: sdk::AutoScalingGroup, region: &Region) -> Option<AutoScalingGroup> {
    let tags = wire::tags(group.tags, |tag| (tag.key, tag.value));
    let mixed = group.mixed_instances_policy.is_some();
    let of_policy = group.mixed_instances_policy.and_then(|policy| policy.launch_template);
    let template = group.launch_template.or(of_policy.and_then(|part| part.launch_template_specification));
    let members = group.instances.unwrap_or_default().into_iter();
    let metrics = group.enabled_metrics.unwrap_or_default();
    Some(AutoScalingGroup {
        common: wire::common(region, group.auto_scaling_group_name, tags, group.created_time)?,
        min: wire::number(group.min_size),
        max: wire::number(group.max_size),
        desired: wire::number(group.desired_capacity),
        zones: i64::try_from(group.availability_zones.unwrap_or_default().len()).unwrap_or(i64::MAX),
        members: members.filter_map(member).collect(),
        launch: launch_of(template, group.launch_configuration_name),
        mixed,
        counts_members: metrics.iter().any(|on| on.metric.as_deref() == Some("GroupInServiceInstances")),
        capacity_change: CapacityChange::NotRead,
    })
}

fn launch_of(template: Option<sdk::LaunchTemplateSpecification>, configuration: Option<String>) -> Launch {
    if let Some(sdk::LaunchTemplateSpecification { launch_template_id: Some(id), version, .. }) = template {
        let version = version.unwrap_or_else(|| "$Default".to_owned());
        return Launch::Template { id: id.into(), version: version.into() };
    }
    wire::some_text(configuration).map_or(Launch::Unknown, |name| Launch::Configuration { name })
}

fn member(instance: sdk::Instance) -> Option<Member> {
    let in_service = instance.lifecycle_state == Some(sdk::LifecycleState::InService);
    let (id, instance_type) = (wire::some_text(instance.instance_id)?, instance.instance_type?.into());
    in_service.then_some(Member { id, instance_type })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member_in(state: sdk::LifecycleState) -> sdk::Instance {
        sdk::Instance::builder().instance_id("i-1").instance_type("m5.large").lifecycle_state(state).build()
    }

    #[test]
    fn a_group_knows_its_members_in_service_and_their_template() {
        let template = sdk::LaunchTemplateSpecification::builder().launch_template_id("lt-1").version("3");
        let group = sdk::AutoScalingGroup::builder()
            .auto_scaling_group_name("web")
            .min_size(2)
            .max_size(6)
            .desired_capacity(2)
            .availability_zones("us-east-1a")
            .launch_template(template.build())
            .instances(member_in(sdk::LifecycleState::InService))
            .instances(member_in(sdk::LifecycleState::Standby))
            .enabled_metrics(sdk::EnabledMetric::builder().metric("GroupInServiceInstances").build())
            .build();
        let group = map(group, &Region::global()).unwrap();
        assert_eq!((group.min, group.max, group.zones, group.members.len()), (2, 6, 1, 1));
        assert_eq!(group.launch, Launch::Template { id: "lt-1".into(), version: "3".into() });
        assert!(group.counts_members && !group.mixed);
    }

    #[test]
    fn only_a_change_of_the_desired_capacity_is_scaling() {
        let caused = |cause: &str| changes_capacity(&sdk::Activity::builder().cause(cause).build());
        assert!(caused(
            "At 2026-06-01T10:00:00Z a monitor alarm cpu in state ALARM triggered policy out changing the desired capacity from 2 to 3."
        ));
        assert!(!caused(
            "At 2026-06-01T10:00:00Z an instance was taken out of service in response to an EC2 health check. An instance was started in response to a difference between desired and actual capacity, increasing the capacity from 1 to 2."
        ));
    }
}
