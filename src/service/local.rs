//! Sign-in of local users with name, password and, once they set it up, a one-time code.
//!
//! Invariant: whoever fails learns nothing: a name or organisation that does not exist, one without a password
//! and one that is disabled are counted, locked, timed and answered like a wrong password.

use super::{
    passwords,
    security::{Circumstances, report},
    totp,
};
use crate::{
    app::App,
    db::{Attempt, LocalUser, LockRule},
    domain::{
        ids::{OrganizationId, UserId},
        scope::OrgScope,
        security_event::SecurityEvent,
    },
    error::{Error, ErrorCode},
    op::Origin,
};
use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;
use sha2::{Digest, Sha256};

/// What somebody says who they are.
#[derive(Debug)]
pub struct LogIn {
    /// May be left out where there is only one.
    pub organization: Option<OrganizationId>,
    pub name: String,
    pub password: SecretString,
    pub totp_code: Option<String>,
}

/// Somebody who proved to be this member.
#[derive(Clone, Debug)]
pub struct SignedInMember {
    /// The whole organisation: for what sign-in itself does.
    pub scope: OrgScope,
    pub user: UserId,
    pub subject: String,
}

/// Local sign-in is the embedded default: an outside issuer takes its place.
pub fn require_local(app: &App) -> Result<(), Error> {
    if app.issuer.is_some() {
        return Ok(());
    }
    Err(Error::new(
        ErrorCode::Conflict,
        "an outside issuer is configured (auth.jwks_url or auth.jwks_file); people sign in there",
    ))
}

pub async fn log_in(
    app: &App,
    asked: &LogIn,
    origin: &Origin,
    now: Timestamp,
) -> Result<SignedInMember, Error> {
    require_local(app)?;
    let organization = match &asked.organization {
        Some(named) => Some(named.clone()),
        None => app.database.find_only_organization().await?.map(|only| only.name),
    };
    let name = asked.name.trim();
    let attempt = Counted::begin(app, organization.as_ref(), name, now).await?;
    let found = match &organization {
        Some(organization) => app.database.find_local_user(organization, name).await?,
        None => None,
    };
    let scope =
        found.as_ref().zip(organization).map(|(user, named)| app.database.system_scope(user.org, named));
    let user = found.as_ref().map(|found| found.user);
    match judge(app, scope.as_ref(), found, asked, now).await? {
        Some(signed_in) => {
            attempt.succeeded(app).await?;
            Ok(signed_in)
        }
        None => Err(attempt.failed(
            app,
            Circumstances { scope: scope.as_ref(), user, origin: Some(origin), ..Circumstances::default() },
        )),
    }
}

async fn judge(
    app: &App,
    scope: Option<&OrgScope>,
    found: Option<LocalUser>,
    asked: &LogIn,
    now: Timestamp,
) -> Result<Option<SignedInMember>, Error> {
    let hash = found.as_ref().map(|user| user.credential.password_hash.as_str());
    let right = passwords::verify(&asked.password, hash).await?;
    let (Some(user), Some(scope)) = (found.filter(|user| right && !user.disabled), scope) else {
        return Ok(None);
    };
    if let Some(sealed) = user.credential.totp_seed.as_ref().filter(|_| user.credential.totp_since.is_some())
    {
        let code = asked.totp_code.as_deref().unwrap_or_default();
        if !totp::use_code(app, scope, user.user, sealed, code, now).await? {
            return Ok(None);
        }
    }
    Ok(Some(SignedInMember { scope: scope.clone(), user: user.user, subject: user.subject }))
}

/// An attempt that counts as a failure until it has succeeded.
pub struct Counted {
    name_hash: [u8; 32],
    locks: bool,
}

impl Counted {
    /// Refuses with the time to wait where the name is locked.
    pub async fn begin(
        app: &App,
        organization: Option<&OrganizationId>,
        name: &str,
        now: Timestamp,
    ) -> Result<Self, Error> {
        let name_hash = name_hash(organization, name);
        let limits = &app.settings.limits;
        let rule = LockRule {
            after_failures: limits.lock_after_failures.get(),
            lasts: SignedDuration::from_mins(limits.lock_minutes.get().into()),
        };
        match app.database.begin_sign_in_attempt(name_hash, rule, now).await? {
            Attempt::Counted(failures) => Ok(Self { name_hash, locks: failures >= rule.after_failures }),
            Attempt::LockedUntil(end) => Err(locked(end.duration_since(now))),
        }
    }

    pub async fn succeeded(self, app: &App) -> Result<(), Error> {
        Ok(app.database.clear_sign_in_attempts(self.name_hash).await?)
    }

    /// The one answer to every failure.
    pub fn failed(self, app: &App, what: Circumstances<'_>) -> Error {
        report(app, SecurityEvent::SignInFailed, what.clone());
        if self.locks {
            report(app, SecurityEvent::SignInLocked, what);
        }
        Error::new(ErrorCode::Unauthenticated, "organization, name, password or one-time code is wrong")
    }
}

fn locked(wait: SignedDuration) -> Error {
    let seconds = wait.as_secs() + i64::from(wait.subsec_nanos() > 0);
    let seconds = u32::try_from(seconds).unwrap_or(u32::MAX);
    Error::new(ErrorCode::TooManyRequests, "too many failed sign-ins; wait before the next one")
        .with_retry_after_secs(seconds)
}

/// An organisation's name holds no zero byte, so the two never blur.
fn name_hash(organization: Option<&OrganizationId>, name: &str) -> [u8; 32] {
    let organization = organization.map(OrganizationId::as_str).unwrap_or_default();
    Sha256::new().chain_update(organization).chain_update([0]).chain_update(name).finalize().into()
}

/// Forgets that somebody tried to sign in under this name.
pub async fn forget_attempts(app: &App, organization: &OrganizationId, name: &str) -> Result<(), Error> {
    Ok(app.database.clear_sign_in_attempts(name_hash(Some(organization), name)).await?)
}
