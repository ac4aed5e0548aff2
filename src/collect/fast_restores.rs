//! Snapshots that AWS keeps ready for quick restores, zone by zone.

use super::{
    Collector, Listing, Turn,
    scope::{Incomplete, Scope},
    wire,
};
use crate::domain::{
    inventory::{FastRestore, ResourceKind},
    region::Region,
};
use aws_sdk_ec2::{
    operation::describe_fast_snapshot_restores::DescribeFastSnapshotRestoresOutput, types as sdk,
};

const ACTION: &str = "ec2:DescribeFastSnapshotRestores";

pub(super) const COLLECTOR: Collector = Collector {
    name: "fast snapshot restores",
    actions: &[ACTION],
    listing: Some(Listing {
        kind: ResourceKind::FastRestore,
        turn: Turn::First,
        fetch: |scope, found| Box::pin(fetch(scope, &mut found.fast_restores)),
    }),
};

async fn fetch(scope: &Scope<'_>, found: &mut Vec<FastRestore>) -> Result<(), Incomplete> {
    let client = scope.session.ec2(&scope.region);
    let enabled = sdk::Filter::builder().name("state").values("enabled").build();
    let fetch = |token| {
        let call = client.describe_fast_snapshot_restores().filters(enabled.clone());
        call.max_results(200).set_next_token(token).send()
    };
    let take = |page: DescribeFastSnapshotRestoresOutput| {
        let items = page.fast_snapshot_restores.unwrap_or_default().into_iter();
        found.extend(items.filter_map(|item| map(item, &scope.region)));
        page.next_token
    };
    scope.page_through(ACTION, fetch, take).await
}

fn map(item: sdk::DescribeFastSnapshotRestoreSuccessItem, region: &Region) -> Option<FastRestore> {
    let (snapshot, zone) = (wire::some_text(item.snapshot_id)?, wire::some_text(item.availability_zone)?);
    let tags = crate::domain::tags::Tags::default();
    Some(FastRestore {
        common: wire::common(region, Some(format!("{snapshot}/{zone}")), tags, item.enabled_time)?,
        snapshot_id: snapshot,
        zone: (&*zone).into(),
        enabled_at: wire::timestamp(item.enabled_time),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snapshot_is_kept_ready_in_each_zone_by_itself() {
        let item = sdk::DescribeFastSnapshotRestoreSuccessItem::builder()
            .snapshot_id("snap-1")
            .availability_zone("us-east-1a")
            .enabled_time(aws_smithy_types::DateTime::from_secs(60))
            .build();
        let restore = map(item, &Region::global()).unwrap();
        assert_eq!(&*restore.common.id, "snap-1/us-east-1a");
        assert_eq!(restore.enabled_at.unwrap().as_second(), 60);
    }
}
