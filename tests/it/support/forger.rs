//! Keys and tokens, right and wrong, made by hand: no library stands between a test and what it forges.

use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der},
    rsa::{KeyPair, KeySize},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use pem::Pem;
use serde_json::{Value, json};
use tuner::keys::SigningKey;

pub struct Key {
    private: EncodingKey,
    public: Value,
}

impl Key {
    pub fn generate() -> Self {
        let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
        let der: Pkcs8V1Der<'_> = pair.as_der().unwrap();
        Self::read(&pem::encode(&Pem::new("PRIVATE KEY", der.as_ref())))
    }

    /// PEM, as the data folder keeps it.
    pub fn read(pem: &str) -> Self {
        let public = serde_json::to_value(SigningKey::from_pem(pem).unwrap().public()).unwrap();
        Self { private: EncodingKey::from_rsa_pem(pem.as_bytes()).unwrap(), public }
    }

    pub fn public(&self) -> &Value {
        &self.public
    }

    pub fn header(&self) -> Value {
        json!({"alg": "RS256", "typ": "JWT", "kid": self.public["kid"]})
    }

    pub fn sign(&self, header: &Value, claims: &Value) -> String {
        self.sign_text(&header.to_string(), &claims.to_string())
    }

    pub fn sign_text(&self, header: &str, claims: &str) -> String {
        sign(header, claims, &self.private, Algorithm::RS256)
    }

    /// A token as this key's owner makes it.
    pub fn token(&self, claims: &Value) -> String {
        self.sign(&self.header(), claims)
    }
}

/// The public key as if it were a shared secret.
pub fn sign_with_secret(header: &Value, claims: &Value, secret: &[u8]) -> String {
    sign(&header.to_string(), &claims.to_string(), &EncodingKey::from_secret(secret), Algorithm::HS256)
}

fn sign(header: &str, claims: &str, key: &EncodingKey, algorithm: Algorithm) -> String {
    let message = format!("{}.{}", part(header), part(claims));
    format!("{message}.{}", crypto::sign(message.as_bytes(), key, algorithm).unwrap())
}

pub fn part(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(text)
}

/// The object with one field replaced; `null` removes it.
pub fn with(mut object: Value, field: &str, value: Value) -> Value {
    let fields = object.as_object_mut().unwrap();
    match value {
        Value::Null => fields.remove(field),
        value => fields.insert(field.into(), value),
    };
    object
}

#[allow(clippy::disallowed_methods, reason = "the program that is tested reads the real clock")]
pub fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}

pub fn key_set(keys: &[&Key]) -> Value {
    json!({"keys": keys.iter().map(|key| key.public()).collect::<Vec<_>>()})
}
