//! The database: SQLite embedded, or MySQL and what speaks its protocol. Same behaviour on both.
//!
//! Invariant: tenant tables are reached through [`OrgDb`] alone, which an `OrgScope` opens; every statement on
//! them binds the organisation first (`stmt.rs`). An account that the scope may not see does not exist.
//! Deliberately no clock here: the caller passes the time of its operation.

mod account;
mod batch;
mod connect;
mod document;
mod dynamic;
mod error;
mod handle;
mod lease;
mod migrate;
mod organization;
mod pool;
mod recommendation;
mod scan;
mod stmt;
mod store;
mod time;
mod value;

pub use account::NewAccount;
pub use connect::ConnectOptions;
pub use error::DbError;
pub use handle::{Database, OrgDb};
pub use migrate::SchemaStatus;
pub use organization::Organization;
pub use recommendation::{
    DecisionTaken, KeptRecommendation, RecommendationCursor, RecommendationFilter, RecommendationSort,
    TagFilter,
};
pub use scan::ScanRecord;
pub use stmt::Text;
pub use store::{ResourceRow, ScanPicture, StoredRows, Unseen};

/// Every statement there is, for the test that prepares them.
#[must_use]
pub fn statements() -> Vec<Text> {
    let own: &[&[Text]] =
        &[account::ALL, lease::ALL, migrate::ALL, organization::ALL, recommendation::ALL, scan::ALL];
    own.iter().chain(store::STATEMENTS).flat_map(|all| all.iter().copied()).collect()
}
