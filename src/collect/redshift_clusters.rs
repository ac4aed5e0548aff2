//! Provisioned Redshift clusters.

use super::{
    Collector, Listing, Turn,
    scope::{Incomplete, Scope},
    wire,
};
use crate::domain::{
    inventory::{RedshiftCluster, ResourceKind},
    region::Region,
};
use aws_sdk_redshift::{operation::describe_clusters::DescribeClustersOutput, types as sdk};

const ACTION: &str = "redshift:DescribeClusters";

pub(super) const COLLECTOR: Collector = Collector {
    name: "redshift clusters",
    actions: &[ACTION],
    listing: Some(Listing {
        kind: ResourceKind::RedshiftCluster,
        turn: Turn::First,
        fetch: |scope, found| Box::pin(fetch(scope, &mut found.redshift_clusters)),
    }),
};

async fn fetch(scope: &Scope<'_>, found: &mut Vec<RedshiftCluster>) -> Result<(), Incomplete> {
    let client = scope.session.redshift(&scope.region);
    let fetch = |token| client.describe_clusters().max_records(100).set_marker(token).send();
    let take = |page: DescribeClustersOutput| {
        let clusters = page.clusters.unwrap_or_default().into_iter();
        found.extend(clusters.filter_map(|item| map(item, &scope.region)));
        page.marker
    };
    scope.page_through(ACTION, fetch, take).await
}

fn map(cluster: sdk::Cluster, region: &Region) -> Option<RedshiftCluster> {
    let (id, tags) = (cluster.cluster_identifier, wire::redshift_tags(cluster.tags));
    Some(RedshiftCluster {
        common: wire::common(region, id, tags, cluster.cluster_create_time)?,
        node_type: cluster.node_type?.into(),
        nodes: wire::number(cluster.number_of_nodes),
        status: cluster.cluster_status.unwrap_or_default().into(),
        in_vpc: cluster.vpc_id.is_some_and(|vpc| !vpc.is_empty()),
        hsm: cluster.hsm_status.is_some(),
        multi_az: cluster.multi_az.is_some_and(|text| text.eq_ignore_ascii_case("enabled")),
        snapshot_days: wire::number(cluster.automated_snapshot_retention_period),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cluster_keeps_what_decides_whether_it_can_pause() {
        let cluster = |multi_az: &str| {
            let cluster = sdk::Cluster::builder()
                .cluster_identifier("warehouse")
                .node_type("ra3.xlplus")
                .number_of_nodes(4)
                .cluster_status("available")
                .vpc_id("vpc-1")
                .automated_snapshot_retention_period(1)
                .multi_az(multi_az)
                .master_username("the-master");
            map(cluster.build(), &Region::global()).unwrap()
        };
        assert!(cluster("Disabled").can_pause() && !cluster("Enabled").can_pause());
        assert_eq!((&*cluster("Disabled").node_type, cluster("Disabled").nodes), ("ra3.xlplus", 4));
        assert!(!serde_json::to_string(&cluster("Disabled")).unwrap().contains("the-master"));
    }
}
