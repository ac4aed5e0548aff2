//! The people of an organisation: who they are, what they may do, what they may see, their tokens.

use super::{
    local::require_local,
    rights::{Rights, require_within},
};
use crate::{
    app::App,
    auth::Identity,
    db::{Member, NewMember},
    domain::{
        ids::{AccountId, RequestId, UserId},
        permission::Role,
        scope::OrgScope,
    },
    error::{Error, ErrorCode},
    op::OpCx,
};
use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;
use std::collections::BTreeSet;

pub use crate::db::{MemberChange, Standing};

const MAX_SUBJECT_CHARS: usize = 190;
/// A working day: as long as a browser's session may last.
const TOKEN_LIFE: SignedDuration = SignedDuration::from_hours(8);

/// A bearer token of Tuner's own.
#[derive(Debug)]
pub struct AccessToken {
    pub text: SecretString,
    pub expires_at: Timestamp,
}

/// Somebody to come.
#[derive(Clone, Debug)]
pub struct NewPerson {
    pub name: String,
    pub display_name: Option<String>,
    pub role: Role,
    pub accounts: BTreeSet<AccountId>,
}

#[derive(Clone, Debug)]
pub struct KnownMember {
    pub member: Member,
    /// Of the accounts that the caller sees; none where the role sees all.
    pub accounts: Option<BTreeSet<AccountId>>,
}

/// How a person is named in tokens and in the audit.
pub fn checked_subject(text: &str) -> Result<&str, Error> {
    checked(text, "name", 1)
}

fn checked<'a>(text: &'a str, field: &str, least: usize) -> Result<&'a str, Error> {
    let text = text.trim();
    let fits = (least..=MAX_SUBJECT_CHARS).contains(&text.chars().count());
    if fits && !text.chars().any(char::is_control) {
        return Ok(text);
    }
    let detail = format!("use {least} to {MAX_SUBJECT_CHARS} characters, no control characters");
    Err(Error::invalid_field(field, detail))
}

pub async fn add_member(app: &App, cx: &OpCx, new: NewPerson) -> Result<KnownMember, Error> {
    let subject = checked_subject(&new.name)?.to_owned();
    let display_name = new.display_name.as_deref().map(|name| checked(name, "displayName", 0)).transpose()?;
    require_within(cx, Rights::of_role(new.role))?;
    let member = NewMember {
        user: UserId::generate(),
        subject,
        display_name: display_name.filter(|name| !name.is_empty()).map(str::to_owned),
        role: new.role,
        created_at: cx.now,
    };
    app.database.scoped(&cx.scope).create_member_with_grants(&member, &new.accounts).await?;
    get_member(app, cx, member.user).await
}

pub async fn get_member(app: &App, cx: &OpCx, user: UserId) -> Result<KnownMember, Error> {
    let db = app.database.scoped(&cx.scope);
    let member = db.get_member(user).await?;
    Ok(known(cx, member, db.list_grants(user).await?))
}

/// In the order in which they came, without those who were erased.
pub async fn list_members(
    app: &App,
    cx: &OpCx,
    after: Option<UserId>,
    limit: u32,
) -> Result<Vec<KnownMember>, Error> {
    let db = app.database.scoped(&cx.scope);
    let members = db.list_members(after, limit).await?;
    let users: Vec<UserId> = members.iter().map(|member| member.user).collect();
    let mut granted = db.list_grants_of(&users).await?;
    let known = |member: Member| {
        let accounts = granted.remove(&member.user).unwrap_or_default();
        known(cx, member, accounts)
    };
    Ok(members.into_iter().map(known).collect())
}

fn known(cx: &OpCx, member: Member, granted: BTreeSet<AccountId>) -> KnownMember {
    let seen = || granted.into_iter().filter(|account| cx.scope.accounts().sees(*account)).collect();
    let accounts = if member.role.sees_all_accounts() { None } else { Some(seen()) };
    KnownMember { member, accounts }
}

/// Role, grants, name and standing; counts in the member's next request.
pub async fn change_member(
    app: &App,
    cx: &OpCx,
    user: UserId,
    mut change: MemberChange,
) -> Result<KnownMember, Error> {
    if let Some(role) = change.role {
        if app.issuer.is_none() {
            let detail = "the outside issuer names the roles, with each token";
            return Err(Error::new(ErrorCode::Conflict, detail));
        }
        require_within(cx, Rights::of_role(role))?;
    }
    if let Some(name) = &change.display_name {
        change.display_name = Some(checked(name, "displayName", 0)?.to_owned());
    }
    app.database.scoped(&cx.scope).change_member(user, &change, cx.now).await?;
    get_member(app, cx, user).await
}

/// For the command line, where people are named.
pub async fn find_member(app: &App, cx: &OpCx, subject: &str) -> Result<Member, Error> {
    let found = app.database.scoped(&cx.scope).find_member(subject).await?;
    found.ok_or_else(|| Error::new(ErrorCode::NotFound, format!("there is no member called {subject:?}")))
}

/// An access token of Tuner's own for a member.
pub async fn issue_token(
    app: &App,
    scope: &OrgScope,
    user: UserId,
    now: Timestamp,
) -> Result<AccessToken, Error> {
    require_local(app)?;
    let issuer = app.issuer.as_ref().ok_or_else(Error::not_found)?;
    let member = app.database.scoped(scope).get_member(user).await?;
    if member.disabled_at.is_some() {
        return Err(Error::new(ErrorCode::Conflict, format!("{:?} is disabled", member.subject)));
    }
    let identity = Identity {
        subject: member.subject,
        user_id: member.user.to_string(),
        organization: scope.organization().clone(),
        role: member.role,
    };
    let token_id = RequestId::generate().to_string();
    let text = issuer.issue(&identity, &token_id, now, TOKEN_LIFE).map_err(Error::internal)?;
    Ok(AccessToken { text, expires_at: now + TOKEN_LIFE })
}
