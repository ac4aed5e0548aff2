use super::{fixtures::*, *};
use crate::{
    domain::{clock::Clock, permission::Role},
    error::{Error, ErrorCode},
};
use jiff::SignedDuration;
use jsonwebtoken::{Algorithm, EncodingKey};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use std::{fs, sync::Arc};
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::method};

async fn verify(token: &str) -> Result<Arc<Claims>, TokenError> {
    own_verifier(Clock::fixed(now())).verify(token).await
}

#[tokio::test]
async fn our_own_token_is_accepted() {
    let issuer = TokenIssuer::new(&auth_settings(&[]), our_key().clone());
    let identity = Identity {
        subject: "ann".into(),
        user_id: "u-1".into(),
        organization: "acme".parse().unwrap(),
        role: Role::Admin,
    };
    let token = issuer.issue(&identity, "t-1", now(), SignedDuration::from_hours(1)).unwrap();
    let claims = verify(token.expose_secret()).await.unwrap();
    assert_eq!((&*claims.subject, &*claims.user_id, claims.role), ("ann", "u-1", Role::Admin));
    assert_eq!((&claims.organization, claims.token_id.as_deref()), (&identity.organization, Some("t-1")));
    assert_eq!(claims.issued_at, Some(now()));
    assert_eq!(claims.expires_at, now() + SignedDuration::from_hours(1));
}

#[tokio::test]
async fn the_highest_role_counts_and_unknown_claims_do_not_matter() {
    let claims = with(good_claims(), "roles", json!(["TUNER_VIEWER", "ORGANIZATION_ADMIN", "TUNER_USER"]));
    let claims = with(with(claims, "aud", json!(["other", "tuner"])), "colour", json!("blue"));
    assert_eq!(verify(&good_token(&claims)).await.unwrap().role, Role::OrganizationAdmin);
}

#[tokio::test]
async fn forged_claims_are_refused() {
    let at = |seconds: i64| json!(now().as_second() + seconds);
    let table: &[(&str, Value, TokenError)] = &[
        ("iss", json!("evil"), TokenError::Untrusted),
        ("iss", json!(["evil", "tuner"]), TokenError::Malformed),
        ("iss", Value::Null, TokenError::Malformed),
        ("aud", json!("tuner2"), TokenError::Untrusted),
        ("aud", json!([]), TokenError::Untrusted),
        ("aud", Value::Null, TokenError::Untrusted),
        ("exp", Value::Null, TokenError::Malformed),
        ("exp", json!("4102444800"), TokenError::Malformed),
        ("exp", json!(1e300), TokenError::Malformed),
        ("exp", at(-60), TokenError::Expired),
        ("exp", json!(0), TokenError::Expired),
        ("nbf", at(61), TokenError::NotYetValid),
        ("nbf", json!("soon"), TokenError::Malformed),
        ("iat", at(61), TokenError::NotYetValid),
        ("roles", json!("TUNER_ADMIN"), TokenError::Malformed),
        ("roles", json!([]), TokenError::Claims("roles")),
        ("roles", json!(["TUNER_VIEWER", "ROOT"]), TokenError::Claims("roles")),
        ("roles", json!(["tuner_viewer"]), TokenError::Claims("roles")),
        ("roles", Value::Null, TokenError::Malformed),
        ("organizationId", json!(""), TokenError::Malformed),
        ("organizationId", json!("a|b"), TokenError::Malformed),
        ("organizationId", json!("x".repeat(65)), TokenError::Malformed),
        ("organizationId", Value::Null, TokenError::Malformed),
        ("sub", json!(""), TokenError::Claims("sub")),
        ("sub", json!("a\nb"), TokenError::Claims("sub")),
        ("sub", Value::Null, TokenError::Malformed),
        ("userId", json!("x".repeat(191)), TokenError::Claims("userId")),
        ("userId", Value::Null, TokenError::Malformed),
    ];
    for (claim, value, expected) in table {
        let forged = good_token(&with(good_claims(), claim, value.clone()));
        assert_eq!(verify(&forged).await.as_ref(), Err(expected), "{claim} {value}");
    }
}

#[tokio::test]
async fn clocks_may_differ_by_less_than_a_minute() {
    for (claim, seconds) in [("exp", -59), ("nbf", 60), ("iat", 60)] {
        let claims = with(good_claims(), claim, json!(now().as_second() + seconds));
        assert!(verify(&good_token(&claims)).await.is_ok(), "{claim}");
    }
}

