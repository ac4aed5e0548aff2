//! Tuner: finds and banks savings in AWS accounts.

pub mod auth;
pub mod domain;
pub mod error;
pub mod http;
pub mod keys;
pub mod op;
pub mod rules;
pub mod settings;
