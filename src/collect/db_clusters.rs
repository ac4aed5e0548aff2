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
    Some(DbCluster {
        common: wire::common(region, id, tags, cluster.cluster_create_time)?,
        engine: DbEngine::from_rds(cluster.engine.as_deref().unwrap_or_default()),
        engine_version: wire::text(cluster.engine_version),
        status: cluster.status.unwrap_or_default().into(),
        member_ids: members.filter_map(|member| wire::some_text(member.db_instance_identifier)).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cluster_names_its_members() {
        let member = sdk::DbClusterMember::builder().db_instance_identifier("one").build();
        let cluster = sdk::DbCluster::builder()
            .db_cluster_identifier("main")
            .engine("aurora-mysql")
            .db_cluster_members(member)
            .build();
        let cluster = map(cluster, &Region::global()).unwrap();
        assert_eq!(cluster.engine, DbEngine::AuroraMysql);
        assert_eq!(cluster.member_ids, ["one"].map(Box::from));
    }
}
