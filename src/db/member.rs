//! The people of an organisation, their roles and the accounts granted to them.

use super::{
    account,
    batch::Batch,
    error::DbError,
    handle::{Database, OrgDb},
    stmt::statements,
    time,
    value::values,
};
use crate::domain::{
    ids::{AccountId, UserId},
    permission::Role,
};
use chrono::{DateTime, Utc};
use jiff::Timestamp;
use std::collections::BTreeSet;
use uuid::Uuid;

statements! {
    scoped INSERT { "INSERT INTO member (org_id, user_id, subject, display_name, role, created_at) VALUES (?, ?, ?, ?, ?, ?)" }
    scoped GET { "SELECT user_id, subject, display_name, role, created_at, disabled_at FROM member WHERE org_id = ? AND user_id = ?" }
    scoped FIND_BY_SUBJECT { "SELECT user_id, subject, display_name, role, created_at, disabled_at FROM member WHERE org_id = ? AND subject = ?" }
    scoped LIST { "SELECT user_id, subject, display_name, role, created_at, disabled_at FROM member WHERE org_id = ?" }
    scoped SET_ROLE { "UPDATE member SET role = ? WHERE org_id = ? AND user_id = ?" }
    scoped SET_DISPLAY_NAME { "UPDATE member SET display_name = ? WHERE org_id = ? AND user_id = ?" }
    scoped SET_DISABLED { "UPDATE member SET disabled_at = ? WHERE org_id = ? AND user_id = ?" }
    scoped COUNT_ADMINS { "SELECT COUNT(*) FROM member WHERE org_id = ? AND role = 'ORGANIZATION_ADMIN' AND disabled_at IS NULL" }
    global COUNT_ALL_ADMINS { "SELECT COUNT(*) FROM member WHERE role = 'ORGANIZATION_ADMIN' AND disabled_at IS NULL" }
    scoped HOLD { "UPDATE member SET role = role WHERE org_id = ? AND user_id = ?" }
    scoped GRANTS { "SELECT account_id FROM account_grant WHERE org_id = ? AND user_id = ? ORDER BY account_id" }
    scoped DELETE_GRANTS { "DELETE FROM account_grant WHERE org_id = ? AND user_id = ?" }
    scoped INSERT_GRANT { "INSERT INTO account_grant (org_id, user_id, account_id) VALUES (?, ?, ?)" }
}

const WHAT: &str = "member";

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewMember {
    pub user: UserId,
    /// What the issuer of tokens calls the person; unique in the organisation, exact to the last blank.
    pub subject: String,
    pub display_name: Option<String>,
    pub role: Role,
    pub created_at: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    pub user: UserId,
    pub subject: String,
    pub display_name: Option<String>,
    pub role: Role,
    pub created_at: Timestamp,
    pub disabled_at: Option<Timestamp>,
}

#[derive(sqlx::FromRow)]
struct MemberRow {
    user_id: Uuid,
    subject: String,
    display_name: Option<String>,
    role: String,
    created_at: DateTime<Utc>,
    disabled_at: Option<DateTime<Utc>>,
}

impl TryFrom<MemberRow> for Member {
    type Error = DbError;
    fn try_from(row: MemberRow) -> Result<Self, DbError> {
        Ok(Self {
            user: UserId::from_uuid(row.user_id),
            subject: row.subject,
            display_name: row.display_name,
            role: row.role.parse().map_err(|()| DbError::Corrupt("member.role"))?,
            created_at: time::from_db(row.created_at),
            disabled_at: row.disabled_at.map(time::from_db),
        })
    }
}

fn one_row(rows: u64) -> Result<(), DbError> {
    if rows == 0 { Err(DbError::NotFound(WHAT)) } else { Ok(()) }
}

