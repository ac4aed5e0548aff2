//! Secrets and keys by name and date. Their values are never asked for.

use super::Common;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Secret {
    #[serde(flatten)]
    pub common: Common,
    pub secret_name: Box<str>,
    /// AWS keeps the day only.
    pub last_accessed_at: Option<Timestamp>,
    pub rotates: bool,
    /// A service of AWS made it and deletes it.
    pub owning_service: Option<Box<str>>,
    /// A copy of a secret of another region.
    pub replica: bool,
}

/// A key that the customer manages.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct KmsKey {
    #[serde(flatten)]
    pub common: Common,
    pub description: Box<str>,
    pub state: KeyState,
    /// KMS tells of uses since then only.
    pub tracked_since: Option<Timestamp>,
    /// None where it was not used since, or that is not known.
    pub last_used_at: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum KeyState {
    Enabled,
    Disabled,
    /// Costs nothing any more.
    PendingDeletion,
    Other,
}
