//! Why a sign-in through the provider does not succeed, and what the person is told of it.

use super::{http::HttpError, wire::TokenError};
use crate::error::{Error, ErrorCode};
use openidconnect::{
    ClaimsVerificationError, DiscoveryError, SignatureVerificationError, UserInfoError,
    core::CoreErrorResponseType,
};
use std::error::Error as StdError;

/// What is in brackets is for the log only: some of it is the provider's own text.
#[derive(Debug, thiserror::Error)]
pub enum OidcError {
    #[error("the identity provider does not answer: {0}")]
    Unreachable(String),
    #[error("the discovery document of oidc.issuer is not usable: {0}")]
    BadDiscovery(String),
    #[error("the identity provider refused the request; check how Tuner is registered there: {0}")]
    Refused(String),
    #[error("the identity provider refused the client; check oidc.client_id and oidc.client_secret: {0}")]
    ClientRefused(String),
    #[error("the identity provider refused the authorization code")]
    CodeRefused,
    #[error("the identity provider denied access")]
    Denied,
    #[error("the identity provider did not sign the person in")]
    NotSignedIn,
    #[error("the answer names another issuer, or none where one was promised")]
    OtherIssuer,
    #[error("the answer has no authorization code")]
    NoCode,
    #[error("the answer has no ID token")]
    NoIdToken,
    #[error("the ID token is not acceptable: {0}")]
    IdToken(String),
    #[error("the user info is not acceptable: {0}")]
    UserInfo(String),
    #[error("no group of the person means a role")]
    NoRole,
    #[error("the claim of the organisation is missing or not an organisation ID")]
    NoOrganization,
}

impl From<OidcError> for Error {
    fn from(error: OidcError) -> Self {
        use OidcError as E;
        let (code, detail) = match &error {
            E::Unreachable(_) | E::BadDiscovery(_) => (ErrorCode::IdentityProviderUnavailable, ""),
            E::Refused(_) | E::ClientRefused(_) => (ErrorCode::IdentityProviderRefused, ""),
            E::Denied => (ErrorCode::Forbidden, "the identity provider denied access"),
            E::NoRole => (ErrorCode::Forbidden, "none of your groups has a role in Tuner"),
            E::NoOrganization => (ErrorCode::Forbidden, "you belong to no organisation in Tuner"),
            E::NotSignedIn => (ErrorCode::Unauthenticated, "the identity provider did not sign you in"),
            E::CodeRefused => (ErrorCode::Unauthenticated, "the sign-in is no longer valid; begin again"),
            E::OtherIssuer | E::NoCode | E::NoIdToken | E::IdToken(_) | E::UserInfo(_) => {
                (ErrorCode::Unauthenticated, "the identity provider's answer cannot be accepted")
            }
        };
        Self::new(code, detail).with_source(error)
    }
}

/// The library's errors say what failed, their sources why.
fn chain(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(source) = next {
        text = format!("{text}: {source}");
        next = source.source();
    }
    text.chars().take(500).collect()
}

impl From<DiscoveryError<HttpError>> for OidcError {
    fn from(error: DiscoveryError<HttpError>) -> Self {
        match &error {
            DiscoveryError::Request(http) if http.may_pass() => Self::Unreachable(chain(&error)),
            _ => Self::BadDiscovery(chain(&error)),
        }
    }
}

impl From<TokenError<HttpError>> for OidcError {
    fn from(error: TokenError<HttpError>) -> Self {
        match &error {
            TokenError::ServerResponse(refused) => match refused.error() {
                CoreErrorResponseType::InvalidGrant => Self::CodeRefused,
                CoreErrorResponseType::InvalidClient | CoreErrorResponseType::UnauthorizedClient => {
                    Self::ClientRefused(refused.error().to_string())
                }
                other => Self::Refused(other.to_string().chars().take(100).collect()),
            },
            TokenError::Request(http) if http.may_pass() => Self::Unreachable(chain(&error)),
            TokenError::Request(_) | TokenError::Other(_) => Self::Refused(chain(&error)),
            TokenError::Parse(source, _) => Self::IdToken(format!("the answer cannot be read: {source}")),
        }
    }
}

impl From<UserInfoError<HttpError>> for OidcError {
    fn from(error: UserInfoError<HttpError>) -> Self {
        match &error {
            UserInfoError::Request(http) if http.may_pass() => Self::Unreachable(chain(&error)),
            _ => Self::UserInfo(chain(&error)),
        }
    }
}

impl From<ClaimsVerificationError> for OidcError {
    fn from(error: ClaimsVerificationError) -> Self {
        Self::IdToken(chain(&error))
    }
}

impl From<SignatureVerificationError> for OidcError {
    fn from(error: SignatureVerificationError) -> Self {
        Self::IdToken(chain(&error))
    }
}
