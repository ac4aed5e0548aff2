//! What of a scan is finished already: kept list by list and region by region, so that a scan whose server died goes
//! on where it was.
//!
//! Only what has no gap is kept: the rest is read anew. Where the parts lie, and for how long, is the caller's matter.

use crate::domain::{inventory::ResourceKind, region::Region};
use futures_util::future::BoxFuture;
use serde::{Serialize, de::DeserializeOwned};

/// The list of a kind in a region, or all that a region gave.
#[derive(Clone, Copy, Debug)]
pub struct PartOf<'a> {
    pub region: &'a Region,
    /// None: the whole region. Its lists need not be kept any longer.
    pub list: Option<ResourceKind>,
}

/// Where finished parts are kept. What cannot be kept is read again, no more.
pub trait Parts: Sync {
    /// Whether keeping is worth its while by now: packing a fleet costs time.
    fn wanted(&self) -> bool;
    fn find<'a>(&'a self, of: PartOf<'a>) -> BoxFuture<'a, Option<Vec<u8>>>;
    fn keep<'a>(&'a self, of: PartOf<'a>, part: Vec<u8>) -> BoxFuture<'a, ()>;
}

impl dyn Parts + '_ {
    /// None where nothing is kept, or another version of Tuner kept it.
    pub(super) async fn unpack<T: DeserializeOwned>(&self, of: PartOf<'_>) -> Option<T> {
        unpack(&self.find(of).await?)
    }

    pub(super) async fn pack<T: Serialize>(&self, of: PartOf<'_>, part: &T) {
        if self.wanted()
            && let Some(bytes) = pack(part)
        {
            self.keep(of, bytes).await;
        }
    }
}

/// Keeps nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoParts;

impl Parts for NoParts {
    fn wanted(&self) -> bool {
        false
    }

    fn find<'a>(&'a self, _of: PartOf<'a>) -> BoxFuture<'a, Option<Vec<u8>>> {
        Box::pin(std::future::ready(None))
    }

    fn keep<'a>(&'a self, _of: PartOf<'a>, _part: Vec<u8>) -> BoxFuture<'a, ()> {
        Box::pin(std::future::ready(()))
    }
}

fn pack<T: Serialize>(part: &T) -> Option<Vec<u8>> {
    rmp_serde::to_vec_named(part).ok()
}

fn unpack<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    rmp_serde::from_slice(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collect::region::Part;
    use crate::domain::{
        inventory::{Address, Common},
        metric::{Metric, MetricStore, Series, Summary, WeekProfile},
        snapshot::Inventory,
    };

    /// Flattened structs, infinities of an empty summary and 168 hours are what formats stumble over.
    fn part() -> Part {
        let region = Region::global();
        let address = Address {
            common: Common::new(region.clone(), "eipalloc-1"),
            public_ip: "203.0.113.1".into(),
            association_id: None,
            instance_id: Some("i-1".into()),
            network_interface_id: None,
            public_ipv4_pool: None,
            service_managed: false,
        };
        let mut metrics = MetricStore::default();
        metrics.insert(Metric::Ec2CpuMax, &region, "i-1", Series::Summary(Summary::of(&[], 14)));
        let week = WeekProfile::of((0..400).map(|hour| (hour * 3_600, 0.5)), 336);
        metrics.insert(Metric::Ec2CpuHourly, &region, "i-1", Series::WeekProfile(Box::new(week)));
        let inventory = Inventory { addresses: vec![address], ..Inventory::default() };
        Part::new(region, inventory, vec![ResourceKind::Address], metrics)
    }

    #[test]
    fn a_part_comes_back_as_it_was() {
        assert_eq!(unpack(&pack(&part()).unwrap()), Some(part()));
    }

    #[test]
    fn what_cannot_be_read_is_read_anew() {
        assert_eq!(unpack::<Part>(b""), None);
        assert_eq!(unpack::<Part>(&pack(&part()).unwrap()[..40]), None);
    }
}
