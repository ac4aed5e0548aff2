//! ElastiCache replication groups: what owns the nodes of Redis OSS and Valkey.

use super::{
    Collector, Listing, Turn,
    scope::{Incomplete, Scope},
    wire,
};
use crate::domain::{
    inventory::{ReplicationGroup, ResourceKind},
    region::Region,
    tags::Tags,
};
use aws_sdk_elasticache::{
    operation::describe_replication_groups::DescribeReplicationGroupsOutput, types as sdk,
};

const ACTION: &str = "elasticache:DescribeReplicationGroups";

pub(super) const COLLECTOR: Collector = Collector {
    name: "replication groups",
    actions: &[ACTION, super::cache_tags::ACTION],
    listing: Some(Listing {
        kind: ResourceKind::ReplicationGroup,
        turn: Turn::First,
        fetch: |scope, found| Box::pin(fetch(scope, &mut found.replication_groups)),
    }),
};

async fn fetch(scope: &Scope<'_>, found: &mut Vec<ReplicationGroup>) -> Result<(), Incomplete> {
    let client = scope.session.elasticache(&scope.region);
    let fetch = |token| client.describe_replication_groups().max_records(100).set_marker(token).send();
    let take = |page: DescribeReplicationGroupsOutput| {
        let groups = page.replication_groups.unwrap_or_default().into_iter();
        found.extend(groups.filter_map(|item| map(item, &scope.region)));
        page.marker
    };
    scope.page_through(ACTION, fetch, take).await?;
    let commons = found.iter_mut().map(|group| &mut group.common);
    super::cache_tags::fetch(scope, ResourceKind::ReplicationGroup, commons).await;
    Ok(())
}

fn map(group: sdk::ReplicationGroup, region: &Region) -> Option<ReplicationGroup> {
    let (id, created) = (group.replication_group_id, group.replication_group_create_time);
    let global = group.global_replication_group_info.and_then(|info| info.global_replication_group_id);
    let members = group.member_clusters.unwrap_or_default().into_iter();
    let shards = group.node_groups.unwrap_or_default().len();
    Some(ReplicationGroup {
        common: wire::common(region, id, Tags::default(), created)?,
        status: group.status.unwrap_or_default().into(),
        member_ids: members.map(String::into_boxed_str).collect(),
        shards: i64::try_from(shards).unwrap_or(i64::MAX),
        cluster_mode: group.cluster_enabled.unwrap_or_default(),
        automatic_failover: group.automatic_failover.is_some_and(|failover| {
            matches!(failover, sdk::AutomaticFailoverStatus::Enabled | sdk::AutomaticFailoverStatus::Enabling)
        }),
        global: global.is_some_and(|id| !id.is_empty()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_primary_is_a_replica() {
        let shard = |id: &str| sdk::NodeGroup::builder().node_group_id(id).build();
        let mut group = sdk::ReplicationGroup::builder()
            .replication_group_id("sessions")
            .node_groups(shard("0001"))
            .node_groups(shard("0002"))
            .cluster_enabled(true);
        for member in ["a", "b", "c", "d"] {
            group = group.member_clusters(member);
        }
        let group = map(group.build(), &Region::global()).unwrap();
        assert_eq!((group.shards, group.replicas(), group.global), (2, 2, false));
    }
}
