//! The database contract: every method on both engines.

mod accounts;
mod administrators;
mod at_rest;
mod audit;
mod connecting;
mod decisions;
mod history;
mod isolation;
mod ledger;
mod lists;
mod money;
mod oidc_logins;
mod people;
mod retention;
mod rule_settings;
mod sample;
mod scheduler;
mod schedules;
mod schema;
mod sign_in;
mod store;
mod tls;
