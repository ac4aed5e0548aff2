//! Why a value cannot be sealed or opened. No message holds a key, a value or a part of one.

use std::{error::Error, sync::Arc};

/// What a key service answered. Only its code is kept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("AWS KMS does not {action} with the key {key} ({code})")]
pub struct KeyServiceError {
    /// `encrypt`, `decrypt`, `make a data key`.
    pub action: &'static str,
    pub key: String,
    pub code: String,
    /// The same call may succeed later.
    pub temporary: bool,
}

#[derive(Clone, Debug, thiserror::Error)]
pub enum SealError {
    #[error(
        "the value of {table}.{column} does not open: it was changed, brought from another place, or sealed with \
         another key"
    )]
    Refused { table: &'static str, column: &'static str },
    #[error("the data key that a value was sealed with is not in the database any more")]
    NoSuchKey,
    #[error(
        "a data key does not unwrap with the master key {master}: it was changed or belongs to another organization"
    )]
    KeyRefused { master: String },
    #[error(
        "the data keys of this database are wrapped by another master key ({found}) than the one that is given \
         ({given}): give that one as TUNER_MASTER_KEY, or keep it as TUNER_MASTER_KEY_PREVIOUS until 'tuner db \
         rotate-keys' is done; nothing was changed"
    )]
    OtherMaster { found: String, given: String },
    #[error(transparent)]
    KeyService(#[from] KeyServiceError),
    #[error("{table}.{column} is not in the list of columns that hold sealed values")]
    UnknownColumn { table: &'static str, column: &'static str },
    #[error("the system gives no random numbers")]
    NoRandomness,
    #[error("the data keys cannot be read or kept: {0}")]
    Store(Arc<dyn Error + Send + Sync>),
}

impl SealError {
    /// Worth another try, with nothing changed.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::KeyService(error) => error.temporary,
            Self::Store(_) => true,
            _ => false,
        }
    }

    /// Somebody has to act upon a key, not upon Tuner: a KMS key that is disabled, denied or gone.
    #[must_use]
    pub const fn is_about_a_key(&self) -> bool {
        matches!(self, Self::KeyService(_) | Self::OtherMaster { .. })
    }
}
