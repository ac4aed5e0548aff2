//! One-time codes by time (RFC 6238): six digits every 30 seconds, one step early or late.
//!
//! Invariant: a code serves once. Its step is written before it counts, so a second use, also at the same
//! moment on another server, finds it used.

use crate::{
    app::App,
    domain::{ids::UserId, scope::OrgScope},
    error::Error,
};
use aws_lc_rs::rand;
use jiff::Timestamp;
use totp_rs::{Algorithm, Builder, Totp};
use zeroize::Zeroizing;

/// 160 bits, as RFC 4226 recommends.
const SEED_BYTES: usize = 20;
const DIGITS: u8 = 6;
const STEP_SECS: u64 = 30;
const STEPS_OFF: u16 = 1;
const ISSUER: &str = "Tuner";

pub type Seed = Zeroizing<Vec<u8>>;

pub fn new_seed() -> Result<Seed, Error> {
    let mut seed = Zeroizing::new(vec![0; SEED_BYTES]);
    rand::fill(&mut seed).map_err(|_| Error::internal("the system gives no random numbers"))?;
    Ok(seed)
}

/// SHA-1 because authenticator apps know nothing else reliably; as an HMAC it is sound.
fn totp(seed: &Seed, account: &str) -> Result<Totp, Error> {
    Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(DIGITS)
        .with_skew(STEPS_OFF)
        .with_step_duration(STEP_SECS)
        .with_secret(seed.to_vec())
        .with_issuer(Some(ISSUER))
        .with_account_name(account)
        .build()
        .map_err(|error| Error::internal(error.to_string()))
}

/// For the QR code, and the same secret for typing.
pub fn enrolment(seed: &Seed, subject: &str) -> Result<(String, String), Error> {
    // A colon parts issuer and account in the URL.
    let totp = totp(seed, &subject.replace(':', " "))?;
    let url = totp.to_url().map_err(|error| Error::internal(error.to_string()))?;
    Ok((url, totp.secret().to_base32()))
}

/// The step whose code it is.
pub fn step_of(seed: &Seed, code: &str, now: Timestamp) -> Result<Option<u32>, Error> {
    let seconds = u64::try_from(now.as_second()).unwrap_or_default();
    Ok(totp(seed, "")?.check(code, seconds).and_then(|step| u32::try_from(step).ok()))
}

/// The seed of a member, opened.
pub async fn open(app: &App, scope: &OrgScope, user: UserId, sealed: &[u8]) -> Result<Seed, Error> {
    Ok(app.database.scoped(scope).open_totp_seed(user, sealed).await?)
}

/// True if it is a right code that nobody used yet; it is used up then.
pub async fn use_code(
    app: &App,
    scope: &OrgScope,
    user: UserId,
    sealed: &[u8],
    code: &str,
    now: Timestamp,
) -> Result<bool, Error> {
    let seed = open(app, scope, user, sealed).await?;
    let Some(step) = step_of(&seed, code, now)? else { return Ok(false) };
    Ok(app.database.scoped(scope).use_totp_step(user, step).await?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::SignedDuration;

    /// RFC 6238, appendix B, cut to six digits.
    #[test]
    fn codes_are_those_of_the_rfc() {
        let seed = Zeroizing::new(b"12345678901234567890".to_vec());
        for (second, code) in
            [(1_111_111_109, "081804"), (1_234_567_890, "005924"), (2_000_000_000, "279037")]
        {
            let at = Timestamp::from_second(second).unwrap();
            let expected = u32::try_from(second / 30).unwrap();
            assert_eq!(step_of(&seed, code, at).unwrap(), Some(expected));
            for (seconds, found) in [(-30, true), (30, true), (-60, false), (60, false)] {
                let then = at + SignedDuration::from_secs(seconds);
                assert_eq!(step_of(&seed, code, then).unwrap().is_some(), found, "{second} {seconds}");
            }
        }
    }

    #[test]
    fn what_is_no_code_is_refused() {
        let seed = Zeroizing::new(b"12345678901234567890".to_vec());
        let at = Timestamp::from_second(59).unwrap();
        for code in ["", "28708", "2870820", "+87082", "287 082", "287083", "２８７０８２"] {
            assert_eq!(step_of(&seed, code, at).unwrap(), None, "{code}");
        }
    }

    #[test]
    fn the_url_is_what_apps_read() {
        let seed = Zeroizing::new(b"12345678901234567890".to_vec());
        let (url, secret) = enrolment(&seed, "ann:x@example.com").unwrap();
        assert_eq!(secret, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert!(url.starts_with("otpauth://totp/Tuner:ann%20x%40example.com?secret=GEZDG"), "{url}");
        assert!(url.contains("issuer=Tuner"), "{url}");
    }
}
