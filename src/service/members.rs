//! The people of an organisation: who they are, what they may do, their tokens.

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

const MAX_SUBJECT_CHARS: usize = 190;
/// A working day: as long as a browser's session may last.
const TOKEN_LIFE: SignedDuration = SignedDuration::from_hours(8);

/// A bearer token of Tuner's own.
#[derive(Debug)]
pub struct AccessToken {
    pub text: SecretString,
    pub expires_at: Timestamp,
}

/// How a person is named in tokens and in the audit.
pub fn checked_subject(text: &str) -> Result<&str, Error> {
    let text = text.trim();
    let fits = (1..=MAX_SUBJECT_CHARS).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    if fits {
        Ok(text)
    } else {
        Err(Error::invalid_field(
            "name",
            format!("use 1 to {MAX_SUBJECT_CHARS} characters, no control characters"),
        ))
    }
}

pub async fn add_member(app: &App, cx: &OpCx, subject: &str, role: Role) -> Result<(), Error> {
    let new = NewMember {
        user: UserId::generate(),
        subject: checked_subject(subject)?.to_owned(),
        display_name: None,
        role,
        created_at: cx.now,
    };
    Ok(app.database.scoped(&cx.scope).create_member(&new).await?)
}

pub async fn list_members(app: &App, cx: &OpCx) -> Result<Vec<Member>, Error> {
    Ok(app.database.scoped(&cx.scope).list_members(None, u32::MAX).await?)
}

/// Replaces what a person may see.
pub async fn grant_accounts(
    app: &App,
    cx: &OpCx,
    subject: &str,
    accounts: &BTreeSet<AccountId>,
) -> Result<(), Error> {
    let member = find(app, &cx.scope, subject).await?;
    Ok(app.database.scoped(&cx.scope).set_grants(member.user, accounts).await?)
}

async fn find(app: &App, scope: &OrgScope, subject: &str) -> Result<Member, Error> {
    let found = app.database.scoped(scope).find_member(subject).await?;
    found.ok_or_else(|| Error::new(ErrorCode::NotFound, format!("there is no member called {subject:?}")))
}

/// An access token of Tuner's own for a member.
pub async fn issue_token(
    app: &App,
    scope: &OrgScope,
    subject: &str,
    now: Timestamp,
) -> Result<AccessToken, Error> {
    let issuer = app.issuer.as_ref().ok_or_else(|| {
        Error::new(
            ErrorCode::Conflict,
            "an outside issuer is configured (auth.jwks_url or auth.jwks_file); it makes the tokens",
        )
    })?;
    let member = find(app, scope, subject).await?;
    if member.disabled_at.is_some() {
        return Err(Error::new(ErrorCode::Conflict, format!("{subject:?} is disabled")));
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
