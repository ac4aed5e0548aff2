//! What a month of a table costs in either mode and class.

use super::{Bill, Case, quantity::whole_units, side::Side};
use crate::domain::{
    figure::Figure,
    finding::UnknownReason,
    inventory::{CapacityUnits, TableClass},
    money::HOURS_PER_MONTH,
    price::PriceKey,
    price_item::Item,
    region::Region,
};

/// Units that were consumed in the window.
pub struct Use {
    pub reads: f64,
    pub writes: f64,
}

const GIB: i64 = 1 << 30;
const MILLION: i64 = 1_000_000;

/// Where and of which class: what a price depends on.
pub struct Tariff<'a> {
    pub region: &'a Region,
    pub class: TableClass,
}

impl Tariff<'_> {
    pub fn provisioned(&self, bill: &mut Bill<'_>, units: CapacityUnits) -> Result<Figure, UnknownReason> {
        let mut total = Figure::zero();
        for side in Side::BOTH.into_iter().filter(|side| side.units(units) > 0) {
            let hour = bill.price(PriceKey::item(side.unit_hour(self.class), self.region))?;
            total += hour.monthly(side.units(units));
        }
        Ok(total)
    }

    /// The window's consumption as that of a month.
    pub fn on_demand(
        &self,
        case: &Case<'_>,
        bill: &mut Bill<'_>,
        used: &Use,
    ) -> Result<Figure, UnknownReason> {
        let window_hours = i64::from(case.thresholds.look_back_days) * 24;
        let mut total = Figure::zero();
        for (side, units) in [(Side::Read, used.reads), (Side::Write, used.writes)] {
            let million = bill.price(PriceKey::item(side.million(self.class), self.region))?;
            if units > 0.0 {
                let month = whole_units(units).saturating_mul(HOURS_PER_MONTH);
                total += million.times_ratio(month, MILLION * window_hours);
            }
        }
        Ok(total)
    }

    pub fn storage(&self, bill: &mut Bill<'_>, bytes: i64) -> Result<Figure, UnknownReason> {
        let item = match self.class {
            TableClass::Standard => Item::DynamoStorage,
            TableClass::InfrequentAccess => Item::DynamoIaStorage,
        };
        stored(bill, item, self.region, bytes)
    }
}

/// A month of some bytes of whatever is kept.
pub fn stored(bill: &mut Bill<'_>, item: Item, region: &Region, bytes: i64) -> Result<Figure, UnknownReason> {
    let gib = bill.price(PriceKey::item(item, region))?;
    Ok(if bytes > 0 { gib.times_ratio(bytes, GIB) } else { Figure::zero() })
}

/// `12.3 GiB`, for people.
pub fn gib(bytes: i64) -> String {
    let tenths = bytes.saturating_mul(10) / GIB;
    format!("{}.{} GiB", tenths / 10, tenths % 10)
}
