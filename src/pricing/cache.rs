//! Where prices are kept between scans. The database's matter; here is only what is asked of it.

use crate::domain::price::{PriceBook, PriceKey};
use futures_util::future::{BoxFuture, FutureExt, ready};
use jiff::Timestamp;
use std::collections::BTreeSet;

/// List prices belong to nobody: the cache is shared by all organisations. A cache that fails answers with
/// nothing; the prices are then fetched again.
pub trait PriceCache: Send + Sync {
    /// Those of the prices that were fetched since then.
    fn get<'a>(&'a self, keys: &'a BTreeSet<PriceKey>, fetched_since: Timestamp) -> BoxFuture<'a, PriceBook>;

    /// Prices of the Pricing API only.
    fn put<'a>(&'a self, prices: &'a PriceBook, fetched_at: Timestamp) -> BoxFuture<'a, ()>;
}

/// Keeps nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoCache;

impl PriceCache for NoCache {
    fn get<'a>(&'a self, _keys: &'a BTreeSet<PriceKey>, _since: Timestamp) -> BoxFuture<'a, PriceBook> {
        ready(PriceBook::default()).boxed()
    }

    fn put<'a>(&'a self, _prices: &'a PriceBook, _fetched_at: Timestamp) -> BoxFuture<'a, ()> {
        ready(()).boxed()
    }
}
