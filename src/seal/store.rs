//! Where wrapped data keys lie: told by the database, so that this room needs none.

use crate::domain::{
    ids::{DataKeyId, OrgKey},
    kms_key::KmsKeyArn,
};
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use std::{error::Error, fmt};

pub type StoreError = Box<dyn Error + Send + Sync>;
pub type StoreResult<'a, T> = BoxFuture<'a, Result<T, StoreError>>;

/// A data key as it is kept: of use only with its master key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredKey {
    pub org: OrgKey,
    pub id: DataKeyId,
    pub wrapped: Vec<u8>,
    /// Which master key wraps it: `local:` and a fingerprint, or the ARN of a KMS key.
    pub master: String,
    pub created_at: Timestamp,
    /// Seals nothing any more; opens what is not sealed anew yet.
    pub retired_at: Option<Timestamp>,
}

/// The table of data keys. An organisation has at most one current key.
pub trait KeyStore: Send + Sync + fmt::Debug {
    fn current_key(&self, org: OrgKey) -> StoreResult<'_, Option<StoredKey>>;

    fn find_key(&self, org: OrgKey, id: DataKeyId) -> StoreResult<'_, Option<StoredKey>>;

    /// The current one and the retired ones.
    fn list_keys(&self, org: OrgKey) -> StoreResult<'_, Vec<StoredKey>>;

    /// Those that have a retired key.
    fn organizations_with_retired_keys(&self) -> StoreResult<'_, Vec<OrgKey>>;

    /// One for each master key that there is.
    fn samples(&self) -> StoreResult<'_, Vec<StoredKey>>;

    /// False where the organisation has a current key already.
    fn add_current(&self, key: StoredKey) -> StoreResult<'_, bool>;

    /// Retires the current key and puts another in its place, both or neither. False where it is not current.
    fn replace_current(&self, before: DataKeyId, key: StoredKey) -> StoreResult<'_, bool>;

    /// False where another process wrapped it anew in the meantime.
    fn replace_wrapping<'a>(&'a self, before: &'a StoredKey, after: StoredKey) -> StoreResult<'a, bool>;

    /// Only if it was retired by then.
    fn delete_retired(&self, org: OrgKey, id: DataKeyId, retired_by: Timestamp) -> StoreResult<'_, bool>;

    /// The KMS key of the customer's own that wraps the organisation's data keys.
    fn customer_key(&self, org: OrgKey) -> StoreResult<'_, Option<KmsKeyArn>>;

    fn set_customer_key<'a>(&'a self, org: OrgKey, key: Option<&'a KmsKeyArn>) -> StoreResult<'a, ()>;
}
