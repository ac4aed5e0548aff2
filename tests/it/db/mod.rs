//! The database contract: every method on both engines.

mod accounts;
mod audit;
mod connecting;
mod decisions;
mod isolation;
mod lists;
mod money;
mod people;
mod retention;
mod sample;
mod schema;
mod store;
