//! Changes to members that must leave somebody in charge, and the erasure of a person.
//!
//! Invariant: the last enabled `ORGANIZATION_ADMIN` stays, also when two are removed at the same moment: each
//! change holds the organisation's row, is made, and is undone if nobody was left.

use super::{
    api_key, credential,
    error::DbError,
    handle::{OrgDb, OrgTx},
    invitation,
    member::{WHAT, grants_in, one_row, replace_grants},
    schedule_author, session,
    stmt::statements,
    value::values,
};
use crate::domain::{
    ids::{AccountId, UserId},
    permission::Role,
};
use chrono::{DateTime, Utc};
use jiff::Timestamp;
use std::collections::BTreeSet;

statements! {
    scoped GET { "SELECT role, disabled_at FROM member WHERE org_id = ? AND user_id = ? AND erased_at IS NULL" }
    scoped SUBJECT_OF { "SELECT subject FROM member WHERE org_id = ? AND user_id = ?" }
    scoped SET_ROLE { "UPDATE member SET role = ? WHERE org_id = ? AND user_id = ?" }
    scoped SET_NAME { "UPDATE member SET display_name = ? WHERE org_id = ? AND user_id = ?" }
    scoped ENABLE { "UPDATE member SET disabled_at = NULL WHERE org_id = ? AND user_id = ?" }
    scoped DISABLE { "UPDATE member SET disabled_at = COALESCE(disabled_at, ?) WHERE org_id = ? AND user_id = ?" }
    scoped COUNT_ADMINS { "SELECT COUNT(*) FROM member WHERE org_id = ? AND role = 'ORGANIZATION_ADMIN' AND disabled_at IS NULL" }
    scoped ERASE { "UPDATE member SET subject = ?, display_name = NULL, disabled_at = ?, erased_at = ?, signed_out_at = ? WHERE org_id = ? AND user_id = ?" }
}

/// Whether a member may sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Enabled,
    Disabled,
}

/// What becomes of a member; what is not named stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MemberChange {
    pub role: Option<Role>,
    /// All that the member sees of what the caller sees; further grants stay.
    pub accounts: Option<BTreeSet<AccountId>>,
    /// An empty one is taken away.
    pub display_name: Option<String>,
    pub standing: Option<Standing>,
}

impl OrgDb<'_> {
    /// All of it or nothing.
    pub async fn change_member(
        &self,
        user: UserId,
        change: &MemberChange,
        now: Timestamp,
    ) -> Result<(), DbError> {
        if let Some(accounts) = &change.accounts {
            self.require_all(accounts)?;
        }
        let mut tx = self.begin().await?;
        let administered = hold(&mut tx, user).await?;
        if let Some(role) = change.role {
            tx.execute(SET_ROLE, values![role, user]).await?;
        }
        if let Some(name) = &change.display_name {
            let name = Some(name).filter(|name| !name.is_empty());
            tx.execute(SET_NAME, values![name, user]).await?;
        }
        if let Some(accounts) = &change.accounts {
            let unseen = grants_in(&mut tx, user).await?;
            let unseen = unseen.into_iter().filter(|account| !self.access().sees(*account));
            replace_grants(&mut tx, user, &accounts.iter().copied().chain(unseen).collect()).await?;
        }
        if let Some(standing) = change.standing {
            set_standing(&mut tx, user, standing, now).await?;
        }
        commit_administered(tx, administered).await
    }

    /// The role that an outside issuer names now: the issuer decides, so nothing is refused here.
    pub async fn follow_issuer(&self, user: UserId, role: Role) -> Result<(), DbError> {
        one_row(self.execute(SET_ROLE, values![role, user]).await?)
    }

    /// What the person is called there now.
    pub async fn follow_issuer_name(&self, user: UserId, name: Option<&str>) -> Result<(), DbError> {
        one_row(self.execute(SET_NAME, values![name, user]).await?)
    }

    /// What tells who it was goes; the id stays as a pseudonym in what they decided.
    pub async fn erase_member(&self, user: UserId, now: Timestamp) -> Result<(), DbError> {
        let mut tx = self.begin().await?;
        let administered = hold(&mut tx, user).await?;
        session::sign_out(&mut tx, user, now).await?;
        for statement in [api_key::DELETE_OF, credential::DELETE, invitation::DELETE] {
            tx.execute(statement, values![user]).await?;
        }
        replace_grants(&mut tx, user, &BTreeSet::new()).await?;
        let nobody = format!("erased-{user}");
        let name: Option<(String,)> = tx.fetch_optional(SUBJECT_OF, values![user]).await?;
        schedule_author::forget(&mut tx, &name.ok_or(DbError::NotFound(WHAT))?.0, &nobody).await?;
        one_row(tx.execute(ERASE, values![nobody, now, now, now, user]).await?)?;
        commit_administered(tx, administered).await
    }
}

/// Takes the organisation; tells whether the member is one of those who administer it.
async fn hold(tx: &mut OrgTx, user: UserId) -> Result<bool, DbError> {
    tx.hold_organization().await?;
    let row: Option<(String, Option<DateTime<Utc>>)> = tx.fetch_optional(GET, values![user]).await?;
    let (role, disabled_at) = row.ok_or(DbError::NotFound(WHAT))?;
    Ok(role == Role::OrganizationAdmin.as_str() && disabled_at.is_none())
}

async fn set_standing(
    tx: &mut OrgTx,
    user: UserId,
    standing: Standing,
    now: Timestamp,
) -> Result<(), DbError> {
    match standing {
        Standing::Enabled => one_row(tx.execute(ENABLE, values![user]).await?),
        Standing::Disabled => {
            tx.execute(DISABLE, values![now, user]).await?;
            // Enabled again, they sign in anew.
            session::sign_out(tx, user, now).await
        }
    }
}

async fn commit_administered(mut tx: OrgTx, administered: bool) -> Result<(), DbError> {
    if administered {
        let left: Option<(i64,)> = tx.fetch_optional(COUNT_ADMINS, vec![]).await?;
        if left.is_none_or(|(count,)| count == 0) {
            return Err(DbError::LastAdministrator);
        }
    }
    tx.commit().await
}
