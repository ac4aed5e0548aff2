//! Asks AWS's Pricing API. It answers in one region of a partition, about all of them.

use super::{
    ACTIONS, product,
    query::{Query, queries},
};
use crate::{
    aws::{Failure, ReadSession, classify},
    domain::{
        price::{PriceBook, PriceKey},
        region::Region,
        scan::{Gap, GapReason},
    },
};
use aws_sdk_pricing::types::Filter;
use futures_util::{StreamExt, stream};
use std::{
    collections::{BTreeSet, HashSet},
    sync::atomic::{AtomicBool, Ordering},
};

const SIDE_BY_SIDE: usize = 8;
const MOST_PRODUCTS_A_PAGE: i32 = 100;

/// What AWS knows of the keys. Once it refuses, it is not asked again.
pub(super) async fn fetch(session: &ReadSession, keys: &BTreeSet<&PriceKey>) -> (PriceBook, Vec<Gap>) {
    let refused = AtomicBool::new(false);
    let refused = &refused;
    let queries = queries(keys);
    let mut replies = stream::iter(&queries)
        .map(|query| async move {
            if refused.load(Ordering::Relaxed) {
                return (Vec::new(), None);
            }
            let mut products = Vec::new();
            let failure = fetch_products(session, query, &mut products).await.err();
            let denied = failure.as_ref().is_some_and(|f| f.reason == GapReason::AccessDenied);
            refused.fetch_or(denied, Ordering::Relaxed);
            (products, failure.map(|failure| gap(session, &query.region, failure)))
        })
        .buffered(SIDE_BY_SIDE);
    let (mut book, mut gaps) = (PriceBook::default(), Vec::new());
    while let Some((products, gap)) = replies.next().await {
        add_known(&mut book, keys, &products);
        gaps.extend(gap.filter(|gap| !gaps.contains(gap)));
    }
    (book, gaps)
}

/// A refusal is about Tuner's role, not about the region that a price is for.
fn gap(session: &ReadSession, region: &Region, failure: Failure) -> Gap {
    let Failure { reason, code } = failure;
    let everywhere = reason == GapReason::AccessDenied;
    let region = if everywhere { session.billing_region() } else { region.clone() };
    Gap { region, action: ACTIONS.concat(), reason, code }
}

/// Of several products of a key (versions of an engine, say) the first one counts: their prices are the same.
fn add_known(book: &mut PriceBook, keys: &BTreeSet<&PriceKey>, products: &[String]) {
    for (key, price) in products.iter().filter_map(|text| product::read(text)) {
        if keys.contains(&key) && book.get(&key).is_none() {
            book.insert(key, price);
        }
    }
}

async fn fetch_products(
    session: &ReadSession,
    query: &Query,
    products: &mut Vec<String>,
) -> Result<(), Failure> {
    let invalid = |code: &str| Failure::new(GapReason::InvalidReply, code);
    let filters: Vec<Filter> = query.to_filters().ok_or_else(|| invalid("NoFilter"))?;
    let mut tokens = HashSet::new();
    let mut token = None;
    loop {
        for action in ACTIONS {
            session.throttle().admit(&session.billing_region(), action).await;
        }
        let call = session.pricing().get_products().service_code(query.service);
        let call = call.set_filters(Some(filters.clone())).max_results(MOST_PRODUCTS_A_PAGE);
        let page = call.set_next_token(token).send().await.map_err(|error| classify(&error))?;
        products.extend(page.price_list.unwrap_or_default());
        match page.next_token.filter(|next| !next.is_empty()) {
            None => return Ok(()),
            Some(next) if tokens.insert(next.clone()) => token = Some(next),
            Some(_) => return Err(invalid("RepeatedNextToken")),
        }
    }
}
