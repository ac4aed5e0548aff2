//! From a credential to who acts and what they may see. Looked up anew for each request in one statement, so
//! that a changed role, a withdrawn grant and a disabled member count at once, on every server.

use super::{
    secret_text::{MAX_CHARS, hash_of},
    security::{Circumstances, report},
    sessions::has_ended,
};
use crate::{
    app::App,
    auth::Claims,
    db::{DbError, NewMember, Person, TokenOwner},
    domain::{
        ids::{AccountId, UserId},
        permission::Role,
        scope::{AccountAccess, OrgScope},
        security_event::SecurityEvent,
    },
    error::{Error, ErrorCode},
    op::{Actor, ActorKind},
};
use jiff::{SignedDuration, Timestamp};
use std::{collections::BTreeSet, future::Future, sync::Arc};

/// Uses are written down this often: a look must not cost a write each time.
const NOTED_EVERY: SignedDuration = SignedDuration::from_mins(1);

type SignedIn = (Actor, OrgScope);

/// Whom a verified token names, in the scope that they were granted.
pub async fn by_token(app: &App, claims: &Claims, now: Timestamp) -> Result<SignedIn, Error> {
    let refused = || Error::new(ErrorCode::Unauthenticated, "the token is not valid");
    let TokenOwner { person, ended } = match find_token_owner(app, claims).await? {
        Some(owner) => owner,
        None if provisions(app) => provision(app, claims, now).await?.ok_or_else(refused)?,
        None => return Err(refused()),
    };
    let signed_out = person.signed_out_at.is_some_and(|at| claims.issued_at.is_none_or(|issued| issued < at));
    if ended || signed_out || person.disabled {
        return Err(refused());
    }
    // Tuner's own tokens only name the member: one who was erased is not whoever has the name now.
    if app.issuer.is_some() {
        let same = person.user.to_string() == claims.user_id;
        return if same { Ok(signed_in(person)) } else { Err(refused()) };
    }
    // An outside issuer decides about roles with each token. Keys of the person follow.
    if person.role != claims.role {
        let scope = app.database.system_scope(person.org, person.organization.clone());
        app.database.scoped(&scope).follow_issuer(person.user, claims.role).await?;
    }
    Ok(signed_in(Person { role: claims.role, ..person }))
}

async fn find_token_owner(app: &App, claims: &Claims) -> Result<Option<TokenOwner>, Error> {
    let Claims { organization, subject, fingerprint, .. } = claims;
    Ok(app.database.find_token_owner(organization, subject, *fingerprint).await?)
}

/// Whether what a token of an outside issuer names is made at first sight.
fn provisions(app: &App) -> bool {
    app.issuer.is_none() && app.settings.auth.provision
}

async fn provision(app: &App, claims: &Claims, now: Timestamp) -> Result<Option<TokenOwner>, Error> {
    let organization = app.database.find_or_create_organization(&claims.organization, now).await?;
    let scope = app.database.system_scope(organization.key, organization.name);
    let new = NewMember {
        user: UserId::generate(),
        subject: claims.subject.clone(),
        display_name: None,
        role: claims.role,
        created_at: now,
    };
    match app.database.scoped(&scope).create_member(&new).await {
        // Two first requests of one person at the same time.
        Ok(()) | Err(DbError::Conflict(_)) => find_token_owner(app, claims).await,
        Err(error) => Err(error.into()),
    }
}

/// Whom a session's cookie belongs to.
pub async fn by_session(app: &Arc<App>, value: &str, now: Timestamp) -> Result<SignedIn, Error> {
    let refused = || Error::new(ErrorCode::Unauthenticated, "the session has ended; sign in again");
    if value.len() > MAX_CHARS {
        return Err(refused());
    }
    let owner = app.database.find_session_owner(hash_of(value)).await?.ok_or_else(refused)?;
    if has_ended(owner.last_seen_at, owner.expires_at, now) || owner.person.disabled {
        return Err(refused());
    }
    let session = owner.session;
    if now.duration_since(owner.last_seen_at) >= NOTED_EVERY {
        note(app, &owner.person, move |app, scope| async move {
            app.database.scoped(&scope).touch_session(session, now).await
        });
    }
    Ok(signed_in(owner.person))
}

/// What an API key may do now: never more than who issued it may do now.
pub async fn by_api_key(app: &Arc<App>, text: &str, now: Timestamp) -> Result<SignedIn, Error> {
    let refused = || Error::new(ErrorCode::Unauthenticated, "the API key is not valid");
    let found =
        if text.len() <= MAX_CHARS { app.database.find_key_owner(hash_of(text)).await? } else { None };
    let Some(owner) = found else {
        let detail = "an API key that is not known".to_owned();
        report(app, SecurityEvent::SignInFailed, Circumstances { detail, ..Circumstances::default() });
        return Err(refused());
    };
    if owner.revoked || now >= owner.expires_at || owner.person.disabled {
        return Err(refused());
    }
    let key = owner.key;
    if owner.last_used_at.is_none_or(|last| now.duration_since(last) >= NOTED_EVERY) {
        note(app, &owner.person, move |app, scope| async move {
            app.database.scoped(&scope).touch_api_key(key, now).await
        });
    }
    let role = owner.role.min(owner.person.role);
    let (actor, scope) = signed_in(owner.person);
    let scope = narrowed(scope, owner.accounts);
    Ok((Actor { kind: ActorKind::ApiKey(key), role, scopes: Some(owner.scopes), ..actor }, scope))
}

fn narrowed(scope: OrgScope, accounts: Option<BTreeSet<AccountId>>) -> OrgScope {
    match accounts {
        Some(accounts) => scope.narrowed_to(accounts),
        None => scope,
    }
}

fn signed_in(person: Person) -> SignedIn {
    let access = access_of(person.role, person.grants);
    let scope = OrgScope::granted_by_sign_in(person.org, person.organization, access);
    (Actor::member(person.user, person.subject, person.role), scope)
}

#[must_use]
pub fn access_of(role: Role, grants: BTreeSet<AccountId>) -> AccountAccess {
    if role.sees_all_accounts() { AccountAccess::All } else { AccountAccess::Only(grants) }
}

/// Writes a use down beside the request, which does not wait for it.
fn note<F>(app: &Arc<App>, person: &Person, write: impl FnOnce(Arc<App>, OrgScope) -> F)
where
    F: Future<Output = Result<(), DbError>> + Send + 'static,
{
    let scope = app.database.system_scope(person.org, person.organization.clone());
    let write = write(Arc::clone(app), scope);
    app.background.spawn(async move {
        if let Err(error) = write.await {
            tracing::warn!(%error, "the use of a session or key was not written down");
        }
    });
}
