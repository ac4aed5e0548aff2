//! Tables for the tests of this family.

use crate::domain::{
    inventory::{CapacityMode, CapacityUnits, Common, DynamoIndex, DynamoTable, ScalableTarget, TableClass},
    metric::{Metric, Series, WeekProfile},
    price::PriceKey,
    price_item::Item,
};
use crate::rules::fixtures::{Lab, common, region};

pub const GIB: i64 = 1 << 30;

/// 100 read and 50 write units, standard class, 40 GiB.
pub fn table(name: &str) -> DynamoTable {
    DynamoTable {
        common: common(name),
        active: true,
        capacity_mode: CapacityMode::Provisioned,
        units: CapacityUnits { read: 100, write: 50 },
        table_class: TableClass::Standard,
        size_bytes: 40 * GIB,
        replica_regions: vec![],
        deletion_protection: false,
        time_key: None,
        expires_items: None,
        point_in_time_recovery: None,
        class_changed_at: None,
    }
}

/// 10 read and 5 write units, 2 GiB.
pub fn index(table: &str, name: &str) -> DynamoIndex {
    DynamoIndex {
        common: Common { ..common(&format!("{table}/index/{name}")) },
        table: table.into(),
        index_name: name.into(),
        active: true,
        units: CapacityUnits { read: 10, write: 5 },
        size_bytes: 2 * GIB,
    }
}

pub fn target(resource: &str, dimension: &str, least: i64, most: i64) -> ScalableTarget {
    ScalableTarget {
        common: common(&format!("{resource}/{dimension}")),
        resource: resource.into(),
        dimension: dimension.into(),
        least,
        most,
    }
}

pub trait TableLab {
    fn table(self, table: DynamoTable) -> Self;
    fn index(self, index: DynamoIndex) -> Self;
    fn target(self, target: ScalableTarget) -> Self;
    /// Reads and writes a second, on each of 14 days, and in each hour of them.
    fn use_of(self, id: &str, reads: f64, writes: f64) -> Self;
    /// The same but in one hour of the week.
    fn busy_hour(self, metric: Metric, id: &str, quiet: f64, busy: f64) -> Self;
}

impl TableLab for Lab {
    fn table(self, table: DynamoTable) -> Self {
        let prices = [
            (Item::DynamoReadUnitHour, "0.00013"),
            (Item::DynamoWriteUnitHour, "0.00065"),
            (Item::DynamoReads, "0.125"),
            (Item::DynamoWrites, "0.625"),
            (Item::DynamoStorage, "0.25"),
            (Item::DynamoIaReadUnitHour, "0.00016"),
            (Item::DynamoIaWriteUnitHour, "0.00081"),
            (Item::DynamoIaReads, "0.155"),
            (Item::DynamoIaWrites, "0.78"),
            (Item::DynamoIaStorage, "0.10"),
            (Item::DynamoRecovery, "0.20"),
        ];
        let lab = self.inventory(|i| i.dynamo_tables.push(table));
        prices.into_iter().fold(lab, |lab, (item, usd)| lab.price(PriceKey::item(item, &region()), usd))
    }

    fn index(self, index: DynamoIndex) -> Self {
        self.inventory(|i| i.dynamo_indexes.push(index))
    }

    fn target(self, target: ScalableTarget) -> Self {
        self.inventory(|i| i.scalable_targets.push(target))
    }

    fn use_of(self, id: &str, reads: f64, writes: f64) -> Self {
        self.daily(Metric::DynamoReads, id, 14, reads * 86_400.0)
            .daily(Metric::DynamoWrites, id, 14, writes * 86_400.0)
            .busy_hour(Metric::DynamoReadsHourly, id, reads, reads)
            .busy_hour(Metric::DynamoWritesHourly, id, writes, writes)
    }

    fn busy_hour(mut self, metric: Metric, id: &str, quiet: f64, busy: f64) -> Self {
        let points = (0..336_i64).map(|h| (h * 3_600, if h % 168 == 9 { busy } else { quiet } * 3_600.0));
        let series = Series::WeekProfile(Box::new(WeekProfile::of(points, 336)));
        self.snapshot.metrics.insert(metric, &region(), id, series);
        self
    }
}
