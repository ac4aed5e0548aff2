//! From a verified token to who acts and what they may see. Looked up anew for each request, so that a
//! changed role, a withdrawn grant and a disabled member count at once.

use crate::{
    app::App,
    auth::Claims,
    db::{DbError, Member, NewMember, Organization},
    domain::{
        ids::UserId,
        permission::Role,
        scope::{AccountAccess, OrgScope},
    },
    error::{Error, ErrorCode},
    op::Actor,
};
use jiff::Timestamp;

/// Who the token names, in the scope that they were granted.
pub async fn sign_in(app: &App, claims: &Claims, now: Timestamp) -> Result<(Actor, OrgScope), Error> {
    let organization = find_organization(app, claims, now).await?;
    let all = app.database.system_scope(organization.key, organization.name.clone());
    let member = find_member(app, &all, claims, now).await?;
    if member.disabled_at.is_some() {
        return Err(refused());
    }
    // An outside issuer decides about roles with each token; Tuner's own tokens only name the member.
    let role = if app.issuer.is_some() { member.role } else { claims.role };
    let access = access_of(app, &all, &member, role).await?;
    let scope = OrgScope::granted_by_sign_in(organization.key, organization.name, access);
    Ok((Actor::member(member.user, member.subject, role), scope))
}

fn refused() -> Error {
    Error::new(ErrorCode::Unauthenticated, "the token is not valid")
}

/// Whether what a token of an outside issuer names is made at first sight.
fn provisions(app: &App) -> bool {
    app.issuer.is_none() && app.settings.auth.provision
}

async fn find_organization(app: &App, claims: &Claims, now: Timestamp) -> Result<Organization, Error> {
    if provisions(app) {
        return Ok(app.database.find_or_create_organization(&claims.organization, now).await?);
    }
    app.database.find_organization(&claims.organization).await?.ok_or_else(refused)
}

async fn find_member(app: &App, scope: &OrgScope, claims: &Claims, now: Timestamp) -> Result<Member, Error> {
    let db = app.database.scoped(scope);
    if let Some(member) = db.find_member(&claims.subject).await? {
        return Ok(member);
    }
    if !provisions(app) {
        return Err(refused());
    }
    let new = NewMember {
        user: UserId::generate(),
        subject: claims.subject.clone(),
        display_name: None,
        role: claims.role,
        created_at: now,
    };
    match db.create_member(&new).await {
        // Two first requests of one person at the same time.
        Ok(()) | Err(DbError::Conflict(_)) => {}
        Err(error) => return Err(error.into()),
    }
    db.find_member(&claims.subject).await?.ok_or_else(refused)
}

async fn access_of(app: &App, scope: &OrgScope, member: &Member, role: Role) -> Result<AccountAccess, Error> {
    if role.sees_all_accounts() {
        return Ok(AccountAccess::All);
    }
    Ok(AccountAccess::Only(app.database.scoped(scope).list_grants(member.user).await?))
}
