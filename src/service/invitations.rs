//! Set-up links: the person who gets one chooses a password with it, once. Also the way back for whoever lost
//! theirs: the old password, one-time codes, sessions and tokens end when the link is used.

use super::{
    local::{SignedInMember, require_local},
    passwords::{Factors, hash_new},
    rights::{Rights, require_within},
    secret_text::{MAX_CHARS, generate, hash_of},
};
use crate::{
    app::App,
    domain::ids::UserId,
    error::{Error, ErrorCode},
    op::OpCx,
};
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretString};

const LINK_LIFE: SignedDuration = SignedDuration::from_hours(72);

pub struct Invitation {
    /// For the person alone.
    pub link: SecretString,
    pub expires_at: Timestamp,
}

/// The secret stands in the fragment: browsers send it to no server and keep it out of `Referer`.
#[must_use]
pub fn link_to(app: &App, page: &str, secret: &str) -> SecretString {
    let mut url = app.settings.server.public_url.clone();
    let path = format!("{}/{page}", url.path().trim_end_matches('/'));
    url.set_path(&path);
    url.set_fragment(Some(secret));
    String::from(url).into()
}

/// A new link; an older one of the member ends. Whoever holds it becomes the member: none above oneself.
pub async fn invite(app: &App, cx: &OpCx, user: UserId) -> Result<Invitation, Error> {
    require_local(app)?;
    let db = app.database.scoped(&cx.scope);
    let member = db.get_member(user).await?;
    require_within(cx, Rights::of_role(member.role))?;
    if member.disabled_at.is_some() {
        return Err(Error::new(ErrorCode::Conflict, "the member is disabled; enable them first"));
    }
    let secret = generate("")?;
    let expires_at = cx.now + LINK_LIFE;
    db.put_invitation(user, hash_of(secret.expose_secret()), cx.now, expires_at).await?;
    Ok(Invitation { link: link_to(app, "join", secret.expose_secret()), expires_at })
}

/// Uses the link up and gives its member the password. A password that is refused leaves the link as it was.
pub async fn accept_invitation(
    app: &App,
    secret: &str,
    password: &SecretString,
    now: Timestamp,
) -> Result<SignedInMember, Error> {
    require_local(app)?;
    let refused = || {
        Error::new(ErrorCode::Unauthenticated, "the set-up link is wrong, used or too old; ask for a new one")
    };
    let hash = hash_of(Some(secret).filter(|secret| secret.len() <= MAX_CHARS).ok_or_else(refused)?);
    let invited = app.database.find_invitation(hash).await?.filter(|found| now < found.expires_at);
    let invited = invited.ok_or_else(refused)?;
    let known = [invited.subject.as_str(), invited.organization.as_str()];
    let password_hash = hash_new(password, Factors::PasswordAlone, &known).await?;
    let scope = app.database.system_scope(invited.org, invited.organization);
    if !app.database.scoped(&scope).accept_invitation(invited.user, hash, &password_hash, now).await? {
        return Err(refused());
    }
    super::local::forget_attempts(app, scope.organization(), &invited.subject).await?;
    Ok(SignedInMember { scope, user: invited.user, subject: invited.subject })
}
