//! What people do with their own sign-in: another password, one-time codes, sign-out.
//!
//! Invariant: whoever changes how they sign in shows the password again, and wrong ones count as failed
//! sign-ins: a session that was left open is not enough.

use super::{
    local::{Counted, require_local},
    passwords::{self, Factors},
    security::Circumstances,
    totp,
};
use crate::{
    app::App,
    auth::Claims,
    db::Credential,
    error::{Error, ErrorCode},
    op::OpCx,
};
use secrecy::SecretString;

/// What an authenticator app needs.
pub struct TotpOffer {
    pub url: String,
    pub secret: String,
}

/// Every session and every token until now ends, this one too. API keys go on: programs use them, and they are
/// revoked one by one.
pub async fn sign_out_everywhere(app: &App, cx: &OpCx) -> Result<(), Error> {
    Ok(app.database.scoped(&cx.scope).sign_out_everywhere(cx.actor.user_id, cx.now).await?)
}

/// This one token is refused from now on.
pub async fn end_token(app: &App, cx: &OpCx, claims: &Claims) -> Result<(), Error> {
    Ok(app.database.scoped(&cx.scope).end_token(claims.fingerprint, claims.expires_at).await?)
}

/// Ends every session and token until now: whoever knew the old password is out.
pub async fn change_password(
    app: &App,
    cx: &OpCx,
    current: &SecretString,
    new: &SecretString,
) -> Result<(), Error> {
    let credential = prove(app, cx, current).await?;
    let factors = if credential.totp_since.is_some() { Factors::WithCode } else { Factors::PasswordAlone };
    let known = [cx.actor.subject.as_str(), cx.scope.organization().as_str()];
    let hash = passwords::hash_new(new, factors, &known).await?;
    Ok(app.database.scoped(&cx.scope).set_password(cx.actor.user_id, &hash, cx.now).await?)
}

/// A new seed; codes are asked for once one of them came back.
pub async fn offer_totp(app: &App, cx: &OpCx, password: &SecretString) -> Result<TotpOffer, Error> {
    prove(app, cx, password).await?;
    let seed = totp::new_seed()?;
    let (user, db) = (cx.actor.user_id, app.database.scoped(&cx.scope));
    if !db.offer_totp_seed(user, &seed).await? {
        return Err(Error::new(ErrorCode::Conflict, "one-time codes are set up already; remove them first"));
    }
    let (url, secret) = totp::enrolment(&seed, &cx.actor.subject)?;
    Ok(TotpOffer { url, secret })
}

pub async fn confirm_totp(app: &App, cx: &OpCx, code: &str) -> Result<(), Error> {
    let (user, db) = (cx.actor.user_id, app.database.scoped(&cx.scope));
    let nothing_open = || Error::new(ErrorCode::Conflict, "no set-up of one-time codes is open; begin anew");
    let credential = db.find_credential(user).await?.filter(|found| found.totp_since.is_none());
    let sealed = credential.and_then(|found| found.totp_seed).ok_or_else(nothing_open)?;
    let seed = totp::open(app, &cx.scope, user, &sealed).await?;
    let step = totp::step_of(&seed, code, cx.now)?.ok_or_else(|| {
        let detail = "that is not the code that is shown now; check the clock of the device";
        Error::new(ErrorCode::Unprocessable, detail).with_field("totpCode", detail)
    })?;
    if db.confirm_totp(user, step, cx.now).await? { Ok(()) } else { Err(nothing_open()) }
}

/// The password must do alone again, so it must be long enough.
pub async fn remove_totp(app: &App, cx: &OpCx, password: &SecretString) -> Result<(), Error> {
    prove(app, cx, password).await?;
    passwords::check_length_alone(password)?;
    Ok(app.database.scoped(&cx.scope).remove_totp(cx.actor.user_id).await?)
}

/// The password once more.
async fn prove(app: &App, cx: &OpCx, password: &SecretString) -> Result<Credential, Error> {
    require_local(app)?;
    let db = app.database.scoped(&cx.scope);
    let credential = db.find_credential(cx.actor.user_id).await?.ok_or_else(|| {
        Error::new(ErrorCode::Conflict, "you have no password here; ask an administrator for a set-up link")
    })?;
    let organization = cx.scope.organization();
    let attempt = Counted::begin(app, Some(organization), &cx.actor.subject, cx.now).await?;
    if passwords::verify(password, Some(&credential.password_hash)).await? {
        attempt.succeeded(app).await?;
        return Ok(credential);
    }
    let (scope, user, origin) = (Some(&cx.scope), Some(cx.actor.user_id), Some(&cx.origin));
    attempt.failed(app, Circumstances { scope, user, origin, ..Circumstances::default() });
    let detail = "the password is wrong";
    Err(Error::new(ErrorCode::Unprocessable, detail).with_field("password", detail))
}
