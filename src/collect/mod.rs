//! Collecting: from a reading session to one picture of an account, with its gaps.
//!
//! One file a kind of resource: the IAM actions it needs, the calls, the mapping. Regions and kinds are
//! read side by side; a page is mapped and dropped. It judges nothing and stores nothing.
//!
//! Invariants: what fails becomes a gap and never fails the rest; a kind whose list did not come to its end
//! is not covered, so its absence proves nothing; the same replies give the same picture in the same order.

mod addresses;
mod agent;
mod auto_scaling_groups;
mod capacity_reservations;
mod costs;
mod credit_specifications;
mod db_cluster_snapshots;
mod db_clusters;
mod db_instances;
mod db_snapshots;
mod images;
mod instance_types;
mod instances;
mod launch_configurations;
mod launch_templates;
mod metric_plan;
mod metric_query;
mod metrics;
mod nat_gateways;
mod network_interfaces;
mod region;
mod regions;
mod route_tables;
mod scope;
mod snapshots;
mod spot_prices;
mod volumes;
mod vpc_endpoints;
mod window;
mod wire;

use crate::{
    aws::{PRICING_ACTIONS, ReadSession},
    domain::{
        inventory::ResourceKind,
        region::Region,
        scan::{ApiUsage, Gap, GapReason},
        snapshot::{Inventory, Snapshot},
        thresholds::Thresholds,
    },
};
use futures_util::{StreamExt, future::BoxFuture, stream};
use jiff::Timestamp;
use scope::{Incomplete, Journal, Scope};
use std::collections::BTreeSet;

/// Something that is read of an account, with the IAM actions that it needs.
pub struct Collector {
    pub name: &'static str,
    pub actions: &'static [&'static str],
    /// How a kind of resource is listed; none for what is read beside the inventory.
    listing: Option<Listing>,
}

struct Listing {
    kind: ResourceKind,
    turn: Turn,
    fetch: for<'a> fn(&'a Scope<'a>, &'a mut Inventory) -> BoxFuture<'a, Result<(), Incomplete>>,
}

/// When a kind's turn comes.
enum Turn {
    First,
    /// After the first ones, where what they found makes it worth a call: most regions are empty.
    Then(fn(&Inventory) -> bool),
}

/// All that is read, one line each.
pub const COLLECTORS: &[Collector] = &[
    instances::COLLECTOR,
    volumes::COLLECTOR,
    snapshots::COLLECTOR,
    images::COLLECTOR,
    addresses::COLLECTOR,
    nat_gateways::COLLECTOR,
    vpc_endpoints::COLLECTOR,
    db_instances::COLLECTOR,
    db_clusters::COLLECTOR,
    db_snapshots::COLLECTOR,
    db_cluster_snapshots::COLLECTOR,
    network_interfaces::COLLECTOR,
    route_tables::COLLECTOR,
    launch_templates::COLLECTOR,
    launch_configurations::COLLECTOR,
    auto_scaling_groups::COLLECTOR,
    capacity_reservations::COLLECTOR,
    regions::COLLECTOR,
    instance_types::COLLECTOR,
    spot_prices::COLLECTOR,
    metrics::COLLECTOR,
    costs::COLLECTOR,
    // The call is made in src/pricing, which may be left out of a scan.
    Collector { name: "prices", actions: PRICING_ACTIONS, listing: None },
];

/// Templates and configurations matter only as users of images and snapshots.
fn has_images(found: &Inventory) -> bool {
    !found.images.is_empty() || !found.snapshots.is_empty()
}

fn has_network(found: &Inventory) -> bool {
    !(found.instances.is_empty()
        && found.addresses.is_empty()
        && found.nat_gateways.is_empty()
        && found.vpc_endpoints.is_empty()
        && found.db_instances.is_empty())
}

/// Every IAM action that a collecting session needs, sorted.
#[must_use]
pub fn all_actions() -> Vec<&'static str> {
    let mut actions: Vec<&str> = COLLECTORS.iter().flat_map(|c| c.actions).copied().collect();
    actions.sort_unstable();
    actions.dedup();
    actions
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RegionChoice {
    /// All that the account has enabled.
    All,
    List(Vec<Region>),
}

/// Enough for 17 regions side by side; the buckets of `aws` keep each action below AWS's limits.
const CALLS_IN_FLIGHT: usize = 64;

#[derive(Clone, Debug)]
pub struct CollectOptions {
    pub regions: RegionChoice,
    /// The look-back window, and what decides which metrics are worth asking for.
    pub thresholds: Thresholds,
    /// The instant that the picture is of.
    pub now: Timestamp,
    /// Calls on their way at the same time.
    pub calls_in_flight: usize,
}

impl CollectOptions {
    #[must_use]
    pub fn new(regions: RegionChoice, thresholds: &Thresholds, now: Timestamp) -> Self {
        Self { regions, thresholds: thresholds.clone(), now, calls_in_flight: CALLS_IN_FLIGHT }
    }
}

/// Told how far it is. All optional.
pub trait Progress: Sync {
    fn regions_chosen(&self, _regions: &[Region]) {}
    fn region_done(&self, _region: &Region, _resources: usize) {}
    fn note(&self, _text: &str) {}
}

/// Tells nobody.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoProgress;

impl Progress for NoProgress {}

/// What was read. The snapshot has no prices yet.
#[derive(Debug)]
pub struct Collected {
    pub snapshot: Snapshot,
    /// Sorted by region and action.
    pub gaps: Vec<Gap>,
    pub usage: ApiUsage,
    pub regions: Vec<Region>,
    /// Actions that AWS allowed at least once.
    pub granted: BTreeSet<String>,
    /// Actions that AWS refused at least once.
    pub denied: BTreeSet<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CollectError {
    #[error("AWS has no region {region}; check its spelling, or use all regions")]
    UnknownRegion { region: Region },
    #[error(
        "nothing could be read in account {account} ({code}); check the role's permissions with its permission report"
    )]
    NothingReadable { account: String, reason: GapReason, code: String, gaps: Vec<Gap> },
}

