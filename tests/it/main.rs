//! The integration tests: one binary, one module for each area.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on says so by panicking"
)]

mod access;
mod actuator;
mod api;
mod at_rest;
mod cli;
mod db;
mod faults;
mod people;
mod scans;
mod schedules;
mod security_page;
mod support;
mod ticking;
mod webhooks;
