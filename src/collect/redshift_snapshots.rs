//! Manual snapshots of Redshift clusters; automated ones are free and go by themselves.

use super::{
    Collector, Listing, Turn,
    scope::{Incomplete, Scope},
    wire,
};
use crate::domain::{
    inventory::{RedshiftSnapshot, ResourceKind},
    region::Region,
};
use aws_sdk_redshift::{operation::describe_cluster_snapshots::DescribeClusterSnapshotsOutput, types as sdk};

const ACTION: &str = "redshift:DescribeClusterSnapshots";

pub(super) const COLLECTOR: Collector = Collector {
    name: "redshift snapshots",
    actions: &[ACTION],
    listing: Some(Listing {
        kind: ResourceKind::RedshiftSnapshot,
        turn: Turn::First,
        fetch: |scope, found| Box::pin(fetch(scope, &mut found.redshift_snapshots)),
    }),
};

async fn fetch(scope: &Scope<'_>, found: &mut Vec<RedshiftSnapshot>) -> Result<(), Incomplete> {
    let client = scope.session.redshift(&scope.region);
    let fetch = |token| {
        client.describe_cluster_snapshots().snapshot_type("manual").max_records(100).set_marker(token).send()
    };
    let take = |page: DescribeClusterSnapshotsOutput| {
        let snapshots = page.snapshots.unwrap_or_default().into_iter();
        found.extend(snapshots.filter_map(|item| map(item, &scope.region)));
        page.marker
    };
    scope.page_through(ACTION, fetch, take).await
}

fn map(snapshot: sdk::Snapshot, region: &Region) -> Option<RedshiftSnapshot> {
    let (id, tags) = (snapshot.snapshot_identifier, wire::redshift_tags(snapshot.tags));
    Some(RedshiftSnapshot {
        common: wire::common(region, id, tags, snapshot.snapshot_create_time)?,
        cluster_id: wire::text(snapshot.cluster_identifier),
        total_mib: snapshot.total_backup_size_in_mega_bytes.map_or(0, whole_mib),
        added_mib: snapshot.actual_incremental_backup_size_in_mega_bytes.map(whole_mib),
        // -1 keeps it until somebody deletes it.
        expires: snapshot.manual_snapshot_retention_period.is_some_and(|days| days >= 0),
    })
}

#[allow(clippy::cast_possible_truncation, reason = "a cast of a float saturates, and sizes are far below")]
fn whole_mib(mib: f64) -> i64 {
    mib.max(0.0) as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snapshot_that_is_kept_for_ever_does_not_expire() {
        let snapshot = |days| {
            let snapshot = sdk::Snapshot::builder()
                .snapshot_identifier("before-2025")
                .cluster_identifier("warehouse")
                .total_backup_size_in_mega_bytes(2_048.9)
                .manual_snapshot_retention_period(days);
            map(snapshot.build(), &Region::global()).unwrap()
        };
        assert!(!snapshot(-1).expires && snapshot(90).expires);
        assert_eq!((snapshot(-1).total_mib, snapshot(-1).added_mib), (2_048, None));
    }
}
