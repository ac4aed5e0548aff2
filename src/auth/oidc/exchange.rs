//! The code for tokens, and the ID token verified (OpenID Connect Core §3.1.3).

use super::{
    Answer, OidcError, OidcProvider, Person, Secrets,
    discovery::Known,
    person::{Claims, person},
    wire::{IdTokenClaims, TokenReply, UserInfo},
};
use chrono::{DateTime, Utc};
use jiff::{SignedDuration, Timestamp};
use openidconnect::{
    AccessToken, AccessTokenHash, AuthorizationCode, ClaimsVerificationError, ConfigurationError,
    IdTokenVerifier, Nonce, OAuth2TokenResponse, PkceCodeVerifier, SignatureVerificationError,
    SubjectIdentifier, TokenResponse,
    core::{CoreJsonWebKey, CoreJwsSigningAlgorithm},
};
use std::sync::Arc;

/// Room for the clocks of two machines.
const LEEWAY: SignedDuration = SignedDuration::from_secs(60);

impl OidcProvider {
    /// Who signed in. `secrets` are those with which the sign-in began.
    pub async fn finish(
        &self,
        answer: Answer,
        secrets: &Secrets<'_>,
        now: Timestamp,
    ) -> Result<Person, OidcError> {
        let known = self.discovery.get(&self.http, now).await?;
        let names_issuer = known.metadata.additional_metadata().names_issuer;
        let code = answer.code(&self.settings.issuer, names_issuer)?;
        let reply = self.exchange(&known, code, secrets.pkce_verifier).await?;
        let nonce = Nonce::new(secrets.nonce.to_owned());
        let (claims, known) = match self.verified(&known, &reply, &nonce, now) {
            Err(Refusal::UnknownKey) => {
                let known = self.discovery.refetch(&self.http, known, now).await?;
                (self.verified(&known, &reply, &nonce, now)?, known)
            }
            judged => (judged?, known),
        };
        let mut found = Claims::of_id_token(claims);
        if found.lack(&self.settings) {
            found.add(self.user_info(&known, reply.access_token(), claims.subject()).await?);
        }
        person(&self.settings, claims.subject(), &found)
    }

    async fn exchange(&self, known: &Known, code: String, verifier: &str) -> Result<TokenReply, OidcError> {
        let client = self.client(known);
        let request = client.exchange_code(AuthorizationCode::new(code)).map_err(no_endpoint)?;
        let request = request.set_pkce_verifier(PkceCodeVerifier::new(verifier.to_owned()));
        Ok(request.request_async(&self.http).await?)
    }

    /// Signature (RS256), issuer, audience, `azp`, times, nonce, and that the access token belongs to it.
    fn verified<'a>(
        &self,
        known: &Arc<Known>,
        reply: &'a TokenReply,
        nonce: &Nonce,
        now: Timestamp,
    ) -> Result<&'a IdTokenClaims, Refusal> {
        let client = self.client(known);
        let verifier = strict(client.id_token_verifier(), now);
        let token = reply.id_token().ok_or(OidcError::NoIdToken)?;
        let claims = token.claims(&verifier, nonce)?;
        if claims.authorized_party().is_some_and(|party| **party != self.settings.client_id) {
            return Err(OidcError::IdToken("it was made for another client (azp)".into()).into());
        }
        if let Some(promised) = claims.access_token_hash() {
            let (algorithm, key) = (token.signing_alg()?, token.signing_key(&verifier)?);
            let hash = AccessTokenHash::from_token(reply.access_token(), algorithm, key)
                .map_err(|error| OidcError::IdToken(error.to_string()))?;
            if hash != *promised {
                return Err(OidcError::IdToken("the access token is another one (at_hash)".into()).into());
            }
        }
        Ok(claims)
    }

    /// None where the provider has no such endpoint. The library checks that it is about the same person.
    async fn user_info(
        &self,
        known: &Known,
        token: &AccessToken,
        subject: &SubjectIdentifier,
    ) -> Result<Option<UserInfo>, OidcError> {
        if known.metadata.userinfo_endpoint().is_none() {
            return Ok(None);
        }
        // It goes into a header, where the library takes for granted that it fits.
        if !token.secret().bytes().all(|b| b.is_ascii_graphic()) {
            return Err(OidcError::UserInfo("the access token is not a token".into()));
        }
        let client = self.client(known);
        let request = client.user_info(token.clone(), Some(subject.clone())).map_err(no_endpoint)?;
        Ok(Some(request.request_async(&self.http).await?))
    }
}

fn no_endpoint(error: ConfigurationError) -> OidcError {
    OidcError::BadDiscovery(error.to_string())
}

/// Time is ours, and so is the choice of the algorithm: a list in the discovery document may be long.
fn strict(
    verifier: IdTokenVerifier<'_, CoreJsonWebKey>,
    now: Timestamp,
) -> IdTokenVerifier<'_, CoreJsonWebKey> {
    let (earliest, latest) = (to_chrono(now.saturating_sub(LEEWAY)), to_chrono(now.saturating_add(LEEWAY)));
    verifier
        .set_allowed_algs([CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256])
        .set_time_fn(move || earliest)
        .set_issue_time_verifier_fn(move |issued| {
            if issued > latest { Err("the ID token was issued in the future".into()) } else { Ok(()) }
        })
}

fn to_chrono(at: Result<Timestamp, jiff::Error>) -> DateTime<Utc> {
    at.ok().and_then(|at| DateTime::from_timestamp_micros(at.as_microsecond())).unwrap_or_default()
}

/// A key that is not known may be one that is new.
enum Refusal {
    UnknownKey,
    Final(OidcError),
}

impl From<OidcError> for Refusal {
    fn from(error: OidcError) -> Self {
        Self::Final(error)
    }
}

impl From<SignatureVerificationError> for Refusal {
    fn from(error: SignatureVerificationError) -> Self {
        Self::Final(error.into())
    }
}

impl From<ClaimsVerificationError> for Refusal {
    fn from(error: ClaimsVerificationError) -> Self {
        match error {
            ClaimsVerificationError::SignatureVerification(SignatureVerificationError::NoMatchingKey) => {
                Self::UnknownKey
            }
            other => Self::Final(other.into()),
        }
    }
}

impl From<Refusal> for OidcError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::UnknownKey => Self::IdToken("it was signed with a key that is not known".into()),
            Refusal::Final(error) => error,
        }
    }
}
