//! What a verified token says, and the strict reading of it.

use super::verifier::TokenError;
use crate::domain::{ids::OrganizationId, permission::Role};
use jiff::{SignedDuration, Timestamp, Unit};
use serde::{Deserialize, Deserializer};

/// Room for the clocks of two machines.
const LEEWAY: SignedDuration = SignedDuration::from_secs(60);
/// What the database keeps of a name.
const MAX_NAME_CHARS: usize = 190;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims {
    /// `sub`: with the issuer, the person's identity.
    pub subject: String,
    /// `userId`, as the issuer writes it.
    pub user_id: String,
    pub organization: OrganizationId,
    /// The highest of `roles`.
    pub role: Role,
    pub expires_at: Timestamp,
    /// None where the issuer does not say.
    pub issued_at: Option<Timestamp>,
    pub token_id: Option<String>,
    /// SHA-256 of what was signed: names this very token.
    pub fingerprint: [u8; 32],
}

/// Claims that are not known are ignored, as RFC 7519 §4 asks; a known one of a wrong type is refused.
#[derive(Deserialize)]
pub(super) struct WireClaims {
    sub: String,
    #[serde(rename = "userId")]
    user_id: String,
    #[serde(rename = "organizationId")]
    organization: OrganizationId,
    roles: Vec<String>,
    /// One issuer: the library would take a list too.
    iss: String,
    #[serde(deserialize_with = "numeric_date")]
    exp: Timestamp,
    #[serde(default, deserialize_with = "optional_date")]
    nbf: Option<Timestamp>,
    #[serde(default, deserialize_with = "optional_date")]
    iat: Option<Timestamp>,
    jti: Option<String>,
}

impl WireClaims {
    pub fn check(self, issuer: &str, fingerprint: [u8; 32], now: Timestamp) -> Result<Claims, TokenError> {
        if self.iss != issuer {
            return Err(TokenError::Claims("iss"));
        }
        if has_expired(self.exp, now) {
            return Err(TokenError::Expired);
        }
        let starts = [self.nbf, self.iat].into_iter().flatten().max().unwrap_or(Timestamp::MIN);
        if starts > now.saturating_add(LEEWAY).unwrap_or(now) {
            return Err(TokenError::NotYetValid);
        }
        Ok(Claims {
            subject: name(self.sub).ok_or(TokenError::Claims("sub"))?,
            user_id: name(self.user_id).ok_or(TokenError::Claims("userId"))?,
            organization: self.organization,
            role: highest(&self.roles)?,
            expires_at: self.exp,
            issued_at: self.iat.map(to_microsecond),
            token_id: self.jti,
            fingerprint,
        })
    }
}

pub(super) fn has_expired(expires_at: Timestamp, now: Timestamp) -> bool {
    now >= expires_at.saturating_add(LEEWAY).unwrap_or(expires_at)
}

/// A number of seconds with a fraction is that exact only; what we compare it with is kept so exactly.
fn to_microsecond(at: Timestamp) -> Timestamp {
    at.round(Unit::Microsecond).unwrap_or(at)
}

fn name(text: String) -> Option<String> {
    let chars = text.chars().count();
    ((1..=MAX_NAME_CHARS).contains(&chars) && !text.chars().any(char::is_control)).then_some(text)
}

/// One name that we do not know refuses the token: it may mean less than we would grant.
fn highest(roles: &[String]) -> Result<Role, TokenError> {
    let known: Result<Vec<Role>, ()> = roles.iter().map(|role| role.parse()).collect();
    known.ok().and_then(|roles| roles.into_iter().max()).ok_or(TokenError::Claims("roles"))
}

/// RFC 7519's `NumericDate`: seconds, perhaps with a fraction.
fn numeric_date<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
    let secs = f64::deserialize(deserializer)?;
    SignedDuration::try_from_secs_f64(secs)
        .and_then(|since| Timestamp::UNIX_EPOCH.checked_add(since))
        .map_err(serde::de::Error::custom)
}

fn optional_date<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    numeric_date(deserializer).map(Some)
}
