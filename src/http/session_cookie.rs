//! The cookie of a browser's session: no script reads it, only our own pages send it with a change.

use super::access::SESSION_COOKIE;
use actix_web::cookie::{Cookie, SameSite, time::Duration};
use jiff::SignedDuration;
use secrecy::{ExposeSecret, SecretString};

/// `__Host-` asks for `Secure`, the path `/` and no domain. Lax: a link from elsewhere finds one signed in, a
/// form or script of another site does not.
#[must_use]
pub fn session_cookie(value: &SecretString, max_age: SignedDuration) -> Cookie<'static> {
    strict_cookie(SESSION_COOKIE, value.expose_secret().to_owned(), max_age)
}

/// Makes the browser forget it.
#[must_use]
pub fn ended_session_cookie() -> Cookie<'static> {
    strict_cookie(SESSION_COOKIE, String::new(), SignedDuration::ZERO)
}

/// Of any name: sent to this site alone, over TLS, unseen by scripts.
#[must_use]
pub fn strict_cookie(name: &'static str, value: String, max_age: SignedDuration) -> Cookie<'static> {
    Cookie::build(name, value)
        .path("/")
        .secure(true)
        .http_only(true)
        .same_site(SameSite::Lax)
        .max_age(Duration::seconds(max_age.as_secs()))
        .finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cookie_is_as_strict_as_browsers_allow() {
        let cookie = session_cookie(&"v".into(), SignedDuration::from_hours(8)).to_string();
        assert_eq!(cookie, "__Host-tuner=v; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=28800");
        assert!(ended_session_cookie().to_string().ends_with("Max-Age=0"));
    }
}
