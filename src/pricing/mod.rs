//! Prices: what a snapshot's resources cost, and what they could be moved to.
//!
//! Three sources, the first that knows wins: the cache, AWS's Pricing API, Tuner's own dated table. It
//! computes no savings.
//!
//! Invariant: every price carries its source and its date; a price that nobody knows is absent, never a guess.

mod api;
mod built_in;
mod cache;
mod needed;
mod product;
mod query;

pub use crate::aws::PRICING_ACTIONS as ACTIONS;
pub use cache::{NoCache, PriceCache};
pub use needed::needed_keys;

use crate::{
    aws::ReadSession,
    domain::{
        price::{PriceBook, PriceKey},
        scan::Gap,
    },
};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;

/// How long a price of the Pricing API is trusted: AWS changes few of them.
const FRESH_FOR: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Adds what Tuner's own table knows of the keys that have no price yet: for where AWS is not asked.
pub fn fill_from_table<'a>(keys: impl IntoIterator<Item = &'a PriceKey>, book: &mut PriceBook) {
    built_in::fill(keys, book);
}

/// The prices of the keys. A gap tells of keys for which AWS was asked in vain; the built-in table then
/// serves, and says so in each price.
pub async fn load(
    session: &ReadSession,
    keys: &BTreeSet<PriceKey>,
    cache: &dyn PriceCache,
    now: Timestamp,
) -> (PriceBook, Vec<Gap>) {
    let mut book = cache.get(keys, now - FRESH_FOR).await;
    let missing: BTreeSet<&PriceKey> = keys.iter().filter(|key| book.get(key).is_none()).collect();
    let (fetched, gaps) = api::fetch(session, &missing).await;
    if !fetched.is_empty() {
        cache.put(&fetched, now).await;
    }
    book.fill_from(fetched);
    built_in::fill(keys, &mut book);
    (book, gaps)
}
