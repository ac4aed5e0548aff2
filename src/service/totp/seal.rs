//! Seeds at rest: the one place that seals and opens them.
//!
//! The key is this process's own until the organisation's data key seals them: what a server wrote is unreadable
//! after it ended, so nothing in clear text, or under a key that lies beside it, ever stays in the database.

use super::Seed;
use crate::{
    app::App,
    domain::{ids::UserId, scope::OrgScope},
    error::Error,
};
use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey},
    rand,
};
use std::sync::OnceLock;
use zeroize::Zeroizing;

/// Where a seed stands: a sealed one that was moved to another row does not open.
fn place(scope: &OrgScope, user: UserId) -> Vec<u8> {
    [b"credential.totp_seed", &scope.key().uuid().into_bytes()[..], &user.uuid().into_bytes()[..]].concat()
}

fn key() -> Result<&'static RandomizedNonceKey, Error> {
    static KEY: OnceLock<RandomizedNonceKey> = OnceLock::new();
    if KEY.get().is_none() {
        let mut bytes = Zeroizing::new([0; 32]);
        rand::fill(&mut *bytes).map_err(|_| failed("made"))?;
        let made = RandomizedNonceKey::new(&AES_256_GCM, &*bytes).map_err(|_| failed("made"))?;
        let _ = KEY.set(made);
    }
    KEY.get().ok_or_else(|| failed("made"))
}

fn failed(what: &str) -> Error {
    Error::internal(format!("the seed of one-time codes cannot be {what}"))
}

/// A later version asks the vault of `app`, and waits for it.
#[allow(clippy::unused_async, reason = "the vault answers later")]
pub async fn seal(_app: &App, scope: &OrgScope, user: UserId, seed: &Seed) -> Result<Vec<u8>, Error> {
    let mut text = seed.to_vec();
    let nonce = key()?
        .seal_in_place_append_tag(Aad::from(place(scope, user)), &mut text)
        .map_err(|_| failed("sealed"))?;
    Ok([nonce.as_ref(), text.as_slice()].concat())
}

#[allow(clippy::unused_async, reason = "the vault answers later")]
pub async fn open(_app: &App, scope: &OrgScope, user: UserId, sealed: &[u8]) -> Result<Seed, Error> {
    let (nonce, text) = sealed.split_first_chunk::<NONCE_LEN>().ok_or_else(|| failed("opened"))?;
    let mut text = Zeroizing::new(text.to_vec());
    let length = key()?
        .open_in_place(Nonce::from(nonce), Aad::from(place(scope, user)), &mut text)
        .map_err(|_| failed("opened"))?
        .len();
    text.truncate(length);
    Ok(text)
}
