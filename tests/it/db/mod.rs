//! The database contract: every method on both engines.

mod accounts;
mod connecting;
mod decisions;
mod isolation;
mod lists;
mod money;
mod oidc_logins;
mod people;
mod sample;
mod schema;
mod store;
