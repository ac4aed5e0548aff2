//! What surrounds every request.

pub(super) mod frame;
pub(super) mod headers;
