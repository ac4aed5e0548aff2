//! Manual snapshots of database instances. Automated ones are free up to the database's size and end by themselves.

use super::{
    Collector, Listing, Turn,
    scope::{Incomplete, Scope},
    wire,
};
use crate::domain::{
    inventory::{DbEngine, DbSnapshot, ResourceKind},
    region::Region,
};
use aws_sdk_rds::{operation::describe_db_snapshots::DescribeDbSnapshotsOutput, types as sdk};

const ACTION: &str = "rds:DescribeDBSnapshots";

pub(super) const COLLECTOR: Collector = Collector {
    name: "db snapshots",
    actions: &[ACTION],
    listing: Some(Listing {
        kind: ResourceKind::DbSnapshot,
        turn: Turn::First,
        fetch: |scope, found| Box::pin(fetch(scope, &mut found.db_snapshots)),
    }),
};

async fn fetch(scope: &Scope<'_>, found: &mut Vec<DbSnapshot>) -> Result<(), Incomplete> {
    let client = scope.session.rds(&scope.region);
    let fetch = |token| {
        client.describe_db_snapshots().snapshot_type("manual").max_records(100).set_marker(token).send()
    };
    let take = |page: DescribeDbSnapshotsOutput| {
        found.extend(
            page.db_snapshots.unwrap_or_default().into_iter().filter_map(|item| map(item, &scope.region)),
        );
        page.marker
    };
    scope.page_through(ACTION, fetch, take).await
}

fn map(snapshot: sdk::DbSnapshot, region: &Region) -> Option<DbSnapshot> {
    let (id, tags) = (snapshot.db_snapshot_identifier, wire::rds_tags(snapshot.tag_list));
    Some(DbSnapshot {
        common: wire::common(region, id, tags, snapshot.snapshot_create_time)?,
        db_instance_id: wire::text(snapshot.db_instance_identifier),
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
        let builder = sdk::DbSnapshot::builder()
            .db_snapshot_identifier("s")
            .db_instance_identifier("db")
            .allocated_storage(20);
        let manual = map(builder.clone().snapshot_type("manual").build(), &Region::global()).unwrap();
        assert_eq!((&*manual.db_instance_id, manual.allocated_gib, manual.manual), ("db", 20, true));
        assert!(!map(builder.snapshot_type("awsbackup").build(), &Region::global()).unwrap().manual);
    }
}