impl OrgDb<'_> {
    pub async fn create_member(&self, new: &NewMember) -> Result<(), DbError> {
        let values = values![new.user, &new.subject, new.display_name.as_ref(), new.role, new.created_at];
        self.execute(INSERT, values).await.map(drop).map_err(|e| e.or_conflict(WHAT))
    }

    pub async fn get_member(&self, user: UserId) -> Result<Member, DbError> {
        let row: Option<MemberRow> = self.fetch_optional(GET, values![user]).await?;
        row.ok_or(DbError::NotFound(WHAT))?.try_into()
    }

    /// MySQL takes `bob` and `bob ` for equal; a person is only who has exactly this subject.
    pub async fn find_member(&self, subject: &str) -> Result<Option<Member>, DbError> {
        let row: Option<MemberRow> = self.fetch_optional(FIND_BY_SUBJECT, values![subject]).await?;
        row.filter(|row| row.subject == subject).map(Member::try_from).transpose()
    }

    /// In the order in which they came; `after` is the last one of the page before.
    pub async fn list_members(&self, after: Option<UserId>, limit: u32) -> Result<Vec<Member>, DbError> {
        let mut listing = self.listing(LIST);
        listing.and_equal("user_id > ?", after);
        listing.then(" ORDER BY user_id LIMIT ?", values![limit]);
        let rows: Vec<MemberRow> = self.list(listing).await?;
        rows.into_iter().map(Member::try_from).collect()
    }

    pub async fn set_member_role(&self, user: UserId, role: Role) -> Result<(), DbError> {
        one_row(self.execute(SET_ROLE, values![role, user]).await?)
    }

    pub async fn set_member_display_name(&self, user: UserId, name: Option<&str>) -> Result<(), DbError> {
        one_row(self.execute(SET_DISPLAY_NAME, values![name, user]).await?)
    }

    /// Since when the member may not sign in; none lets them in again.
    pub async fn set_member_disabled(&self, user: UserId, since: Option<Timestamp>) -> Result<(), DbError> {
        one_row(self.execute(SET_DISABLED, values![since, user]).await?)
    }

    /// Enabled ones: the last of them must not lose the role.
    pub async fn count_organization_admins(&self) -> Result<u64, DbError> {
        let row: Option<(i64,)> = self.fetch_optional(COUNT_ADMINS, vec![]).await?;
        Ok(row.and_then(|(count,)| u64::try_from(count).ok()).unwrap_or_default())
    }

    /// The accounts that a member sees, unless the role sees all.
    pub async fn list_grants(&self, user: UserId) -> Result<BTreeSet<AccountId>, DbError> {
        let rows: Vec<(i64,)> = self.fetch_all(GRANTS, values![user]).await?;
        Ok(rows.into_iter().map(|(account,)| AccountId::from_i64(account)).collect())
    }

    /// Replaces a member's grants; an account that the caller does not see cannot be granted.
    pub async fn set_grants(&self, user: UserId, accounts: &BTreeSet<AccountId>) -> Result<(), DbError> {
        accounts.iter().try_for_each(|granted| self.require(*granted, account::WHAT))?;
        let mut tx = self.begin().await?;
        one_row(tx.execute(HOLD, values![user]).await?)?;
        tx.execute(DELETE_GRANTS, values![user]).await?;
        let mut batch = Batch::default();
        for granted in accounts {
            tx.push(&mut batch, values![user, *granted]);
            if batch.is_full() {
                tx.flush(INSERT_GRANT, &mut batch).await.map_err(|e| e.or_missing(account::WHAT))?;
            }
        }
        tx.flush(INSERT_GRANT, &mut batch).await.map_err(|e| e.or_missing(account::WHAT))?;
        tx.commit().await
    }
}

impl Database {
    /// Of all organisations: while there is none, the set-up link is offered.
    pub async fn count_all_organization_admins(&self) -> Result<u64, DbError> {
        let row: Option<(i64,)> = self.fetch_optional(COUNT_ALL_ADMINS, vec![]).await?;
        Ok(row.and_then(|(count,)| u64::try_from(count).ok()).unwrap_or_default())
    }
}
