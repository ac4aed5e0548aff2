//! Changing keys while everything stays readable: data keys, and the master keys that wrap them.
//!
//! Each step is whole by itself and looks at what is there, so a rotation that broke off goes on where it
//! stopped. Sealing the rows anew is the database's part; a key is deleted after that.

use super::{SealError, Vault, master::Binding, store::StoredKey, vault::failed};
use crate::{
    domain::{
        ids::{DataKeyId, OrgKey},
        kms_key::KmsKeyArn,
    },
    keys::Master,
};
use jiff::SignedDuration;

/// How long a retired key is kept at least: whoever took it as the current one has long finished.
pub const RETIRED_FOR: SignedDuration = SignedDuration::from_hours(1);

/// What wrapping an organisation's keys anew came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rewrapped(pub usize);

impl Vault {
    /// That the master keys are the ones that the data keys were wrapped with; asked at the start. A customer's
    /// own key is not asked: it concerns one organisation, and what it hides is its owner's to decide.
    pub async fn check_masters(&self) -> Result<(), SealError> {
        let inner = self.inner();
        let samples = inner.store.samples().await.map_err(failed)?;
        let current = inner.masters.current();
        for sample in &samples {
            if inner.masters.is_ours(&sample.master) || sample.master.parse::<KmsKeyArn>().is_err() {
                tolerate(inner.masters.unwrap(sample).await)?;
            }
        }
        let proven = samples.iter().any(|sample| sample.master == current.id());
        if let (Master::Kms(_), false) = (current, proven) {
            let binding = Binding { org: OrgKey::from_uuid(uuid::Uuid::nil()), key: DataKeyId::generate() };
            tolerate(inner.masters.generate(current, binding).await)?;
        }
        Ok(())
    }

    /// Wraps the organisation's keys anew that another master key than its present one wraps.
    pub async fn rewrap(&self, org: OrgKey) -> Result<Rewrapped, SealError> {
        let master = self.master_of(org).await?;
        self.rewrap_for(org, &master).await
    }

    async fn rewrap_for(&self, org: OrgKey, master: &Master) -> Result<Rewrapped, SealError> {
        let mut done = Rewrapped::default();
        for stored in self.keys(org).await?.into_iter().filter(|stored| stored.master != master.id()) {
            done.0 += usize::from(self.rewrap_one(&stored, master).await?);
        }
        Ok(done)
    }

    async fn rewrap_one(&self, stored: &StoredKey, master: &Master) -> Result<bool, SealError> {
        let inner = self.inner();
        let plain = inner.masters.unwrap(stored).await?;
        let binding = Binding { org: stored.org, key: stored.id };
        let wrapped = inner.masters.wrap(master, binding, &plain).await?;
        let after = StoredKey { wrapped, master: master.id(), ..stored.clone() };
        inner.store.replace_wrapping(stored, after).await.map_err(failed)
    }

    /// Hands the organisation's keys to a KMS key of the customer's, or back to the server's master key. The
    /// keys are wrapped first: a master key that does not work changes nothing.
    pub async fn set_customer_key(
        &self,
        org: OrgKey,
        key: Option<&KmsKeyArn>,
    ) -> Result<Rewrapped, SealError> {
        let inner = self.inner();
        let master = key.cloned().map_or_else(|| inner.masters.current().clone(), Master::Kms);
        // There may be no key yet that would show whether this one works.
        inner.masters.generate(&master, Binding { org, key: DataKeyId::generate() }).await?;
        let done = self.rewrap_for(org, &master).await?;
        inner.store.set_customer_key(org, key).await.map_err(failed)?;
        Ok(done)
    }

    pub async fn organizations_with_retired_keys(&self) -> Result<Vec<OrgKey>, SealError> {
        self.inner().store.organizations_with_retired_keys().await.map_err(failed)
    }

    /// The current key and the retired ones.
    pub async fn keys(&self, org: OrgKey) -> Result<Vec<StoredKey>, SealError> {
        self.inner().store.list_keys(org).await.map_err(failed)
    }

    /// Retires the current key and puts a new one in its place. False where the organisation has no key, or
    /// where another process did the same just now.
    pub async fn renew(&self, org: OrgKey) -> Result<bool, SealError> {
        let store = &self.inner().store;
        let Some(before) = store.current_key(org).await.map_err(failed)? else { return Ok(false) };
        let key = self.new_key(org).await?;
        store.replace_current(before.id, key).await.map_err(failed)
    }

    /// Deletes the retired keys that have been retired long enough. Nothing may be sealed with them any more.
    pub async fn delete_retired(&self, org: OrgKey) -> Result<usize, SealError> {
        let inner = self.inner();
        let retired_by = inner.clock.now() - RETIRED_FOR;
        let mut deleted = 0;
        for stored in self.keys(org).await? {
            if stored.retired_at.is_some_and(|at| at <= retired_by) {
                let gone = inner.store.delete_retired(org, stored.id, retired_by).await.map_err(failed)?;
                deleted += usize::from(gone);
            }
        }
        Ok(deleted)
    }
}

/// A key service that does not answer just now is no reason not to start.
fn tolerate<T>(tried: Result<T, SealError>) -> Result<(), SealError> {
    match tried {
        Err(error) if error.is_temporary() => {
            tracing::warn!(%error, "the master key could not be tried");
            Ok(())
        }
        other => other.map(drop),
    }
}
