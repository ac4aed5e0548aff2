//! Tuner: finds and banks savings in AWS accounts.

pub mod domain;
pub mod rules;
pub mod settings;
