//! The master key: 32 bytes of the server's own, or the name of a key in AWS KMS.

use crate::domain::kms_key::{KmsKeyArn, NotAKmsKeyArn};
use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretBox};
use sha2::Sha256;
use std::{fmt, sync::Arc};
use zeroize::Zeroizing;

pub(super) const SECRET_BYTES: usize = 32;
const KMS: &str = "kms:";
const FINGERPRINT_HEX_DIGITS: usize = 16;

/// Wraps the organisations' data keys. Redacted in `Debug`.
#[derive(Clone)]
pub struct MasterKey(Arc<SecretBox<[u8; SECRET_BYTES]>>);

impl MasterKey {
    #[must_use]
    pub fn expose(&self) -> &[u8; SECRET_BYTES] {
        self.0.expose_secret()
    }

    /// 64 hex digits, or 32 bytes in base64.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = hex::decode(text.trim()).ok().or_else(|| STANDARD.decode(text.trim()).ok())?;
        let bytes = Zeroizing::new(bytes);
        let mut key = Box::new([0; SECRET_BYTES]);
        if bytes.len() != SECRET_BYTES {
            return None;
        }
        key.copy_from_slice(&bytes);
        Some(Self(Arc::new(SecretBox::new(key))))
    }

    /// Tells keys apart without telling anything of them.
    fn fingerprint(&self) -> String {
        let digest = Hmac::<Sha256>::new_from_slice(self.expose())
            .map(|hmac| hmac.chain_update("tuner master key").finalize().into_bytes());
        digest.map(|d| hex::encode(d).chars().take(FINGERPRINT_HEX_DIGITS).collect()).unwrap_or_default()
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey(…)")
    }
}

#[derive(Clone, Debug)]
pub enum Master {
    Local(MasterKey),
    Kms(KmsKeyArn),
}

impl Master {
    /// `kms:` and the ARN of a key, or the key itself. The error never quotes the text.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        match text.trim().strip_prefix(KMS) {
            Some(arn) => arn.parse().map(Self::Kms).map_err(|e: NotAKmsKeyArn| e.to_string()),
            None => MasterKey::parse(text).map(Self::Local).ok_or_else(|| {
                "a master key is 64 hex digits or 32 bytes in base64, or kms: and the ARN of a KMS key"
                    .to_owned()
            }),
        }
    }

    /// What a wrapped key remembers of the key that wraps it.
    #[must_use]
    pub fn id(&self) -> String {
        match self {
            Self::Local(key) => format!("local:{}", key.fingerprint()),
            Self::Kms(arn) => arn.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_master_key_is_hex_base64_or_a_kms_key() {
        let bytes = [7; 32];
        for text in [hex::encode(bytes), STANDARD.encode(bytes), format!("{}\n", hex::encode(bytes))] {
            assert!(matches!(Master::parse(&text), Ok(Master::Local(key)) if key.expose() == &bytes));
        }
        let arn = "arn:aws:kms:eu-central-1:123456789012:key/a";
        assert_eq!(Master::parse(&format!("kms:{arn}")).unwrap().id(), arn);
        for wrong in ["", "kms:", "kms:alias/tuner", "0707", &"g".repeat(64)] {
            let error = Master::parse(wrong).unwrap_err();
            assert!(wrong.len() < 5 || !error.contains(wrong), "{error}");
        }
    }

    #[test]
    fn the_name_of_a_key_tells_it_apart_and_nothing_more() {
        let name = |byte: u8| Master::Local(MasterKey::parse(&hex::encode([byte; 32])).unwrap()).id();
        assert_eq!(name(1), name(1));
        assert_ne!(name(1), name(2));
        assert_eq!(name(1).len(), "local:".len() + 16);
    }
}
