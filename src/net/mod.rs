//! What Tuner reaches by itself, AWS apart: addresses that come from settings (an issuer) or from users.
//!
//! Invariant: such an address leads to the outside world, unless the operator listed where else it may lead:
//! not to this machine, not into the network around it, not to a cloud's metadata.

mod addresses;
mod outbound;
mod post;

#[cfg(test)]
mod tests;

pub use outbound::{FetchError, Guarded, Outbound, Refused, Reply, Trust};
pub use post::{Head, NoHead, Post};
