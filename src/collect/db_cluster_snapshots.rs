//! Manual snapshots of database clusters. Automated ones are free up to the database's size and end by themselves.

use super::{
    Collector, Listing, Turn,
    scope::{Incomplete, Scope},
    wire,
};
use crate::domain::{
    inventory::{DbClusterSnapshot, DbEngine, ResourceKind},
    region::Region,
};
use aws_sdk_rds::{operation::describe_db_cluster_snapshots::DescribeDbClusterSnapshotsOutput, types as sdk};

const ACTION: &str = "rds:DescribeDBClusterSnapshots";

pub(super) const COLLECTOR: Collector = Collector {
    name: "db cluster snapshots",
    actions: &[ACTION],
    listing: Some(Listing {
        kind: ResourceKind::DbClusterSnapshot,
        turn: Turn::First,
        fetch: |scope, found| Box::pin(fetch(scope, &mut found.db_cluster_snapshots)),
    }),
};

async fn fetch(scope: &Scope<'_>, found: &mut Vec<DbClusterSnapshot>) -> Result<(), Incomplete> {
    let client = scope.session.rds(&scope.region);
    let fetch = |token| {
        client
            .describe_db_cluster_snapshots()
            .snapshot_type("manual")
            .max_records(100)
            .set_marker(token)
            .send()
    };
    let take = |page: DescribeDbClusterSnapshotsOutput| {
        found.extend(
            page.db_cluster_snapshots
                .unwrap_or_default()
                .into_iter()
                .filter_map(|item| map(item, &scope.region)),
        );
        page.marker
    };
    scope.page_through(ACTION, fetch, take).await
}

fn map(snapshot: sdk::DbClusterSnapshot, region: &Region) -> Option<DbClusterSnapshot> {
    let (id, tags) = (snapshot.db_cluster_snapshot_identifier, wire::rds_tags(snapshot.tag_list));
    Some(DbClusterSnapshot {
        common: wire::common(region, id, tags, snapshot.snapshot_create_time)?,
        db_cluster_id: wire::text(snapshot.db_cluster_identifier),
        engine: DbEngine::from_rds(snapshot.engine.as_deref().unwrap_or_default()),
        allocated_gib: wire::number(snapshot.allocated_storage),
        manual: snapshot.snapshot_type.as_deref() == Some("manual"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snapshot_names_its_database_and_is_manual_only_if_said() {
        let builder = sdk::DbClusterSnapshot::builder()
            .db_cluster_snapshot_identifier("s")
            .db_cluster_identifier("db")
            .allocated_storage(20);
        let manual = map(builder.clone().snapshot_type("manual").build(), &Region::global()).unwrap();
        assert_eq!((&*manual.db_cluster_id, manual.allocated_gib, manual.manual), ("db", 20, true));
        assert!(!map(builder.snapshot_type("awsbackup").build(), &Region::global()).unwrap().manual);
    }
}
