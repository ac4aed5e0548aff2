//! AES-256-GCM by aws-lc-rs: what a sealed value looks like, and what it is bound to.
//!
//! `1` (version), 16 bytes of the data key's id, 12 bytes nonce, ciphertext, 16 bytes tag. The nonce is random
//! for each sealing: of 2^32 values under one key, two share a nonce with a chance of 2^-33.

use super::{Place, SealError};
use crate::domain::ids::{DataKeyId, OrgKey};
use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    rand,
};
use secrecy::{ExposeSecret, SecretBox};
use std::fmt;
use uuid::Uuid;
use zeroize::Zeroizing;

pub(super) const KEY_BYTES: usize = 32;
const VERSION: u8 = 1;
const ID_BYTES: usize = 16;
const TAG_BYTES: usize = 16;

/// Seals the values of one organisation. Wiped when it is dropped; redacted in `Debug`.
pub struct DataKey(SecretBox<[u8; KEY_BYTES]>);

impl DataKey {
    pub fn generate() -> Result<Self, SealError> {
        let mut bytes = Box::new([0; KEY_BYTES]);
        rand::fill(bytes.as_mut_slice()).map_err(|_| SealError::NoRandomness)?;
        Ok(Self(SecretBox::new(bytes)))
    }

    /// None unless it has 32 bytes.
    #[must_use]
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        let mut key = Box::new([0; KEY_BYTES]);
        if bytes.len() != KEY_BYTES {
            return None;
        }
        key.copy_from_slice(bytes);
        Some(Self(SecretBox::new(key)))
    }

    #[must_use]
    pub fn expose(&self) -> &[u8; KEY_BYTES] {
        self.0.expose_secret()
    }
}

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DataKey(…)")
    }
}

/// What a ciphertext is bound to: each field behind its length, so that no two lists read alike.
pub(super) fn bound_to(fields: &[&[u8]]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for field in fields {
        bytes.extend_from_slice(&(field.len() as u64).to_be_bytes());
        bytes.extend_from_slice(field);
    }
    bytes
}

fn cipher(key: &[u8; KEY_BYTES]) -> Option<LessSafeKey> {
    UnboundKey::new(&AES_256_GCM, key).map(LessSafeKey::new).ok()
}

/// Nonce, ciphertext and tag.
pub(super) fn encrypt(key: &[u8; KEY_BYTES], bound: &[u8], plain: &[u8]) -> Result<Vec<u8>, SealError> {
    let mut nonce = [0; NONCE_LEN];
    rand::fill(&mut nonce).map_err(|_| SealError::NoRandomness)?;
    // Room for the tag from the start: a vector that grows would leave the plain text behind.
    let mut text = Vec::with_capacity(plain.len() + TAG_BYTES);
    text.extend_from_slice(plain);
    cipher(key)
        .and_then(|c| {
            c.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(bound), &mut text).ok()
        })
        .ok_or(SealError::NoRandomness)?;
    Ok([nonce.as_slice(), &text].concat())
}

/// None for whatever was not encrypted with this key and these bounds.
pub(super) fn decrypt(key: &[u8; KEY_BYTES], bound: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (nonce, text) = sealed.split_at_checked(NONCE_LEN)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
    let mut text = Zeroizing::new(text.to_vec());
    let length = cipher(key)?.open_in_place(nonce, Aad::from(bound), &mut text).ok()?.len();
    text.truncate(length);
    Some(text)
}

fn bounds(org: OrgKey, id: DataKeyId, place: Place<'_>) -> Vec<u8> {
    let Place { table, column, row } = place;
    let (org, id) = (org.uuid(), id.uuid());
    bound_to(&[
        b"tuner value",
        &[VERSION],
        org.as_bytes(),
        id.as_bytes(),
        table.as_bytes(),
        column.as_bytes(),
        row,
    ])
}

pub(super) fn seal(
    key: &DataKey,
    id: DataKeyId,
    org: OrgKey,
    place: Place<'_>,
    plain: &[u8],
) -> Result<Vec<u8>, SealError> {
    let text = encrypt(key.expose(), &bounds(org, id, place), plain)?;
    Ok([&[VERSION], id.uuid().as_bytes().as_slice(), &text].concat())
}