#[tokio::test]
async fn forged_headers_are_refused() {
    let jwk = serde_json::to_value(other_key().public()).unwrap();
    let table: &[(&str, Value, TokenError)] = &[
        ("kid", json!("nobody"), TokenError::UnknownKey),
        ("kid", json!(""), TokenError::UnknownKey),
        ("kid", Value::Null, TokenError::UnknownKey),
        ("jku", json!("https://evil.example/keys"), TokenError::Header("jku")),
        ("x5u", json!("https://evil.example/cert"), TokenError::Header("x5u")),
        ("x5c", json!(["MIIB"]), TokenError::Header("x5c")),
        ("jwk", jwk, TokenError::Header("jwk")),
        ("crit", json!(["exp"]), TokenError::Header("crit")),
        ("typ", json!("dpop+jwt"), TokenError::Header("typ")),
        ("alg", json!("none"), TokenError::Malformed),
        ("alg", json!("RS512"), TokenError::Malformed),
        ("alg", json!("PS256"), TokenError::Malformed),
        ("alg", Value::Null, TokenError::Malformed),
    ];
    for (field, value, expected) in table {
        let forged = token(&with(good_header(), field, value.clone()), &good_claims(), our_key());
        assert_eq!(verify(&forged).await.as_ref(), Err(expected), "{field} {value}");
    }
}

#[tokio::test]
async fn a_signature_of_another_kind_or_key_is_refused() {
    let claims = good_claims().to_string();
    // The public key as an HMAC secret: the classic confusion.
    let public = serde_json::to_string(our_key().public()).unwrap();
    let header = with(good_header(), "alg", json!("HS256")).to_string();
    let hmac = EncodingKey::from_secret(public.as_bytes());
    let confused = sign_text(&header, &claims, &hmac, Algorithm::HS256);
    assert_eq!(verify(&confused).await, Err(TokenError::Malformed));
    let disguised = sign_text(&good_header().to_string(), &claims, &hmac, Algorithm::HS256);
    assert_eq!(verify(&disguised).await, Err(TokenError::Untrusted));
    assert_eq!(verify(&token(&good_header(), &good_claims(), other_key())).await, Err(TokenError::Untrusted));
}

#[tokio::test]
async fn a_damaged_token_is_refused() {
    let good = good_token(&good_claims());
    let (message, signature) = good.rsplit_once('.').unwrap();
    let (header, claims) = message.split_once('.').unwrap();
    for bad in [
        String::new(),
        "nonsense".into(),
        "a.b.c".into(),
        "..".into(),
        message.into(),
        format!("{message}."),
        format!("{message}.{}", &signature[..signature.len() - 4]),
        format!("{header}..{signature}"),
        format!(".{claims}.{signature}"),
        format!("{good}.x"),
        format!("{good} "),
        good_token(&with(good_claims(), "roles", json!(["ORGANIZATION_ADMIN"]))).replace(
            good_token(&with(good_claims(), "roles", json!(["ORGANIZATION_ADMIN"])))
                .split('.')
                .nth(2)
                .unwrap(),
            signature,
        ),
    ] {
        assert!(verify(&bad).await.is_err(), "{bad}");
    }
    let long = good_token(&with(good_claims(), "colour", json!("x".repeat(8 * 1024))));
    assert_eq!(verify(&long).await, Err(TokenError::TooLong));
}

#[tokio::test]
async fn a_claim_that_is_there_twice_is_refused() {
    let twice = good_claims().to_string().replacen('{', r#"{"organizationId":"evil","#, 1);
    let forged = sign_text(&good_header().to_string(), &twice, our_key().private(), Algorithm::RS256);
    assert_eq!(verify(&forged).await, Err(TokenError::Malformed));
}

#[test]
fn the_caller_learns_only_that_it_has_expired() {
    let shown = |error: TokenError| {
        let error = Error::from(error);
        (error.code(), error.detail().to_owned())
    };
    let refused = ErrorCode::Unauthenticated;
    assert_eq!(shown(TokenError::Expired), (refused, "the token has expired".into()));
    assert_eq!(shown(TokenError::UnknownKey), (refused, "the token is not valid".into()));
    assert_eq!(shown(TokenError::KeysUnavailable), (ErrorCode::Unavailable, String::new()));
}

#[tokio::test]
async fn a_key_file_is_read_again_when_it_changes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("jwks.json");
    fs::write(&path, key_set(&[our_key()]).to_string()).unwrap();
    let settings =
        auth_settings(&[("TUNER_AUTH__JWKS_FILE", path.to_str().unwrap()), ("TUNER_AUTH__ISSUER", "tuner")]);
    let verifier = TokenVerifier::new(&settings, &outbound(), None, Clock::fixed(now())).unwrap();
    let ours = good_token(&good_claims());
    let header = with(good_header(), "kid", json!(other_key().key_id()));
    let theirs = token(&header, &good_claims(), other_key());
    assert!(verifier.verify(&ours).await.is_ok());
    assert_eq!(verifier.verify(&theirs).await, Err(TokenError::UnknownKey));
    fs::write(&path, key_set(&[our_key(), other_key()]).to_string()).unwrap();
    assert!(verifier.verify(&theirs).await.is_ok());
    fs::write(&path, "{").unwrap();
    assert!(verifier.verify(&ours).await.is_ok(), "the old keys stay");
    fs::write(&path, key_set(&[other_key()]).to_string()).unwrap();
    assert_eq!(verifier.verify(&ours).await, Err(TokenError::UnknownKey));
}

