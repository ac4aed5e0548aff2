//! Linking a customer's account: the external ID, the role, its verification, its rotation.

use super::verification::{not_verified, promote_if_accepted, verify_roles};
use crate::{
    app::App,
    aws::trust_policy,
    db::NewAccount,
    domain::{
        account::{Account, AccountStatus, Verification},
        arn::RoleArn,
        external_id::ExternalId,
        ids::AccountId,
        scan::PermissionState,
    },
    error::{Error, ErrorCode},
    op::OpCx,
};

/// What the customer needs to make the role.
#[derive(Clone, Debug)]
pub struct Onboarding {
    pub account: Account,
    /// The trust policy of the role, external ID filled in.
    pub trust_policy: serde_json::Value,
    /// None until a public URL of the template is configured.
    pub quick_create_url: Option<String>,
}

const MAX_NAME_CHARS: usize = 128;

fn checked_name(name: &str) -> Result<&str, Error> {
    let name = name.trim();
    let fits = (1..=MAX_NAME_CHARS).contains(&name.chars().count()) && !name.chars().any(char::is_control);
    if fits {
        Ok(name)
    } else {
        let detail = format!("a name has 1 to {MAX_NAME_CHARS} characters and no control characters");
        Err(Error::invalid_field("name", detail))
    }
}

/// Makes the account with an external ID of its own. Whoever adds an account may see it.
pub async fn add_account(app: &App, cx: &OpCx, id: AccountId, name: &str) -> Result<Onboarding, Error> {
    let name = checked_name(name)?.to_owned();
    // Asked first: an account without its trust policy would be half made.
    app.principal().await?;
    let external_id = app.external_ids.issue(id, cx.scope.organization());
    let new = NewAccount { id, name, external_id, created_at: cx.now };
    let db = app.database.scoped(&cx.scope);
    db.create_account(&new).await?;
    if !cx.actor.role.sees_all_accounts() {
        let mut granted = db.list_grants(cx.actor.user_id).await?;
        granted.insert(id);
        db.set_grants(cx.actor.user_id, &granted).await?;
    }
    // The caller's own scope was read before the account was granted to them.
    let scope = app.database.system_scope(cx.scope.key(), cx.scope.organization().clone());
    onboarding(app, app.database.scoped(&scope).get_account(id).await?).await
}

/// What the customer still has to do, or has done.
pub async fn get_onboarding(app: &App, cx: &OpCx, id: AccountId) -> Result<Onboarding, Error> {
    onboarding(app, app.database.scoped(&cx.scope).get_account(id).await?).await
}

async fn onboarding(app: &App, account: Account) -> Result<Onboarding, Error> {
    let principal = app.principal().await?;
    let ids = [Some(&account.external_id), account.next_external_id.as_ref()];
    let text =
        trust_policy(&principal, &ids.into_iter().flatten().map(ExternalId::expose).collect::<Vec<_>>());
    let trust_policy = serde_json::from_str(&text).unwrap_or_default();
    let quick_create_url = app.quick_create_url(&principal, &account);
    Ok(Onboarding { account, trust_policy, quick_create_url })
}

/// Links a role if it passes every step; a role that does not is refused with the reason of each.
pub async fn link_account(
    app: &App,
    cx: &OpCx,
    id: AccountId,
    role_arn: RoleArn,
    scheduler_role_arn: Option<RoleArn>,
) -> Result<(Account, Verification), Error> {
    let db = app.database.scoped(&cx.scope);
    let account = db.get_account(id).await?;
    for arn in std::iter::once(&role_arn).chain(&scheduler_role_arn) {
        if arn.account() != id {
            let detail = format!("the role belongs to account {}, not to {id}", arn.account());
            return Err(Error::new(ErrorCode::RoleNotVerified, detail.clone()).with_field("roleArn", detail));
        }
    }
    let verification = verify_roles(app, cx, &account, &role_arn, scheduler_role_arn.as_ref()).await;
    if !verification.passed {
        return Err(not_verified(&verification));
    }
    db.set_account_roles(id, Some(&role_arn), scheduler_role_arn.as_ref()).await?;
    db.set_account_verification(id, AccountStatus::Linked, &verification, cx.now).await?;
    Ok((db.get_account(id).await?, verification))
}

/// Makes a second external ID. The first stays in use until the role accepts the second.
pub async fn rotate_external_id(app: &App, cx: &OpCx, id: AccountId) -> Result<Onboarding, Error> {
    let db = app.database.scoped(&cx.scope);
    let account = db.get_account(id).await?;
    if account.next_external_id.is_none() {
        let next = app.external_ids.issue(id, cx.scope.organization());
        db.set_next_external_id(id, Some(&next)).await?;
    } else if let Some(role_arn) = &account.role_arn {
        promote_if_accepted(app, cx, &account, role_arn).await?;
    }
    get_onboarding(app, cx, id).await
}

pub async fn get_account(app: &App, cx: &OpCx, id: AccountId) -> Result<Account, Error> {
    Ok(app.database.scoped(&cx.scope).get_account(id).await?)
}

pub async fn list_accounts(
    app: &App,
    cx: &OpCx,
    after: Option<AccountId>,
    limit: u32,
) -> Result<Vec<Account>, Error> {
    Ok(app.database.scoped(&cx.scope).list_accounts(after, limit).await?)
}

pub async fn rename_account(app: &App, cx: &OpCx, id: AccountId, name: &str) -> Result<Account, Error> {
    let db = app.database.scoped(&cx.scope);
    db.rename_account(id, checked_name(name)?).await?;
    Ok(db.get_account(id).await?)
}

/// Forgets the account and all that was collected of it; the customer's role is theirs to delete.
pub async fn delete_account(app: &App, cx: &OpCx, id: AccountId) -> Result<(), Error> {
    Ok(app.database.scoped(&cx.scope).delete_account(id).await?)
}

/// Each action that something needs: granted, denied, or not tried yet.
pub async fn list_permissions(app: &App, cx: &OpCx, id: AccountId) -> Result<Vec<PermissionState>, Error> {
    let db = app.database.scoped(&cx.scope);
    // What does not exist has no report either.
    db.get_account(id).await?;
    let kept = db.list_permissions(id).await?;
    Ok(super::permissions::report(kept.into_iter().map(|permission| permission.state).collect()))
}

/// The role of an account that may be used now, or what stands in the way.
pub fn usable_role(account: &Account) -> Result<RoleArn, Error> {
    if account.status == AccountStatus::Drifted {
        let detail = format!(
            "the role of account {0} does not pass its verification any more; mend it and POST /accounts/{0}/verify",
            account.id
        );
        return Err(Error::new(ErrorCode::NotLinked, detail));
    }
    linked_role(account)
}

pub(super) fn linked_role(account: &Account) -> Result<RoleArn, Error> {
    account.role_arn.clone().ok_or_else(|| {
        let detail = format!(
            "account {} has no role yet; link one with POST /accounts/{}/link",
            account.id, account.id
        );
        Error::new(ErrorCode::NotLinked, detail)
    })
}
