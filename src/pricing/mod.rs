//! stub
use crate::{
    aws::ReadSession,
    domain::{
        price::{PriceBook, PriceKey},
        scan::Gap,
        snapshot::Snapshot,
    },
};
use jiff::Timestamp;
use std::collections::BTreeSet;
pub trait PriceCache: Send + Sync {}
pub struct NoCache;
impl PriceCache for NoCache {}
pub fn needed_keys(_: &Snapshot) -> BTreeSet<PriceKey> {
    BTreeSet::new()
}
pub async fn load(
    _: &ReadSession,
    _: &BTreeSet<PriceKey>,
    _: &dyn PriceCache,
    _: Timestamp,
) -> (PriceBook, Vec<Gap>) {
    (PriceBook::default(), vec![])
}
