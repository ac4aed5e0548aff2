//! Encryption at rest: single values, sealed with a key of their organisation.
//!
//! A value is sealed by AES-256-GCM with the organisation's data key; data keys lie in the database, wrapped by
//! a master key: one of the server's own, or one in AWS KMS, also a customer's. Where keys lie ([`KeyStore`])
//! and how KMS is reached ([`KeyService`]) is told from outside; this room knows no database and no SDK.
//!
//! Invariants: a sealed value opens for the organisation, table, column and row that it was sealed for, and
//! nowhere else; a plaintext key is wiped when it is let go and never shows in `Debug`; a key that was unwrapped
//! is used for an hour at most, so that a disabled KMS key ends what it protects.

mod cipher;
mod error;
mod master;
mod refusals;
mod rotation;
mod store;
mod vault;

#[cfg(test)]
mod tests;

pub use cipher::DataKey;
pub use error::{KeyServiceError, SealError};
pub use master::{Binding, KeyService, Masters};
pub use refusals::{Refusal, Refusals};
pub use rotation::{RETIRED_FOR, Rewrapped};
pub use store::{KeyStore, StoreError, StoreResult, StoredKey};
pub use vault::Vault;

/// The columns that hold sealed values. Sealing for another one is refused: the rotation of keys walks these,
/// and a value that it did not know would be lost with its key.
pub const COLUMNS: &[(&str, &str)] = &[
    ("account", "external_id"),
    ("account", "next_external_id"),
    ("credential", "totp_seed"),
    ("webhook", "url"),
    ("webhook", "secret"),
    ("webhook", "previous_secret"),
];

/// Where a sealed value stands in its organisation.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    pub table: &'static str,
    pub column: &'static str,
    /// What tells the row from all others of its organisation.
    pub row: &'a [u8],
}
