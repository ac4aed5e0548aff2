//! Browser sessions, and the end of sessions and tokens. A cookie's value is kept as its SHA-256 alone.

use super::{
    error::DbError,
    handle::{Database, OrgDb, OrgTx},
    stmt::statements,
    time,
    value::values,
};
use crate::domain::ids::{SessionId, UserId};
use chrono::{DateTime, Utc};
use jiff::Timestamp;
use uuid::Uuid;

statements! {
    scoped INSERT { "INSERT INTO session (org_id, session_id, user_id, hash, created_at, last_seen_at, expires_at, ip, user_agent) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)" }
    scoped LIST { "SELECT session_id, created_at, last_seen_at, expires_at, ip, user_agent FROM session WHERE org_id = ? AND user_id = ? ORDER BY session_id" }
    scoped TOUCH { "UPDATE session SET last_seen_at = ? WHERE org_id = ? AND session_id = ? AND last_seen_at < ?" }
    scoped DELETE_OF { "DELETE FROM session WHERE org_id = ? AND user_id = ?" }
    scoped SIGN_OUT { "UPDATE member SET signed_out_at = ? WHERE org_id = ? AND user_id = ?" }
    scoped END_TOKEN {
        sqlite: "INSERT INTO ended_token (org_id, fingerprint, expires_at) VALUES (?, ?, ?) ON CONFLICT (org_id, fingerprint) DO NOTHING",
        mysql: "INSERT INTO ended_token (org_id, fingerprint, expires_at) VALUES (?, ?, ?) ON DUPLICATE KEY UPDATE expires_at = expires_at"
    }
    global DELETE_BY_HASH { "DELETE FROM session WHERE hash = ?" }
    global SWEEP { "DELETE FROM session WHERE expires_at < ? OR last_seen_at < ?" }
    global COUNT_ENDED { "SELECT (SELECT COUNT(*) FROM session WHERE expires_at < ? OR last_seen_at < ?) + (SELECT COUNT(*) FROM ended_token WHERE expires_at < ?) + (SELECT COUNT(*) FROM invitation WHERE expires_at < ? OR used_at < ?) + (SELECT COUNT(*) FROM sign_in_attempt WHERE last_at < ?)" }
    global SWEEP_TOKENS { "DELETE FROM ended_token WHERE expires_at < ?" }
}

#[derive(Clone, Debug)]
pub struct NewSession {
    pub id: SessionId,
    pub user: UserId,
    /// SHA-256 of the cookie's value.
    pub hash: [u8; 32],
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    pub ip: Option<String>,
    pub user_agent: Option<String>,
}

/// The times by which what belongs to sign-in has ended.
#[derive(Clone, Copy, Debug)]
pub struct EndedSignIns {
    pub before: Timestamp,
    pub idle_since: Timestamp,
    pub tried_before: Timestamp,
}

/// What is kept of a session, for the person themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptSession {
    pub id: SessionId,
    pub created_at: Timestamp,
    pub last_seen_at: Timestamp,
    pub expires_at: Timestamp,
    pub ip: Option<String>,
    pub user_agent: Option<String>,
}

#[derive(sqlx::FromRow)]
struct SessionRow {
    session_id: Uuid,
    created_at: DateTime<Utc>,
    last_seen_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    ip: Option<String>,
    user_agent: Option<String>,
}

impl From<SessionRow> for KeptSession {
    fn from(row: SessionRow) -> Self {
        Self {
            id: SessionId::from_uuid(row.session_id),
            created_at: time::from_db(row.created_at),
            last_seen_at: time::from_db(row.last_seen_at),
            expires_at: time::from_db(row.expires_at),
            ip: row.ip,
            user_agent: row.user_agent,
        }
    }
}

/// Every session of a member ends, and every token that was issued until now.
pub(super) async fn sign_out(tx: &mut OrgTx, user: UserId, now: Timestamp) -> Result<(), DbError> {
    tx.execute(DELETE_OF, values![user]).await?;
    tx.execute(SIGN_OUT, values![now, user]).await.map(drop)
}

impl OrgDb<'_> {
    pub async fn create_session(&self, new: &NewSession) -> Result<(), DbError> {
        let (seen, ip, agent) = (new.created_at, new.ip.as_ref(), new.user_agent.as_ref());
        let values = values![new.id, new.user, new.hash, new.created_at, seen, new.expires_at, ip, agent];
        self.execute(INSERT, values).await.map(drop).map_err(|e| e.or_missing("member"))
    }

    pub async fn list_sessions(&self, user: UserId) -> Result<Vec<KeptSession>, DbError> {
        let rows: Vec<SessionRow> = self.fetch_all(LIST, values![user]).await?;
        Ok(rows.into_iter().map(KeptSession::from).collect())
    }

    pub async fn touch_session(&self, session: SessionId, now: Timestamp) -> Result<(), DbError> {
        self.execute(TOUCH, values![now, session, now]).await.map(drop)
    }

    /// Sign-out everywhere. API keys go on: they are revoked one by one.
    pub async fn sign_out_everywhere(&self, user: UserId, now: Timestamp) -> Result<(), DbError> {
        let mut tx = self.begin().await?;
        sign_out(&mut tx, user, now).await?;
        tx.commit().await
    }

    /// One bearer token is refused from now on. It may be forgotten once it has expired anyway.
    pub async fn end_token(&self, fingerprint: [u8; 32], expires_at: Timestamp) -> Result<(), DbError> {
        self.execute(END_TOKEN, values![fingerprint, expires_at]).await.map(drop)
    }
}

impl Database {
    /// By the value that only its owner has; nothing happens where there is no such session.
    pub async fn end_session(&self, hash: [u8; 32]) -> Result<(), DbError> {
        self.execute(DELETE_BY_HASH, values![hash]).await.map(drop)
    }

    /// What the four sweeps would forget: sessions, signed-out tokens, set-up links, failed sign-ins.
    pub async fn count_ended_sign_ins(&self, ended: &EndedSignIns) -> Result<u64, DbError> {
        let EndedSignIns { before, idle_since, tried_before } = *ended;
        let values = values![before, idle_since, before, before, before, tried_before];
        let row: Option<(i64,)> = self.fetch_optional(COUNT_ENDED, values).await?;
        Ok(row.and_then(|(count,)| u64::try_from(count).ok()).unwrap_or_default())
    }

    /// Forgets sessions that ended by then, of all organisations; gives their number.
    pub async fn sweep_sessions(
        &self,
        expired_before: Timestamp,
        idle_since: Timestamp,
    ) -> Result<u64, DbError> {
        self.execute(SWEEP, values![expired_before, idle_since]).await
    }

    pub async fn sweep_ended_tokens(&self, expired_before: Timestamp) -> Result<u64, DbError> {
        self.execute(SWEEP_TOKENS, values![expired_before]).await
    }
}
