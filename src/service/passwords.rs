//! Passwords: which are good enough, how they are hashed, how they are compared (NIST 800-63B-4, OWASP).
//!
//! Length and guessability count, not the kinds of characters; nothing is cut. Invariant: a name that does not
//! exist costs a comparison too, so that the time of an answer tells nothing.

use crate::error::{Error, ErrorCode};
use argon2::{
    Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version, password_hash::phc::PasswordHash,
};
use secrecy::{ExposeSecret, SecretString};
use std::time::Duration;
use tokio::sync::{Semaphore, SemaphorePermit};
use zxcvbn::{Score, zxcvbn};

/// 19 MiB, two passes, one lane: OWASP's first choice for Argon2id.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// A hash of the same cost that no password has: all of its bytes are zero.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
const MAX_CHARS: usize = 256;
/// How long a sign-in may wait for its turn.
const PATIENCE: Duration = Duration::from_secs(10);

/// Each takes 19 MiB and a processor for a while: a few at a time.
static TURNS: Semaphore = Semaphore::const_new(2);

/// What else protects the sign-in of whoever has the password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Factors {
    PasswordAlone,
    WithCode,
}

impl Factors {
    const fn min_chars(self) -> usize {
        match self {
            Self::PasswordAlone => 15,
            Self::WithCode => 8,
        }
    }

    /// Of zxcvbn's 0 to 4. Eight random characters reach two.
    const fn least_score(self) -> Score {
        match self {
            Self::PasswordAlone => Score::Three,
            Self::WithCode => Score::Two,
        }
    }
}

/// A hash to keep, of a password that is good enough. `known` is what an attacker would try first: names.
pub async fn hash_new(password: &SecretString, factors: Factors, known: &[&str]) -> Result<String, Error> {
    check_length(password.expose_secret(), factors)?;
    let known: Vec<String> = known.iter().map(|text| (*text).to_owned()).collect();
    let password = password.clone();
    in_turn(move || {
        check_strength(password.expose_secret(), factors, &known)?;
        let hash = argon2()?.hash_password(password.expose_secret().as_bytes()).map_err(of_hashing)?;
        Ok(hash.to_string())
    })
    .await
}

/// Whether it may do without codes.
pub fn check_length_alone(password: &SecretString) -> Result<(), Error> {
    check_length(password.expose_secret(), Factors::PasswordAlone)
}

/// Whether it is the password; without a hash it never is, and takes as long.
pub async fn verify(password: &SecretString, hash: Option<&str>) -> Result<bool, Error> {
    let (password, known) = (password.clone(), hash.is_some());
    let hash = hash.unwrap_or(NOBODY).to_owned();
    in_turn(move || {
        let hash = PasswordHash::new(&hash).map_err(|_| Error::internal("a password hash is unreadable"))?;
        let right = argon2()?.verify_password(password.expose_secret().as_bytes(), &hash).is_ok();
        Ok(right && known)
    })
    .await
}

fn argon2() -> Result<Argon2<'static>, Error> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None)
        .map_err(|_| Error::internal("the parameters of Argon2 are wrong"))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn of_hashing(error: argon2::password_hash::Error) -> Error {
    Error::internal(error.to_string())
}

async fn in_turn<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    let turn = turn().await?;
    let done = tokio::task::spawn_blocking(move || {
        let done = work();
        drop(turn);
        done
    });
    done.await.map_err(Error::internal)?
}

async fn turn() -> Result<SemaphorePermit<'static>, Error> {
    match tokio::time::timeout(PATIENCE, TURNS.acquire()).await {
        Ok(turn) => turn.map_err(Error::internal),
        Err(_) => Err(Error::unavailable("too many sign-ins at once").with_retry_after_secs(10)),
    }
}

fn check_length(password: &str, factors: Factors) -> Result<(), Error> {
    let (chars, least) = (password.chars().count(), factors.min_chars());
    if chars < least {
        let more = match factors {
            Factors::PasswordAlone => ", or 8 once one-time codes are set up",
            Factors::WithCode => "",
        };
        return Err(too_weak(format!("use at least {least} characters{more}")));
    }
    if chars > MAX_CHARS {
        return Err(too_weak(format!("use at most {MAX_CHARS} characters")));
    }
    Ok(())
}

