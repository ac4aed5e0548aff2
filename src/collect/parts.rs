//! What of a scan is finished already: kept region by region, so that a scan whose server died goes on where it was.
//!
//! Only regions without a gap are kept: the others are read anew. Where the parts lie, and for how long, is the
//! caller's matter.

use super::region::Part;
use crate::domain::region::Region;
use futures_util::future::BoxFuture;

/// Where finished regions are kept. What cannot be kept is read again, no more.
pub trait Parts: Sync {
    fn find<'a>(&'a self, region: &'a Region) -> BoxFuture<'a, Option<Vec<u8>>>;
    fn keep<'a>(&'a self, region: &'a Region, part: Vec<u8>) -> BoxFuture<'a, ()>;
}

/// Keeps nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoParts;

impl Parts for NoParts {
    fn find<'a>(&'a self, _region: &'a Region) -> BoxFuture<'a, Option<Vec<u8>>> {
        Box::pin(std::future::ready(None))
    }

    fn keep<'a>(&'a self, _region: &'a Region, _part: Vec<u8>) -> BoxFuture<'a, ()> {
        Box::pin(std::future::ready(()))
    }
}

/// A part as bytes; none where another version of Tuner could not read it.
pub(super) fn pack(part: &Part) -> Option<Vec<u8>> {
    rmp_serde::to_vec_named(part).ok()
}

pub(super) fn unpack(bytes: &[u8]) -> Option<Part> {
    rmp_serde::from_slice(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        inventory::{Address, Common, ResourceKind},
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
        assert_eq!(unpack(b""), None);
        assert_eq!(unpack(&pack(&part()).unwrap()[..40]), None);
    }
}
