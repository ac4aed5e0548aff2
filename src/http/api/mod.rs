//! One file per resource of the JSON API. A new one is named here.

pub mod auth;
pub mod health;
pub mod openapi;

use super::routes::Routes;

/// Every route of the frame itself; the resources' routes are merged in.
#[must_use]
pub fn routes() -> Routes {
    health::routes().merge(openapi::routes()).merge(auth::routes())
}
