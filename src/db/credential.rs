//! What a local user signs in with: the hash of a password, and the sealed seed of one-time codes.
//!
//! Deliberately no comparing here: `service::passwords` and `service::totp` do that. Invariant: a step of time
//! is used once, whoever asks at the same moment.

use super::{
    error::DbError,
    handle::{Database, OrgDb},
    sealed::{Kept, RowKey, Rows, SealedColumn},
    session,
    stmt::statements,
    time,
    value::values,
};
use crate::domain::ids::{OrgKey, OrganizationId, UserId};
use chrono::{DateTime, Utc};
use jiff::Timestamp;
use uuid::Uuid;
use zeroize::Zeroizing;

statements! {
    scoped GET { "SELECT password_hash, changed_at, totp_seed, totp_since FROM credential WHERE org_id = ? AND user_id = ?" }
    global BY_NAME { "SELECT o.id AS org_key, m.user_id, m.subject, m.disabled_at, c.password_hash, c.changed_at, c.totp_seed, c.totp_since FROM organization o JOIN member m ON m.org_id = o.id JOIN credential c ON c.org_id = m.org_id AND c.user_id = m.user_id WHERE o.name = ? AND m.subject = ?" }
    scoped PUT_HASH {
        sqlite: "INSERT INTO credential (org_id, user_id, password_hash, changed_at) VALUES (?, ?, ?, ?) ON CONFLICT (org_id, user_id) DO UPDATE SET password_hash = excluded.password_hash, changed_at = excluded.changed_at",
        mysql: "INSERT INTO credential (org_id, user_id, password_hash, changed_at) VALUES (?, ?, ?, ?) ON DUPLICATE KEY UPDATE password_hash = VALUES(password_hash), changed_at = VALUES(changed_at)"
    }
    scoped OFFER_SEED { "UPDATE credential SET totp_seed = ?, totp_last_step = NULL WHERE org_id = ? AND user_id = ? AND totp_since IS NULL" }
    scoped CONFIRM_SEED { "UPDATE credential SET totp_since = ?, totp_last_step = ? WHERE org_id = ? AND user_id = ? AND totp_since IS NULL AND totp_seed IS NOT NULL" }
    scoped USE_STEP { "UPDATE credential SET totp_last_step = ? WHERE org_id = ? AND user_id = ? AND totp_since IS NOT NULL AND (totp_last_step IS NULL OR totp_last_step < ?)" }
    scoped CLEAR_SEED { "UPDATE credential SET totp_seed = NULL, totp_since = NULL, totp_last_step = NULL WHERE org_id = ? AND user_id = ?" }
    scoped PAGE_SEED { "SELECT user_id, totp_seed FROM credential WHERE org_id = ? AND totp_seed IS NOT NULL AND user_id > ? ORDER BY user_id LIMIT ?" }
    scoped REPLACE_SEED { "UPDATE credential SET totp_seed = ? WHERE org_id = ? AND user_id = ? AND totp_seed = ?" }
    scoped DELETE_ONE { "DELETE FROM credential WHERE org_id = ? AND user_id = ?" }
}

pub(super) const PUT: super::stmt::Scoped = PUT_HASH;
pub(super) const DROP_TOTP: super::stmt::Scoped = CLEAR_SEED;
pub(super) const DELETE: super::stmt::Scoped = DELETE_ONE;

pub(super) const TOTP_SEED: SealedColumn = SealedColumn {
    table: "credential",
    column: "totp_seed",
    rows: Rows::Id,
    kept: Kept::Bytes,
    page: PAGE_SEED,
    replace: REPLACE_SEED,
};

/// Without `Debug`: hashes belong into no log.
#[derive(Clone)]
pub struct Credential {
    /// A PHC string.
    pub password_hash: String,
    pub changed_at: Timestamp,
    /// Sealed: [`OrgDb::open_totp_seed`] opens it.
    pub totp_seed: Option<Vec<u8>>,
    /// None: the seed was offered and not confirmed yet.
    pub totp_since: Option<Timestamp>,
}

#[derive(sqlx::FromRow)]
struct CredentialRow {
    password_hash: String,
    changed_at: DateTime<Utc>,
    totp_seed: Option<Vec<u8>>,
    totp_since: Option<DateTime<Utc>>,
}

impl From<CredentialRow> for Credential {
    fn from(row: CredentialRow) -> Self {
        Self {
            password_hash: row.password_hash,
            changed_at: time::from_db(row.changed_at),
            totp_seed: row.totp_seed,
            totp_since: row.totp_since.map(time::from_db),
        }
    }
}

/// Somebody who has a password here.
pub struct LocalUser {
    pub org: OrgKey,
    pub user: UserId,
    pub subject: String,
    pub disabled: bool,
    pub credential: Credential,
}

#[derive(sqlx::FromRow)]
struct LocalUserRow {
    org_key: Uuid,
    user_id: Uuid,
    subject: String,
    disabled_at: Option<DateTime<Utc>>,
    #[sqlx(flatten)]
    credential: CredentialRow,
}

impl Database {
    /// One statement, whether or not there is such an organisation, such a name, such a password.
    pub async fn find_local_user(
        &self,
        organization: &OrganizationId,
        name: &str,
    ) -> Result<Option<LocalUser>, DbError> {
        let row: Option<LocalUserRow> = self.fetch_optional(BY_NAME, values![organization, name]).await?;
        // MySQL takes `bob` and `bob ` for equal.
        Ok(row.filter(|row| row.subject == name).map(|row| LocalUser {
            org: OrgKey::from_uuid(row.org_key),
            user: UserId::from_uuid(row.user_id),
            subject: row.subject,
            disabled: row.disabled_at.is_some(),
            credential: row.credential.into(),
        }))
    }
}

impl OrgDb<'_> {
    pub async fn find_credential(&self, user: UserId) -> Result<Option<Credential>, DbError> {
        let row: Option<CredentialRow> = self.fetch_optional(GET, values![user]).await?;
        Ok(row.map(Credential::from))
    }

    /// A new password: whoever is signed in with the old one is signed out everywhere.
    pub async fn set_password(&self, user: UserId, hash: &str, now: Timestamp) -> Result<(), DbError> {
        let mut tx = self.begin().await?;
        tx.execute(PUT_HASH, values![user, hash, now]).await.map_err(|e| e.or_missing("member"))?;
        session::sign_out(&mut tx, user, now).await?;
        tx.commit().await
    }

    /// False where codes are asked for already, or where there is no password.
    pub async fn offer_totp_seed(&self, user: UserId, seed: &[u8]) -> Result<bool, DbError> {
        let sealed = self.seal(&TOTP_SEED, RowKey::Id(user.uuid()), seed).await?;
        Ok(self.execute(OFFER_SEED, vec![sealed, user.into()]).await? == 1)
    }

    pub async fn open_totp_seed(&self, user: UserId, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, DbError> {
        self.open(&TOTP_SEED, RowKey::Id(user.uuid()), sealed).await
    }

    /// From now on codes are asked for; the step of the first one is used up.
    pub async fn confirm_totp(&self, user: UserId, step: u32, now: Timestamp) -> Result<bool, DbError> {
        Ok(self.execute(CONFIRM_SEED, values![now, step, user]).await? == 1)
    }

    /// True for the one caller that brings a code of this step or a later one first.
    pub async fn use_totp_step(&self, user: UserId, step: u32) -> Result<bool, DbError> {
        Ok(self.execute(USE_STEP, values![step, user, step]).await? == 1)
    }

    pub async fn remove_totp(&self, user: UserId) -> Result<(), DbError> {
        self.execute(CLEAR_SEED, values![user]).await.map(drop)
    }
}
