//! API keys: issued to programs by people, shown once, never stronger than who issued them.

use super::{
    members::checked_subject,
    rights::{Rights, require_within},
    secret_text::{generate, hash_of},
    sign_in::access_of,
};
use crate::{
    app::App,
    db::ApiKey,
    domain::{
        ids::{AccountId, ApiKeyId, UserId},
        permission::{Permission, Role, Scope},
        scope::AccountAccess,
    },
    error::{Error, ErrorCode},
    op::{ActorKind, OpCx},
};
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretString};
use std::collections::BTreeSet;

pub use crate::db::ApiKey as KnownKey;

/// How the text of a key begins.
pub const PREFIX: &str = "tnr_";
const SHOWN_CHARS: usize = 12;
const DEFAULT_LIFE: SignedDuration = SignedDuration::from_hours(90 * 24);
const MAX_LIFE: SignedDuration = SignedDuration::from_hours(366 * 24);
const MAX_ACCOUNTS: usize = 1000;

#[derive(Clone, Debug)]
pub struct NewKey {
    pub name: String,
    pub role: Role,
    pub scopes: BTreeSet<Scope>,
    /// None: all that the issuer sees, now and later.
    pub accounts: Option<BTreeSet<AccountId>>,
    /// None: in 90 days.
    pub expires_at: Option<Timestamp>,
}

pub struct IssuedKey {
    pub key: ApiKey,
    /// Shown once.
    pub text: SecretString,
}

/// A key of a member: of the caller, or at the command line of whom it names.
pub async fn issue(app: &App, cx: &OpCx, issuer: UserId, new: NewKey) -> Result<IssuedKey, Error> {
    let name = checked_subject(&new.name)?.to_owned();
    if new.scopes.is_empty() {
        return Err(Error::invalid_field("scopes", "name at least one"));
    }
    require_within(cx, Rights { role: new.role, scopes: Some(&new.scopes) })?;
    let accounts = checked_accounts(app, cx, new.accounts).await?;
    require_of_issuer(app, cx, issuer, new.role, accounts.as_ref()).await?;
    let expires_at = checked_end(app, cx, new.expires_at).await?;
    let text = generate(PREFIX)?;
    let key = ApiKey {
        id: ApiKeyId::generate(),
        issued_by: issuer,
        name,
        shown: text.expose_secret().chars().take(SHOWN_CHARS).collect(),
        role: new.role,
        scopes: new.scopes,
        accounts,
        created_at: cx.now,
        expires_at,
        revoked_at: None,
        last_used_at: None,
    };
    app.database.scoped(&cx.scope).create_api_key(&key, hash_of(text.expose_secret())).await?;
    Ok(IssuedKey { key, text })
}

/// A key that sees some accounts hands these on by name: its issuer may see more.
async fn checked_accounts(
    app: &App,
    cx: &OpCx,
    asked: Option<BTreeSet<AccountId>>,
) -> Result<Option<BTreeSet<AccountId>>, Error> {
    let Some(accounts) = asked else {
        return Ok(match (cx.actor.kind, cx.scope.accounts()) {
            (ActorKind::ApiKey(_), AccountAccess::Only(seen)) => Some(seen.clone()),
            _ => None,
        });
    };
    if accounts.len() > MAX_ACCOUNTS {
        return Err(Error::invalid_field("accountIds", format!("name at most {MAX_ACCOUNTS}")));
    }
    for account in &accounts {
        app.database.scoped(&cx.scope).get_account(*account).await?;
    }
    Ok(Some(accounts))
}

/// The member whose key it becomes could issue it, too.
async fn require_of_issuer(
    app: &App,
    cx: &OpCx,
    issuer: UserId,
    role: Role,
    accounts: Option<&BTreeSet<AccountId>>,
) -> Result<(), Error> {
    let db = app.database.scoped(&cx.scope);
    let member = db.get_member(issuer).await?;
    let sees = access_of(member.role, db.list_grants(issuer).await?);
    let within = role <= member.role && member.role.holds(Permission::IssueApiKeys);
    if within && accounts.is_none_or(|accounts| accounts.iter().all(|account| sees.sees(*account))) {
        return Ok(());
    }
    let detail = format!("{:?} is {} and may not have this key", member.subject, member.role);
    Err(Error::new(ErrorCode::AboveOwnRights, detail))
}

/// A key that issues another one ends no earlier than that.
async fn checked_end(app: &App, cx: &OpCx, asked: Option<Timestamp>) -> Result<Timestamp, Error> {
    let own_end = match cx.actor.kind {
        ActorKind::ApiKey(key) => Some(app.database.scoped(&cx.scope).get_api_key(key).await?.expires_at),
        _ => None,
    };
    let latest = own_end.unwrap_or(Timestamp::MAX);
    let Some(asked) = asked else { return Ok((cx.now + DEFAULT_LIFE).min(latest)) };
    if asked <= cx.now || asked.duration_since(cx.now) > MAX_LIFE {
        return Err(Error::invalid_field("expiresAt", "name a time from now to a year ahead"));
    }
    if asked > latest {
        return Err(Error::new(ErrorCode::AboveOwnRights, "a key issues none that outlives it"));
    }
    Ok(asked)
}

/// Whoever manages users sees everybody's keys, others see their own.
fn visible(cx: &OpCx) -> Option<UserId> {
    if cx.actor.may(Permission::ManageUsers) { None } else { Some(cx.actor.user_id) }
}

pub async fn list_keys(
    app: &App,
    cx: &OpCx,
    after: Option<ApiKeyId>,
    limit: u32,
) -> Result<Vec<ApiKey>, Error> {
    Ok(app.database.scoped(&cx.scope).list_api_keys(visible(cx), after, limit).await?)
}

/// For good, from the next request on.
pub async fn revoke_key(app: &App, cx: &OpCx, key: ApiKeyId) -> Result<(), Error> {
    let db = app.database.scoped(&cx.scope);
    let found = db.get_api_key(key).await?;
    if visible(cx).is_some_and(|own| own != found.issued_by) {
        return Err(Error::not_found());
    }
    Ok(db.revoke_api_key(key, cx.now).await?)
}
