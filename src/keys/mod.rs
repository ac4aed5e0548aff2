//! The three secrets of a server: given explicitly, or made at the first start in the data folder.
//!
//! Deliberately no rotation here: a new master key comes with the one before it until `seal` has wrapped every
//! data key anew, the signing key changes by replacing its file, and external IDs outlive a changed secret only
//! if the old one is kept.

mod folder;
mod master_key;
mod signing_key;

pub use master_key::{Master, MasterKey};
pub use signing_key::SigningKey;

use crate::{
    domain::external_id::ExternalIds,
    settings::{Settings, TokenKeys},
};
use aws_lc_rs::rand;
use folder::KeyFolder;
use master_key::SECRET_BYTES;
use secrecy::{ExposeSecret, SecretString};
use std::path::PathBuf;

const EXTERNAL_ID_SECRET: &str = "external_id_secret";
const SIGNING_KEY: &str = "token_signing_key.pem";
const MASTER_KEY: &str = "master_key";

#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error("production mode makes no secrets of its own; set {}", .0.join(", "))]
    NotGiven(Vec<String>),
    #[error("{place}: {reason}")]
    Unusable { place: String, reason: String },
    #[error("{} may be read by others (mode {mode:o}); run: chmod 600 {}", .path.display(), .path.display())]
    Exposed { path: PathBuf, mode: u32 },
    #[error("cannot {action} {}: {source}", .path.display())]
    Io { action: &'static str, path: PathBuf, source: std::io::Error },
    #[error("the system gives no random numbers")]
    NoRandomness,
}

#[derive(Clone, Debug)]
pub struct Keys {
    pub external_ids: ExternalIds,
    /// None where an outside issuer signs the tokens.
    pub signing: Option<SigningKey>,
    /// Wraps the organisations' data keys.
    pub master: Master,
    /// The one before it, until everything is wrapped anew.
    pub previous_master: Option<Master>,
}

impl Keys {
    /// The given secrets; those that are missing are read from the data folder or made there.
    pub fn load_or_create(settings: &Settings) -> Result<Self, KeyError> {
        let own_issuer = settings.auth.keys == TokenKeys::Own;
        let folder = KeyFolder::new(&settings.data_dir);
        if settings.production {
            refuse_missing(settings, own_issuer)?;
        }
        let (secret, place) = obtain(settings.external_id.secret.as_ref(), "external_id.secret", || {
            folder.load_or_create(EXTERNAL_ID_SECRET, random_hex)
        })?;
        let external_ids = external_ids(&secret).map_err(|reason| KeyError::Unusable { place, reason })?;
        let (text, place) = obtain(settings.master_key.as_ref(), "master_key", || {
            folder.load_or_create(MASTER_KEY, random_hex)
        })?;
        let master = Master::parse(text.expose_secret()).map_err(|reason| unusable(place, reason))?;
        let previous_master = settings.master_key_previous.as_ref().map(previous_master).transpose()?;
        let signing = if own_issuer { Some(signing_key(settings, &folder)?) } else { None };
        Ok(Self { external_ids, signing, master, previous_master })
    }
}

fn previous_master(text: &SecretString) -> Result<Master, KeyError> {
    let place = Settings::variable("master_key_previous");
    Master::parse(text.expose_secret()).map_err(|reason| unusable(place, reason))
}

fn signing_key(settings: &Settings, folder: &KeyFolder) -> Result<SigningKey, KeyError> {
    let (pem, place) = obtain(settings.auth.signing_key.as_ref(), "auth.signing_key", || {
        folder.load_or_create(SIGNING_KEY, SigningKey::generate_pem)
    })?;
    SigningKey::from_pem(pem.expose_secret()).map_err(|reason| unusable(place, reason))
}

/// The text's own bytes are the HMAC key, so moving a generated file's content into the environment keeps
/// every external ID valid.
fn external_ids(secret: &SecretString) -> Result<ExternalIds, String> {
    ExternalIds::new(secret.expose_secret().trim_end_matches('\n').as_bytes().to_vec())
}

fn refuse_missing(settings: &Settings, own_issuer: bool) -> Result<(), KeyError> {
    let needed = [
        ("master_key", settings.master_key.is_none()),
        ("external_id.secret", settings.external_id.secret.is_none()),
        ("auth.signing_key", own_issuer && settings.auth.signing_key.is_none()),
    ];
    let missing: Vec<String> =
        needed.iter().filter(|(_, missing)| *missing).map(|(key, _)| Settings::variable(key)).collect();
    if missing.is_empty() { Ok(()) } else { Err(KeyError::NotGiven(missing)) }
}

/// The secret and where it stands, for messages.
fn obtain(
    given: Option<&SecretString>,
    key: &str,
    stored: impl FnOnce() -> Result<(SecretString, PathBuf), KeyError>,
) -> Result<(SecretString, String), KeyError> {
    match given {
        Some(secret) => Ok((secret.clone(), Settings::variable(key))),
        None => stored().map(|(secret, path)| (secret, path.display().to_string())),
    }
}

fn unusable(place: String, reason: impl Into<String>) -> KeyError {
    KeyError::Unusable { place, reason: reason.into() }
}

fn random_hex() -> Result<SecretString, KeyError> {
    let mut bytes = [0; SECRET_BYTES];
    rand::fill(&mut bytes).map_err(|_| KeyError::NoRandomness)?;
    Ok(hex::encode(bytes).into())
}

#[cfg(test)]
mod tests;
