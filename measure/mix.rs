//! The fleet that is measured: copies of the random fleets' groups, made a batch at a time.

use crate::fleet::{self, Load, Resource, SAMPLES, books, load, samples};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use tuner::domain::{
    inventory::ResourceKind, metric::Metric, region::Region, snapshot::Snapshot, thresholds::Thresholds,
};

/// Of a hundred groups so many are as they come in the demo, where nearly each is waste; the others hold none.
const WASTE_PERCENT: usize = 15;
/// Resources that exist as JSON at a time.
const BATCH: usize = 512;

/// What groups hold, with the ids by which their members name each other.
pub struct Mix {
    groups: Vec<(&'static [Resource], HashSet<&'static str>)>,
    /// Places of those in which no rule that is on by default finds anything while they are busy.
    healthy: Vec<usize>,
    metrics: BTreeMap<ResourceKind, BTreeSet<Metric>>,
}

impl Mix {
    pub fn new() -> Self {
        let groups: Vec<_> =
            SAMPLES.groups.iter().map(|g| (g.as_slice(), g.iter().map(Resource::id).collect())).collect();
        let kinds = ResourceKind::ALL.iter();
        let metrics = kinds.map(|kind| (*kind, load::asked(|meta| meta.kind == *kind))).collect();
        let mut mix = Self { groups, healthy: Vec::new(), metrics };
        mix.healthy = (0..mix.groups.len()).filter(|at| mix.is_healthy(*at)).collect();
        mix
    }

    fn is_healthy(&self, at: usize) -> bool {
        let mut region = Filling::new("us-east-1");
        region.add(
            self,
            self.groups[at].0.iter().map(|r| Resource { load: Load::Busy, ..r.moved_to("us-east-1") }),
        );
        let found = tuner::rules::check(&region.finish(), &Thresholds::default(), &[]).findings;
        found.len() * 4 <= self.groups[at].0.len()
    }

    /// Copy after copy, without end.
    pub fn copies<'m>(&'m self, region: &'m str) -> impl Iterator<Item = Resource> + 'm {
        (0_usize..).flat_map(move |number| {
            let scattered = number.wrapping_mul(2_654_435_761) >> 7;
            let waste = scattered % 100 < WASTE_PERCENT || self.healthy.is_empty();
            let at = if waste {
                scattered % self.groups.len()
            } else {
                self.healthy[scattered % self.healthy.len()]
            };
            let load = if waste { Load::Varied(u8::try_from(number % 251).unwrap()) } else { Load::Busy };
            let (group, ids) = &self.groups[at];
            group.iter().map(move |r| Resource { load, ..numbered(&r.moved_to(region), ids, number) })
        })
    }
}

/// A region on its way.
pub struct Filling {
    snapshot: Snapshot,
    region: Region,
}

impl Filling {
    pub fn new(region: &str) -> Self {
        let snapshot = Snapshot::new("123456789012".parse().unwrap(), fleet::now());
        Self { snapshot, region: region.parse().unwrap() }
    }

    pub fn add(&mut self, mix: &Mix, resources: impl Iterator<Item = Resource>) {
        let mut batch = Vec::with_capacity(BATCH);
        let add = |snapshot: &mut Snapshot, batch: &mut Vec<Resource>| {
            for resource in &*batch {
                load::add_metrics(&mut snapshot.metrics, resource, &mix.metrics[&resource.kind]);
            }
            snapshot.inventory.append(fleet::inventory_of(batch));
            batch.clear();
        };
        for resource in resources {
            batch.push(resource);
            if batch.len() == BATCH {
                add(&mut self.snapshot, &mut batch);
            }
        }
        add(&mut self.snapshot, &mut batch);
    }

    pub fn finish(mut self) -> Snapshot {
        for kind in ResourceKind::ALL {
            self.snapshot.coverage.add(*kind, self.region.clone());
        }
        books::add_types(&mut self.snapshot.instance_types, &BTreeSet::from([self.region]));
        books::add_prices(&mut self.snapshot, None);
        self.snapshot
    }
}

/// The same as one of many copies: ids, and references to them, get a number.
#[must_use]
fn numbered(resource: &Resource, ids: &HashSet<&str>, number: usize) -> Resource {
    let mut copy = resource.clone();
    samples::each_text(&mut copy.body, &mut |text| {
        let part = |part: &str| {
            let known = ids.contains(part) || NETWORKS.iter().any(|prefix| part.starts_with(prefix));
            if known { format!("{part}{number:x}") } else { part.to_owned() }
        };
        if ids.contains(text.as_str()) {
            *text = format!("{text}{number:x}");
        } else if text.len() < 80 {
            *text = text.split('/').map(part).collect::<Vec<_>>().join("/");
        }
    });
    copy
}

/// What holds a group together and is no resource of the inventory.
const NETWORKS: [&str; 3] = ["vpc-", "tgw-", "vgw-"];
