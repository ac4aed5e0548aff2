//! Keys and forged tokens for tests. Keys are made once: RSA is slow.

use super::TokenVerifier;
use crate::{
    domain::clock::Clock,
    keys::{Keys, SigningKey},
    net::Outbound,
    settings::{AuthSettings, NetSettings, Settings, Sources},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use serde_json::{Value, json};
use std::sync::OnceLock;

pub(crate) const NOW: &str = "2026-03-01T12:00:00Z";

pub(crate) fn now() -> Timestamp {
    NOW.parse().unwrap()
}

fn generated() -> SigningKey {
    let home = tempfile::tempdir().unwrap();
    Keys::load_or_create(&settings(&[("TUNER_DATA_DIR", home.path().to_str().unwrap())]))
        .unwrap()
        .signing
        .unwrap()
}

/// The key that is trusted.
pub(crate) fn our_key() -> &'static SigningKey {
    static KEY: OnceLock<SigningKey> = OnceLock::new();
    KEY.get_or_init(generated)
}

/// A key of somebody else.
pub(crate) fn other_key() -> &'static SigningKey {
    static KEY: OnceLock<SigningKey> = OnceLock::new();
    KEY.get_or_init(generated)
}

pub(crate) fn settings(env: &[(&str, &str)]) -> Settings {
    let mut sources = Sources::default();
    sources.env.insert("HOME".into(), "/nowhere".into());
    sources.env.extend(env.iter().map(|(k, v)| ((*k).into(), (*v).into())));
    Settings::load(&sources).unwrap()
}

pub(crate) fn auth_settings(env: &[(&str, &str)]) -> AuthSettings {
    settings(env).auth
}

pub(crate) fn outbound() -> Outbound {
    Outbound::new(&NetSettings::default()).unwrap()
}

pub(crate) fn own_verifier(clock: Clock) -> TokenVerifier {
    TokenVerifier::new(&auth_settings(&[]), &outbound(), Some(our_key()), clock).unwrap()
}

pub(crate) fn good_header() -> Value {
    json!({"alg": "RS256", "typ": "JWT", "kid": our_key().key_id()})
}

pub(crate) fn good_claims() -> Value {
    json!({
        "sub": "ann", "userId": "u-1", "organizationId": "acme", "roles": ["TUNER_ADMIN"],
        "iat": now().as_second(), "exp": now().as_second() + 3600, "iss": "tuner", "aud": "tuner",
    })
}

/// The object with one field replaced; `null` removes it.
pub(crate) fn with(mut object: Value, field: &str, value: Value) -> Value {
    let fields = object.as_object_mut().unwrap();
    match value {
        Value::Null => fields.remove(field),
        value => fields.insert(field.into(), value),
    };
    object
}

fn part(value: &str) -> String {
    URL_SAFE_NO_PAD.encode(value)
}

pub(crate) fn sign_text(header: &str, claims: &str, key: &EncodingKey, algorithm: Algorithm) -> String {
    let message = format!("{}.{}", part(header), part(claims));
    let signature = crypto::sign(message.as_bytes(), key, algorithm).unwrap();
    format!("{message}.{signature}")
}

pub(crate) fn token(header: &Value, claims: &Value, key: &SigningKey) -> String {
    sign_text(&header.to_string(), &claims.to_string(), key.private(), Algorithm::RS256)
}

pub(crate) fn good_token(claims: &Value) -> String {
    token(&good_header(), claims, our_key())
}

pub(crate) fn key_set(keys: &[&SigningKey]) -> Value {
    json!({"keys": keys.iter().map(|key| key.public()).collect::<Vec<_>>()})
}
