//! The protocol against honest and hostile providers.

use super::{
    OidcError,
    fixtures::{FakeProvider, NONCE, SECRETS, json_reply, signed, tokens},
};
use crate::{
    auth::fixtures::{key_set, now, other_key, our_key, sign_text, token, with},
    domain::permission::Role,
    error::{Error, ErrorCode},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::SignedDuration;
use jsonwebtoken::{Algorithm, EncodingKey};
use rstest::rstest;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use wiremock::ResponseTemplate;

#[tokio::test]
async fn the_browser_is_sent_with_pkce_state_nonce_and_the_exact_way_back() {
    let provider = FakeProvider::start(&[]).await;
    let url = provider.oidc.authorization_url(&SECRETS, now()).await.unwrap();
    assert!(url.as_str().starts_with(&format!("{}/authorize?", provider.server.uri())));
    let query: BTreeMap<String, String> = url.query_pairs().into_owned().collect();
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(SECRETS.pkce_verifier));
    let expected = [
        ("client_id", "tuner"),
        ("code_challenge", challenge.as_str()),
        ("code_challenge_method", "S256"),
        ("nonce", NONCE),
        ("redirect_uri", "https://tuner.example/api/v1/auth/oidc/callback"),
        ("response_type", "code"),
        ("scope", "openid profile groups"),
        ("state", "state"),
    ];
    assert_eq!(query, expected.map(|(k, v)| (k.to_owned(), v.to_owned())).into());
}

#[rstest]
#[case::offered(json!(["openid", "profile", "email"]), "", "openid profile")]
#[case::nothing_said(Value::Null, "", "openid profile")]
#[case::chosen(json!(["openid"]), "openid,https://api/groups", "openid https://api/groups")]
#[tokio::test]
async fn scopes_are_those_that_the_provider_offers_or_exactly_the_chosen(
    #[case] offered: Value,
    #[case] chosen: &str,
    #[case] asked: &str,
) {
    let provider = FakeProvider::silent(&[("TUNER_OIDC__SCOPES", chosen)]).await;
    let document = with(provider.document(), "scopes_supported", offered);
    provider.get("/.well-known/openid-configuration", json_reply(&document)).await;
    provider.get("/jwks", json_reply(&key_set(&[our_key()]))).await;
    let url = provider.oidc.authorization_url(&SECRETS, now()).await.unwrap();
    let scope = url.query_pairs().find(|(key, _)| key == "scope").unwrap().1.into_owned();
    assert_eq!(scope, asked);
}

#[tokio::test]
async fn a_good_answer_names_the_person() {
    let provider = FakeProvider::start(&[]).await;
    let claims = with(provider.claims(), "at_hash", at_hash("at-1"));
    let person = provider.finish_with(&signed(&claims, our_key())).await.unwrap();
    assert_eq!(person.subject, format!("{}|u-1", provider.server.uri()));
    assert_eq!((person.role, person.organization.as_str()), (Role::User, "acme"));
    assert_eq!(person.display_name.as_deref(), Some("Ann Example"));
    let all = provider.server.received_requests().await.unwrap();
    let exchange = all.iter().find(|request| request.url.path() == "/token").unwrap();
    let form: BTreeMap<String, String> = url::form_urlencoded::parse(&exchange.body).into_owned().collect();
    assert_eq!(form["code_verifier"], SECRETS.pkce_verifier);
    assert_eq!(form["code"], "code-1");
    assert_eq!(form["redirect_uri"], "https://tuner.example/api/v1/auth/oidc/callback");
    assert!(exchange.headers["authorization"].to_str().unwrap().starts_with("Basic "));
    assert!(!form.contains_key("client_secret"));
}

