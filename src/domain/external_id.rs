//! External IDs: `uuid v4` + `-` + the first 16 hex digits of HMAC-SHA256(secret, `account|organization|uuid`).
//!
//! The HMAC binds an ID to one account of one organisation, so an ID that was not made here for this very
//! pair is refused before AWS is called. Deliberately not a secret towards the customer, who must see it;
//! still it never goes into logs.

use super::ids::{AccountId, OrganizationId};
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretSlice};
use sha2::Sha256;
use std::fmt;
use subtle::ConstantTimeEq;
use uuid::Uuid;

/// A UUID's 36 characters, a hyphen, 16 hex digits.
const LENGTH: usize = 53;
const UUID_LENGTH: usize = 36;
const HMAC_HEX_DIGITS: usize = 16;
/// HMAC-SHA256 gains nothing from more than its block and loses from less than its output.
pub const MIN_SECRET_BYTES: usize = 32;

/// An external ID. Its `Debug` form is redacted.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ExternalId(String);

impl ExternalId {
    /// For the customer and for AWS.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// From the database or a command line: the form is checked, not the signature.
    pub fn parse(text: &str) -> Result<Self, NotAnExternalId> {
        let (uuid, signature) = split(text).ok_or(NotAnExternalId)?;
        let lower_hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        let valid = Uuid::try_parse(uuid).is_ok_and(|u| u.get_version_num() == 4 && u.to_string() == uuid)
            && signature.bytes().all(lower_hex);
        if valid { Ok(Self(text.to_owned())) } else { Err(NotAnExternalId) }
    }
}

fn split(text: &str) -> Option<(&str, &str)> {
    if text.len() != LENGTH || !text.is_ascii() {
        return None;
    }
    let (uuid, signature) = text.split_at(UUID_LENGTH);
    signature.strip_prefix('-').map(|signature| (uuid, signature))
}

impl fmt::Debug for ExternalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ExternalId(…)")
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("that is not an external ID; it has 53 characters: a UUID, a hyphen and 16 hex digits")]
pub struct NotAnExternalId;

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the external ID was not made by this server for this account and organization")]
pub struct ForeignExternalId;

/// Makes and checks external IDs; holds the server's HMAC secret.
#[derive(Clone)]
pub struct ExternalIds {
    secret: std::sync::Arc<SecretSlice<u8>>,
}

impl ExternalIds {
    /// The secret must have at least [`MIN_SECRET_BYTES`] bytes.
    pub fn new(secret: Vec<u8>) -> Result<Self, String> {
        if secret.len() < MIN_SECRET_BYTES {
            return Err(format!(
                "the external ID secret has {} bytes; give it at least {MIN_SECRET_BYTES}",
                secret.len()
            ));
        }
        Ok(Self { secret: std::sync::Arc::new(secret.into()) })
    }

    /// For a process that neither issues nor accepts external IDs: an empty secret signs nothing.
    #[must_use]
    pub fn unused() -> Self {
        Self { secret: std::sync::Arc::new(Vec::new().into()) }
    }

    /// A new one. The only way to make an external ID.
    #[must_use]
    #[allow(clippy::disallowed_methods, reason = "the format asks for a random version 4 UUID")]
    pub fn issue(&self, account: AccountId, organization: &OrganizationId) -> ExternalId {
        let uuid = Uuid::new_v4().to_string();
        let signature = self.sign(account, organization, &uuid);
        ExternalId(format!("{uuid}-{signature}"))
    }

    /// That we made it for this account and organisation, in constant time.
    pub fn check(
        &self,
        external_id: &ExternalId,
        account: AccountId,
        organization: &OrganizationId,
    ) -> Result<(), ForeignExternalId> {
        let (uuid, signature) = split(&external_id.0).ok_or(ForeignExternalId)?;
        let expected = self.sign(account, organization, uuid);
        if bool::from(expected.as_bytes().ct_eq(signature.as_bytes())) {
            Ok(())
        } else {
            Err(ForeignExternalId)
        }
    }

