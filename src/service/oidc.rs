//! Signing in through the organisation's OpenID provider: sends the browser there, and takes it back.
//!
//! The provider decides at each sign-in: its groups give the role, and a role that was given here meanwhile
//! is replaced. Grants of accounts stay ours. Who lost their groups gets no new session.
//!
//! Invariant: a sign-in ends in the browser that began it, once, within ten minutes.

use super::{
    audit::{Ending, SignedInFrom, begin, finish, record_sign_in},
    security::{Circumstances, report},
    sessions::open_session,
};
use crate::{
    app::App,
    auth::oidc::{Answer, OidcProvider, Person, Secrets},
    db::{DbError, LoginProof, Member, NewMember, Organization, PendingLogin},
    domain::{
        ids::{RequestId, UserId},
        return_path::ReturnPath,
        scope::OrgScope,
        security_event::SecurityEvent,
    },
    error::{Error, ErrorCode},
    op::{Actor, OpCx, Origin},
};
use aws_lc_rs::rand;
use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;
use url::Url;

/// Long enough to type a password and find one's phone.
pub const LOGIN_LIFE: SignedDuration = SignedDuration::from_mins(10);
const SECRET_BYTES: usize = 32;

/// A browser on its way to the provider.
#[derive(Debug)]
pub struct Begun {
    pub location: Url,
    /// Stays in the browser, and proves later that it is the same one.
    pub browser: String,
}

/// A browser that came back.
pub struct Return<'a> {
    pub browser: Option<&'a str>,
    pub state: Option<&'a str>,
    pub answer: Answer,
    pub origin: &'a Origin,
    pub request_id: RequestId,
}

#[derive(Debug)]
pub struct Completed {
    /// The value of the session's cookie.
    pub session: SecretString,
    pub return_path: ReturnPath,
}

/// Hex, so that it fits a cookie, an address and RFC 7636's verifier.
fn random_text() -> Result<String, Error> {
    let mut bytes = [0; SECRET_BYTES];
    rand::fill(&mut bytes).map_err(|_| Error::internal("the system gives no random numbers"))?;
    Ok(hex::encode(bytes))
}

/// What is not configured is not there.
fn provider(app: &App) -> Result<&OidcProvider, Error> {
    app.oidc.as_ref().ok_or_else(Error::not_found)
}

/// A browser that has a proof already keeps it, so that two of its tabs can sign in at the same time.
pub async fn begin_sign_in(
    app: &App,
    browser: Option<&str>,
    return_path: ReturnPath,
) -> Result<Begun, Error> {
    let provider = provider(app)?;
    let now = app.clock.now();
    let browser = match browser.filter(|text| is_ours(text)) {
        Some(kept) => kept.to_owned(),
        None => random_text()?,
    };
    let (state, nonce, pkce_verifier) = (random_text()?, random_text()?, random_text()?);
    let secrets = Secrets { state: &state, nonce: &nonce, pkce_verifier: &pkce_verifier };
    let location = provider.authorization_url(&secrets, now).await?;
    app.database.delete_oidc_logins(now - LOGIN_LIFE).await?;
    let proof = LoginProof { state: &state, browser: &browser };
    let login = PendingLogin { nonce, pkce_verifier, return_path };
    app.database.create_oidc_login(proof, &login, now).await?;
    Ok(Begun { location, browser })
}

