//! Launch configurations: images that a group may start at any time.

use super::{
    Collector, Listing, Turn,
    scope::{Incomplete, Scope},
    wire,
};
use crate::domain::{
    inventory::{LaunchConfiguration, ResourceKind},
    region::Region,
    tags::Tags,
};
use aws_sdk_autoscaling::{
    operation::describe_launch_configurations::DescribeLaunchConfigurationsOutput, types as sdk,
};

const ACTION: &str = "autoscaling:DescribeLaunchConfigurations";

pub(super) const COLLECTOR: Collector = Collector {
    name: "launch configurations",
    actions: &[ACTION],
    listing: Some(Listing {
        kind: ResourceKind::LaunchConfiguration,
        turn: Turn::Then(|found| super::has_images(found) || !found.auto_scaling_groups.is_empty()),
        fetch: |scope, found| Box::pin(fetch(scope, &mut found.launch_configurations)),
    }),
};

async fn fetch(scope: &Scope<'_>, found: &mut Vec<LaunchConfiguration>) -> Result<(), Incomplete> {
    let client = scope.session.autoscaling(&scope.region);
    let fetch = |token| client.describe_launch_configurations().max_records(100).set_next_token(token).send();
    let take = |page: DescribeLaunchConfigurationsOutput| {
        found.extend(
            page.launch_configurations
                .unwrap_or_default()
                .into_iter()
                .filter_map(|item| map(item, &scope.region)),
        );
        page.next_token
    };
    scope.page_through(ACTION, fetch, take).await
}

/// User data comes with the reply; it is dropped here, unread.
fn map(configuration: sdk::LaunchConfiguration, region: &Region) -> Option<LaunchConfiguration> {
    let (name, created) = (configuration.launch_configuration_name, configuration.created_time);
    let mappings = configuration.block_device_mappings.unwrap_or_default().into_iter();
    Some(LaunchConfiguration {
        common: wire::common(region, name, Tags::default(), created)?,
        image_id: wire::text(configuration.image_id),
        instance_type: configuration.instance_type.unwrap_or_default().into(),
        snapshot_ids: mappings.filter_map(|mapping| wire::some_text(mapping.ebs?.snapshot_id)).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_configuration_keeps_its_image_and_never_its_user_data() {
        let configuration = sdk::LaunchConfiguration::builder()
            .launch_configuration_name("web")
            .image_id("ami-1")
            .instance_type("m5.large")
            .user_data("c2VjcmV0")
            .build();
        let configuration = map(configuration, &Region::global()).unwrap();
        assert_eq!(&*configuration.image_id, "ami-1");
        assert!(!format!("{configuration:?}").contains("c2VjcmV0"));
    }
}
