//! One file per resource of the JSON API. A new one is named here.

pub mod accounts;
pub mod audit;
pub mod auth;
pub mod decisions;
mod filters;
pub mod health;
pub mod money;
pub mod openapi;
pub mod recommendations;
pub mod resources;
pub mod scans;
pub mod setup;

use super::routes::Routes;

/// Every route of the frame itself: what works without an application behind it.
#[must_use]
pub fn frame_routes() -> Routes {
    health::routes().merge(openapi::routes()).merge(auth::routes())
}

/// Every route.
#[must_use]
pub fn routes() -> Routes {
    frame_routes()
        .merge(setup::routes())
        .merge(accounts::routes())
        .merge(scans::routes())
        .merge(resources::routes())
        .merge(recommendations::routes())
        .merge(decisions::routes())
        .merge(money::routes())
        .merge(audit::routes())
}
