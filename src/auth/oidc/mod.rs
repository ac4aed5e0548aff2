//! Signing in through the customer's OpenID provider: authorization code with PKCE.
//!
//! Knows the protocol and nothing of the database: who begins and ends a sign-in keeps the [`Secrets`]
//! (`service::oidc`). Signatures and the protocol's rules are the `openidconnect` crate's; what it leaves to
//! its callers is decided here: RS256 only, `azp`, `at_hash`, the issuer in the answer (RFC 9207), time.
//!
//! Invariant: a person is known by issuer and `sub`, never by an e-mail address.

mod answer;
mod discovery;
mod error;
mod exchange;
mod http;
mod person;
mod wire;

#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod tests;

pub use answer::Answer;
pub use error::OidcError;
pub use person::Person;

use crate::{
    net::Outbound,
    settings::{OidcSettings, ServerSettings},
};
use discovery::{Discovery, Known};
use http::ProviderClient;
use jiff::Timestamp;
use openidconnect::{
    AuthType, AuthenticationFlow, ClientId, ClientSecret, CsrfToken, IssuerUrl, Nonce, PkceCodeChallenge,
    PkceCodeVerifier, RedirectUrl, Scope,
    core::{CoreClientAuthMethod, CoreResponseType},
};
use secrecy::ExposeSecret;
use url::Url;

/// What the provider sends browsers back to.
pub const CALLBACK_PATH: &str = "/api/v1/auth/oidc/callback";
/// Asked for where the provider offers them and nobody chose others.
const WANTED_SCOPES: [&str; 2] = ["profile", "groups"];

/// Why the provider cannot be set up: settings that validation let through.
#[derive(Debug, thiserror::Error)]
pub enum OidcSetupError {
    #[error("oidc: {0}")]
    Url(#[from] url::ParseError),
}

/// Unguessable texts of one sign-in; made by the caller, 32 bytes or more each.
pub struct Secrets<'a> {
    pub state: &'a str,
    pub nonce: &'a str,
    /// 43 to 128 characters (RFC 7636).
    pub pkce_verifier: &'a str,
}

pub struct OidcProvider {
    settings: OidcSettings,
    redirect_url: RedirectUrl,
    discovery: Discovery,
    http: ProviderClient,
}

impl OidcProvider {
    /// Asks nobody anything yet.
    pub fn new(
        settings: OidcSettings,
        server: &ServerSettings,
        outbound: &Outbound,
    ) -> Result<Self, OidcSetupError> {
        let issuer = IssuerUrl::new(settings.issuer.clone())?;
        let public = server.public_url.as_str().trim_end_matches('/');
        Ok(Self {
            redirect_url: RedirectUrl::new(format!("{public}{CALLBACK_PATH}"))?,
            http: ProviderClient::new(issuer.url(), outbound),
            discovery: Discovery::new(issuer),
            settings,
        })
    }

    /// Where the browser is sent to sign in.
    pub async fn authorization_url(&self, secrets: &Secrets<'_>, now: Timestamp) -> Result<Url, OidcError> {
        let known = self.discovery.get(&self.http, now).await?;
        let verifier = PkceCodeVerifier::new(secrets.pkce_verifier.to_owned());
        let (state, nonce) = (secrets.state.to_owned(), secrets.nonce.to_owned());
        let client = self.client(&known);
        let request = client
            .authorize_url(
                AuthenticationFlow::<CoreResponseType>::AuthorizationCode,
                || CsrfToken::new(state),
                || Nonce::new(nonce),
            )
            .add_scopes(self.scopes(&known).into_iter().map(Scope::new))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier));
        Ok(request.url().0)
    }

    /// Beside `openid`, which the library adds.
    fn scopes(&self, known: &Known) -> Vec<String> {
        if !self.settings.scopes.is_empty() {
            return self.settings.scopes.iter().filter(|scope| *scope != "openid").cloned().collect();
        }
        let offered = known.metadata.scopes_supported();
        let offers = |scope: &&str| match offered {
            Some(offered) => offered.iter().any(|offer| offer.as_str() == *scope),
            None => *scope == "profile",
        };
        WANTED_SCOPES.into_iter().filter(offers).map(str::to_owned).collect()
    }

    fn client(&self, known: &Known) -> wire::Client {
        let secret = self.settings.client_secret.as_ref();
        let secret = secret.map(|secret| ClientSecret::new(secret.expose_secret().to_owned()));
        let id = ClientId::new(self.settings.client_id.clone());
        let methods = known.metadata.token_endpoint_auth_methods_supported();
        let only_in_body = methods.is_some_and(|methods| {
            !methods.contains(&CoreClientAuthMethod::ClientSecretBasic)
                && methods.contains(&CoreClientAuthMethod::ClientSecretPost)
        });
        wire::Client::from_provider_metadata(known.metadata.clone(), id, secret)
            .set_redirect_uri(self.redirect_url.clone())
            .set_auth_type(if only_in_body { AuthType::RequestBody } else { AuthType::BasicAuth })
    }
}
