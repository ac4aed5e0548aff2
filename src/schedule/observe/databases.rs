//! RDS database instances as the scheduler sees them. Members of clusters are read with them: a cluster's price is
//! theirs, and a tagged one is shown with the reason why it is left alone.

use super::{
    Listing,
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
use aws_sdk_rds::{operation::describe_db_instances::DescribeDbInstancesOutput, types as sdk};
use std::collections::{BTreeMap, BTreeSet};

pub(super) const ACTION: &str = "rds:DescribeDBInstances";
const IDS_A_CALL: usize = 50;

/// Members by the cluster that they are in.
pub(super) type Members = BTreeMap<Box<str>, Vec<Member>>;

/// All that a list of databases tells.
#[derive(Default)]
pub(super) struct Databases {
    pub listing: Listing,
    pub members: Members,
    /// Those that a green one was made for.
    pub blues: BTreeSet<Box<str>>,
}

/// What pages are sorted into.
#[derive(Default)]
struct Sorted {
    observed: Vec<Observed>,
    untold: Vec<Untold>,
    members: Members,
    blues: BTreeSet<Box<str>>,
}

impl Sorted {
    fn take(&mut self, reader: &Reader<'_>, page: DescribeDbInstancesOutput) -> Option<String> {
        for mut db in page.db_instances.unwrap_or_default() {
            self.note_relations(&db);
            let (tags, arn) = (db.tag_list.take(), db.db_instance_arn.take());
            let Some(observed) = map(reader, db) else { continue };
            match (tags, arn) {
                (None, Some(arn)) => self.untold.push((observed, arn)),
                (tags, _) => {
                    let tags = wire::rds_tags(tags.unwrap_or_default());
                    self.observed.push(Observed { tags, ..observed });
                }
            }
        }
        page.marker
    }

    fn note_relations(&mut self, db: &sdk::DbInstance) {
        let Some(id) = db.db_instance_identifier() else { return };
        self.blues.extend(wire::blue_of(id).map(Into::into));
        if let Some(cluster) = wire::some_text(db.db_cluster_identifier.clone()) {
            let member = Member { id: id.into(), size: wire::text(db.db_instance_class.clone()) };
            self.members.entry(cluster).or_default().push(member);
        }
    }

    /// Tags that the reply left out are asked for.
    async fn finish(mut self, reader: &Reader<'_>, failure: Option<Failure>) -> Databases {
        let (told, unasked) = reader.ask_for_tags(self.untold).await;
        self.observed.extend(told);
        let listing = Listing { observed: self.observed, failure: failure.or(unasked) };
        Databases { listing, members: self.members, blues: self.blues }
    }
}

pub(super) async fn list(reader: &Reader<'_>) -> Databases {
    let mut databases = read(reader, None).await;
    let keep = |seen: &Observed| seen.tags.scheduled() && seen.power != Power::Gone;
    databases.listing.observed.retain(keep);
    databases
}

/// Those of the ids that are there.
pub(super) async fn find(reader: &Reader<'_>, ids: &BTreeSet<&str>) -> Listing {
    let ids: Vec<&str> = ids.iter().copied().collect();
    let mut found = Listing::default();
    for part in ids.chunks(IDS_A_CALL) {
        let read = read_batch(reader, part).await;
        found.observed.extend(read.observed);
        found.failure = read.failure.or(found.failure);
    }
    found
}

/// Asked by a filter, what is gone is left out; where it fails the call all the same, one by one.
async fn read_batch(reader: &Reader<'_>, ids: &[&str]) -> Listing {
    let mut waiting = vec![ids];
    let mut found = Listing::default();
    while let Some(part) = waiting.pop() {
        let read = read(reader, Some(wire::filter("db-instance-id", part))).await.listing;
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
    failure.code.starts_with("DBInstanceNotFound")
}

/// The members of some clusters, for their prices; none where they cannot be read.
pub(super) async fn members_of(reader: &Reader<'_>, clusters: &[&str]) -> Members {
    read(reader, Some(wire::filter("db-cluster-id", clusters))).await.members
}

async fn read(reader: &Reader<'_>, filter: Option<sdk::Filter>) -> Databases {
    let mut sorted = Sorted::default();
    let rds = reader.session.rds(reader.region);
    let filters = filter.map(|filter| vec![filter]);
    let fetch = |marker| {
        let request = rds.describe_db_instances().set_filters(filters.clone()).max_records(100);
        request.set_marker(marker).send()
    };
    let failure = reader.page_through(ACTION, fetch, |page| sorted.take(reader, page)).await;
    sorted.finish(reader, failure).await
}

fn map(reader: &Reader<'_>, db: sdk::DbInstance) -> Option<Observed> {
    let id = wire::some_text(db.db_instance_identifier)?;
    let replicas = db.read_replica_db_instance_identifiers.unwrap_or_default();
    let has_green = replicas.iter().any(|replica| wire::blue_of(wire::name_in(replica)) == Some(&*id));
    let source = wire::some_text(
        db.read_replica_source_db_instance_identifier.or(db.read_replica_source_db_cluster_identifier),
    );
    let state = wire::text(db.db_instance_status);
    let facts = Facts {
        size: wire::text(db.db_instance_class),
        zone: wire::text(db.availability_zone),
        engine: wire::text(db.engine),
        multi_az: db.multi_az.unwrap_or_default(),
        read_replica: source.is_some(),
        has_replicas: !replicas.is_empty()
            || !db.read_replica_db_cluster_identifiers.unwrap_or_default().is_empty(),
        cluster: wire::some_text(db.db_cluster_identifier),
        blue_green: has_green || wire::blue_of(&id).is_some(),
        automatic_restart_at: wire::timestamp(db.automatic_restart_time),
        aws_state: state.clone(),
        ..Facts::default()
    };
    Some(reader.observed(TargetKind::DbInstance, id, Tags::default(), wire::db_power(&state), facts))
}
