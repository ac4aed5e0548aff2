//! Launch templates with all of their versions: an old version can still be launched, so what any of them
//! refers to is in use.
//!
//! AWS lists the versions of one template a call. User data comes with them; it is dropped here, unread.

use super::{
    Collector, Listing, Turn,
    scope::{Incomplete, Scope},
    wire,
};
use crate::domain::{
    inventory::{LaunchTemplate, ResourceKind},
    region::Region,
};
use aws_sdk_ec2::{
    operation::{
        describe_launch_template_versions::DescribeLaunchTemplateVersionsOutput,
        describe_launch_templates::DescribeLaunchTemplatesOutput,
    },
    types as sdk,
};
use futures_util::{StreamExt, TryStreamExt, stream};

const TEMPLATES: &str = "ec2:DescribeLaunchTemplates";
const VERSIONS: &str = "ec2:DescribeLaunchTemplateVersions";

pub(super) const COLLECTOR: Collector = Collector {
    name: "launch templates",
    actions: &[TEMPLATES, VERSIONS],
    listing: Some(Listing {
        kind: ResourceKind::LaunchTemplate,
        turn: Turn::Then(super::has_images),
        fetch: |scope, found| Box::pin(fetch(scope, &mut found.launch_templates)),
    }),
};

/// Lists of versions that are read side by side.
const SIDE_BY_SIDE: usize = 8;

/// Complete only if every version of every template was read.
async fn fetch(scope: &Scope<'_>, found: &mut Vec<LaunchTemplate>) -> Result<(), Incomplete> {
    let listed = fetch_templates(scope, found).await;
    let reads: Vec<_> = found.iter_mut().map(|template| fetch_versions(scope, template)).collect();
    stream::iter(reads).buffer_unordered(SIDE_BY_SIDE).try_collect::<()>().await?;
    listed
}

async fn fetch_templates(scope: &Scope<'_>, found: &mut Vec<LaunchTemplate>) -> Result<(), Incomplete> {
    let ec2 = scope.session.ec2(&scope.region);
    let fetch = |token| ec2.describe_launch_templates().max_results(200).set_next_token(token).send();
    let take = |page: DescribeLaunchTemplatesOutput| {
        let templates = page.launch_templates.unwrap_or_default().into_iter();
        found.extend(templates.filter_map(|template| map(template, &scope.region)));
        page.next_token
    };
    scope.page_through(TEMPLATES, fetch, take).await
}

async fn fetch_versions(scope: &Scope<'_>, template: &mut LaunchTemplate) -> Result<(), Incomplete> {
    let ec2 = scope.session.ec2(&scope.region);
    let id = template.common.id.to_string();
    let fetch = |token| {
        let call = ec2.describe_launch_template_versions().launch_template_id(&id);
        call.max_results(200).set_next_token(token).send()
    };
    let take = |page: DescribeLaunchTemplateVersionsOutput| {
        for version in page.launch_template_versions.unwrap_or_default() {
            add_version(template, version);
        }
        page.next_token
    };
    scope.page_through(VERSIONS, fetch, take).await
}

fn map(template: sdk::LaunchTemplate, region: &Region) -> Option<LaunchTemplate> {
    let (id, tags) = (template.launch_template_id, wire::ec2_tags(template.tags));
    let common = wire::common(region, id, tags, template.create_time)?;
    Some(LaunchTemplate { common, image_ids: Vec::new(), snapshot_ids: Vec::new() })
}

fn add_version(template: &mut LaunchTemplate, version: sdk::LaunchTemplateVersion) {
    let Some(data) = version.launch_template_data else { return };
    let mappings = data.block_device_mappings.unwrap_or_default().into_iter();
    let snapshots = mappings.filter_map(|mapping| wire::some_text(mapping.ebs?.snapshot_id));
    add_new(&mut template.image_ids, wire::some_text(data.image_id));
    add_new(&mut template.snapshot_ids, snapshots);
}

/// Versions mostly repeat each other.
fn add_new(known: &mut Vec<Box<str>>, ids: impl IntoIterator<Item = Box<str>>) {
    for id in ids {
        if !known.contains(&id) {
            known.push(id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(image: &str, snapshot: &str) -> sdk::LaunchTemplateVersion {
        let ebs = sdk::LaunchTemplateEbsBlockDevice::builder().snapshot_id(snapshot).build();
        let mapping = sdk::LaunchTemplateBlockDeviceMapping::builder().ebs(ebs).build();
        let data = sdk::ResponseLaunchTemplateData::builder()
            .image_id(image)
            .user_data("c2VjcmV0")
            .block_device_mappings(mapping)
            .build();
        sdk::LaunchTemplateVersion::builder().launch_template_data(data).build()
    }

    #[test]
    fn all_versions_count_and_user_data_is_dropped() {
        let sdk_template = sdk::LaunchTemplate::builder().launch_template_id("lt-1").build();
        let mut template = map(sdk_template, &Region::global()).unwrap();
        add_version(&mut template, version("ami-1", "snap-1"));
        add_version(&mut template, version("ami-2", "snap-1"));
        add_version(&mut template, version("ami-1", "snap-1"));
        assert_eq!(template.image_ids, ["ami-1", "ami-2"].map(Box::from));
        assert_eq!(template.snapshot_ids, ["snap-1"].map(Box::from));
        assert!(!format!("{template:?}").contains("c2VjcmV0"));
    }
}
