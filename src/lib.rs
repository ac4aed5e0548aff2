//! Tuner: finds and banks savings in the AWS accounts of many organisations.
//!
//! The way data flows: external ID → role → verified link → cached session → lists, metrics, costs and
//! prices → snapshot → rules → findings → one list of recommendations → database → API and command line.
//!
//! - [`domain`]: the words of the product. Invariant: no I/O, no async, no SDK types, no clock.
//! - [`rules`]: what is waste. Invariant: pure functions of a snapshot.
//! - [`service`]: the use cases.

pub mod aws;
pub mod collect;
pub mod db;
pub mod domain;
pub mod rules;
pub mod service;
