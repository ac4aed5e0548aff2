//! EBS volumes.

use super::{
    Collector, Listing, Turn,
    scope::{Incomplete, Scope},
    wire,
};
use crate::domain::{
    inventory::{ResourceKind, Volume, VolumeType},
    region::Region,
};
use aws_sdk_ec2::types as sdk;

const ACTION: &str = "ec2:DescribeVolumes";
/// What images of AWS and of all large vendors start from; it is not told apart in the list of volumes.
const BOOT_DEVICES: [&str; 3] = ["/dev/xvda", "/dev/sda1", "/dev/sda"];

pub(super) const COLLECTOR: Collector = Collector {
    name: "volumes",
    actions: &[ACTION],
    listing: Some(Listing {
        kind: ResourceKind::Volume,
        turn: Turn::First,
        fetch: |scope, found| Box::pin(fetch(scope, &mut found.volumes)),
    }),
};

async fn fetch(scope: &Scope<'_>, found: &mut Vec<Volume>) -> Result<(), Incomplete> {
    let ec2 = scope.session.ec2(&scope.region);
    let fetch = |token| ec2.describe_volumes().max_results(1_000).set_next_token(token).send();
    let take = |page: aws_sdk_ec2::operation::describe_volumes::DescribeVolumesOutput| {
        found.extend(page.volumes.unwrap_or_default().into_iter().filter_map(|v| map(v, &scope.region)));
        page.next_token
    };
    scope.page_through(ACTION, fetch, take).await
}

/// Volumes that are on their way in or out are neither waste nor in use.
fn map(volume: sdk::Volume, region: &Region) -> Option<Volume> {
    let available = match volume.state? {
        sdk::VolumeState::Available => true,
        sdk::VolumeState::InUse => false,
        _ => return None,
    };
    let volume_type = volume.volume_type?.as_str().parse().unwrap_or(VolumeType::Other);
    let attachments = volume.attachments.unwrap_or_default();
    let boot = attachments.iter().filter_map(|a| a.device.as_deref()).any(|d| BOOT_DEVICES.contains(&d));
    Some(Volume {
        common: wire::common(region, volume.volume_id, wire::ec2_tags(volume.tags), volume.create_time)?,
        volume_type,
        size_gib: wire::number(volume.size),
        iops: wire::number(volume.iops),
        throughput_mibps: wire::number(volume.throughput),
        available,
        multi_attach: volume.multi_attach_enabled.unwrap_or_default(),
        boot,
        attached_to: attachments.into_iter().filter_map(|a| wire::some_text(a.instance_id)).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_smithy_types::DateTime;

    fn sdk_volume() -> sdk::builders::VolumeBuilder {
        sdk::Volume::builder()
            .volume_id("vol-1")
            .state(sdk::VolumeState::InUse)
            .volume_type(sdk::VolumeType::Gp3)
            .size(100)
            .iops(4_000)
            .throughput(250)
            .create_time(DateTime::from_secs(1_700_000_000))
            .attachments(sdk::VolumeAttachment::builder().instance_id("i-1").build())
            .tags(sdk::Tag::builder().key("Name").value("data").build())
    }

    #[test]
    fn an_attached_volume_keeps_what_rules_ask_for() {
        let volume = map(sdk_volume().build(), &Region::global()).unwrap();
        assert_eq!(&*volume.common.id, "vol-1");
        assert_eq!(volume.common.name(), Some("data"));
        assert_eq!(volume.common.created_at.unwrap().as_second(), 1_700_000_000);
        assert_eq!((volume.volume_type, volume.size_gib), (VolumeType::Gp3, 100));
        assert_eq!((volume.iops, volume.throughput_mibps), (4_000, 250));
        assert_eq!(volume.attached_to, ["i-1"].map(Box::from));
        assert!(!volume.available && !volume.multi_attach);
    }

    #[test]
    fn volumes_in_passing_and_without_id_are_left_out() {
        let deleting = sdk_volume().state(sdk::VolumeState::Deleting).build();
        assert!(map(deleting, &Region::global()).is_none());
        let nameless = sdk_volume().set_volume_id(None).build();
        assert!(map(nameless, &Region::global()).is_none());
    }

    #[test]
    fn a_disk_to_start_from_is_told_by_its_device() {
        let at = |device: &str| {
            let attachment = sdk::VolumeAttachment::builder().instance_id("i-1").device(device).build();
            let volume = sdk_volume().set_attachments(Some(vec![attachment])).build();
            map(volume, &Region::global()).unwrap().boot
        };
        assert!(at("/dev/xvda") && at("/dev/sda1"));
        assert!(!at("/dev/xvdb") && !at("/dev/sdf"));
    }

    #[test]
    fn a_type_of_tomorrow_is_other() {
        let volume = map(sdk_volume().volume_type("gp9".into()).build(), &Region::global()).unwrap();
        assert_eq!(volume.volume_type, VolumeType::Other);
    }
}
