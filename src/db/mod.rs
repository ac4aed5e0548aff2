//! The database: SQLite embedded, or MySQL and what speaks its protocol. Same behaviour on both.
//!
//! Invariant: tenant tables are reached through [`OrgDb`] alone, which an `OrgScope` opens; every statement on
//! them binds the organisation first (`stmt.rs`). An account that the scope may not see does not exist.
//! Deliberately no clock here: the caller passes the time of its operation.

mod account;
mod batch;
mod connect;
mod cost;
mod decision;
mod document;
mod dynamic;
mod error;
mod handle;
mod lease;
mod member;
mod migrate;
mod oidc_login;
mod organization;
mod permission;
mod pool;
mod price;
mod recommendation;
mod resource;
mod savings;
mod scan;
mod setup_token;
mod stmt;
mod store;
mod tag;
mod time;
mod value;

pub use account::NewAccount;
pub use connect::ConnectOptions;
pub use cost::{CostFilter, CostGrouping, CostKey, CostSum};
pub use decision::Decision;
pub use error::DbError;
pub use handle::{Database, OrgDb};
pub use member::{Member, NewMember};
pub use migrate::SchemaStatus;
pub use oidc_login::{LoginProof, PendingLogin};
pub use organization::Organization;
pub use permission::KeptPermission;
pub use recommendation::{
    DecisionTaken, KeptRecommendation, RecommendationCursor, RecommendationFilter, RecommendationSort,
};
pub use resource::{KeptResource, ResourceFilter};
pub use savings::{SavingsSummary, SavingsTotal};
pub use scan::ScanRecord;
pub use stmt::Text;
pub use store::{ResourceRow, ScanPicture, StoredRows, Unseen};
pub use tag::TagFilter;

/// Every statement there is, for the test that prepares them.
#[must_use]
pub fn statements() -> Vec<Text> {
    let own: &[&[Text]] = &[
        account::ALL,
        cost::ALL,
        decision::ALL,
        handle::ALL,
        lease::ALL,
        member::ALL,
        migrate::ALL,
        oidc_login::ALL,
        organization::ALL,
        permission::ALL,
        price::ALL,
        recommendation::ALL,
        resource::ALL,
        savings::ALL,
        scan::ALL,
        setup_token::ALL,
        tag::ALL,
    ];
    own.iter().chain(store::STATEMENTS).flat_map(|all| all.iter().copied()).collect()
}
