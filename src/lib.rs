//! Tuner: finds and banks savings in AWS accounts.

pub mod db;
pub mod domain;
pub mod rules;
