//! Collecting: from a reading session to one picture of an account, with its gaps.
//!
//! One file a kind of resource: the IAM actions it needs, the calls, the mapping. Regions and kinds are
//! read side by side; a page is mapped and dropped. It judges nothing and stores nothing.
//!
//! Invariants: what fails becomes a gap and never fails the rest; a kind whose list did not come to its end
//! is not covered, so its absence proves nothing; the same replies give the same picture in the same order.

mod addresses;
mod advisers;
mod agent;
mod alarms;
mod auto_scaling_groups;
#[cfg(test)]
mod bad_replies;
mod billing;
mod buckets;
mod cache_clusters;
mod cache_tags;
mod capacity_reservations;
mod classic_load_balancers;
mod costs;
mod credit_specifications;
mod dashboards;
mod db_cluster_snapshots;
mod db_clusters;
mod db_instances;
mod db_snapshots;
mod detail;
mod dynamo_backups;
mod dynamo_tables;
mod ecs_services;
mod engine_versions;
mod fast_restores;
mod images;
mod instance_types;
mod instances;
mod kms_keys;
mod lambda_functions;
mod launch_configurations;
mod launch_templates;
mod load_balancer_targets;
mod load_balancers;
mod log_groups;
mod metric_namespaces;
mod metric_plan;
mod metric_query;
mod metrics;
mod nat_gateways;
mod network_interfaces;
mod organization_accounts;
mod parts;
mod purse;
mod redshift_clusters;
mod redshift_scheduled_actions;
mod redshift_snapshots;
mod region;
mod regions;
mod replication_groups;
mod reservations;
mod route_tables;
mod savings_plans;
mod scalable_targets;
mod scope;
mod secrets;
mod snapshots;
mod spot_prices;
mod subnets;
mod transit_gateway_attachments;
mod under_way;
mod volumes;
mod vpc_endpoints;
mod vpn_connections;
mod window;
mod wire;

use crate::{
    aws::{PRICING_ACTIONS, ReadSession},
    domain::{
        inventory::ResourceKind,
        money::MicroUsd,
        region::Region,
        scan::{ApiUsage, Gap, GapReason},
        snapshot::{Inventory, Snapshot},
        thresholds::Thresholds,
    },
};
pub use organization_accounts::organization_accounts;
pub use parts::{NoParts, PartOf, Parts};
pub use under_way::RunningScans;

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
    transit_gateway_attachments::COLLECTOR,
    vpn_connections::COLLECTOR,
    load_balancers::COLLECTOR,
    classic_load_balancers::COLLECTOR,
    db_instances::COLLECTOR,
    db_clusters::COLLECTOR,
    db_snapshots::COLLECTOR,
    db_cluster_snapshots::COLLECTOR,
    redshift_clusters::COLLECTOR,
    redshift_snapshots::COLLECTOR,
    redshift_scheduled_actions::COLLECTOR,
    cache_clusters::COLLECTOR,
    replication_groups::COLLECTOR,
    network_interfaces::COLLECTOR,
    route_tables::COLLECTOR,
    subnets::COLLECTOR,
    launch_templates::COLLECTOR,
    launch_configurations::COLLECTOR,
    fast_restores::COLLECTOR,
    buckets::COLLECTOR,
    log_groups::COLLECTOR,
    alarms::COLLECTOR,
    dashboards::COLLECTOR,
    metric_namespaces::COLLECTOR,
    secrets::COLLECTOR,
    kms_keys::COLLECTOR,
    dynamo_tables::COLLECTOR,
    dynamo_backups::COLLECTOR,
    lambda_functions::COLLECTOR,
    ecs_services::COLLECTOR,
    scalable_targets::COLLECTOR,
    auto_scaling_groups::COLLECTOR,
    capacity_reservations::COLLECTOR,
    reservations::EC2,
    reservations::RDS,
    reservations::CACHE,
    reservations::REDSHIFT,
    regions::COLLECTOR,
    instance_types::COLLECTOR,
    engine_versions::COLLECTOR,
    spot_prices::COLLECTOR,
    metrics::COLLECTOR,
    costs::COLLECTOR,
    billing::COMMITMENT_USE,
    billing::MEMBERSHIP,
    billing::OUTLOOK,
    billing::PURCHASES,
    savings_plans::COLLECTOR,
    advisers::HUB,
    advisers::OPTIMIZER,
    // Asked for when somebody looks for more accounts to link, not by scans.
    organization_accounts::COLLECTOR,
    // The call is made in src/pricing, which may be left out of a scan.
    Collector { name: "prices", actions: PRICING_ACTIONS, listing: None },
];

/// Kinds that come with another's list and are as complete as it is.
const COMPANIONS: &[(ResourceKind, ResourceKind)] = &[
    (ResourceKind::DynamoTable, ResourceKind::DynamoIndex),
    (ResourceKind::EcsCluster, ResourceKind::EcsService),
];

/// A kind and those that come with it.
fn with_companions(kind: ResourceKind) -> impl Iterator<Item = ResourceKind> {
    let companions = COMPANIONS.iter().filter(move |(listed, _)| *listed == kind);
    std::iter::once(kind).chain(companions.map(|(_, companion)| *companion))
}

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
    /// The most that calls which AWS charges for may cost; no limit where there is none.
    pub paid_budget: Option<MicroUsd>,
}

impl CollectOptions {
    #[must_use]
    pub fn new(regions: RegionChoice, thresholds: &Thresholds, now: Timestamp) -> Self {
        Self {
            regions,
            thresholds: thresholds.clone(),
            now,
            calls_in_flight: CALLS_IN_FLIGHT,
            paid_budget: None,
        }
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

/// Who follows a collection.
#[derive(Clone, Copy)]
pub struct Watcher<'a> {
    pub progress: &'a dyn Progress,
    pub parts: &'a dyn Parts,
}

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
    watcher: Watcher<'_>,
) -> Result<Collected, CollectError> {
    let journal = Journal::new(options.calls_in_flight.max(1), options.paid_budget);
    let home = Scope { session, region: session.home_region().clone(), journal: &journal };
    let regions = Box::pin(regions::choose(&home, &options.regions)).await?;
    watcher.progress.regions_chosen(&regions);
    let billing = Scope { session, region: session.billing_region(), journal: &journal };
    let read_regions = read_regions(session, &journal, options, watcher, &regions);
    let daily = costs::fetch_daily(&billing, options.now);
    let usage = costs::fetch_usage(&billing, options.now);
    let (mut snapshot, costs, usage) = tokio::join!(read_regions, daily, usage);
    snapshot.costs = costs.ok();
    snapshot.usage_costs = usage.ok();
    if snapshot.costs.is_some() {
        snapshot.coverage.add(ResourceKind::ServiceSpend, Region::global());
    }
    billing::fetch(&billing, &options.thresholds, &mut snapshot).await;
    advisers::fetch(&billing, &regions, &mut snapshot).await;
    drop((home, billing));
    finish(session, journal, snapshot, regions).await
}

async fn read_regions(
    session: &ReadSession,
    journal: &Journal,
    options: &CollectOptions,
    watcher: Watcher<'_>,
    regions: &[Region],
) -> Snapshot {
    let mut snapshot = Snapshot::new(session.account(), options.now);
    let mut parts = stream::iter(regions)
        .map(|region| async move {
            let scope = Scope { session, region: region.clone(), journal };
            let part = region::read(&scope, options, watcher.parts).await;
            watcher.progress.region_done(region, part.resources());
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
mod tests;
