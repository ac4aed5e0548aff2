//! One-time set-up links of members: who holds one chooses the member's password. Only a hash is kept.

use super::{
    credential,
    error::DbError,
    handle::{Database, OrgDb},
    session,
    stmt::statements,
    time,
    value::values,
};
use crate::domain::ids::{OrgKey, OrganizationId, UserId};
use chrono::{DateTime, Utc};
use jiff::Timestamp;
use uuid::Uuid;

statements! {
    scoped PUT {
        sqlite: "INSERT INTO invitation (org_id, user_id, hash, created_at, expires_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT (org_id, user_id) DO UPDATE SET hash = excluded.hash, created_at = excluded.created_at, expires_at = excluded.expires_at, used_at = NULL",
        mysql: "INSERT INTO invitation (org_id, user_id, hash, created_at, expires_at) VALUES (?, ?, ?, ?, ?) ON DUPLICATE KEY UPDATE hash = VALUES(hash), created_at = VALUES(created_at), expires_at = VALUES(expires_at), used_at = NULL"
    }
    global FIND { "SELECT i.org_id, o.name AS organization, i.user_id, m.subject, i.expires_at FROM invitation i JOIN organization o ON o.id = i.org_id JOIN member m ON m.org_id = i.org_id AND m.user_id = i.user_id WHERE i.hash = ? AND i.used_at IS NULL AND m.disabled_at IS NULL" }
    scoped CONSUME { "UPDATE invitation SET used_at = ? WHERE org_id = ? AND user_id = ? AND hash = ? AND used_at IS NULL AND expires_at > ?" }
    scoped GET { "SELECT created_at, expires_at, used_at FROM invitation WHERE org_id = ? AND user_id = ?" }
    scoped DELETE_ONE { "DELETE FROM invitation WHERE org_id = ? AND user_id = ?" }
    global SWEEP { "DELETE FROM invitation WHERE expires_at < ? OR used_at < ?" }
}

pub(super) const DELETE: super::stmt::Scoped = DELETE_ONE;

/// Whom an unused link is for.
#[derive(Clone, Debug)]
pub struct Invited {
    pub org: OrgKey,
    pub organization: OrganizationId,
    pub user: UserId,
    pub subject: String,
    pub expires_at: Timestamp,
}

#[derive(sqlx::FromRow)]
struct InvitedRow {
    org_id: Uuid,
    organization: String,
    user_id: Uuid,
    subject: String,
    expires_at: DateTime<Utc>,
}

/// What is kept of a link, for the person themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptInvitation {
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    pub used_at: Option<Timestamp>,
}

/// Created, expires, used.
type Times = (DateTime<Utc>, DateTime<Utc>, Option<DateTime<Utc>>);

impl Database {
    pub async fn find_invitation(&self, hash: [u8; 32]) -> Result<Option<Invited>, DbError> {
        let row: Option<InvitedRow> = self.fetch_optional(FIND, values![hash]).await?;
        row.map(|row| {
            Ok(Invited {
                org: OrgKey::from_uuid(row.org_id),
                organization: row.organization.parse().map_err(|_| DbError::Corrupt("organization.name"))?,
                user: UserId::from_uuid(row.user_id),
                subject: row.subject,
                expires_at: time::from_db(row.expires_at),
            })
        })
        .transpose()
    }

    /// Forgets links that were used or expired by then.
    pub async fn sweep_invitations(&self, before: Timestamp) -> Result<u64, DbError> {
        self.execute(SWEEP, values![before, before]).await
    }
}

impl OrgDb<'_> {
    /// Ends an older link of the member.
    pub async fn put_invitation(
        &self,
        user: UserId,
        hash: [u8; 32],
        created_at: Timestamp,
        expires_at: Timestamp,
    ) -> Result<(), DbError> {
        let values = values![user, hash, created_at, expires_at];
        self.execute(PUT, values).await.map(drop).map_err(|e| e.or_missing("member"))
    }

    pub async fn find_kept_invitation(&self, user: UserId) -> Result<Option<KeptInvitation>, DbError> {
        let row: Option<Times> = self.fetch_optional(GET, values![user]).await?;
        Ok(row.map(|(created, expires, used)| KeptInvitation {
            created_at: time::from_db(created),
            expires_at: time::from_db(expires),
            used_at: used.map(time::from_db),
        }))
    }

    /// True for the one caller that uses the link first: the password is theirs, older codes and sign-ins end.
    pub async fn accept_invitation(
        &self,
        user: UserId,
        hash: [u8; 32],
        password_hash: &str,
        now: Timestamp,
    ) -> Result<bool, DbError> {
        let mut tx = self.begin().await?;
        if tx.execute(CONSUME, values![now, user, hash, now]).await? != 1 {
            return Ok(false);
        }
        tx.execute(credential::PUT, values![user, password_hash, now]).await?;
        tx.execute(credential::DROP_TOTP, values![user]).await?;
        session::sign_out(&mut tx, user, now).await?;
        tx.commit().await?;
        Ok(true)
    }
}
