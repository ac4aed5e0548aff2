//! The price cache in the database. A failure costs a call to the Pricing API, not the scan.

use crate::{
    db::Database,
    domain::price::{PriceBook, PriceKey},
    pricing::PriceCache,
};
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use std::collections::BTreeSet;

/// The database as the pricing sources see it.
pub struct KeptPrices<'d>(pub &'d Database);

impl PriceCache for KeptPrices<'_> {
    fn get<'a>(&'a self, keys: &'a BTreeSet<PriceKey>, fetched_since: Timestamp) -> BoxFuture<'a, PriceBook> {
        Box::pin(async move {
            self.0.find_prices(keys, fetched_since).await.unwrap_or_else(|error| {
                tracing::warn!(%error, "kept prices could not be read");
                PriceBook::default()
            })
        })
    }

    fn put<'a>(&'a self, prices: &'a PriceBook, fetched_at: Timestamp) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            if let Err(error) = self.0.put_prices(prices, fetched_at).await {
                tracing::warn!(%error, "prices could not be kept");
            }
        })
    }
}
