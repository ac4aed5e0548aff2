//! Tuner: finds and banks savings in the AWS accounts of many organisations.
//!
//! The way data flows: external ID → role → verified link → cached session → lists, metrics, costs and
//! prices → snapshot → rules → findings → one list of recommendations → database → API and command line.
//!
//! - [`domain`]: the words of the product. Invariant: no I/O, no async, no SDK types, no clock.
//! - [`rules`]: what is waste. Invariant: pure functions of a snapshot.
//! - [`aws`], [`collect`], [`pricing`]: how an account is entered and read. Invariant: read only.
//! - [`db`]: what is kept. Invariant: a tenant statement binds its organisation first.
//! - [`schedule`]: starting and stopping at AWS. Invariant: only what was just seen with the tag.
//! - [`settings`], [`keys`], [`auth`]: settings, secrets, tokens. [`net`]: what is reached beside AWS.
//! - [`seal`]: encryption at rest. Invariant: a sealed value opens only where it was sealed.
//! - [`app`], [`op`], [`error`]: the composition root, who acts, what can go wrong.
//! - [`audit`]: what was done, on its way into the database. Invariant: no intent, no effect.
//! - [`service`]: the use cases. Invariant: HTTP and the command line call these and nothing below.
//! - [`http`], [`cli`]: the two ways in. Invariant: a handler names its permission in its type.

pub mod app;
pub mod audit;
pub mod auth;
pub mod aws;
pub mod cli;
pub mod collect;
pub mod db;
pub mod domain;
pub mod error;
pub mod http;
pub mod keys;
pub mod net;
pub mod op;
pub mod pricing;
pub mod rules;
pub mod schedule;
pub mod seal;
pub mod service;
pub mod settings;
