//! A fleet from a plan of numbers: the same plan gives the same account.
//!
//! Invariant: each resource stands for itself, so that one can be taken out or altered and the rest stays as it is.

pub mod books;
pub mod load;
pub mod samples;
mod variation;

pub use load::Load;
pub use samples::{Resource, SAMPLES, inventory_of};

use jiff::Timestamp;
use std::collections::{BTreeSet, HashSet};
use tuner::domain::{
    inventory::ResourceKind,
    region::Region,
    snapshot::{Coverage, Snapshot},
};

/// Two that the built-in prices know, one by another's prices, one that nobody knows.
pub const REGIONS: [&str; 4] = ["us-east-1", "eu-west-1", "eu-central-1", "xx-nowhere-9"];

/// Some resources of the demo that belong together, in one region.
#[derive(Clone, Debug)]
pub struct Pick {
    pub group: usize,
    pub region: usize,
    /// One bit a member: those that are there.
    pub members: u16,
    pub load: Load,
    /// Which field is altered, and to what.
    pub changes: Vec<(u16, u16)>,
}

#[derive(Clone, Debug)]
pub struct Plan {
    pub picks: Vec<Pick>,
    /// Some prices are missing, zero or huge.
    pub odd_prices: Option<u8>,
    /// What each service costs a day, in cents; without it Cost Explorer was not read.
    pub spend: Option<Vec<u32>>,
    /// Kind and region of what was not listed to its end.
    pub gaps: Vec<(u8, u8)>,
}

/// An account before it is looked at.
#[derive(Clone, Debug)]
pub struct World {
    pub resources: Vec<Resource>,
    pub plan: Plan,
}

#[must_use]
pub fn now() -> Timestamp {
    SAMPLES.taken_at
}

#[must_use]
pub fn region(at: usize) -> Region {
    REGIONS[at % REGIONS.len()].parse().unwrap()
}

impl Plan {
    #[must_use]
    pub fn world(&self) -> World {
        let mut placed = HashSet::new();
        let mut resources = Vec::new();
        for pick in &self.picks {
            let (group, at) = (pick.group % SAMPLES.groups.len(), pick.region % REGIONS.len());
            for (bit, sample) in SAMPLES.groups[group].iter().enumerate() {
                let there = pick.members & (1 << (bit % 16)) != 0;
                if there && placed.insert((group, bit, at)) {
                    let moved = sample.moved_to(REGIONS[at]);
                    resources.push(Resource { load: pick.load, ..moved });
                }
            }
            variation::alter(&mut resources, &pick.changes);
        }
        let mut seen = HashSet::new();
        resources.retain(|resource| seen.insert(resource.key()));
        World { resources, plan: self.clone() }
    }
}

impl World {
    /// The account as a scan would see it, with prices for all that it holds.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        let mut snapshot = Snapshot::new("123456789012".parse().unwrap(), now());
        snapshot.inventory = inventory_of(&self.resources);
        for resource in &self.resources {
            load::add_metrics(&mut snapshot.metrics, resource, &load::of_service(resource.kind));
        }
        let regions: BTreeSet<Region> = (0..REGIONS.len()).map(region).collect();
        snapshot.coverage = self.coverage();
        books::add_types(&mut snapshot.instance_types, &regions);
        books::add_prices(&mut snapshot, self.plan.odd_prices);
        snapshot.costs = self.plan.spend.as_deref().map(books::costs);
        snapshot
    }

    fn coverage(&self) -> Coverage {
        let kinds = ResourceKind::ALL;
        let missing: HashSet<(usize, usize)> = self
            .plan
            .gaps
            .iter()
            .map(|(kind, at)| (usize::from(*kind) % kinds.len(), usize::from(*at) % REGIONS.len()))
            .collect();
        let mut coverage = Coverage::default();
        for (n, kind) in kinds.iter().enumerate() {
            for at in (0..REGIONS.len()).filter(|at| !missing.contains(&(n, *at))) {
                coverage.add(*kind, region(at));
            }
        }
        coverage
    }
}
