//! The cache of list prices: the same for everyone, so it belongs to no organisation.

use super::{
    batch::{Batch, ROWS},
    error::DbError,
    handle::Database,
    stmt::statements,
    time,
    value::{Value, values},
};
use crate::domain::{
    money::UnitPrice,
    price::{Price, PriceBook, PriceKey, PriceSource},
};
use chrono::NaiveDate;
use jiff::Timestamp;
use std::collections::BTreeMap;

statements! {
    global FIND { "SELECT price_key, per_unit, source, as_of FROM price WHERE fetched_at >= ? AND price_key IN (?)" }
    global PUT {
        sqlite: "INSERT INTO price (price_key, per_unit, source, as_of, fetched_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT (price_key) DO UPDATE SET per_unit = excluded.per_unit, source = excluded.source, as_of = excluded.as_of, fetched_at = excluded.fetched_at",
        mysql: "INSERT INTO price (price_key, per_unit, source, as_of, fetched_at) VALUES (?, ?, ?, ?, ?) ON DUPLICATE KEY UPDATE per_unit = VALUES(per_unit), source = VALUES(source), as_of = VALUES(as_of), fetched_at = VALUES(fetched_at)"
    }
}

#[derive(sqlx::FromRow)]
struct PriceRow {
    price_key: String,
    per_unit: i64,
    source: String,
    as_of: NaiveDate,
}

/// The names that the API shows, too.
const SOURCES: &[(PriceSource, &str)] = &[
    (PriceSource::PricingApi, "pricingApi"),
    (PriceSource::BuiltIn, "builtIn"),
    (PriceSource::BuiltInOtherRegion, "builtInOtherRegion"),
    (PriceSource::SpotPriceHistory, "spotPriceHistory"),
];

fn source_text(source: PriceSource) -> &'static str {
    SOURCES.iter().find(|(known, _)| *known == source).map_or("", |(_, text)| text)
}

impl TryFrom<PriceRow> for Price {
    type Error = DbError;
    fn try_from(row: PriceRow) -> Result<Self, DbError> {
        let source = SOURCES.iter().find(|(_, text)| *text == row.source);
        Ok(Self {
            per_unit: UnitPrice::from_nano_usd(row.per_unit),
            source: source.map(|(source, _)| *source).ok_or(DbError::Corrupt("price.source"))?,
            as_of: time::date_from_db(row.as_of),
        })
    }
}

impl Database {
    /// Those of the prices that were fetched since then.
    pub async fn find_prices<'a>(
        &self,
        keys: impl IntoIterator<Item = &'a PriceKey> + Send,
        fetched_since: Timestamp,
    ) -> Result<PriceBook, DbError> {
        let by_text: BTreeMap<String, PriceKey> =
            keys.into_iter().map(|key| (key.to_string(), key.clone())).collect();
        let texts: Vec<Value> = by_text.keys().map(Value::from).collect();
        let mut book = PriceBook::default();
        for texts in texts.chunks(ROWS) {
            let rows: Vec<PriceRow> = self.fetch_in(FIND, values![fetched_since], texts.to_vec()).await?;
            for row in rows {
                if let Some(key) = by_text.get(&row.price_key) {
                    book.insert(key.clone(), row.try_into()?);
                }
            }
        }
        Ok(book)
    }

    /// Adds prices, or replaces older ones.
    pub async fn put_prices(&self, book: &PriceBook, fetched_at: Timestamp) -> Result<(), DbError> {
        let mut batch = Batch::default();
        for (key, price) in book.iter() {
            let (per_unit, source) = (price.per_unit, source_text(price.source));
            batch.push(values![key.to_string(), per_unit, source, price.as_of, fetched_at]);
            if batch.is_full() {
                self.flush(PUT, &mut batch).await?;
            }
        }
        self.flush(PUT, &mut batch).await
    }
}