    fn sign(&self, account: AccountId, organization: &OrganizationId, uuid: &str) -> String {
        if self.secret.expose_secret().is_empty() {
            return String::new();
        }
        let text = format!("{account}|{organization}|{uuid}");
        // HMAC takes keys of any length: the error cannot happen, and an empty signature matches nothing.
        Hmac::<Sha256>::new_from_slice(self.secret.expose_secret())
            .map(|hmac| hex::encode(hmac.chain_update(text).finalize().into_bytes()))
            .map(|hex| hex.chars().take(HMAC_HEX_DIGITS).collect())
            .unwrap_or_default()
    }
}

impl fmt::Debug for ExternalIds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ExternalIds(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    fn ids() -> ExternalIds {
        ExternalIds::new(vec![7; 32]).unwrap()
    }

    fn account() -> AccountId {
        "123456789012".parse().unwrap()
    }

    fn org(name: &str) -> OrganizationId {
        name.parse().unwrap()
    }

    #[test]
    fn the_signature_is_hmac_sha256_of_the_joined_fields() {
        // printf '123456789012|acme|UUID' | openssl dgst -sha256 -mac HMAC -macopt hexkey:0707…07
        let uuid = "8c5e0f3a-4b1d-4c2e-9f60-7a8b9c0d1e2f";
        let signature = ids().sign(account(), &org("acme"), uuid);
        assert_eq!(signature, "e69627c1d6afe749");
        let external_id = ExternalId::parse(&format!("{uuid}-{signature}")).unwrap();
        assert_eq!(ids().check(&external_id, account(), &org("acme")), Ok(()));
    }

    #[test]
    fn ten_thousand_are_unique_and_well_formed() {
        let issued: HashSet<String> =
            (0..10_000).map(|_| ids().issue(account(), &org("acme")).expose().to_owned()).collect();
        assert_eq!(issued.len(), 10_000);
        assert!(issued.iter().all(|id| id.len() == 53 && ExternalId::parse(id).is_ok()));
    }

    #[test]
    fn it_belongs_to_one_account_of_one_organization() {
        let issued = ids().issue(account(), &org("acme"));
        assert_eq!(ids().check(&issued, account(), &org("acme")), Ok(()));
        assert_eq!(
            ids().check(&issued, "123456789013".parse().unwrap(), &org("acme")),
            Err(ForeignExternalId)
        );
        assert_eq!(ids().check(&issued, account(), &org("evil")), Err(ForeignExternalId));
        let other = ExternalIds::new(vec![8; 32]).unwrap();
        assert_eq!(other.check(&issued, account(), &org("acme")), Err(ForeignExternalId));
    }

    #[test]
    fn a_change_of_any_character_is_refused() {
        let issued = ids().issue(account(), &org("acme"));
        for at in 0..issued.expose().len() {
            let mut bytes = issued.expose().as_bytes().to_vec();
            bytes[at] = if bytes[at] == b'0' { b'1' } else { b'0' };
            let changed = String::from_utf8(bytes).unwrap();
            let accepted =
                ExternalId::parse(&changed).is_ok_and(|id| ids().check(&id, account(), &org("acme")).is_ok());
            assert!(!accepted, "{changed}");
        }
    }

    #[test]
    fn debug_output_shows_nothing() {
        assert_eq!(
            format!("{:?} {:?}", ids().issue(account(), &org("acme")), ids()),
            "ExternalId(…) ExternalIds(…)"
        );
    }

    #[test]
    fn without_a_secret_nothing_is_ours() {
        let issued = ids().issue(account(), &org("acme"));
        assert_eq!(ExternalIds::unused().check(&issued, account(), &org("acme")), Err(ForeignExternalId));
    }

    #[test]
    fn a_short_secret_is_refused() {
        assert!(ExternalIds::new(vec![1; 31]).is_err());
    }
}
