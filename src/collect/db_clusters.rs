//! Aurora and Multi-AZ database clusters.

use super::{
    Collector, Listing, Turn,
    scope::{Incomplete, Scope},
    wire,
};
use crate::domain::{
    inventory::{DbCluster, DbEngine, ResourceKind},
    region::Region,
};
use aws_sdk_rds::{operation::describe_db_clusters::DescribeDbClustersOutput, types as sdk};

const ACTION: &str = "rds:DescribeDBClusters";

pub(super) const COLLECTOR: Collector = Collector {
    name: "db clusters",
    actions: &[ACTION],
    listing: Some(Listing {
        kind: ResourceKind::DbCluster,
        turn: Turn::First,
        fetch: |scope, found| Box::pin(fetch(scope, &mut found.db_clusters)),
    }),
};

async fn fetch(scope: &Scope<'_>, found: &mut Vec<DbCluster>) -> Result<(), Incomplete> {
    let client = scope.session.rds(&scope.region);
    let fetch = |token| client.describe_db_clusters().max_records(100).set_marker(token).send();
    let take = |page: DescribeDbClustersOutput| {
        found.extend(
            page.db_clusters.unwrap_or_default().into_iter().filter_map(|item| map(item, &scope.region)),
        );
        page.marker
    };
    scope.page_through(ACTION, fetch, take).await
}

/// Neptune and `DocumentDB` answer the same call; their clusters are kept, their engine is `Other`.
fn map(cluster: sdk::DbCluster, region: &Region) -> Option<DbCluster> {
    let (id, tags) = (cluster.db_cluster_identifier, wire::rds_tags(cluster.tag_list));
    let members = cluster.db_cluster_members.unwrap_or_default().into_iter();
    let linked = [cluster.replication_source_identifier, cluster.global_cluster_identifier];
    let replicated = linked.into_iter().flatten().any(|id| !id.is_empty())
        || cluster.read_replica_identifiers.is_some_and(|ids| !ids.is_empty());
    let scaling = cluster.serverless_v2_scaling_configuration;
    Some(DbCluster {
        common: wire::common(region, id, tags, cluster.cluster_create_time)?,
        engine: DbEngine::from_rds(cluster.engine.as_deref().unwrap_or_default()),
        engine_version: wire::text(cluster.engine_version),
        status: cluster.status.unwrap_or_default().into(),
        member_ids: members.filter_map(|member| wire::some_text(member.db_instance_identifier)).collect(),
        lifecycle_support: cluster.engine_lifecycle_support.map(Into::into),
        io_optimized: cluster.storage_type.as_deref() == Some("aurora-iopt1"),
        min_half_acus: scaling.and_then(|scaling| scaling.min_capacity).map(half_acus),
        backup_days: wire::number(cluster.backup_retention_period),
        replicated,
    })
}

/// Capacity comes in halves of a unit.
#[allow(clippy::cast_possible_truncation, reason = "at most 256 units")]
fn half_acus(capacity: f64) -> i64 {
    (capacity * 2.0).round() as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cluster_names_its_members() {
        let member = sdk::DbClusterMember::builder().db_instance_identifier("one").build();
        let scaling = sdk::ServerlessV2ScalingConfigurationInfo::builder().min_capacity(0.5).build();
        let cluster = sdk::DbCluster::builder()
            .db_cluster_identifier("main")
            .engine("aurora-mysql")
            .db_cluster_members(member)
            .storage_type("aurora-iopt1")
            .serverless_v2_scaling_configuration(scaling)
            .build();
        let cluster = map(cluster, &Region::global()).unwrap();
        assert_eq!(cluster.engine, DbEngine::AuroraMysql);
        assert!(cluster.io_optimized && !cluster.replicated);
        assert_eq!(cluster.min_half_acus, Some(1));
        assert_eq!(cluster.member_ids, ["one"].map(Box::from));
    }
}
