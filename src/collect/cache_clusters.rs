//! ElastiCache clusters: each node of a replication group, and those that stand alone.

use super::{
    Collector, Listing, Turn,
    scope::{Incomplete, Scope},
    wire,
};
use crate::domain::{
    inventory::{CacheCluster, CacheEngine, ResourceKind},
    region::Region,
    tags::Tags,
};
use aws_sdk_elasticache::{operation::describe_cache_clusters::DescribeCacheClustersOutput, types as sdk};

const ACTION: &str = "elasticache:DescribeCacheClusters";

pub(super) const COLLECTOR: Collector = Collector {
    name: "cache clusters",
    actions: &[ACTION, super::cache_tags::ACTION],
    listing: Some(Listing {
        kind: ResourceKind::CacheCluster,
        turn: Turn::First,
        fetch: |scope, found| Box::pin(fetch(scope, &mut found.cache_clusters)),
    }),
};

async fn fetch(scope: &Scope<'_>, found: &mut Vec<CacheCluster>) -> Result<(), Incomplete> {
    let client = scope.session.elasticache(&scope.region);
    let fetch = |token| client.describe_cache_clusters().max_records(100).set_marker(token).send();
    let take = |page: DescribeCacheClustersOutput| {
        let clusters = page.cache_clusters.unwrap_or_default().into_iter();
        found.extend(clusters.filter_map(|item| map(item, &scope.region)));
        page.marker
    };
    scope.page_through(ACTION, fetch, take).await?;
    // Members are judged with their group, by its tags.
    let alone = found.iter_mut().filter(|cluster| cluster.group_id.is_none());
    super::cache_tags::fetch(scope, ResourceKind::CacheCluster, alone.map(|cluster| &mut cluster.common))
        .await;
    Ok(())
}

fn map(cluster: sdk::CacheCluster, region: &Region) -> Option<CacheCluster> {
    let (id, created) = (cluster.cache_cluster_id, cluster.cache_cluster_create_time);
    Some(CacheCluster {
        common: wire::common(region, id, Tags::default(), created)?,
        node_type: cluster.cache_node_type?.into(),
        engine: CacheEngine::from_elasticache(cluster.engine.as_deref().unwrap_or_default()),
        engine_version: wire::text(cluster.engine_version),
        status: cluster.cache_cluster_status.unwrap_or_default().into(),
        nodes: wire::number(cluster.num_cache_nodes),
        group_id: wire::some_text(cluster.replication_group_id),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_names_its_group() {
        let cluster = sdk::CacheCluster::builder()
            .cache_cluster_id("sessions-001")
            .cache_node_type("cache.m6g.large")
            .engine("valkey")
            .num_cache_nodes(1)
            .replication_group_id("sessions")
            .build();
        let cluster = map(cluster, &Region::global()).unwrap();
        assert_eq!((cluster.engine, cluster.nodes), (CacheEngine::Valkey, 1));
        assert_eq!(cluster.group_id.as_deref(), Some("sessions"));
    }
}
