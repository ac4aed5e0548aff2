//! A JSON Web Key Set, read for what we use: RSA keys that verify RS256 signatures.
//!
//! Keys of other kinds are passed over, not refused: issuers publish several.

use jsonwebtoken::{DecodingKey, jwk::Jwk};
use serde::Deserialize;
use std::{collections::HashMap, sync::Arc};

#[derive(Debug, thiserror::Error)]
pub enum KeySetError {
    #[error("that is not a JSON Web Key Set: {0}")]
    Malformed(#[from] serde_json::Error),
    #[error("the key set has no RSA key with a 'kid' for RS256 signatures")]
    NoUsableKey,
    #[error("the public key cannot be used")]
    UnusableKey,
}

#[derive(Clone)]
pub(super) struct KeySet(HashMap<String, Arc<DecodingKey>>);

#[derive(Deserialize)]
struct WireSet {
    keys: Vec<WireKey>,
}

#[derive(Deserialize)]
struct WireKey {
    kty: Option<String>,
    kid: Option<String>,
    #[serde(rename = "use")]
    usage: Option<String>,
    alg: Option<String>,
    n: Option<String>,
    e: Option<String>,
}

impl KeySet {
    pub fn of_own(key: &Jwk) -> Result<Self, KeySetError> {
        let decoding = DecodingKey::from_jwk(key).map_err(|_| KeySetError::UnusableKey)?;
        let id = key.common.key_id.clone().ok_or(KeySetError::UnusableKey)?;
        Ok(Self(HashMap::from([(id, Arc::new(decoding))])))
    }

    pub fn parse(json: &[u8]) -> Result<Self, KeySetError> {
        let set: WireSet = serde_json::from_slice(json)?;
        let keys: HashMap<_, _> = set.keys.into_iter().filter_map(WireKey::into_usable).collect();
        if keys.is_empty() { Err(KeySetError::NoUsableKey) } else { Ok(Self(keys)) }
    }

    pub fn find(&self, key_id: &str) -> Option<Arc<DecodingKey>> {
        self.0.get(key_id).cloned()
    }
}

impl WireKey {
    fn into_usable(self) -> Option<(String, Arc<DecodingKey>)> {
        let verifies = self.kty.as_deref() == Some("RSA")
            && self.usage.as_deref().is_none_or(|usage| usage == "sig")
            && self.alg.as_deref().is_none_or(|alg| alg == "RS256");
        let key = DecodingKey::from_rsa_components(&self.n?, &self.e?).ok()?;
        Some((self.kid.filter(|_| verifies)?, Arc::new(key)))
    }
}