#[rstest]
#[case::posted(&[], json!(["client_secret_post"]), Some("client-secret"))]
#[case::public_client(&[("TUNER_OIDC__CLIENT_SECRET", "")], Value::Null, None)]
#[tokio::test]
async fn the_client_shows_itself_as_the_provider_wants(
    #[case] env: &[(&str, &str)],
    #[case] methods: Value,
    #[case] secret: Option<&str>,
) {
    let provider = FakeProvider::silent(env).await;
    let document = with(provider.document(), "token_endpoint_auth_methods_supported", methods);
    provider.get("/.well-known/openid-configuration", json_reply(&document)).await;
    provider.get("/jwks", json_reply(&key_set(&[our_key()]))).await;
    provider.finish_with(&signed(&provider.claims(), our_key())).await.unwrap();
    let all = provider.server.received_requests().await.unwrap();
    let exchange = all.iter().find(|request| request.url.path() == "/token").unwrap();
    let form: BTreeMap<String, String> = url::form_urlencoded::parse(&exchange.body).into_owned().collect();
    assert_eq!(form.get("client_secret").map(String::as_str), secret);
    assert_eq!(form["client_id"], "tuner");
}

fn at_hash(token: &str) -> Value {
    json!(URL_SAFE_NO_PAD.encode(&Sha256::digest(token)[..16]))
}

type Forgery = fn(Value) -> String;

fn changed(claims: Value, field: &str, value: Value) -> String {
    signed(&with(claims, field, value), our_key())
}

fn at(seconds: i64) -> Value {
    json!(now().as_second() + seconds)
}

fn mac(claims: &Value, secret: &[u8]) -> String {
    let header = json!({"alg": "HS256", "kid": our_key().key_id()}).to_string();
    sign_text(&header, &claims.to_string(), &EncodingKey::from_secret(secret), Algorithm::HS256)
}

