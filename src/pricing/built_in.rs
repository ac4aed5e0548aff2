//! Tuner's own price table: list prices of us-east-1 at a date, for when AWS cannot be asked.
//!
//! Each row names where its figure comes from. In another region it is a stand-in, and marked as such.

use crate::domain::{
    money::UnitPrice,
    price::{Price, PriceBook, PriceKey, PriceSource},
    region::Region,
};
use jiff::civil::{Date, date};
use std::{collections::HashMap, sync::LazyLock};

const TABLE: &str = include_str!("us_east_1.csv");
/// When the table was put together.
const AS_OF: Date = date(2026, 8, 1);

/// By the text of the key without its region.
static PRICES: LazyLock<HashMap<&'static str, UnitPrice>> =
    LazyLock::new(|| TABLE.lines().skip(1).filter_map(read_row).collect());

fn read_row(line: &'static str) -> Option<(&'static str, UnitPrice)> {
    let mut columns = line.split(',');
    Some((columns.next()?, columns.next()?.parse().ok()?))
}

/// Adds what the table knows of the keys that have no price yet.
pub(super) fn fill<'a>(keys: impl IntoIterator<Item = &'a PriceKey>, book: &mut PriceBook) {
    for key in keys {
        if book.get(key).is_none()
            && let Some(price) = find(key)
        {
            book.insert(key.clone(), price);
        }
    }
}

fn find(key: &PriceKey) -> Option<Price> {
    let text = key.to_string();
    let (without_region, _) = text.rsplit_once('/')?;
    let per_unit = *PRICES.get(without_region)?;
    let home = *key.region() == Region::global();
    let source = if home { PriceSource::BuiltIn } else { PriceSource::BuiltInOtherRegion };
    Some(Price { per_unit, source, as_of: AS_OF })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::inventory::{DbEngine, Platform, VolumeType};

    #[test]
    fn every_row_is_read_once_and_names_its_source() {
        let rows: Vec<&str> = TABLE.lines().skip(1).collect();
        assert_eq!(PRICES.len(), rows.len());
        for row in rows {
            assert!(row.split(',').nth(2).is_some_and(|source| source.len() > 5), "{row}");
        }
    }

    #[test]
    fn keys_find_their_row() {
        let instance = |region: &str, instance_type: &str| PriceKey::Instance {
            region: region.parse().unwrap(),
            instance_type: instance_type.into(),
            platform: Platform::Linux,
        };
        let here = find(&instance("us-east-1", "m5.large")).unwrap();
        assert_eq!(here.per_unit.to_string(), "0.096");
        assert_eq!(here.source, PriceSource::BuiltIn);
        let there = find(&instance("eu-west-1", "m5.large")).unwrap();
        assert_eq!(there.source, PriceSource::BuiltInOtherRegion);
        assert_eq!(find(&instance("us-east-1", "p5.48xlarge")), None);
        let region = Region::global();
        let db = PriceKey::DbInstance {
            region: region.clone(),
            class: "db.m5.xlarge".into(),
            engine: DbEngine::Postgres,
            multi_az: true,
        };
        assert_eq!(find(&db).unwrap().per_unit.to_string(), "0.712");
        let volume = PriceKey::VolumeStorage { region, volume_type: VolumeType::Gp3 };
        assert_eq!(find(&volume).unwrap().per_unit.to_string(), "0.08");
    }

    #[test]
    fn a_price_that_is_there_is_not_replaced() {
        let key = PriceKey::PublicIpv4 { region: Region::global() };
        let known = Price {
            per_unit: UnitPrice::from_nano_usd(7),
            source: PriceSource::PricingApi,
            as_of: date(2026, 9, 1),
        };
        let mut book = PriceBook::default();
        book.insert(key.clone(), known);
        fill([&key], &mut book);
        assert_eq!(book.get(&key), Some(&known));
    }
}
