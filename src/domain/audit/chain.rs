//! The canonical bytes of an entry, and the hash that ties it to the one before.
//!
//! Invariant: two different entries never have the same bytes. Every field stands in a fixed order; texts are
//! led by their length, optional fields by a byte that tells whether they are there.

use super::AuditEvent;
use crate::domain::ids::{ApiKeyId, OrgKey, RequestId, UserId};
use sha2::{Digest, Sha256};
use uuid::Uuid;

pub type Hash = [u8; 32];

/// Another order or meaning of the fields gets another version.
const VERSION: &[u8] = b"tuner audit 1\n";

/// A place in a chain: an entry's number and hash.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ChainPoint {
    /// 0: before the first entry.
    pub sequence: i64,
    pub hash: Hash,
}

/// The hash of the entry that follows `previous`. The organisation is part of it: an entry that was moved to
/// another organisation does not verify.
#[must_use]
pub fn link(org: OrgKey, sequence: i64, previous: &Hash, event: &AuditEvent) -> Hash {
    Sha256::digest(canonical_bytes(org, sequence, previous, event)).into()
}

pub(super) fn length(text: &str) -> [u8; 4] {
    u32::try_from(text.len()).unwrap_or(u32::MAX).to_be_bytes()
}

pub(super) fn canonical_bytes(org: OrgKey, sequence: i64, previous: &Hash, event: &AuditEvent) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(320);
    bytes.extend_from_slice(VERSION);
    bytes.extend_from_slice(org.uuid().as_bytes());
    bytes.extend_from_slice(&sequence.to_be_bytes());
    bytes.extend_from_slice(previous);
    let mut fields = Fields(bytes);
    fields.fixed(&event.at.as_microsecond().to_be_bytes());
    fields.text(event.actor.kind.as_str());
    fields.uuid(event.actor.user.map(UserId::uuid));
    fields.uuid(event.actor.api_key.map(ApiKeyId::uuid));
    fields.text(&event.action);
    fields.optional(event.account.map(|account| account.to_i64().to_be_bytes()));
    fields.optional_text(event.target.as_deref());
    fields.text(event.phase.as_str());
    fields.text(event.outcome.as_str());
    fields.optional(event.status.map(u16::to_be_bytes));
    fields.optional_text(event.code.as_deref());
    fields.optional_text(event.detail.as_deref());
    fields.uuid(event.request_id.map(RequestId::uuid));
    fields.optional(event.intent.map(i64::to_be_bytes));
    fields.optional(event.origin);
    fields.0
}

struct Fields(Vec<u8>);

impl Fields {
    fn fixed(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    fn text(&mut self, text: &str) {
        self.fixed(&length(text));
        self.fixed(text.as_bytes());
    }

    fn optional<const N: usize>(&mut self, value: Option<[u8; N]>) {
        self.0.push(u8::from(value.is_some()));
        if let Some(bytes) = value {
            self.fixed(&bytes);
        }
    }

    fn optional_text(&mut self, text: Option<&str>) {
        self.0.push(u8::from(text.is_some()));
        if let Some(text) = text {
            self.text(text);
        }
    }

    fn uuid(&mut self, id: Option<Uuid>) {
        self.optional(id.map(Uuid::into_bytes));
    }
}
