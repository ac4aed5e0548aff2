//! The use cases. HTTP, the command line and background work call these and nothing below them.

pub mod accounts;
pub mod advice;
pub mod collection;
pub mod costs;
mod db_error;
pub mod decisions;
mod inventory;
pub mod key_rotation;
pub mod members;
pub mod permissions;
mod price_cache;
pub mod recommendations;
pub mod refusals;
pub mod report;
pub mod resources;
pub mod savings;
pub mod scans;
pub mod security;
pub mod setup;
pub mod sign_in;
pub mod standalone;
pub mod verification;
