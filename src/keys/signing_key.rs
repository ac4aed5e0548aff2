//! The RSA key that signs Tuner's own tokens, and its public half as a JWK.

use super::KeyError;
use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der},
    rsa::{KeyPair, KeySize},
};
use jsonwebtoken::{
    Algorithm, EncodingKey,
    jwk::{AlgorithmParameters, Jwk, PublicKeyUse, ThumbprintHash},
};
use pem::{EncodeConfig, LineEnding, Pem};
use secrecy::SecretString;

/// Base64url characters of a 2048-bit modulus.
const MIN_MODULUS_CHARS: usize = 342;

/// `Debug` shows neither half of the private key: [`EncodingKey`] redacts itself.
#[derive(Clone, Debug)]
pub struct SigningKey {
    private: EncodingKey,
    public: Jwk,
    key_id: String,
}

impl SigningKey {
    pub(super) fn generate_pem() -> Result<SecretString, KeyError> {
        let pair = KeyPair::generate(KeySize::Rsa2048).map_err(|_| KeyError::NoRandomness)?;
        let der: Pkcs8V1Der<'_> = pair.as_der().map_err(|_| KeyError::NoRandomness)?;
        let pem = Pem::new("PRIVATE KEY", der.as_ref());
        Ok(pem::encode_config(&pem, EncodeConfig::new().set_line_ending(LineEnding::LF)).into())
    }

    /// An RSA private key of at least 2048 bits, PKCS#8 or PKCS#1. The error never quotes the text.
    pub fn from_pem(text: &str) -> Result<Self, &'static str> {
        let wanted = "that is not an RSA private key in PEM form";
        let private = EncodingKey::from_rsa_pem(text.as_bytes()).map_err(|_| wanted)?;
        let mut public = Jwk::from_encoding_key(&private, Algorithm::RS256).map_err(|_| wanted)?;
        match &public.algorithm {
            AlgorithmParameters::RSA(rsa) if rsa.n.len() >= MIN_MODULUS_CHARS => {}
            _ => return Err("the RSA key has fewer than 2048 bits"),
        }
        // RFC 7638: the id follows from the key, so a replaced key has another one.
        let key_id = public.thumbprint(ThumbprintHash::SHA256).map_err(|_| wanted)?;
        public.common.key_id = Some(key_id.clone());
        public.common.public_key_use = Some(PublicKeyUse::Signature);
        Ok(Self { private, public, key_id })
    }

    #[must_use]
    pub fn key_id(&self) -> &str {
        &self.key_id
    }

    /// The public half, as `/.well-known/jwks.json` serves it.
    #[must_use]
    pub fn public(&self) -> &Jwk {
        &self.public
    }

    #[must_use]
    pub(crate) fn private(&self) -> &EncodingKey {
        &self.private
    }
}
