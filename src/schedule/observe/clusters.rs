//! Database clusters as the scheduler sees them.

use super::{
    Listing,
    databases::{self, Members},
    reader::{Reader, Untold},
    wire,
};
use crate::{
    aws::Failure,
    domain::{
        schedule::{Facts, Member, Observed, Power, TargetKind},
        tags::Tags,
    },
};
use aws_sdk_rds::{operation::describe_db_clusters::DescribeDbClustersOutput, types as sdk};
use std::collections::BTreeSet;

pub(super) const ACTION: &str = "rds:DescribeDBClusters";
const IDS_A_CALL: usize = 50;

/// Those that carry the tag. Their members have no sizes yet.
pub(super) async fn list(reader: &Reader<'_>) -> Listing {
    let mut listing = read(reader, None).await;
    let blues: BTreeSet<Box<str>> =
        listing.observed.iter().filter_map(|seen| wire::blue_of(&seen.target.id)).map(Into::into).collect();
    for seen in &mut listing.observed {
        seen.facts.blue_green |= blues.contains(&seen.target.id);
    }
    listing.observed.retain(|seen| seen.tags.scheduled() && seen.power != Power::Gone);
    listing
}

/// Those of the ids that are there, with the sizes of their members.
pub(super) async fn find(reader: &Reader<'_>, ids: &BTreeSet<&str>) -> Listing {
    let ids: Vec<&str> = ids.iter().copied().collect();
    let mut found = Listing::default();
    for part in ids.chunks(IDS_A_CALL) {
        let read = read_batch(reader, part).await;
        let read = with_members(read, &databases::members_of(reader, part).await);
        found.observed.extend(read.observed);
        found.failure = read.failure.or(found.failure);
    }
    found
}

async fn read_batch(reader: &Reader<'_>, ids: &[&str]) -> Listing {
    let mut waiting = vec![ids];
    let mut found = Listing::default();
    while let Some(part) = waiting.pop() {
        let read = read(reader, Some(wire::filter("db-cluster-id", part))).await;
        match read.failure {
            Some(failure) if is_missing(&failure) => waiting.extend(wire::halves(part)),
            failure => {
                found.observed.extend(read.observed);
                found.failure = failure.or(found.failure);
            }
        }
    }
    found
}

fn is_missing(failure: &Failure) -> bool {
    failure.code.starts_with("DBClusterNotFound")
}

/// The same with the sizes of the members, as far as they are known.
pub(super) fn with_members(mut listing: Listing, members: &Members) -> Listing {
    for seen in &mut listing.observed {
        if let Some(known) = members.get(&seen.target.id) {
            for member in &mut seen.facts.members {
                let size = known.iter().find(|other| other.id == member.id).map(|other| other.size.clone());
                member.size = size.unwrap_or_default();
            }
        }
    }
    listing
}

async fn read(reader: &Reader<'_>, filter: Option<sdk::Filter>) -> Listing {
    let (mut observed, mut untold) = (Vec::new(), Vec::new());
    let rds = reader.session.rds(reader.region);
    let filters = filter.map(|filter| vec![filter]);
    let fetch = |marker| {
        let request = rds.describe_db_clusters().set_filters(filters.clone()).max_records(100);
        request.set_marker(marker).send()
    };
    let take = |page| take(reader, page, &mut observed, &mut untold);
    let failure = reader.page_through(ACTION, fetch, take).await;
    let (told, unasked) = reader.ask_for_tags(untold).await;
    observed.extend(told);
    Listing { observed, failure: failure.or(unasked) }
}

fn take(
    reader: &Reader<'_>,
    page: DescribeDbClustersOutput,
    observed: &mut Vec<Observed>,
    untold: &mut Vec<Untold>,
) -> Option<String> {
    for mut cluster in page.db_clusters.unwrap_or_default() {
        let (tags, arn) = (cluster.tag_list.take(), cluster.db_cluster_arn.take());
        let Some(seen) = map(reader, cluster) else { continue };
        match (tags, arn) {
            (None, Some(arn)) => untold.push((seen, arn)),
            (tags, _) => {
                observed.push(Observed { tags: wire::rds_tags(tags.unwrap_or_default()), ..seen });
            }
        }
    }
    page.marker
}

fn map(reader: &Reader<'_>, cluster: sdk::DbCluster) -> Option<Observed> {
    let id = wire::some_text(cluster.db_cluster_identifier)?;
    let replicas = cluster.read_replica_identifiers.unwrap_or_default();
    let has_green = replicas.iter().any(|replica| wire::blue_of(wire::name_in(replica)) == Some(&*id));
    let source = wire::some_text(cluster.replication_source_identifier);
    let members = cluster.db_cluster_members.unwrap_or_default().into_iter();
    let state = wire::text(cluster.status);
    let facts = Facts {
        zone: wire::text(cluster.availability_zones.unwrap_or_default().into_iter().min()),
        engine: wire::text(cluster.engine),
        engine_mode: wire::text(cluster.engine_mode),
        multi_az: cluster.multi_az.unwrap_or_default(),
        global_cluster: wire::some_text(cluster.global_cluster_identifier).is_some()
            || cluster.global_write_forwarding_status.is_some_and(|status| forwards(&status)),
        cross_region_replication: source.is_some() || !replicas.is_empty(),
        blue_green: has_green || wire::blue_of(&id).is_some(),
        members: members
            .filter_map(|member| wire::some_text(member.db_instance_identifier))
            .map(|id| Member { id, size: Box::default() })
            .collect(),
        automatic_restart_at: wire::timestamp(cluster.automatic_restart_time),
        aws_state: state.clone(),
        ..Facts::default()
    };
    Some(reader.observed(TargetKind::DbCluster, id, Tags::default(), wire::db_power(&state), facts))
}

/// Only members of a global cluster forward writes.
fn forwards(status: &sdk::WriteForwardingStatus) -> bool {
    matches!(
        status,
        sdk::WriteForwardingStatus::Enabled
            | sdk::WriteForwardingStatus::Enabling
            | sdk::WriteForwardingStatus::Disabling
    )
}
