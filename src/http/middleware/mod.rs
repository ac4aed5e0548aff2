//! What surrounds every request.

pub(super) mod client;
pub(super) mod frame;
pub(super) mod headers;