fn unsigned(claims: &Value) -> String {
    let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
    format!("{}.{}.", part(r#"{"alg":"none"}"#), part(&claims.to_string()))
}

#[rstest]
#[case::other_nonce("nonce mismatch", |c| changed(c, "nonce", json!("another")))]
#[case::no_nonce("missing nonce", |c| changed(c, "nonce", Value::Null))]
#[case::other_audience("must contain `tuner`", |c| changed(c, "aud", json!("another")))]
#[case::no_audience("must contain `tuner`", |c| changed(c, "aud", Value::Null))]
#[case::one_audience_too_many("not a trusted audience", |c| changed(c, "aud", json!(["tuner", "another"])))]
#[case::made_for_another_client("(azp)", |c| changed(c, "azp", json!("another")))]
#[case::other_issuer("Invalid issuer", |c| changed(c, "iss", json!("https://evil.example")))]
#[case::issuer_with_a_slash("Invalid issuer", |c: Value| { let iss = format!("{}/", c["iss"].as_str().unwrap()); changed(c, "iss", json!(iss)) })]
#[case::no_issuer("missing field `iss`", |c| changed(c, "iss", Value::Null))]
#[case::expired("ID token expired", |c| changed(c, "exp", at(-61)))]
#[case::no_expiry("missing field `exp`", |c| changed(c, "exp", Value::Null))]
#[case::issued_in_the_future("issued in the future", |c| changed(c, "iat", at(61)))]
#[case::nobody("missing field `sub`", |c| changed(c, "sub", Value::Null))]
#[case::empty_subject("names nobody", |c| changed(c, "sub", json!("")))]
#[case::other_access_token("(at_hash)", |c| changed(c, "at_hash", at_hash("at-2")))]
#[case::other_key_under_our_name("bad signature", |c| token(&json!({"alg": "RS256", "kid": our_key().key_id()}), &c, other_key()))]
#[case::unknown_key("key that is not known", |c| signed(&c, other_key()))]
#[case::key_in_its_own_header("bad signature", |c| token(&json!({"alg": "RS256", "jwk": other_key().public()}), &c, other_key()))]
#[case::other_algorithm("algorithm `RS384`", |c: Value| sign_text(&json!({"alg": "RS384", "kid": our_key().key_id()}).to_string(), &c.to_string(), our_key().private(), Algorithm::RS384))]
#[case::critical_header("critical", |c| token(&json!({"alg": "RS256", "kid": our_key().key_id(), "crit": ["x"], "x": 1}), &c, our_key()))]
#[case::access_token_as_id_token("JWT type `at+jwt`", |c| token(&json!({"alg": "RS256", "kid": our_key().key_id(), "typ": "at+jwt"}), &c, our_key()))]
#[case::mac_with_the_client_secret("algorithm `HS256`", |c| mac(&c, b"client-secret"))]
#[case::mac_with_the_public_key("algorithm `HS256`", |c| mac(&c, serde_json::to_string(our_key().public()).unwrap().as_bytes()))]
#[case::unsigned("No signature", |c| unsigned(&c))]
#[case::signature_cut_off("signature encoding", |c| { let good = signed(&c, our_key()); good[..good.len() - 5].to_owned() })]
#[case::no_token("header encoding", |_| "a.b.c".to_owned())]
#[tokio::test]
async fn a_forged_id_token_is_refused(#[case] reason: &str, #[case] forge: Forgery) {
    let provider = FakeProvider::start(&[]).await;
    let refused = provider.finish_with(&forge(provider.claims())).await.unwrap_err();
    let refused_for_it = matches!(&refused, OidcError::IdToken(why) if why.contains(reason));
    assert!(refused_for_it, "{refused:?}");
    let error = Error::from(refused);
    assert_eq!(error.code(), ErrorCode::Unauthenticated);
    assert_eq!(error.detail(), "the identity provider's answer cannot be accepted", "and nothing of why");
}

#[tokio::test]
async fn clocks_may_differ_a_little() {
    let provider = FakeProvider::start(&[]).await;
    let claims = with(with(provider.claims(), "exp", at(-59)), "iat", at(59));
    assert!(provider.finish_with(&signed(&claims, our_key())).await.is_ok());
}

#[rstest]
#[case::code_used_already(ResponseTemplate::new(400).set_body_json(json!({"error": "invalid_grant"})), ErrorCode::Unauthenticated)]
#[case::wrong_secret(ResponseTemplate::new(401).set_body_json(json!({"error": "invalid_client", "error_description": "<b>geheim</b>"})), ErrorCode::IdentityProviderRefused)]
#[case::odd_error(ResponseTemplate::new(400).set_body_json(json!({"error": "<script>\r\n"})), ErrorCode::IdentityProviderRefused)]
#[case::redirect(ResponseTemplate::new(307).insert_header("location", "http://169.254.169.254/"), ErrorCode::IdentityProviderRefused)]
#[case::too_large(ResponseTemplate::new(200).set_body_bytes(vec![b' '; 257 * 1024]), ErrorCode::IdentityProviderRefused)]
#[case::broken(ResponseTemplate::new(503).set_body_string("oh"), ErrorCode::IdentityProviderUnavailable)]
#[case::a_page(ResponseTemplate::new(200).set_body_string("<html>"), ErrorCode::IdentityProviderRefused)]
#[case::other_json(ResponseTemplate::new(200).set_body_json(json!(["<html>"])), ErrorCode::Unauthenticated)]
#[case::no_id_token(ResponseTemplate::new(200).set_body_json(json!({"access_token": "a", "token_type": "Bearer"})), ErrorCode::Unauthenticated)]
#[tokio::test]
async fn an_exchange_that_fails_says_so_in_our_words(
    #[case] reply: ResponseTemplate,
    #[case] code: ErrorCode,
) {
    let provider = FakeProvider::start(&[]).await;
    provider.exchange(reply).await;
    let error = Error::from(provider.finish_at(now()).await.unwrap_err());
    assert_eq!(error.code(), code, "{error:?}");
    assert!(!error.detail().contains(['<', '\r']) && !error.chain().contains(['\r', '\n']));
}

#[rstest]
#[case::other_issuer(|d| with(d, "issuer", json!("https://evil.example")))]
#[case::script(|d| with(d, "authorization_endpoint", json!("javascript:alert(1)")))]
#[case::no_token_endpoint(|d| with(d, "token_endpoint", Value::Null))]
#[case::no_keys(|d| with(d, "jwks_uri", Value::Null))]
#[tokio::test]
async fn a_bad_discovery_document_is_refused(#[case] change: fn(Value) -> Value) {
    let provider = FakeProvider::silent(&[]).await;
    let document = change(provider.document());
    provider.get("/.well-known/openid-configuration", json_reply(&document)).await;
    provider.get("/jwks", json_reply(&key_set(&[our_key()]))).await;
    let refused = provider.oidc.authorization_url(&SECRETS, now()).await.unwrap_err();
    assert!(matches!(refused, OidcError::BadDiscovery(_)), "{refused:?}");
    assert_eq!(Error::from(refused).code(), ErrorCode::IdentityProviderUnavailable);
}

#[rstest]
#[case::redirect(ResponseTemplate::new(302).insert_header("location", "/elsewhere"))]
#[case::too_large(ResponseTemplate::new(200).set_body_bytes(vec![b' '; 257 * 1024]))]
#[case::absent(ResponseTemplate::new(404))]
#[case::down(ResponseTemplate::new(502))]
#[tokio::test]
async fn a_provider_that_does_not_answer_is_said_to_be_unavailable(#[case] reply: ResponseTemplate) {
    let provider = FakeProvider::silent(&[]).await;
    provider.get("/.well-known/openid-configuration", reply).await;
    let error = Error::from(provider.oidc.authorization_url(&SECRETS, now()).await.unwrap_err());
    assert_eq!(error.code(), ErrorCode::IdentityProviderUnavailable);
    assert_eq!(provider.requests_to("/elsewhere").await, 0, "no redirect is followed");
}

#[tokio::test]
async fn discovery_is_asked_once_in_fifteen_minutes_and_soon_after_a_failure() {
    let provider = FakeProvider::silent(&[]).await;
    let later = |seconds| now() + SignedDuration::from_secs(seconds);
    let ask = async |at| provider.oidc.authorization_url(&SECRETS, at).await;
    let document = "/.well-known/openid-configuration";
    assert!(ask(now()).await.is_err() && ask(later(4)).await.is_err());
    assert_eq!(provider.requests_to(document).await, 1, "nobody waits for it again at once");
    provider.get(document, json_reply(&provider.document())).await;
    provider.get("/jwks", json_reply(&key_set(&[our_key()]))).await;
    assert!(ask(later(5)).await.is_ok() && ask(later(5 + 899)).await.is_ok());
    assert_eq!(provider.requests_to(document).await, 2);
    assert!(ask(later(5 + 900)).await.is_ok());
    assert_eq!(provider.requests_to(document).await, 3);
}

#[tokio::test]
async fn a_new_key_is_fetched_at_most_once_a_minute() {
    let provider = FakeProvider::start(&[]).await;
    let seconds = SignedDuration::from_secs;
    provider.oidc.authorization_url(&SECRETS, now()).await.unwrap();
    provider.server.reset().await;
    provider.get("/.well-known/openid-configuration", json_reply(&provider.document())).await;
    provider.get("/jwks", json_reply(&key_set(&[other_key()]))).await;
    provider.exchange(tokens(&signed(&provider.claims(), other_key()))).await;
    assert!(provider.finish_at(now() + seconds(59)).await.is_err());
    assert_eq!(provider.requests_to("/jwks").await, 0, "asked less than a minute ago");
    provider.finish_at(now() + seconds(60)).await.unwrap();
    assert_eq!(provider.requests_to("/jwks").await, 1, "the new key");
    provider.finish_at(now() + seconds(61)).await.unwrap();
    assert_eq!(provider.requests_to("/jwks").await, 1, "known from then on");
}

#[tokio::test]
async fn groups_that_the_id_token_lacks_are_asked_for() {
    let provider = FakeProvider::start(&[]).await;
    let bare = with(with(provider.claims(), "groups", Value::Null), "name", Value::Null);
    provider.exchange(tokens(&signed(&bare, our_key()))).await;
    assert!(matches!(provider.finish_at(now()).await, Err(OidcError::UserInfo(_))), "there is no /me");
    let info =
        json!({"sub": "u-1", "groups": ["cloud"], "preferred_username": "ann", "email_verified": "true"});
    provider.get("/me", json_reply(&info)).await;
    let person = provider.finish_at(now()).await.unwrap();
    assert_eq!((person.role, person.display_name.as_deref()), (Role::Admin, Some("ann")));
}

#[tokio::test]
async fn user_info_of_somebody_else_is_refused() {
    let provider = FakeProvider::start(&[]).await;
    provider.get("/me", json_reply(&json!({"sub": "u-2", "groups": ["cloud"]}))).await;
    let bare = with(provider.claims(), "groups", Value::Null);
    let refused = provider.finish_with(&signed(&bare, our_key())).await;
    assert!(matches!(refused, Err(OidcError::UserInfo(_))), "{refused:?}");
}
