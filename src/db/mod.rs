//! The database: SQLite embedded, or MySQL and what speaks its protocol. Same behaviour on both.
//!
//! Invariant: tenant tables are reached through [`OrgDb`] alone, which an `OrgScope` opens; every statement on
//! them binds the organisation first (`stmt.rs`). An account that the scope may not see does not exist.
//! Deliberately no clock here: the caller passes the time of its operation.

mod batch;
mod connect;
mod dynamic;
mod error;
mod handle;
mod migrate;
mod pool;
mod stmt;
mod time;
mod value;

pub use connect::ConnectOptions;
pub use error::DbError;
pub use handle::{Database, OrgDb};
pub use migrate::SchemaStatus;
pub use stmt::Text;

/// Every statement there is, for the test that prepares them.
pub const STATEMENTS: &[&[Text]] = &[migrate::ALL];
