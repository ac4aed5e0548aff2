//! What surrounds every request.

pub(super) mod client;
pub(super) mod cors;
mod cross_site;
pub(super) mod frame;
pub(super) mod guard;
pub(super) mod headers;
