//! Clusters with their members: what they cost, and how members of one are told from databases of their own.

use super::{Bill, Case, Judgement, case::key, extended_support::Surcharge, quantity::whole_units};
use crate::domain::{
    figure::Figure,
    finding::{Finding, UnknownReason, Verdicts},
    inventory::{DbCluster, DbInstance, DbStorageType, ResourceKind},
    metric::{Metric, Summary},
    price::PriceKey,
    price_item::Item,
};
use std::collections::HashMap;

const BYTES_PER_GIB: f64 = 1_073_741_824.0;
/// Instances and capacity units cost 30 % more with Aurora I/O-Optimized, in all regions.
pub const IO_OPTIMIZED: (i64, i64) = (13, 10);

pub struct Cluster<'a> {
    pub cluster: &'a DbCluster,
    pub members: Vec<&'a DbInstance>,
}

/// Asks the judge about each cluster of which all members are known.
pub fn judge_clusters(case: &Case<'_>, judge: impl Fn(&Case<'_>, &Cluster<'_>) -> Judgement) -> Verdicts {
    let inventory = &case.snapshot.inventory;
    let mut members: HashMap<_, Vec<&DbInstance>> = HashMap::new();
    for db in &inventory.db_instances {
        if let Some(cluster) = &db.cluster_id {
            members.entry((&db.common.region, &**cluster)).or_default().push(db);
        }
    }
    case.judge_each(&inventory.db_clusters, |case, cluster| {
        let mut members = members.get(&key(&cluster.common)).cloned().unwrap_or_default();
        members.sort_by(|a, b| a.common.id.cmp(&b.common.id));
        if members.len() != cluster.member_ids.len() {
            return Err(UnknownReason::InventoryIncomplete);
        }
        judge(case, &Cluster { cluster, members })
    })
}

/// A finding on a member goes with its cluster.
#[must_use]
pub fn as_member(db: &DbInstance, mut finding: Finding) -> Finding {
    finding.root = finding.root.child_of(ResourceKind::DbCluster, db.cluster_id.as_deref());
    finding
}

impl<'a> Cluster<'a> {
    pub fn serverless(&self) -> impl Iterator<Item = &'a DbInstance> {
        self.members.iter().copied().filter(|db| db.serverless())
    }

    /// A month of all members, at the price of Aurora Standard.
    pub fn compute(&self, case: &Case<'_>, bill: &mut Bill<'_>) -> Result<Figure, UnknownReason> {
        self.members.iter().map(|db| compute(case, bill, db)).sum()
    }

    /// The same as the cluster is.
    pub fn compute_as_is(&self, case: &Case<'_>, bill: &mut Bill<'_>) -> Result<Figure, UnknownReason> {
        let standard = self.compute(case, bill)?;
        let (times, of) = IO_OPTIMIZED;
        Ok(if self.cluster.io_optimized { standard.scale(times, of) } else { standard })
    }

    /// A month of extended support of all members.
    pub fn surcharge(
        &self,
        case: &Case<'_>,
        bill: &mut Bill<'_>,
        surcharge: &Surcharge,
    ) -> Result<Figure, UnknownReason> {
        self.members.iter().map(|db| member_surcharge(case, bill, db, surcharge)).sum()
    }

    /// A month of what is stored, at one of Aurora's two prices.
    pub fn storage(
        &self,
        bill: &mut Bill<'_>,
        gib: i64,
        io_optimized: IoOptimized,
    ) -> Result<Figure, UnknownReason> {
        let region = &self.cluster.common.region;
        let key = match io_optimized {
            IoOptimized::Yes => PriceKey::item(Item::AuroraIoStorage, region),
            IoOptimized::No => PriceKey::DbStorage {
                region: region.clone(),
                storage_type: DbStorageType::Aurora,
                multi_az: false,
            },
        };
        Ok(bill.price(key)?.times(gib))
    }
}

/// Which of Aurora's two price models.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IoOptimized {
    Yes,
    No,
}

impl IoOptimized {
    pub fn of(cluster: &DbCluster) -> Self {
        if cluster.io_optimized { Self::Yes } else { Self::No }
    }
}

/// The mean of a series of bytes, in whole GiB.
#[must_use]
pub fn mean_gib(bytes: &Summary) -> i64 {
    whole_units(bytes.sum / f64::from(bytes.found.max(1)) / BYTES_PER_GIB)
}

/// A member by its class, or by the capacity that it used on average.
fn compute(case: &Case<'_>, bill: &mut Bill<'_>, db: &DbInstance) -> Result<Figure, UnknownReason> {
    if !db.serverless() {
        return Ok(bill.db_hour(db)?.monthly(1));
    }
    let acus = milli_acus(case, db)?;
    let rate = bill.price(PriceKey::item(Item::AuroraAcu, &db.common.region))?;
    Ok(rate.times_ratio(acus.saturating_mul(730), 1_000))
}

fn member_surcharge(
    case: &Case<'_>,
    bill: &mut Bill<'_>,
    db: &DbInstance,
    surcharge: &Surcharge,
) -> Result<Figure, UnknownReason> {
    if !db.serverless() {
        return bill.db_surcharge(db, surcharge);
    }
    let acus = milli_acus(case, db)?;
    let years = if surcharge.third_year { "year-3" } else { "years-1-2" };
    let name = format!("{}/{years}", db.engine);
    let rate = bill.price(PriceKey::named(Item::AuroraAcuSupport, &db.common.region, &name))?;
    Ok(rate.times_ratio(acus.saturating_mul(730), 1_000))
}

/// What a serverless member used on average, in thousandths of a capacity unit.
fn milli_acus(case: &Case<'_>, db: &DbInstance) -> Result<i64, UnknownReason> {
    let used = case.summary(Metric::AuroraAcus, &db.common)?;
    Ok(whole_units(used.sum / f64::from(used.found.max(1)) * 1_000.0))
}
