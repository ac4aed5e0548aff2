//! Secrets that people and programs carry: session cookies, API keys, set-up links. We keep their hash alone.
//!
//! 256 random bits need no slow hash: nobody guesses them, however fast they try.

use crate::error::Error;
use aws_lc_rs::rand;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::SecretString;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

const BYTES: usize = 32;
/// Longer texts are none of ours.
pub const MAX_CHARS: usize = 64;

/// 43 characters that need no escaping in a header, a URL or a shell; `prefix` says what it is.
pub fn generate(prefix: &str) -> Result<SecretString, Error> {
    let mut bytes = Zeroizing::new([0; BYTES]);
    rand::fill(&mut *bytes).map_err(|_| Error::internal("the system gives no random numbers"))?;
    Ok(format!("{prefix}{}", URL_SAFE_NO_PAD.encode(*bytes)).into())
}

#[must_use]
pub fn hash_of(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}
