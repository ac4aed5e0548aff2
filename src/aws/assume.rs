//! Entering a role: one `AssumeRole` call, and the cache of what came of it.
//!
//! Credentials live in memory only, until five minutes before they expire, and never show in `Debug`.
//!
//! Invariants: the key of the cache names organisation, account, role, purpose and external ID, so
//! credentials cannot cross tenants; one request is in flight for a key however many ask; each request
//! carries a session policy.

use super::{
    connector::Connector,
    error::{SessionError, classify},
    guard::Allowed,
    parts::{Part, Parts},
    policy,
};
use crate::domain::{
    arn::RoleArn,
    clock::Clock,
    external_id::ExternalId,
    ids::{AccountId, OrgKey, OrganizationId},
};
use aws_credential_types::Credentials;
use moka::{Expiry, future::Cache};
use sha2::{Digest, Sha256};
use std::{
    fmt,
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

/// How long a session lasts: role chaining allows no more.
const SESSION_SECS: i32 = 3_600;
/// Before the end there must be time to finish what was begun.
const SPARE: Duration = Duration::from_mins(5);
const MOST_CACHED: u64 = 100_000;

/// What a session is for; each purpose has its own session policy and its own credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// A collecting session is made of several, each for some services.
    Collect(Part),
    Schedule,
}

/// All that is needed to enter a linked account.
#[derive(Clone, Debug)]
pub struct RoleLink {
    pub org: OrgKey,
    pub organization: OrganizationId,
    pub account: AccountId,
    pub role_arn: RoleArn,
    pub external_id: ExternalId,
}

/// A role to enter. The external ID is the customer's to see, but never a log's.
#[derive(Clone)]
pub(super) struct Entry {
    /// None for `tuner scan`, which knows no organisations.
    pub org: Option<OrgKey>,
    pub role_arn: RoleArn,
    pub external_id: Option<String>,
    pub purpose: Purpose,
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Entry({}, {:?})", self.role_arn, self.purpose)
    }
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct Key {
    org: Option<OrgKey>,
    account: AccountId,
    role_arn: RoleArn,
    purpose: Purpose,
    external_id: Option<[u8; 32]>,
}

impl Entry {
    pub fn of_link(link: &RoleLink, purpose: Purpose) -> Self {
        Self {
            org: Some(link.org),
            role_arn: link.role_arn.clone(),
            external_id: Some(link.external_id.expose().to_owned()),
            purpose,
        }
    }

    /// The same role for another purpose.
    pub fn with_purpose(&self, purpose: Purpose) -> Self {
        Self { purpose, ..self.clone() }
    }

    fn key(&self) -> Key {
        Key {
            org: self.org,
            account: self.role_arn.account(),
            role_arn: self.role_arn.clone(),
            purpose: self.purpose,
            external_id: self.external_id.as_ref().map(|id| Sha256::digest(id.as_bytes()).into()),
        }
    }
}

#[derive(Clone)]
struct Held {
    credentials: Credentials,
    keep_for: Duration,
}

struct UntilExpiry;

impl Expiry<Key, Held> for UntilExpiry {
    fn expire_after_create(&self, _key: &Key, held: &Held, _now: Instant) -> Option<Duration> {
        Some(held.keep_for)
    }
}

/// Assumes roles with Tuner's own identity.
pub(super) struct Entrance {
    sts: aws_sdk_sts::Client,
    parts: Arc<Parts>,
    held: Cache<Key, Held>,
    clock: Clock,
}

impl fmt::Debug for Entrance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Entrance")
    }
}

impl Entrance {
    pub fn new(connector: &Connector, clock: Clock) -> Self {
        let config =
            aws_sdk_sts::config::Builder::from(&connector.base).interceptor(Allowed::entering()).build();
        let held = Cache::builder().max_capacity(MOST_CACHED).expire_after(UntilExpiry).build();
        Self { sts: aws_sdk_sts::Client::from_conf(config), parts: Arc::clone(&connector.parts), held, clock }
    }

    /// Credentials from the cache, or new ones.
    pub async fn credentials(&self, entry: &Entry) -> Result<Credentials, SessionError> {
        let held = self.held.try_get_with(entry.key(), async {
            let credentials = self.assume(entry).await?;
            let keep_for = self.time_left(&credentials).saturating_sub(SPARE);
            Ok(Held { credentials, keep_for })
        });
        Ok(held.await.map_err(|error: Arc<SessionError>| (*error).clone())?.credentials)
    }

    /// Credentials that AWS refuses before their time are not used again.
    pub async fn forget(&self, entry: &Entry) {
        self.held.invalidate(&entry.key()).await;
    }

    /// The same for all parts of a collecting session.
    pub async fn forget_collecting(&self, entry: &Entry) {
        for part in self.parts.all() {
            self.forget(&entry.with_purpose(Purpose::Collect(part))).await;
        }
    }

    fn time_left(&self, credentials: &Credentials) -> Duration {
        let now = SystemTime::from(self.clock.now());
        credentials.expiry().and_then(|end| end.duration_since(now).ok()).unwrap_or_default()
    }

    /// Asks STS, past the cache.
    pub async fn assume(&self, entry: &Entry) -> Result<Credentials, SessionError> {
        let call = self
            .sts
            .assume_role()
            .role_arn(entry.role_arn.as_str())
            .role_session_name(policy::session_name(&entry.role_arn))
            .duration_seconds(SESSION_SECS)
            .policy(policy::session_policy(entry.purpose, &self.parts))
            .set_external_id(entry.external_id.clone());
        let reply = call.send().await.map_err(|error| SessionError::from_failure(classify(&error)))?;
        let given = reply
            .credentials
            .ok_or_else(|| SessionError::Unexpected { code: "NoCredentialsInReply".into() })?;
        let expiry = SystemTime::try_from(given.expiration)
            .map_err(|_| SessionError::Unexpected { code: "UnreadableExpiration".into() })?;
        let (id, secret) = (given.access_key_id, given.secret_access_key);
        Ok(Credentials::new(id, secret, Some(given.session_token), Some(expiry), "tuner-assume-role"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(org: Option<OrgKey>, external_id: &str, purpose: Purpose) -> Entry {
        let role_arn = "arn:aws:iam::123456789012:role/TunerReadOnly".parse().unwrap();
        Entry { org, role_arn, external_id: Some(external_id.into()), purpose }
    }

    #[test]
    fn each_part_of_the_key_keeps_credentials_apart() {
        let (acme, other) = (Some(OrgKey::generate()), Some(OrgKey::generate()));
        let key = entry(acme, "a", Purpose::Collect(Part::FIRST)).key();
        assert!(key == entry(acme, "a", Purpose::Collect(Part::FIRST)).key());
        assert!(key != entry(other, "a", Purpose::Collect(Part::FIRST)).key());
        assert!(key != entry(None, "a", Purpose::Collect(Part::FIRST)).key());
        assert!(key != entry(acme, "b", Purpose::Collect(Part::FIRST)).key());
        assert!(key != entry(acme, "a", Purpose::Schedule).key());
        assert!(key != entry(acme, "a", Purpose::Collect(Part(1))).key());
    }

    #[test]
    fn an_entry_does_not_print_its_external_id() {
        assert!(
            !format!("{:?}", entry(None, "the-external-id", Purpose::Collect(Part::FIRST)))
                .contains("the-external-id")
        );
    }
}
