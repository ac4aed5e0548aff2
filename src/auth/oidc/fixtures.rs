//! A provider that answers what a test wants, over real HTTP. `tests/oidc` has one that is not ours.

use super::{Answer, OidcError, OidcProvider, Person, Secrets};
use crate::{
    auth::fixtures::{key_set, now, our_key, outbound, settings, token},
    keys::SigningKey,
    settings::{OidcSettings, Settings},
};
use jiff::Timestamp;
use serde_json::{Value, json};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{method, path},
};

pub(crate) const NONCE: &str = "nonce-of-this-sign-in";
pub(crate) const SECRETS: Secrets<'static> =
    Secrets { state: "state", nonce: NONCE, pkce_verifier: "0123456789abcdefghijklmnopqrstuvwxyzABCDEFG" };

fn all_settings(issuer: &str, env: &[(&str, &str)]) -> Settings {
    let good = [
        ("TUNER_SERVER__PUBLIC_URL", "https://tuner.example"),
        ("TUNER_OIDC__ISSUER", issuer),
        ("TUNER_OIDC__CLIENT_ID", "tuner"),
        ("TUNER_OIDC__CLIENT_SECRET", "client-secret"),
        ("TUNER_OIDC__ORGANIZATION", "acme"),
        ("TUNER_OIDC__USER_GROUPS", "staff"),
        ("TUNER_OIDC__ADMIN_GROUPS", "cloud"),
    ];
    settings(&[&good, env].concat())
}

pub(crate) fn oidc_settings(issuer: &str, env: &[(&str, &str)]) -> OidcSettings {
    all_settings(issuer, env).oidc.unwrap()
}

pub(crate) struct FakeProvider {
    pub server: MockServer,
    pub oidc: OidcProvider,
}

impl FakeProvider {
    /// Answers nothing yet.
    pub async fn silent(env: &[(&str, &str)]) -> Self {
        let server = MockServer::start().await;
        let settings = all_settings(&server.uri(), env);
        let oidc = OidcProvider::new(settings.oidc.unwrap(), &settings.server, &outbound()).unwrap();
        Self { server, oidc }
    }

    pub async fn start(env: &[(&str, &str)]) -> Self {
        let provider = Self::silent(env).await;
        provider.get("/.well-known/openid-configuration", json_reply(&provider.document())).await;
        provider.get("/jwks", json_reply(&key_set(&[our_key()]))).await;
        provider
    }

    pub fn document(&self) -> Value {
        let at = |path: &str| format!("{}{path}", self.server.uri());
        json!({
            "issuer": self.server.uri(),
            "authorization_endpoint": at("/authorize"),
            "token_endpoint": at("/token"),
            "userinfo_endpoint": at("/me"),
            "jwks_uri": at("/jwks"),
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            // More than we take: forged tokens use them.
            "id_token_signing_alg_values_supported": ["RS256", "RS384", "HS256", "none"],
            "scopes_supported": ["openid", "profile", "groups", "email"],
        })
    }

    pub async fn get(&self, at: &str, reply: ResponseTemplate) {
        Mock::given(method("GET")).and(path(at)).respond_with(reply).mount(&self.server).await;
    }

    /// What the code is exchanged for.
    pub async fn exchange(&self, reply: ResponseTemplate) {
        Mock::given(method("POST")).and(path("/token")).respond_with(reply).mount(&self.server).await;
    }

    pub fn claims(&self) -> Value {
        json!({
            "iss": self.server.uri(), "sub": "u-1", "aud": "tuner", "nonce": NONCE,
            "iat": now().as_second(), "exp": now().as_second() + 300,
            "name": "Ann Example", "email": "ann@example.com", "groups": ["staff", "choir"],
        })
    }

    pub async fn finish_at(&self, now: Timestamp) -> Result<Person, OidcError> {
        let answer = Answer { code: Some("code-1".into()), ..Answer::default() };
        self.oidc.finish(answer, &SECRETS, now).await
    }

    /// Ends a sign-in with that ID token.
    pub async fn finish_with(&self, id_token: &str) -> Result<Person, OidcError> {
        self.exchange(tokens(id_token)).await;
        self.finish_at(now()).await
    }

    pub async fn requests_to(&self, at: &str) -> usize {
        let all = self.server.received_requests().await.unwrap();
        all.iter().filter(|request| request.url.path() == at).count()
    }
}

pub(crate) fn json_reply(body: &Value) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(body)
}

pub(crate) fn tokens(id_token: &str) -> ResponseTemplate {
    json_reply(
        &json!({"access_token": "at-1", "token_type": "Bearer", "expires_in": 300, "id_token": id_token}),
    )
}

pub(crate) fn signed(claims: &Value, key: &SigningKey) -> String {
    token(&json!({"alg": "RS256", "kid": key.key_id()}), claims, key)
}