/// Against an attacker who knows the names and tries what people use.
fn check_strength(password: &str, factors: Factors, known: &[String]) -> Result<(), Error> {
    let known: Vec<&str> = known.iter().map(String::as_str).chain(["tuner"]).collect();
    if without_names(password, &known).chars().count() < factors.min_chars() / 2 {
        return Err(too_weak("it is little more than names that others know".to_owned()));
    }
    let judged = zxcvbn(password, &known);
    if judged.score() >= factors.least_score() {
        return Ok(());
    }
    let reason =
        judged.feedback().and_then(zxcvbn::feedback::Feedback::warning).map(|warning| warning.to_string());
    let reason = reason.unwrap_or_else(|| "It is easy to guess.".to_owned());
    Err(too_weak(format!("{reason} Use a few uncommon words")))
}

/// Repeated names look long to zxcvbn.
fn without_names(password: &str, known: &[&str]) -> String {
    let names = known.iter().map(|name| name.to_lowercase()).filter(|name| name.chars().count() > 2);
    names.fold(password.to_lowercase(), |rest, name| rest.replace(&name, ""))
}

fn too_weak(reason: String) -> Error {
    Error::new(ErrorCode::Unprocessable, format!("the password is not good enough: {reason}"))
        .with_field("password", reason)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[tokio::test]
    async fn a_password_is_known_again_and_another_is_not() {
        let password = SecretString::from("correct horse battery staple");
        let hash = hash_new(&password, Factors::PasswordAlone, &[]).await.unwrap();
        assert!(verify(&password, Some(&hash)).await.unwrap());
        assert!(!verify(&"correct horse battery stapl".into(), Some(&hash)).await.unwrap());
        assert_ne!(hash, hash_new(&password, Factors::PasswordAlone, &[]).await.unwrap(), "salted");
        let cost = |phc: &str| phc.split('$').take(4).map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(cost(&hash), cost(NOBODY), "nobody's hash costs the same");
        assert_eq!(hash.len(), NOBODY.len());
    }

    #[tokio::test]
    async fn nobody_has_a_password() {
        for text in ["", "anything at all", "\0"] {
            assert!(!verify(&text.into(), None).await.unwrap());
        }
    }

    /// Nothing is cut: passwords that differ in their last of 256 characters are different.
    #[tokio::test]
    async fn every_character_counts() {
        let long = "kräftig-".repeat(32);
        let hash = hash_new(&long.clone().into(), Factors::PasswordAlone, &[]).await.unwrap();
        assert!(verify(&long.clone().into(), Some(&hash)).await.unwrap());
        let (cut, _) = long.split_at(long.len() - 1);
        assert!(!verify(&format!("{cut}x").into(), Some(&hash)).await.unwrap());
    }

    #[rstest]
    #[case::short("tYx9 vQ2m Lp4k", Factors::PasswordAlone)]
    #[case::short_even_with_a_code("tY9vQ2m", Factors::WithCode)]
    #[case::common("passwordpassword", Factors::PasswordAlone)]
    #[case::a_row_of_keys("qwertyuiopasdfgh", Factors::PasswordAlone)]
    #[case::ones_own_names("annelise.porter.acme", Factors::PasswordAlone)]
    #[case::ones_name_again_and_again("acmeacmeannelise.portertunerx", Factors::PasswordAlone)]
    #[case::common_despite_a_code("password1", Factors::WithCode)]
    #[case::repeated("aaaaaaaaaaaaaaaaaaaa", Factors::PasswordAlone)]
    #[tokio::test]
    async fn a_weak_one_is_refused(#[case] password: &'static str, #[case] factors: Factors) {
        let known = ["annelise.porter", "acme"];
        let error = hash_new(&password.into(), factors, &known).await.unwrap_err();
        assert_eq!(error.code(), ErrorCode::Unprocessable, "{password}");
        assert!(!error.to_string().contains(password), "the password is not repeated");
    }

    #[rstest]
    #[case::letters_alone("violet anchor mumbles softly", Factors::PasswordAlone)]
    #[case::other_scripts("горностай читает вслух", Factors::PasswordAlone)]
    #[case::short_with_a_code("kV7#wq2Z", Factors::WithCode)]
    #[tokio::test]
    async fn what_is_hard_to_guess_is_accepted(#[case] password: &'static str, #[case] factors: Factors) {
        assert!(hash_new(&password.into(), factors, &[]).await.is_ok(), "{password}");
    }

    #[tokio::test]
    async fn there_is_an_upper_end() {
        let password = "violet anchor mumbles softly ".repeat(9).into();
        assert!(hash_new(&password, Factors::PasswordAlone, &[]).await.is_err());
    }
}
