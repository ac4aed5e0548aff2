//! RDS database instances, members of clusters included.

use super::{
    Collector, Listing, Turn,
    scope::{Incomplete, Scope},
    wire,
};
use crate::domain::{
    inventory::{DbEngine, DbInstance, DbStorageType, ResourceKind},
    region::Region,
};
use aws_sdk_rds::{operation::describe_db_instances::DescribeDbInstancesOutput, types as sdk};

const ACTION: &str = "rds:DescribeDBInstances";

pub(super) const COLLECTOR: Collector = Collector {
    name: "db instances",
    actions: &[ACTION],
    listing: Some(Listing {
        kind: ResourceKind::DbInstance,
        turn: Turn::First,
        fetch: |scope, found| Box::pin(fetch(scope, &mut found.db_instances)),
    }),
};

async fn fetch(scope: &Scope<'_>, found: &mut Vec<DbInstance>) -> Result<(), Incomplete> {
    let client = scope.session.rds(&scope.region);
    let fetch = |token| client.describe_db_instances().max_records(100).set_marker(token).send();
    let take = |page: DescribeDbInstancesOutput| {
        found.extend(
            page.db_instances.unwrap_or_default().into_iter().filter_map(|item| map(item, &scope.region)),
        );
        page.marker
    };
    scope.page_through(ACTION, fetch, take).await
}

fn map(db: sdk::DbInstance, region: &Region) -> Option<DbInstance> {
    let (id, tags) = (db.db_instance_identifier, wire::rds_tags(db.tag_list));
    let source =
        db.read_replica_source_db_instance_identifier.or(db.read_replica_source_db_cluster_identifier);
    let replicas = db.read_replica_db_instance_identifiers.unwrap_or_default().len()
        + db.read_replica_db_cluster_identifiers.unwrap_or_default().len();
    let insights = db.performance_insights_enabled.unwrap_or_default();
    Some(DbInstance {
        common: wire::common(region, id, tags, db.instance_create_time)?,
        class: db.db_instance_class?.into(),
        engine: DbEngine::from_rds(db.engine.as_deref().unwrap_or_default()),
        engine_version: wire::text(db.engine_version),
        status: db.db_instance_status.unwrap_or_default().into(),
        multi_az: db.multi_az.unwrap_or_default(),
        storage_type: DbStorageType::from_rds(db.storage_type.as_deref().unwrap_or_default()),
        allocated_gib: wire::number(db.allocated_storage),
        iops: wire::number(db.iops),
        cluster_id: wire::some_text(db.db_cluster_identifier),
        is_replica: source.as_deref().is_some_and(|source| !source.is_empty()),
        has_replicas: replicas > 0,
        lifecycle_support: db.engine_lifecycle_support.map(Into::into),
        license_model: db.license_model.unwrap_or_default().into(),
        backup_days: wire::number(db.backup_retention_period),
        insights_days: insights.then(|| wire::number(db.performance_insights_retention_period)),
        advanced_insights: db.database_insights_mode == Some(sdk::DatabaseInsightsMode::Advanced),
        source_region: source.as_deref().and_then(region_of_arn).filter(|other| other != region),
    })
}

/// A source in the replica's own region is named by its identifier, one elsewhere by its ARN.
fn region_of_arn(source: &str) -> Option<Region> {
    source.strip_prefix("arn:").and_then(|_| source.split(':').nth(3)?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_keeps_what_its_price_depends_on() {
        let db = sdk::DbInstance::builder()
            .db_instance_identifier("orders")
            .db_instance_class("db.m5.large")
            .engine("postgres")
            .engine_version("13.4")
            .db_instance_status("available")
            .multi_az(true)
            .storage_type("io1")
            .allocated_storage(500)
            .iops(10_000)
            .read_replica_db_instance_identifiers("orders-read")
            .master_username("the-master")
            .build();
        let db = map(db, &Region::global()).unwrap();
        assert!(db.available() && db.multi_az && db.has_replicas && !db.is_replica && !db.in_cluster());
        assert_eq!((db.engine, db.storage_type), (DbEngine::Postgres, DbStorageType::Io1));
        assert_eq!((db.allocated_gib, db.iops), (500, 10_000));
        assert!(!format!("{db:?}").contains("the-master"));
    }
}