/// Reads the account.
pub async fn collect(
    session: &ReadSession,
    options: &CollectOptions,
    progress: &dyn Progress,
) -> Result<Collected, CollectError> {
    let journal = Journal::new(options.calls_in_flight.max(1));
    let home = Scope { session, region: session.home_region().clone(), journal: &journal };
    let regions = regions::choose(&home, &options.regions).await?;
    progress.regions_chosen(&regions);
    let billing = Scope { session, region: session.billing_region(), journal: &journal };
    let read_regions = read_regions(session, &journal, options, progress, &regions);
    let (mut snapshot, costs) = tokio::join!(read_regions, costs::fetch(&billing, options.now));
    snapshot.costs = costs.ok();
    if snapshot.costs.is_some() {
        snapshot.coverage.add(ResourceKind::ServiceSpend, Region::global());
    }
    drop((home, billing));
    finish(session, journal, snapshot, regions).await
}

async fn read_regions(
    session: &ReadSession,
    journal: &Journal,
    options: &CollectOptions,
    progress: &dyn Progress,
    regions: &[Region],
) -> Snapshot {
    let mut snapshot = Snapshot::new(session.account(), options.now);
    let mut parts = stream::iter(regions)
        .map(|region| async move {
            let scope = Scope { session, region: region.clone(), journal };
            let part = region::read(&scope, options).await;
            progress.region_done(region, part.resources());
            part
        })
        .buffered(regions.len().max(1));
    while let Some(part) = parts.next().await {
        part.add_to(&mut snapshot);
    }
    snapshot
}

async fn finish(
    session: &ReadSession,
    journal: Journal,
    snapshot: Snapshot,
    regions: Vec<Region>,
) -> Result<Collected, CollectError> {
    let mut seen = journal.into_seen();
    seen.gaps.sort_by(|a, b| (&a.region, &a.action, &a.code).cmp(&(&b.region, &b.action, &b.code)));
    if seen.gaps.iter().any(|gap| gap.reason == GapReason::ExpiredCredentials) {
        session.discard_credentials().await;
    }
    if seen.granted.is_empty() {
        return Err(nothing_readable(session, seen.gaps));
    }
    let names = |actions: BTreeSet<&str>| actions.into_iter().map(str::to_owned).collect();
    let (granted, denied) = (names(seen.granted), names(seen.denied));
    Ok(Collected { snapshot, gaps: seen.gaps, usage: session.usage(), regions, granted, denied })
}

fn nothing_readable(session: &ReadSession, gaps: Vec<Gap>) -> CollectError {
    let account = session.account().to_string();
    let (reason, code) = gaps
        .first()
        .map_or((GapReason::ServiceError, "NoRegion".to_owned()), |gap| (gap.reason, gap.code.clone()));
    CollectError::NothingReadable { account, reason, code, gaps }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::{
        Purpose, SESSION_POLICY_LIMIT, SchedulerRole, TemplateFormat, read_only_policy, session_policy,
        template,
    };

    #[test]
    fn read_only_json_is_what_the_collectors_declare() {
        let wanted = read_only_policy(&all_actions());
        let file = include_str!("../../iam-policies/read-only.json");
        assert!(file == wanted, "iam-policies/read-only.json should be:\n{wanted}");
    }

    #[test]
    fn the_templates_are_what_is_generated() {
        let kept = [
            include_str!("../../iam-policies/cloudformation/tuner.yaml").to_owned(),
            include_str!("../../iam-policies/cloudformation/tuner-stackset.yaml").to_owned(),
            [
                include_str!("../../iam-policies/terraform/main.tf"),
                include_str!("../../iam-policies/terraform/variables.tf"),
                include_str!("../../iam-policies/terraform/outputs.tf"),
            ]
            .join("\n"),
        ];
        for (format, kept) in TemplateFormat::ALL.into_iter().zip(kept) {
            let wanted = template(format, SchedulerRole::None, &all_actions());
            assert!(kept == wanted, "the {format:?} template in iam-policies should be:\n{wanted}");
        }
    }

    #[test]
    fn the_readme_explains_every_action_and_no_other() {
        let readme = include_str!("../../iam-policies/README.md");
        let (_, table) = readme.split_once("\n## Actions\n").unwrap();
        let (table, _) = table.split_once("\n`sts:GetCallerIdentity`").unwrap();
        let explained = table.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
        assert_eq!(explained.collect::<Vec<_>>(), all_actions());
    }

    #[test]
    fn the_session_policy_fits_and_only_reads() {
        let policy = session_policy(Purpose::Collect, &all_actions());
        assert!(policy.len() <= SESSION_POLICY_LIMIT, "{} characters", policy.len());
        for action in all_actions() {
            let (_, name) = action.split_once(':').unwrap();
            let reads = ["Describe", "List", "Get"].iter().any(|verb| name.starts_with(verb));
            assert!(reads, "{action}");
        }
    }

    #[test]
    fn every_kind_has_one_collector() {
        let listings = || COLLECTORS.iter().filter_map(|collector| collector.listing.as_ref());
        for kind in ResourceKind::ALL.iter().filter(|kind| **kind != ResourceKind::ServiceSpend) {
            assert_eq!(listings().filter(|listing| listing.kind == *kind).count(), 1, "{kind}");
        }
    }
}
