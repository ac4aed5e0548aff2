//! Keys from an issuer's JWKS address.
//!
//! A key that is not known asks the issuer again, but at most once a minute, however many tokens name it.
//! What was fetched last stays in use while the issuer cannot be reached.

use super::key_set::{KeySet, KeySetError};
use crate::net::{self, Guarded, Refused};
use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::DecodingKey;
use std::sync::{Arc, PoisonError, RwLock};
use tokio::sync::Mutex;
use url::Url;

const BETWEEN_FETCHES: SignedDuration = SignedDuration::from_secs(60);
/// Withdrawn keys stop working after this.
const FRESH_FOR: SignedDuration = SignedDuration::from_mins(15);
const MAX_BODY_BYTES: usize = 256 * 1024;

#[derive(Debug, thiserror::Error)]
pub(super) enum FetchError {
    #[error("cannot fetch the key set: {0}")]
    Fetch(#[from] net::FetchError),
    #[error(transparent)]
    KeySet(#[from] KeySetError),
}

pub(super) struct RemoteKeys {
    url: Url,
    client: Guarded,
    known: RwLock<Option<Known>>,
    tried_at: Mutex<Option<Timestamp>>,
}

#[derive(Clone)]
struct Known {
    keys: KeySet,
    fetched_at: Timestamp,
}

/// No keys at all: nobody's token can be judged.
pub(super) struct NoKeys;

impl RemoteKeys {
    /// Refuses what can be refused now: an address that is written out.
    pub fn new(url: Url, client: &Guarded) -> Result<Self, Refused> {
        client.check(&url)?;
        let client = client.clone();
        Ok(Self { url, client, known: RwLock::default(), tried_at: Mutex::default() })
    }

    pub async fn find(&self, key_id: &str, now: Timestamp) -> Result<Option<Arc<DecodingKey>>, NoKeys> {
        let known = self.known();
        let key = known.as_ref().and_then(|known| known.keys.find(key_id));
        let fresh = known.is_some_and(|known| elapsed(known.fetched_at, now) < FRESH_FOR);
        if fresh && key.is_some() {
            return Ok(key);
        }
        self.refresh(now).await;
        self.known().map(|known| known.keys.find(key_id)).ok_or(NoKeys)
    }

    fn known(&self) -> Option<Known> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Those who come while a fetch is under way wait for its outcome.
    async fn refresh(&self, now: Timestamp) {
        let mut tried_at = self.tried_at.lock().await;
        if tried_at.is_some_and(|at| elapsed(at, now) < BETWEEN_FETCHES) {
            return;
        }
        *tried_at = Some(now);
        match self.fetch().await {
            Ok(keys) => {
                let known = Known { keys, fetched_at: now };
                *self.known.write().unwrap_or_else(PoisonError::into_inner) = Some(known);
            }
            Err(error) => {
                let error: &dyn std::error::Error = &error;
                tracing::warn!(error, "the issuer's keys were not refreshed; those known stay in use");
            }
        }
    }

    async fn fetch(&self) -> Result<KeySet, FetchError> {
        let body = self.client.get(&self.url, MAX_BODY_BYTES).await?;
        Ok(KeySet::parse(&body)?)
    }
}

/// Either way: a clock that was set back must not stop fetching.
fn elapsed(from: Timestamp, to: Timestamp) -> SignedDuration {
    to.duration_since(from).abs()
}
