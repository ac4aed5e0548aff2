//! The words of the audit: who did what, to what, when, with which outcome.
//!
//! People are named by their `user_id` alone, and where they came from is kept apart: an entry holds only the
//! salted digest of it. So a person is forgotten by deleting beside the chain, and the chain still verifies.
//! Deliberately no bodies, no query values and no names here.

mod chain;
mod verify;

#[cfg(test)]
mod tests;

pub use chain::{ChainPoint, Hash, link};
pub use verify::{Break, BreakKind, ChainCheck, Intact, Mark};

use super::{
    finding::text_enum,
    ids::{AccountId, ApiKeyId, RequestId, UserId},
};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use std::{net::IpAddr, sync::Arc};

text_enum! {
    AuditActorKind {
        Member = "member",
        ApiKey = "apiKey",
        Operator = "operator",
        System = "system",
        /// Nobody that we know: before a sign-in, or with a forged token.
        Unknown = "unknown",
    }
}

text_enum! {
    AuditPhase {
        /// Written before an effect: without it there is none.
        Intent = "intent",
        /// What became of an intent.
        Outcome = "outcome",
        /// Something that had no intent: a read, a refused request, a security event.
        Event = "event",
    }
}

text_enum! {
    AuditOutcome {
        /// An intent has none yet.
        Pending = "pending",
        Succeeded = "succeeded",
        /// Not allowed, or not there for this caller: the two must look alike.
        Refused = "refused",
        Failed = "failed",
        /// The caller went away or the work broke off: the effect may have happened.
        Unknown = "unknown",
    }
}

impl AuditOutcome {
    #[must_use]
    pub const fn of_status(status: u16) -> Self {
        match status {
            0..=399 => Self::Succeeded,
            401 | 403 | 404 | 429 => Self::Refused,
            _ => Self::Failed,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuditActor {
    pub kind: AuditActorKind,
    /// A key acts for who issued it.
    pub user: Option<UserId>,
    pub api_key: Option<ApiKeyId>,
}

impl AuditActor {
    #[must_use]
    pub const fn nobody(kind: AuditActorKind) -> Self {
        Self { kind, user: None, api_key: None }
    }
}

/// All that is hashed of an entry beside its place in the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEvent {
    pub at: Timestamp,
    pub actor: AuditActor,
    /// The id of the operation, or the name of the security event.
    pub action: Arc<str>,
    pub account: Option<AccountId>,
    /// What else it was done to: `scanId=…`.
    pub target: Option<String>,
    pub phase: AuditPhase,
    pub outcome: AuditOutcome,
    /// The HTTP status of the answer.
    pub status: Option<u16>,
    /// The stable code of the error.
    pub code: Option<String>,
    pub detail: Option<String>,
    pub request_id: Option<RequestId>,
    /// The sequence of the intent whose outcome this is.
    pub intent: Option<i64>,
    /// [`AuditOrigin::digest`].
    pub origin: Option<Hash>,
}

const ACTION_CHARS: usize = 96;
const CODE_CHARS: usize = 48;
const TEXT_CHARS: usize = 255;

impl AuditEvent {
    /// As it can be kept: texts of limited length without control characters. What is hashed is what is kept.
    #[must_use]
    pub fn fitted(mut self) -> Self {
        if !fits(&self.action, ACTION_CHARS) {
            self.action = fit(&self.action, ACTION_CHARS).into();
        }
        self.code = self.code.map(|text| fit(&text, CODE_CHARS));
        self.target = self.target.map(|text| fit(&text, TEXT_CHARS));
        self.detail = self.detail.map(|text| fit(&text, TEXT_CHARS));
        self
    }
}

fn fits(text: &str, chars: usize) -> bool {
    text.len() <= chars && !text.chars().any(char::is_control)
}

fn fit(text: &str, chars: usize) -> String {
    text.chars().take(chars).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// An entry in its place. Sequences count from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    pub sequence: i64,
    pub event: AuditEvent,
    pub hash: Hash,
}

/// Where somebody came from, kept beside the chain until they are forgotten.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditOrigin {
    /// Random: without it the digest could be found by trying all addresses.
    pub salt: [u8; 16],
    pub ip: Option<IpAddr>,
    pub user_agent: Option<Arc<str>>,
}

impl AuditOrigin {
    #[must_use]
    pub fn digest(&self) -> Hash {
        let ip = self.ip.map(|ip| ip.to_string());
        origin_digest(&self.salt, ip.as_deref(), self.user_agent.as_deref())
    }
}

/// Of the texts as they are kept: an edited one does not match.
#[must_use]
pub fn origin_digest(salt: &[u8], ip: Option<&str>, user_agent: Option<&str>) -> Hash {
    let mut hash = Sha256::new();
    hash.update(salt);
    for text in [ip, user_agent] {
        hash.update(text.map_or([0xff; 4], chain::length));
        hash.update(text.unwrap_or_default());
    }
    hash.finalize().into()
}