/// The key that a value was sealed with, and the rest of it.
pub(super) fn split(sealed: &[u8]) -> Option<(DataKeyId, &[u8])> {
    let (id, text) = sealed.strip_prefix(&[VERSION])?.split_at_checked(ID_BYTES)?;
    Some((DataKeyId::from_uuid(Uuid::from_slice(id).ok()?), text))
}

pub(super) fn open(
    key: &DataKey,
    id: DataKeyId,
    org: OrgKey,
    place: Place<'_>,
    text: &[u8],
) -> Option<Zeroizing<Vec<u8>>> {
    decrypt(key.expose(), &bounds(org, id, place), text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ROW: Place<'static> = Place { table: "account", column: "external_id", row: b"1" };

    fn opened(key: &DataKey, org: OrgKey, place: Place<'_>, sealed: &[u8]) -> Option<Vec<u8>> {
        let (id, text) = split(sealed)?;
        open(key, id, org, place, text).map(|plain| plain.to_vec())
    }

    fn sealed() -> (DataKey, OrgKey, Vec<u8>) {
        let (key, org) = (DataKey::generate().unwrap(), OrgKey::generate());
        let sealed = seal(&key, DataKeyId::generate(), org, ROW, b"the value").unwrap();
        (key, org, sealed)
    }

    #[test]
    fn a_value_opens_where_it_was_sealed() {
        let (key, org, sealed) = sealed();
        assert_eq!(opened(&key, org, ROW, &sealed).unwrap(), b"the value");
        assert!(!sealed.windows(5).any(|part| part == b"value"));
    }

    #[test]
    fn any_flipped_bit_is_refused() {
        let (key, org, sealed) = sealed();
        for at in 0..sealed.len() * 8 {
            let mut changed = sealed.clone();
            changed[at / 8] ^= 1 << (at % 8);
            assert_eq!(opened(&key, org, ROW, &changed), None, "bit {at}");
        }
        for length in 0..sealed.len() {
            assert_eq!(opened(&key, org, ROW, &sealed[..length]), None, "cut to {length}");
        }
    }

    #[test]
    fn another_place_organisation_or_key_is_refused() {
        let (key, org, sealed) = sealed();
        for place in [
            Place { row: b"2", ..ROW },
            Place { column: "next_external_id", ..ROW },
            Place { table: "member", ..ROW },
            Place { table: "accoun", column: "texternal_id", row: b"1" },
        ] {
            assert_eq!(opened(&key, org, place, &sealed), None, "{place:?}");
        }
        assert_eq!(opened(&key, OrgKey::generate(), ROW, &sealed), None);
        assert_eq!(opened(&DataKey::generate().unwrap(), org, ROW, &sealed), None);
    }

    #[test]
    fn the_same_value_never_looks_the_same() {
        let (key, org, id) = (DataKey::generate().unwrap(), OrgKey::generate(), DataKeyId::generate());
        let once = || seal(&key, id, org, ROW, b"x").unwrap();
        assert_ne!(once(), once());
    }

    #[test]
    fn debug_output_shows_no_key() {
        let key = DataKey::from_slice(&[0xAB; 32]).unwrap();
        assert_eq!(format!("{key:?}"), "DataKey(…)");
    }

    proptest! {
        #[test]
        fn whatever_is_sealed_comes_back(plain in proptest::collection::vec(any::<u8>(), 0..300), row in ".*") {
            let (key, org) = (DataKey::generate().unwrap(), OrgKey::generate());
            let place = Place { row: row.as_bytes(), ..ROW };
            let sealed = seal(&key, DataKeyId::generate(), org, place, &plain).unwrap();
            prop_assert_eq!(opened(&key, org, place, &sealed), Some(plain));
        }

        #[test]
        fn lists_of_fields_never_read_alike(a in proptest::collection::vec(".{0,4}", 0..4), b in proptest::collection::vec(".{0,4}", 0..4)) {
            let bytes = |list: &[String]| bound_to(&list.iter().map(String::as_bytes).collect::<Vec<_>>());
            prop_assert_eq!(bytes(&a) == bytes(&b), a == b);
        }
    }
}
