//! Tuner's own tokens.
//!
//! Who may have one, and for how long, is decided by sign-in; nothing here looks at passwords.

use crate::{
    domain::{ids::OrganizationId, permission::Role},
    keys::SigningKey,
    settings::AuthSettings,
};
use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::{Algorithm, Header};
use secrecy::SecretString;
use serde::Serialize;

/// For whom a token is made.
#[derive(Clone, Debug)]
pub struct Identity {
    pub subject: String,
    pub user_id: String,
    pub organization: OrganizationId,
    pub role: Role,
}

#[derive(Clone, Debug)]
pub struct TokenIssuer {
    key: SigningKey,
    issuer: String,
    audience: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct IssuedClaims<'a> {
    sub: &'a str,
    user_id: &'a str,
    organization_id: &'a OrganizationId,
    roles: [Role; 1],
    /// With its fraction: a sign-out within the same second must tell before from after.
    iat: f64,
    exp: i64,
    iss: &'a str,
    aud: &'a str,
    jti: &'a str,
}

impl TokenIssuer {
    #[must_use]
    pub fn new(settings: &AuthSettings, key: SigningKey) -> Self {
        Self { key, issuer: settings.issuer.clone(), audience: settings.audience.clone() }
    }

    /// `token_id` becomes the `jti`: unique for each token.
    pub fn issue(
        &self,
        identity: &Identity,
        token_id: &str,
        now: Timestamp,
        lifetime: SignedDuration,
    ) -> Result<SecretString, jsonwebtoken::errors::Error> {
        let mut header = Header::new(Algorithm::RS256);
        header.kid = Some(self.key.key_id().to_owned());
        let claims = IssuedClaims {
            sub: &identity.subject,
            user_id: &identity.user_id,
            organization_id: &identity.organization,
            roles: [identity.role],
            iat: now.as_duration().as_secs_f64(),
            exp: now.as_second().saturating_add(lifetime.as_secs()),
            iss: &self.issuer,
            aud: &self.audience,
            jti: token_id,
        };
        jsonwebtoken::encode(&header, &claims, self.key.private()).map(SecretString::from)
    }
}
