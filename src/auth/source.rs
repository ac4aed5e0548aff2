//! Where the keys come from that verify tokens: our own, a file, or an issuer's address.

use super::{
    key_set::{KeySet, KeySetError},
    remote::RemoteKeys,
    verifier::TokenError,
};
use crate::{
    keys::SigningKey,
    net::{Outbound, Refused, Trust},
    settings::TokenKeys,
};
use jiff::Timestamp;
use jsonwebtoken::DecodingKey;
use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::SystemTime,
};

const MAX_FILE_BYTES: u64 = 256 * 1024;

#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    #[error("cannot read the key set {}: {source}", .path.display())]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("{}: {source}", .path.display())]
    File { path: PathBuf, source: KeySetError },
    #[error("Tuner is its own issuer but has no signing key")]
    NoSigningKey,
    #[error(transparent)]
    OwnKey(KeySetError),
    #[error("auth.jwks_url: {0}")]
    Address(#[from] Refused),
}

pub(super) enum KeySource {
    Own(KeySet),
    File(FileKeys),
    Remote(RemoteKeys),
}

impl KeySource {
    pub fn new(
        keys: &TokenKeys,
        outbound: &Outbound,
        signing: Option<&SigningKey>,
    ) -> Result<Self, SourceError> {
        Ok(match keys {
            TokenKeys::Own => {
                let signing = signing.ok_or(SourceError::NoSigningKey)?;
                Self::Own(KeySet::of_own(signing.public()).map_err(SourceError::OwnKey)?)
            }
            TokenKeys::File(path) => Self::File(FileKeys::read(path)?),
            TokenKeys::Url(url) => {
                Self::Remote(RemoteKeys::new(url.clone(), outbound.client(Trust::Configured))?)
            }
        })
    }

    pub async fn find(&self, key_id: &str, now: Timestamp) -> Result<Option<Arc<DecodingKey>>, TokenError> {
        match self {
            Self::Own(keys) => Ok(keys.find(key_id)),
            Self::File(file) => Ok(file.find(key_id)),
            Self::Remote(remote) => remote.find(key_id, now).await.map_err(|_| TokenError::KeysUnavailable),
        }
    }
}

/// Read again when the file changes. Blocking, but a local `stat` costs microseconds.
pub(super) struct FileKeys {
    path: PathBuf,
    state: Mutex<FileState>,
}

struct FileState {
    keys: KeySet,
    stamp: Option<Stamp>,
}

/// Modification time and length.
type Stamp = (SystemTime, u64);

impl FileKeys {
    fn read(path: &Path) -> Result<Self, SourceError> {
        let state = FileState { stamp: stamp(path), keys: parse(path)? };
        Ok(Self { path: path.to_owned(), state: Mutex::new(state) })
    }

    fn find(&self, key_id: &str) -> Option<Arc<DecodingKey>> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let stamp = stamp(&self.path);
        if stamp != state.stamp {
            state.stamp = stamp;
            match parse(&self.path) {
                Ok(keys) => state.keys = keys,
                Err(error) => {
                    tracing::warn!(%error, "the key set was not read again; the old keys stay in use");
                }
            }
        }
        state.keys.find(key_id)
    }
}

fn stamp(path: &Path) -> Option<Stamp> {
    let metadata = fs::metadata(path).ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}

fn parse(path: &Path) -> Result<KeySet, SourceError> {
    let unreadable = |source| SourceError::Unreadable { path: path.to_owned(), source };
    let file = fs::File::open(path).map_err(unreadable)?;
    let mut json = Vec::new();
    io::Read::read_to_end(&mut io::Read::take(file, MAX_FILE_BYTES), &mut json).map_err(unreadable)?;
    KeySet::parse(&json).map_err(|source| SourceError::File { path: path.to_owned(), source })
}
