//! Browser sessions on the server: opened at sign-in, ended by sign-out, by eight hours, by an hour unused.
//!
//! Deliberately no renewal: at the end people sign in again. The cookie's value is new at each sign-in.

use super::secret_text::{generate, hash_of};
use crate::{
    app::App,
    db::NewSession,
    domain::{
        ids::{SessionId, UserId},
        scope::OrgScope,
    },
    error::Error,
    op::Origin,
};
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretString};

pub const SESSION_LIFE: SignedDuration = SignedDuration::from_hours(8);
pub const SESSION_IDLE: SignedDuration = SignedDuration::from_mins(60);

/// The value of the cookie. It is shown to the browser and kept nowhere.
pub async fn open_session(
    app: &App,
    scope: &OrgScope,
    user: UserId,
    now: Timestamp,
    origin: &Origin,
) -> Result<SecretString, Error> {
    let value = generate("")?;
    let new = NewSession {
        id: SessionId::generate(),
        user,
        hash: hash_of(value.expose_secret()),
        created_at: now,
        expires_at: now + SESSION_LIFE,
        ip: origin.ip.map(|ip| ip.to_string()),
        user_agent: origin.user_agent.as_deref().map(str::to_owned),
    };
    app.database.scoped(scope).create_session(&new).await?;
    Ok(value)
}

pub async fn end_session(app: &App, value: &str) -> Result<(), Error> {
    Ok(app.database.end_session(hash_of(value)).await?)
}

/// Whether it counts no more.
#[must_use]
pub fn has_ended(last_seen_at: Timestamp, expires_at: Timestamp, now: Timestamp) -> bool {
    now >= expires_at || now.duration_since(last_seen_at) >= SESSION_IDLE
}

/// Forgets what ended before then, of all organisations: sessions, signed-out tokens, set-up links, names whose
/// sign-in failed. Gives the number of rows. For the retention run.
pub async fn sweep_sessions(app: &App, before: Timestamp) -> Result<u64, Error> {
    let idle_since = before.saturating_sub(SESSION_IDLE).unwrap_or(Timestamp::MIN);
    let sessions = app.database.sweep_sessions(before, idle_since).await?;
    let tokens = app.database.sweep_ended_tokens(before).await?;
    let links = app.database.sweep_invitations(before).await?;
    let lock = SignedDuration::from_mins(app.settings.limits.lock_minutes.get().into());
    let since = before.saturating_sub(lock).unwrap_or(Timestamp::MIN);
    let attempts = app.database.sweep_sign_in_attempts(since).await?;
    Ok(sessions + tokens + links + attempts)
}
