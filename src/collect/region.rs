//! One region: its inventory, then its instance types and metrics, which depend on it.

use super::{
    COLLECTORS, CollectOptions, Collector, Listing, PartOf, Parts, Turn, engine_versions, instance_types,
    log_groups, metrics, scope::Scope, spot_prices, with_companions,
};
use crate::domain::{
    inventory::{EngineCalendar, InstanceTypeCatalog, ResourceKind},
    metric::MetricStore,
    price::PriceBook,
    region::Region,
    snapshot::{Inventory, Snapshot},
};
use futures_util::future::join_all;
use serde::{Deserialize, Serialize};

/// What one region gave.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Part {
    region: Region,
    inventory: Inventory,
    covered: Vec<ResourceKind>,
    instance_types: InstanceTypeCatalog,
    engine_calendar: EngineCalendar,
    metrics: MetricStore,
    spot_prices: PriceBook,
}

/// From where it was kept, or from AWS.
pub(super) async fn read(scope: &Scope<'_>, options: &CollectOptions, parts: &dyn Parts) -> Part {
    let whole = PartOf { region: &scope.region, list: None };
    if let Some(part) = parts.unpack(whole).await {
        return part;
    }
    let part = read_anew(scope, options, parts).await;
    if !scope.journal.has_gap_in(&scope.region) {
        parts.pack(whole, &part).await;
    }
    part
}

async fn read_anew(scope: &Scope<'_>, options: &CollectOptions, parts: &dyn Parts) -> Part {
    let mut inventory = Inventory::default();
    let mut covered = Vec::new();
    let listings =
        || COLLECTORS.iter().filter_map(|collector| Some((collector, collector.listing.as_ref()?)));
    let first = listings().filter(|(_, listing)| matches!(listing.turn, Turn::First));
    let list = |(collector, listing)| find_or_list(scope, collector, listing, parts);
    for found in join_all(first.map(list)).await {
        found.add_to(&mut inventory, &mut covered);
    }
    let then = listings().filter(|(_, listing)| match listing.turn {
        Turn::First => false,
        Turn::Then(worth_it) => worth_it(&inventory),
    });
    let mut instance_types = InstanceTypeCatalog::default();
    let mut engine_calendar = EngineCalendar::default();
    let (others, _, _, metrics, spot_prices) = tokio::join!(
        join_all(then.map(list)),
        instance_types::fetch(scope, &inventory.instances, &mut instance_types),
        engine_versions::fetch(scope, &inventory, &mut engine_calendar),
        metrics::fetch(scope, &inventory, &options.thresholds, options.now),
        spot_prices::fetch(scope, &inventory.instances, options),
    );
    for found in others {
        found.add_to(&mut inventory, &mut covered);
    }
    log_groups::look_closer(scope, &mut inventory.log_groups, &metrics).await;
    let region = scope.region.clone();
    Part { region, inventory, covered, instance_types, engine_calendar, metrics, spot_prices }
}

#[derive(Serialize, Deserialize)]
pub(super) struct Listed {
    kind: ResourceKind,
    pub complete: bool,
    pub found: Inventory,
}

/// A list that a collector gives in one region is kept as soon as it is whole.
async fn find_or_list(
    scope: &Scope<'_>,
    collector: &Collector,
    listing: &Listing,
    parts: &dyn Parts,
) -> Listed {
    let of = PartOf { region: &scope.region, list: Some(listing.kind) };
    if let Some(listed) = parts.unpack(of).await {
        return listed;
    }
    let listed = list(scope, listing).await;
    if listed.complete && !scope.journal.has_gap_of(&scope.region, collector.actions) {
        parts.pack(of, &listed).await;
    }
    listed
}

pub(super) async fn list(scope: &Scope<'_>, listing: &Listing) -> Listed {
    let mut found = Inventory::default();
    let complete = (listing.fetch)(scope, &mut found).await.is_ok();
    found.drop_repeats();
    Listed { kind: listing.kind, complete, found }
}

impl Listed {
    fn add_to(self, inventory: &mut Inventory, covered: &mut Vec<ResourceKind>) {
        inventory.append(self.found);
        if self.complete {
            covered.extend(with_companions(self.kind));
        }
    }
}

impl Part {
    #[cfg(test)]
    pub fn new(
        region: Region,
        inventory: Inventory,
        covered: Vec<ResourceKind>,
        metrics: MetricStore,
    ) -> Self {
        Self {
            region,
            inventory,
            covered,
            instance_types: InstanceTypeCatalog::default(),
            engine_calendar: EngineCalendar::default(),
            metrics,
            spot_prices: PriceBook::default(),
        }
    }

    pub fn resources(&self) -> usize {
        self.inventory.resources()
    }

    pub fn add_to(self, snapshot: &mut Snapshot) {
        snapshot.inventory.append(self.inventory);
        for kind in self.covered {
            snapshot.coverage.add(kind, self.region.clone());
        }
        for spec in self.instance_types.in_region(&self.region) {
            snapshot.instance_types.insert(self.region.clone(), spec.clone());
        }
        snapshot.engine_calendar.merge(self.engine_calendar);
        snapshot.metrics.merge(self.metrics);
        snapshot.prices.fill_from(self.spot_prices);
    }
}
