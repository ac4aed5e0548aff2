//! Machine images that the account owns.

use super::{
    Collector, Listing, Turn,
    scope::{Incomplete, Scope},
    wire,
};
use crate::domain::{
    inventory::{Image, ResourceKind},
    region::Region,
};
use aws_sdk_ec2::{operation::describe_images::DescribeImagesOutput, types as sdk};

const ACTION: &str = "ec2:DescribeImages";

pub(super) const COLLECTOR: Collector = Collector {
    name: "images",
    actions: &[ACTION],
    listing: Some(Listing {
        kind: ResourceKind::Image,
        turn: Turn::First,
        fetch: |scope, found| Box::pin(fetch(scope, &mut found.images)),
    }),
};

async fn fetch(scope: &Scope<'_>, found: &mut Vec<Image>) -> Result<(), Incomplete> {
    let client = scope.session.ec2(&scope.region);
    let fetch =
        |token| client.describe_images().owners("self").max_results(1_000).set_next_token(token).send();
    let take = |page: DescribeImagesOutput| {
        found.extend(page.images.unwrap_or_default().into_iter().filter_map(|item| map(item, &scope.region)));
        page.next_token
    };
    scope.page_through(ACTION, fetch, take).await
}

fn map(image: sdk::Image, region: &Region) -> Option<Image> {
    let mut common = wire::common(region, image.image_id, wire::ec2_tags(image.tags), None)?;
    common.created_at = image.creation_date.and_then(|text| text.parse().ok());
    let mappings = image.block_device_mappings.unwrap_or_default().into_iter();
    Some(Image {
        common,
        image_name: wire::text(image.name),
        public: image.public.unwrap_or_default(),
        snapshot_ids: mappings.filter_map(|mapping| wire::some_text(mapping.ebs?.snapshot_id)).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_names_its_snapshots_and_its_day() {
        let ebs = sdk::EbsBlockDevice::builder().snapshot_id("snap-1").build();
        let ephemeral = sdk::BlockDeviceMapping::builder().virtual_name("ephemeral0").build();
        let image = sdk::Image::builder()
            .image_id("ami-1")
            .name("golden")
            .creation_date("2026-01-02T03:04:05.000Z")
            .block_device_mappings(sdk::BlockDeviceMapping::builder().ebs(ebs).build())
            .block_device_mappings(ephemeral)
            .build();
        let image = map(image, &Region::global()).unwrap();
        assert_eq!(image.snapshot_ids, ["snap-1"].map(Box::from));
        assert_eq!(image.common.created_at, Some("2026-01-02T03:04:05Z".parse().unwrap()));
        assert!(!image.public);
    }
}
