//! The database contract: every method on both engines.

mod accounts;
mod sample;
mod schema;
mod store;
