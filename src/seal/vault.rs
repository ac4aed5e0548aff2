//! What the rest of Tuner seals and opens with.
//!
//! Unwrapped keys stay in memory for an hour at most and are bounded in number; one unwrap is in flight for a
//! key however many ask. Which key is current is asked anew for each sealing, so that no process goes on with
//! one that was retired.

use super::{
    COLUMNS, Place, SealError,
    cipher::{self, DataKey},
    master::{Binding, Masters},
    refusals::{Refusal, Refusals},
    store::{KeyStore, StoreError, StoredKey},
};
use crate::{
    domain::{
        clock::Clock,
        ids::{DataKeyId, OrgKey},
        scope::OrgScope,
    },
    keys::Master,
};
use jiff::{SignedDuration, Timestamp};
use moka::future::Cache;
use std::{fmt, sync::Arc, time::Duration};
use zeroize::Zeroizing;

const KEPT_FOR: SignedDuration = SignedDuration::from_hours(1);
const MOST_KEPT: u64 = 10_000;

/// Seals and opens values. Cheap to clone; clones share the unwrapped keys.
#[derive(Clone)]
pub struct Vault(Arc<Inner>);

pub(super) struct Inner {
    pub store: Box<dyn KeyStore>,
    pub masters: Masters,
    pub clock: Clock,
    refusals: Refusals,
    unwrapped: Cache<(OrgKey, DataKeyId), Unwrapped>,
}

#[derive(Clone)]
struct Unwrapped {
    key: Arc<DataKey>,
    since: Timestamp,
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Vault(…)")
    }
}

pub(super) fn failed(error: StoreError) -> SealError {
    SealError::Store(error.into())
}

impl Vault {
    #[must_use]
    pub fn new(store: Box<dyn KeyStore>, masters: Masters, clock: Clock) -> Self {
        // Its own time to live ends what nobody asks for any more.
        let kept_for = Duration::try_from(KEPT_FOR).unwrap_or_default();
        let unwrapped = Cache::builder().max_capacity(MOST_KEPT).time_to_live(kept_for).build();
        Self(Arc::new(Inner { store, masters, clock, refusals: Refusals::default(), unwrapped }))
    }

    /// What does not open although its key is there: somebody wrote to the database.
    #[must_use]
    pub fn refusals(&self) -> &Refusals {
        &self.0.refusals
    }

    pub(super) fn inner(&self) -> &Inner {
        &self.0
    }

    /// Seals with the organisation's current key, which is made where there is none yet.
    pub async fn seal(&self, scope: &OrgScope, place: Place<'_>, plain: &[u8]) -> Result<Vec<u8>, SealError> {
        let Place { table, column, .. } = place;
        if !COLUMNS.contains(&(table, column)) {
            return Err(SealError::UnknownColumn { table, column });
        }
        let stored = self.current_key(scope.key()).await?;
        let id = stored.id;
        let key = self.key(scope.key(), id, Some(stored)).await?;
        cipher::seal(&key, id, scope.key(), place, plain)
    }

    /// Opens what was sealed for this very place of this organisation.
    pub async fn open(
        &self,
        scope: &OrgScope,
        place: Place<'_>,
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let refused = || {
            self.0.refusals.add(Refusal::of(scope, place));
            SealError::Refused { table: place.table, column: place.column }
        };
        let (id, text) = cipher::split(sealed).ok_or_else(refused)?;
        let key = self.key(scope.key(), id, None).await?;
        cipher::open(&key, id, scope.key(), place, text).ok_or_else(refused)
    }

    /// Whether a value was sealed with that key.
    #[must_use]
    pub fn is_sealed_with(sealed: &[u8], id: DataKeyId) -> bool {
        cipher::split(sealed).is_some_and(|(found, _)| found == id)
    }

    /// The key that seals from now on.
    pub(super) async fn current_key(&self, org: OrgKey) -> Result<StoredKey, SealError> {
        let store = &self.0.store;
        if let Some(found) = store.current_key(org).await.map_err(failed)? {
            return Ok(found);
        }
        let made = self.new_key(org).await?;
        // Another server may have been faster: then its key is the current one, and ours is forgotten.
        store.add_current(made).await.map_err(failed)?;
        store.current_key(org).await.map_err(failed)?.ok_or(SealError::NoSuchKey)
    }

    /// A new key, wrapped by the organisation's master key and kept nowhere yet.
    pub(super) async fn new_key(&self, org: OrgKey) -> Result<StoredKey, SealError> {
        let (master, id) = (self.master_of(org).await?, DataKeyId::generate());
        let (_, wrapped) = self.0.masters.generate(&master, Binding { org, key: id }).await?;
        let created_at = self.0.clock.now();
        Ok(StoredKey { org, id, wrapped, master: master.id(), created_at, retired_at: None })
    }

    /// The customer's own KMS key, or the server's master key.
    pub(super) async fn master_of(&self, org: OrgKey) -> Result<Master, SealError> {
        let own = self.0.store.customer_key(org).await.map_err(failed)?;
        Ok(own.map_or_else(|| self.0.masters.current().clone(), Master::Kms))
    }

    /// A data key from memory, or unwrapped anew.
    async fn key(
        &self,
        org: OrgKey,
        id: DataKeyId,
        known: Option<StoredKey>,
    ) -> Result<Arc<DataKey>, SealError> {
        let (keys, now) = (&self.0.unwrapped, self.0.clock.now());
        if keys.get(&(org, id)).await.is_some_and(|held| now.duration_since(held.since) >= KEPT_FOR) {
            keys.invalidate(&(org, id)).await;
        }
        let unwrap = async {
            let stored = match known {
                Some(stored) => stored,
                None => self.0.store.find_key(org, id).await.map_err(failed)?.ok_or(SealError::NoSuchKey)?,
            };
            Ok(Unwrapped { key: Arc::new(self.0.masters.unwrap(&stored).await?), since: now })
        };
        let held = keys.try_get_with((org, id), unwrap).await;
        Ok(held.map_err(|error: Arc<SealError>| (*error).clone())?.key)
    }
}
