//! Decides whether a bearer token is one that we trust (RFC 8725).

use super::{
    claims::{Claims, WireClaims},
    seen::SeenTokens,
    source::{KeySource, SourceError},
};
use crate::{
    domain::clock::Clock,
    error::{Error, ErrorCode},
    keys::SigningKey,
    net::Outbound,
    settings::AuthSettings,
};
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation};
use sha2::{Digest, Sha256};
use std::sync::Arc;

const MAX_TOKEN_BYTES: usize = 8 * 1024;
/// RFC 9068 names access tokens `at+jwt`; most issuers write `JWT` or nothing.
const TYPES: [&str; 2] = ["jwt", "at+jwt"];

/// Why a token is refused. For the log; the caller learns little of it.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    #[error("the token is longer than {MAX_TOKEN_BYTES} bytes")]
    TooLong,
    #[error("the token cannot be read, is not signed with RS256 or misses a claim")]
    Malformed,
    #[error("the token's header has the field {0}")]
    Header(&'static str),
    #[error("the token was signed with a key that is not known")]
    UnknownKey,
    #[error("the token's signature, issuer or audience is wrong")]
    Untrusted,
    #[error("the token's claim {0} is not acceptable")]
    Claims(&'static str),
    #[error("the token has expired")]
    Expired,
    #[error("the token is not valid yet")]
    NotYetValid,
    #[error("the issuer's keys cannot be fetched")]
    KeysUnavailable,
}

impl TokenError {
    /// Somebody made or changed it who may not; time and our own troubles make no forger.
    #[must_use]
    pub const fn is_forgery(&self) -> bool {
        !matches!(self, Self::Expired | Self::NotYetValid | Self::KeysUnavailable)
    }
}

impl From<TokenError> for Error {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::KeysUnavailable => Self::unavailable(error),
            TokenError::Expired => Self::new(ErrorCode::Unauthenticated, "the token has expired"),
            other => Self::new(ErrorCode::Unauthenticated, "the token is not valid").with_source(other),
        }
    }
}

pub struct TokenVerifier {
    source: KeySource,
    validation: Validation,
    issuer: String,
    clock: Clock,
    seen: SeenTokens,
}

impl TokenVerifier {
    /// `signing` is needed where Tuner is its own issuer.
    pub fn new(
        settings: &AuthSettings,
        outbound: &Outbound,
        signing: Option<&SigningKey>,
        clock: Clock,
    ) -> Result<Self, SourceError> {
        Ok(Self {
            source: KeySource::new(&settings.keys, outbound, signing)?,
            validation: validation(settings),
            issuer: settings.issuer.clone(),
            clock,
            seen: SeenTokens::default(),
        })
    }

    /// A token that was verified before is not verified again, while its key is the same.
    pub async fn verify(&self, token: &str) -> Result<Arc<Claims>, TokenError> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(TokenError::TooLong);
        }
        let now = self.clock.now();
        let seen = self.seen.find(token).await;
        if let Some(seen) = &seen
            && self.source.find(&seen.key_id, now).await?.is_some_and(|key| Arc::ptr_eq(&key, &seen.key))
        {
            return seen.claims_at(now);
        }
        let header = jsonwebtoken::decode_header(token).map_err(|_| TokenError::Malformed)?;
        let key_id = check_header(&header)?;
        let key = self.source.find(key_id, now).await?.ok_or(TokenError::UnknownKey)?;
        let claims = Arc::new(self.judge(token, &key, now)?);
        self.seen.keep(token, key_id, key, &claims).await;
        Ok(claims)
    }

    fn judge(&self, token: &str, key: &DecodingKey, now: Timestamp) -> Result<Claims, TokenError> {
        let decoded =
            jsonwebtoken::decode::<WireClaims>(token, key, &self.validation).map_err(|error| match error
                .kind()
            {
                jsonwebtoken::errors::ErrorKind::Json(_) => TokenError::Malformed,
                _ => TokenError::Untrusted,
            })?;
        decoded.claims.check(&self.issuer, fingerprint(token), now)
    }
}

/// Of header and claims alone: the signature may be written in more than one way.
fn fingerprint(token: &str) -> [u8; 32] {
    let signed = token.rsplit_once('.').map_or(token, |(signed, _)| signed);
    Sha256::digest(signed.as_bytes()).into()
}

/// The library's own time checks read the system's clock: `WireClaims::check` does them with ours.
fn validation(settings: &AuthSettings) -> Validation {
    let mut validation = Validation::new(Algorithm::RS256);
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.set_issuer(&[&settings.issuer]);
    validation.set_audience(&[&settings.audience]);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    validation
}

/// The key's id. A header that brings its own key, or wants to be understood otherwise, is refused.
fn check_header(header: &Header) -> Result<&str, TokenError> {
    if header.alg != Algorithm::RS256 {
        return Err(TokenError::Malformed);
    }
    let refused = [
        ("jku", header.jku.is_some()),
        ("jwk", header.jwk.is_some()),
        ("x5u", header.x5u.is_some()),
        ("x5c", header.x5c.is_some()),
        ("crit", header.crit.is_some()),
        ("typ", header.typ.as_deref().is_some_and(|typ| !is_token_type(typ))),
    ];
    if let Some((field, _)) = refused.iter().find(|(_, present)| *present) {
        return Err(TokenError::Header(field));
    }
    header.kid.as_deref().ok_or(TokenError::UnknownKey)
}

fn is_token_type(typ: &str) -> bool {
    let typ = typ.to_ascii_lowercase();
    TYPES.contains(&typ.strip_prefix("application/").unwrap_or(&typ))
}
