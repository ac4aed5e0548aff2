//! Browser sessions on the server: opened at sign-in, ended by sign-out, by eight hours, by an hour unused.
//!
//! Deliberately no renewal: at the end people sign in again. The cookie's value is new at each sign-in.

use super::secret_text::{generate, hash_of};
use crate::{
    app::App,
    db::{EndedSignIns, NewSession},
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

/// The times by which what belongs to sign-in has ended.
fn ended_by(app: &App, before: Timestamp) -> EndedSignIns {
    let earlier = |by: SignedDuration| before.saturating_sub(by).unwrap_or(Timestamp::MIN);
    let lock = SignedDuration::from_mins(app.settings.limits.lock_minutes.get().into());
    EndedSignIns { before, idle_since: earlier(SESSION_IDLE), tried_before: earlier(lock) }
}

/// How many rows [`sweep_sessions`] would forget.
pub async fn count_ended(app: &App, before: Timestamp) -> Result<u64, Error> {
    Ok(app.database.count_ended_sign_ins(&ended_by(app, before)).await?)
}

/// Forgets what ended before then, of all organisations: sessions, signed-out tokens, set-up links, names whose
/// sign-in failed. Gives the number of rows.
pub async fn sweep_sessions(app: &App, before: Timestamp) -> Result<u64, Error> {
    let (db, ended) = (&app.database, ended_by(app, before));
    let sessions = db.sweep_sessions(before, ended.idle_since).await?;
    let tokens = db.sweep_ended_tokens(before).await?;
    let links = db.sweep_invitations(before).await?;
    let attempts = db.sweep_sign_in_attempts(ended.tried_before).await?;
    Ok(sessions + tokens + links + attempts)
}
