//! Webhooks by the Standard Webhooks rules: how a message is signed, when it is tried again, what a secret
//! looks like.
//!
//! Invariant: neither the address nor the secret shows in `Debug`; of the address people see the origin alone,
//! since a path may hold a token.

use super::finding::text_enum;
use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;
use uuid::Uuid;
use zeroize::Zeroizing;

/// How a secret begins; base64 of its bytes follows.
pub const SECRET_PREFIX: &str = "whsec_";
/// What a test is called. It is tried once, and no webhook can ask for it.
pub const TEST_EVENT: &str = "webhook.test";
/// So long a secret that was replaced still signs, too.
pub const OVERLAP: SignedDuration = SignedDuration::from_hours(24);
/// What was not delivered by then is given up.
pub const GIVEN_UP_AFTER: SignedDuration = SignedDuration::from_hours(28);
/// Pauses after the first attempt, the second, …: nine attempts within a day.
const PAUSES_SECS: [i64; 8] = [30, 120, 600, 1_800, 7_200, 18_000, 28_800, 28_800];
/// An endpoint that asks for more patience gets no more than this.
const MOST_PATIENCE: SignedDuration = SignedDuration::from_hours(1);

text_enum! {
    /// Why an attempt failed. Says nothing of what lies behind the address.
    DeliveryFailure {
        /// It leads to this machine, into a private network or to a cloud's metadata.
        AddressRefused = "addressRefused",
        /// The name is not known, or nobody listens there.
        NoConnection = "noConnection",
        /// The certificate is not trusted, or there is no TLS.
        NotTrusted = "notTrusted",
        TimedOut = "timedOut",
        /// The connection broke before there was an answer.
        NoAnswer = "noAnswer",
        /// Redirects are not followed: register the address that they lead to.
        Redirected = "redirected",
        /// An answer other than 2xx.
        NotAccepted = "notAccepted",
        /// 410: the endpoint wants no more, and the webhook is disabled.
        EndpointGone = "endpointGone",
        /// The webhook was disabled while the message waited.
        WebhookDisabled = "webhookDisabled",
        /// The server went away in the midst of the last attempt.
        Interrupted = "interrupted",
    }
}

text_enum! {
    WebhookStatus {
        Active = "active",
        /// Somebody disabled it, or the endpoint wants no more.
        Disabled = "disabled",
        /// Who made it was erased or disabled, or may not manage the scheduler any more: it is told nothing.
        Resting = "resting",
    }
}

text_enum! {
    DeliveryStatus {
        Waiting = "waiting",
        Delivered = "delivered",
        GivenUp = "givenUp",
    }
}

/// How long to wait after so many attempts; None: no more. `salt` spreads those that failed together.
#[must_use]
pub fn pause_after(attempts: u32, salt: Uuid) -> Option<SignedDuration> {
    let secs = PAUSES_SECS.get(usize::try_from(attempts.checked_sub(1)?).ok()?)?;
    let tenth = secs / 10;
    let spread = salt.as_bytes().last().map_or(0, |byte| tenth * i64::from(*byte) / 256);
    Some(SignedDuration::from_secs(secs + spread))
}

/// When the next attempt is due, if there is one: later where the endpoint asked for it.
#[must_use]
pub fn next_attempt(
    attempts: u32,
    salt: Uuid,
    (created_at, now): (Timestamp, Timestamp),
    asked: Option<SignedDuration>,
) -> Option<Timestamp> {
    let pause = pause_after(attempts, salt)?.max(asked.unwrap_or_default().min(MOST_PATIENCE));
    Some(now + pause).filter(|_| now.duration_since(created_at) < GIVEN_UP_AFTER)
}

/// `whsec_` and what these bytes are in base64.
#[must_use]
pub fn secret_of(bytes: &[u8]) -> SecretString {
    format!("{SECRET_PREFIX}{}", STANDARD.encode(bytes)).into()
}

/// The value of `webhook-signature`: one signature for each secret. A secret that cannot be read signs nothing.
#[must_use]
pub fn signatures(secrets: &[&SecretString], id: Uuid, at: Timestamp, body: &str) -> String {
    let signed = secrets.iter().filter_map(|secret| sign(secret, id, at, body));
    signed.collect::<Vec<_>>().join(" ")
}

fn sign(secret: &SecretString, id: Uuid, at: Timestamp, body: &str) -> Option<String> {
    let text = secret.expose_secret().strip_prefix(SECRET_PREFIX)?;
    let key = Zeroizing::new(STANDARD.decode(text).ok()?);
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).ok()?;
    mac.update(format!("{id}.{}.{body}", at.as_second()).as_bytes());
    Some(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checked with `openssl dgst -sha256 -hmac` over the same text.
    #[test]
    fn a_signature_is_that_of_the_rules() {
        let secret = secret_of(b"0123456789abcdef0123456789abcdef");
        assert_eq!(secret.expose_secret(), "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=");
        let at = Timestamp::from_second(1_700_000_000).unwrap();
        let signed = signatures(&[&secret, &secret_of(b"x")], Uuid::nil(), at, r#"{"type":"a"}"#);
        let (first, second) = signed.split_once(' ').unwrap();
        assert_eq!(first, "v1,9i2lSOcJNFiKclgg8JrOOuYZP5SKXAljEraJxIdPmSo=");
        assert!(second.starts_with("v1,") && second != first, "{signed}");
    }

    #[test]
    fn attempts_end_within_about_a_day() {
        let pauses: Vec<_> = (1..).map_while(|n| pause_after(n, Uuid::nil())).collect();
        assert_eq!(pauses.len(), 8);
        assert!(pauses.windows(2).all(|pair| pair[0] <= pair[1]), "{pauses:?}");
        let slowest: SignedDuration = (1..).map_while(|n| pause_after(n, Uuid::max())).sum();
        assert!(slowest < GIVEN_UP_AFTER && slowest > SignedDuration::from_hours(20), "{slowest}");
        assert_eq!(pause_after(0, Uuid::nil()), None);
    }

    #[test]
    fn an_endpoint_may_ask_for_patience_and_not_for_days() {
        let now = Timestamp::UNIX_EPOCH;
        let next = |asked| next_attempt(1, Uuid::nil(), (now, now), asked).unwrap().as_second();
        assert_eq!(next(None), 30);
        assert_eq!(next(Some(SignedDuration::from_secs(90))), 90);
        assert_eq!(next(Some(SignedDuration::from_hours(100))), 3_600);
        let late = now + GIVEN_UP_AFTER;
        assert_eq!(next_attempt(1, Uuid::nil(), (now, late), None), None);
    }
}
