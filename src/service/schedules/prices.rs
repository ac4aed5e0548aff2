//! What an hour of a resource costs at list price, from prices that are known already: no call to AWS is made.

use crate::{
    app::App,
    domain::{
        money::UnitPrice,
        price::{PriceBook, PriceKey, PriceSource},
        schedule::{Observed, cost::price_keys},
    },
    error::Error,
    pricing::fill_from_table,
};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;

/// For an estimate an older price is better than the table's of another region.
const KNOWN_FOR: SignedDuration = SignedDuration::from_hours(90 * 24);

/// An hour of one resource, with its members and its standby.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HourPrice {
    pub amount: UnitPrice,
    /// The weakest of those that it is made of.
    pub source: PriceSource,
}

pub(in crate::service) async fn load<'a>(
    app: &App,
    resources: impl IntoIterator<Item = &'a Observed>,
    now: Timestamp,
) -> Result<PriceBook, Error> {
    let keys: BTreeSet<PriceKey> =
        resources.into_iter().filter_map(price_keys).flatten().map(|(key, _)| key).collect();
    let mut book = app.database.find_prices(&keys, now - KNOWN_FOR).await?;
    fill_from_table(&keys, &mut book);
    Ok(book)
}

/// None where a part of it has no known price.
pub(in crate::service) fn an_hour(book: &PriceBook, observed: &Observed) -> Option<HourPrice> {
    let mut whole: Option<HourPrice> = None;
    for (key, count) in price_keys(observed)? {
        let price = book.get(&key)?;
        let part = price.per_unit.scale(count, 1).nano_usd();
        whole = Some(match whole {
            None => HourPrice { amount: UnitPrice::from_nano_usd(part), source: price.source },
            Some(sum) => HourPrice {
                amount: UnitPrice::from_nano_usd(sum.amount.nano_usd().saturating_add(part)),
                source: weaker(sum.source, price.source),
            },
        });
    }
    whole
}

const fn weaker(one: PriceSource, other: PriceSource) -> PriceSource {
    match (one, other) {
        (PriceSource::BuiltInOtherRegion, _) | (_, PriceSource::BuiltInOtherRegion) => {
            PriceSource::BuiltInOtherRegion
        }
        (PriceSource::BuiltIn, _) | (_, PriceSource::BuiltIn) => PriceSource::BuiltIn,
        _ => PriceSource::PricingApi,
    }
}