fn is_ours(text: &str) -> bool {
    text.len() == 2 * SECRET_BYTES && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

/// Opens a session for whom the provider vouches for.
pub async fn complete_sign_in(app: &App, back: Return<'_>) -> Result<Completed, Error> {
    let origin = back.origin;
    let completed = complete(app, back).await;
    if let Err(error) = &completed
        && matches!(error.code(), ErrorCode::Unauthenticated | ErrorCode::Forbidden)
    {
        let detail = format!("through the identity provider: {}", error.code());
        let what = Circumstances { origin: Some(origin), detail, ..Circumstances::default() };
        report(app, SecurityEvent::SignInFailed, what);
    }
    completed
}

async fn complete(app: &App, back: Return<'_>) -> Result<Completed, Error> {
    let provider = provider(app)?;
    let now = app.clock.now();
    let login = pending_login(app, &back, now).await?;
    let secrets = Secrets {
        state: back.state.unwrap_or_default(),
        nonce: &login.nonce,
        pkce_verifier: &login.pkce_verifier,
    };
    let person = provider.finish(back.answer, &secrets, now).await?;
    let (scope, user) = admit(app, &person, now).await?;
    let from = SignedInFrom { request_id: back.request_id, origin: back.origin.clone(), now };
    record_sign_in(app, &scope, user, from).await?;
    let session = open_session(app, &scope, user, now, back.origin).await?;
    Ok(Completed { session, return_path: login.return_path })
}

async fn pending_login(app: &App, back: &Return<'_>, now: Timestamp) -> Result<PendingLogin, Error> {
    let found = match (back.state, back.browser) {
        (Some(state), Some(browser)) => {
            app.database.consume_oidc_login(LoginProof { state, browser }, now - LOGIN_LIFE).await?
        }
        _ => None,
    };
    found.ok_or_else(|| {
        Error::new(
            ErrorCode::Unauthenticated,
            "this sign-in was not begun in this browser, has ended or took longer than 10 minutes; begin again",
        )
    })
}

/// Finds or makes the member, as the provider describes the person today.
async fn admit(app: &App, person: &Person, now: Timestamp) -> Result<(OrgScope, UserId), Error> {
    let organization = find_organization(app, person, now).await?;
    let scope = app.database.system_scope(organization.key, organization.name);
    let member = find_member(app, &scope, person, now).await?;
    if member.disabled_at.is_some() {
        return Err(Error::new(ErrorCode::Forbidden, "your access to Tuner was taken away"));
    }
    let db = app.database.scoped(&scope);
    if member.role != person.role {
        let cx = OpCx::without_request(Actor::system(), scope.clone(), now);
        let target = format!("userId={}", member.user);
        let intent = begin(app, &cx, "follow_provider", Some(&target)).await?;
        let done = db.follow_issuer(member.user, person.role).await.map_err(Error::from);
        let detail = Some(format!("{} becomes {}", member.role, person.role));
        finish(app, intent, Ending { detail, ..Ending::from(&done) }).await;
        done?;
    }
    if person.display_name.is_some() && member.display_name != person.display_name {
        db.follow_issuer_name(member.user, person.display_name.as_deref()).await?;
    }
    Ok((scope, member.user))
}

fn stranger() -> Error {
    Error::new(ErrorCode::Forbidden, "nobody has let you in to Tuner yet")
}

async fn find_organization(app: &App, person: &Person, now: Timestamp) -> Result<Organization, Error> {
    if app.settings.auth.provision {
        return Ok(app.database.find_or_create_organization(&person.organization, now).await?);
    }
    app.database.find_organization(&person.organization).await?.ok_or_else(stranger)
}

async fn find_member(app: &App, scope: &OrgScope, person: &Person, now: Timestamp) -> Result<Member, Error> {
    let db = app.database.scoped(scope);
    if let Some(member) = db.find_member(&person.subject).await? {
        return Ok(member);
    }
    if !app.settings.auth.provision {
        return Err(stranger());
    }
    let new = NewMember {
        user: UserId::generate(),
        subject: person.subject.clone(),
        display_name: person.display_name.clone(),
        role: person.role,
        created_at: now,
    };
    match db.create_member(&new).await {
        // Two first sign-ins of one person at the same time.
        Ok(()) | Err(DbError::Conflict(_)) => {}
        Err(error) => return Err(error.into()),
    }
    db.find_member(&person.subject).await?.ok_or_else(stranger)
}