#[test]
fn a_key_file_without_a_usable_key_is_refused_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("jwks.json");
    let env = [("TUNER_AUTH__JWKS_FILE", path.to_str().unwrap()), ("TUNER_AUTH__ISSUER", "i")];
    let start = || {
        TokenVerifier::new(&auth_settings(&env), &outbound(), None, Clock::fixed(now()))
            .err()
            .unwrap()
            .to_string()
    };
    assert!(start().starts_with("cannot read the key set "));
    let own = serde_json::to_value(our_key().public()).unwrap();
    for unusable in [
        with(own.clone(), "kid", Value::Null),
        with(own.clone(), "use", json!("enc")),
        with(own.clone(), "alg", json!("RS512")),
        with(own, "kty", json!("oct")),
    ] {
        fs::write(&path, json!({"keys": [unusable]}).to_string()).unwrap();
        assert!(start().ends_with("the key set has no RSA key with a 'kid' for RS256 signatures"));
    }
}

#[tokio::test]
async fn an_unknown_key_asks_the_issuer_at_most_once_a_minute() {
    let server = MockServer::start().await;
    let serve = async |body: ResponseTemplate| {
        server.reset().await;
        Mock::given(method("GET")).respond_with(body).mount(&server).await;
    };
    let asked = async || server.received_requests().await.unwrap().len();
    let clock = Clock::fixed(now());
    let env = [("TUNER_AUTH__JWKS_URL", &*server.uri()), ("TUNER_AUTH__ISSUER", "tuner")];
    let verifier = TokenVerifier::new(&auth_settings(&env), &outbound(), None, clock.clone()).unwrap();
    let ours = good_token(&good_claims());
    let header = with(good_header(), "kid", json!(other_key().key_id()));
    let theirs = token(&header, &with(good_claims(), "exp", json!(now().as_second() + 7200)), other_key());

    serve(ResponseTemplate::new(500)).await;
    assert_eq!(verifier.verify(&ours).await, Err(TokenError::KeysUnavailable));
    serve(ResponseTemplate::new(200).set_body_json(key_set(&[our_key()]))).await;
    assert_eq!(verifier.verify(&ours).await, Err(TokenError::KeysUnavailable));
    assert_eq!(asked().await, 0, "within the same minute");
    clock.set(now() + SignedDuration::from_secs(60));
    assert!(verifier.verify(&ours).await.is_ok());
    for _ in 0..5 {
        assert_eq!(verifier.verify(&theirs).await, Err(TokenError::UnknownKey));
    }
    assert_eq!(asked().await, 1);

    serve(ResponseTemplate::new(200).set_body_json(key_set(&[our_key(), other_key()]))).await;
    clock.set(now() + SignedDuration::from_secs(120));
    assert!(verifier.verify(&theirs).await.is_ok(), "rotation without a restart");

    serve(ResponseTemplate::new(302).insert_header("Location", "http://127.0.0.1:1/")).await;
    clock.set(now() + SignedDuration::from_mins(20));
    assert!(verifier.verify(&ours).await.is_ok(), "the old keys stay when the fetch fails");
    assert_eq!(asked().await, 1);
}

#[tokio::test]
async fn an_oversized_key_set_is_not_read() {
    let server = MockServer::start().await;
    let padding = " ".repeat(300 * 1024);
    let body = ResponseTemplate::new(200).set_body_string(format!("{padding}{}", key_set(&[our_key()])));
    Mock::given(method("GET")).respond_with(body).mount(&server).await;
    let env = [("TUNER_AUTH__JWKS_URL", &*server.uri()), ("TUNER_AUTH__ISSUER", "tuner")];
    let verifier = TokenVerifier::new(&auth_settings(&env), &outbound(), None, Clock::fixed(now())).unwrap();
    assert_eq!(verifier.verify(&good_token(&good_claims())).await, Err(TokenError::KeysUnavailable));
}
