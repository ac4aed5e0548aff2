//! Tokens that were verified already: the signature is the dear part of a request.
//!
//! Remembers what a token says, never whether its bearer may act: that is looked up anew each time. Entries
//! are found by the SHA-256 of the whole token and count only while its key is still the one that verified it.

use super::{
    claims::{Claims, has_expired},
    verifier::TokenError,
};
use jiff::Timestamp;
use jsonwebtoken::DecodingKey;
use moka::future::Cache;
use sha2::{Digest, Sha256};
use std::{sync::Arc, time::Duration};

/// About 1 KiB each.
const MAX_TOKENS: u64 = 20_000;
const MAX_IDLE: Duration = Duration::from_mins(10);

pub(super) struct SeenTokens(Cache<[u8; 32], Seen>);

#[derive(Clone)]
pub(super) struct Seen {
    pub key_id: Arc<str>,
    pub key: Arc<DecodingKey>,
    claims: Arc<Claims>,
}

impl Seen {
    /// It has begun to count, or it would not be here: only its end is still to come.
    pub fn claims_at(&self, now: Timestamp) -> Result<Arc<Claims>, TokenError> {
        if has_expired(self.claims.expires_at, now) {
            return Err(TokenError::Expired);
        }
        Ok(Arc::clone(&self.claims))
    }
}

impl Default for SeenTokens {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(MAX_TOKENS).time_to_idle(MAX_IDLE).build())
    }
}

impl SeenTokens {
    pub async fn find(&self, token: &str) -> Option<Seen> {
        self.0.get(&hash(token)).await
    }

    pub async fn keep(&self, token: &str, key_id: &str, key: Arc<DecodingKey>, claims: &Arc<Claims>) {
        let seen = Seen { key_id: key_id.into(), key, claims: Arc::clone(claims) };
        self.0.insert(hash(token), seen).await;
    }
}

fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}
