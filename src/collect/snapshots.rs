//! EBS snapshots that the account owns.

use super::{
    Collector, Listing, Turn,
    scope::{Incomplete, Scope},
    wire,
};
use crate::domain::{
    inventory::{ResourceKind, Snapshot},
    region::Region,
};
use aws_sdk_ec2::{operation::describe_snapshots::DescribeSnapshotsOutput, types as sdk};

const ACTION: &str = "ec2:DescribeSnapshots";

pub(super) const COLLECTOR: Collector = Collector {
    name: "snapshots",
    actions: &[ACTION],
    listing: Some(Listing {
        kind: ResourceKind::Snapshot,
        turn: Turn::First,
        fetch: |scope, found| Box::pin(fetch(scope, &mut found.snapshots)),
    }),
};

async fn fetch(scope: &Scope<'_>, found: &mut Vec<Snapshot>) -> Result<(), Incomplete> {
    let client = scope.session.ec2(&scope.region);
    let fetch =
        |token| client.describe_snapshots().owner_ids("self").max_results(1_000).set_next_token(token).send();
    let take = |page: DescribeSnapshotsOutput| {
        found.extend(
            page.snapshots.unwrap_or_default().into_iter().filter_map(|item| map(item, &scope.region)),
        );
        page.next_token
    };
    scope.page_through(ACTION, fetch, take).await
}

fn map(snapshot: sdk::Snapshot, region: &Region) -> Option<Snapshot> {
    Some(Snapshot {
        common: wire::common(
            region,
            snapshot.snapshot_id,
            wire::ec2_tags(snapshot.tags),
            snapshot.start_time,
        )?,
        volume_id: wire::text(snapshot.volume_id),
        volume_size_gib: wire::number(snapshot.volume_size),
        archived: snapshot.storage_tier == Some(sdk::StorageTier::Archive),
        description: wire::text(snapshot.description),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snapshot_keeps_its_source_and_its_tier() {
        let archived = sdk::Snapshot::builder()
            .snapshot_id("snap-1")
            .volume_id("vol-1")
            .volume_size(8)
            .storage_tier(sdk::StorageTier::Archive)
            .build();
        let snapshot = map(archived, &Region::global()).unwrap();
        assert_eq!((&*snapshot.volume_id, snapshot.volume_size_gib, snapshot.archived), ("vol-1", 8, true));
        assert_eq!(snapshot.common.created_at, None);
    }
}
