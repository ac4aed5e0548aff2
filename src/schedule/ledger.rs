//! Who keeps the books of the calls: asked right before each, told right after.

use super::{Order, Outcome};
use futures_util::future::BoxFuture;

pub trait Ledger: Send + Sync {
    /// Those of the orders that may be carried out now: their intent is written, the lease still holds, no kill
    /// switch is on. Called again before each further try (a batch without the id that failed it); the call
    /// follows at once, all waiting for rates is done before.
    fn admit(&self, orders: Vec<Order>) -> BoxFuture<'_, Vec<Order>>;

    /// What became of a call, as soon as it is known. Every order that was handed in is told exactly once in
    /// the end, those that were not admitted too.
    fn tell(&self, outcomes: Vec<Outcome>) -> BoxFuture<'_, ()>;
}
