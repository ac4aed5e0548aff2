//! Looking: what is tagged in a region, and how single resources stand now.
//!
//! Each kind is read by itself: where one fails, the others are still seen, and the failure says that what is
//! missing of its kind is unknown and not gone.

mod clusters;
mod databases;
mod instances;
mod reader;
mod wire;

use crate::{
    aws::{Failure, WriteSession},
    domain::{
        region::Region,
        schedule::{Facts, Observed, Power, Target, TargetKind},
        tags::Tags,
    },
};
use databases::Databases;
use jiff::Timestamp;
use reader::Reader;
use std::collections::BTreeSet;

#[cfg(test)]
pub(super) const ACTIONS: &[&str] =
    &[instances::ACTION, REGIONS, clusters::ACTION, databases::ACTION, reader::TAGS];
const REGIONS: &str = "ec2:DescribeRegions";

/// What to look at.
#[derive(Clone, Copy, Debug)]
pub enum Which<'a> {
    /// Everything that is tagged `Scheduler=Enabled` and is not gone.
    Tagged,
    /// These, tagged or not; those that are not there come back as `Power::Gone`. Targets of another account or
    /// region are left out.
    Only(&'a [Target]),
}

/// What was seen.
#[derive(Debug, Default, PartialEq)]
pub struct Seen {
    pub observed: Vec<Observed>,
    /// Kinds that were not read to their end: what is missing of them may still be there.
    pub failures: Vec<(TargetKind, Failure)>,
}

impl Seen {
    /// Whether absence of a kind proves nothing.
    #[must_use]
    pub fn incomplete(&self, kind: TargetKind) -> bool {
        self.failures.iter().any(|(failed, _)| *failed == kind)
    }

    fn add(&mut self, kind: TargetKind, read: Listing) {
        self.observed.extend(read.observed);
        self.failures.extend(read.failure.map(|failure| (kind, failure)));
    }
}

/// What was read of one kind, as far as it went.
#[derive(Debug, Default)]
struct Listing {
    observed: Vec<Observed>,
    failure: Option<Failure>,
}

/// Looks at one region.
pub async fn observe(session: &WriteSession, region: &Region, which: Which<'_>, now: Timestamp) -> Seen {
    let reader = Reader { session, region, now };
    let seen = match which {
        Which::Tagged => observe_tagged(&reader).await,
        Which::Only(targets) => observe_only(&reader, targets).await,
    };
    reader.close(&seen.failures).await;
    seen
}

async fn observe_tagged(reader: &Reader<'_>) -> Seen {
    let (instances, databases, clusters) =
        tokio::join!(instances::list(reader), databases::list(reader), clusters::list(reader));
    let Databases { mut listing, members, blues } = databases;
    listing.observed.iter_mut().for_each(|db| db.facts.blue_green |= blues.contains(&db.target.id));
    let mut seen = Seen::default();
    seen.add(TargetKind::Instance, instances);
    seen.add(TargetKind::DbInstance, listing);
    seen.add(TargetKind::DbCluster, clusters::with_members(clusters, &members));
    seen
}

async fn observe_only(reader: &Reader<'_>, targets: &[Target]) -> Seen {
    let ids = |kind| {
        let here =
            |t: &&Target| t.kind == kind && t.account == reader.account() && t.region == *reader.region;
        targets.iter().filter(here).map(|t| &*t.id).collect::<BTreeSet<&str>>()
    };
    let wanted = TargetKind::ALL.iter().map(|kind| (*kind, ids(*kind)));
    let [instances, databases, clusters] =
        [TargetKind::Instance, TargetKind::DbInstance, TargetKind::DbCluster].map(ids);
    let (instances, databases, clusters) = tokio::join!(
        instances::find(reader, &instances),
        databases::find(reader, &databases),
        clusters::find(reader, &clusters),
    );
    let mut seen = Seen::default();
    seen.add(TargetKind::Instance, instances);
    seen.add(TargetKind::DbInstance, databases);
    seen.add(TargetKind::DbCluster, clusters);
    for (kind, ids) in wanted {
        add_gone(&mut seen, reader, kind, &ids);
    }
    seen
}

/// What was asked for, was not seen and is of a kind that was read to its end.
fn add_gone(seen: &mut Seen, reader: &Reader<'_>, kind: TargetKind, ids: &BTreeSet<&str>) {
    if seen.incomplete(kind) {
        return;
    }
    let there: BTreeSet<&str> =
        seen.observed.iter().filter(|o| o.target.kind == kind).map(|o| &*o.target.id).collect();
    let gone: Vec<Observed> = ids.difference(&there).map(|id| reader.gone(kind, id)).collect();
    seen.observed.extend(gone);
}

/// The regions that the account has enabled, sorted.
pub async fn regions(session: &WriteSession) -> Result<Vec<Region>, Failure> {
    let home = session.home_region().clone();
    let reader = Reader { session, region: &home, now: Timestamp::UNIX_EPOCH };
    let request = Box::pin(session.ec2(&home).describe_regions().send());
    match reader.call(REGIONS, request).await {
        Ok(reply) => {
            let names = reply.regions.unwrap_or_default().into_iter().filter_map(|region| region.region_name);
            let mut regions: Vec<Region> = names.filter_map(|name| name.parse().ok()).collect();
            regions.sort();
            Ok(regions)
        }
        Err(failure) => {
            reader.close(&[(TargetKind::Instance, failure.clone())]).await;
            Err(failure)
        }
    }
}

impl Reader<'_> {
    fn gone(&self, kind: TargetKind, id: &str) -> Observed {
        self.observed(kind, id.into(), Tags::default(), Power::Gone, Facts::default())
    }

    fn observed(&self, kind: TargetKind, id: Box<str>, tags: Tags, power: Power, facts: Facts) -> Observed {
        let target = Target { account: self.account(), region: self.region.clone(), kind, id };
        Observed { target, name: None, tags, power, seen_at: self.now, facts }
    }
}

#[cfg(test)]
mod tests;
