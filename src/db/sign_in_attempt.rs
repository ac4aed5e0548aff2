//! How often sign-in failed for a name, known or not: both have a row, so both behave alike.
//!
//! Invariant: an attempt is counted before it is judged, so that many at once are no more than one after
//! the other. Whoever succeeds clears the count.

use super::{error::DbError, handle::Database, pool::Query, stmt::statements, time, value::values};
use chrono::{DateTime, Utc};
use jiff::{SignedDuration, Timestamp};

statements! {
    global HOLD {
        sqlite: "INSERT INTO sign_in_attempt (name_hash, failures, last_at) VALUES (?, 0, ?) ON CONFLICT (name_hash) DO NOTHING",
        mysql: "INSERT INTO sign_in_attempt (name_hash, failures, last_at) VALUES (?, 0, ?) ON DUPLICATE KEY UPDATE failures = failures"
    }
    global GET { "SELECT failures, last_at FROM sign_in_attempt WHERE name_hash = ?" }
    global SET { "UPDATE sign_in_attempt SET failures = ?, last_at = ? WHERE name_hash = ?" }
    global CLEAR { "DELETE FROM sign_in_attempt WHERE name_hash = ?" }
    global SWEEP { "DELETE FROM sign_in_attempt WHERE last_at < ?" }
}

/// When a name is locked, and for how long.
#[derive(Clone, Copy, Debug)]
pub struct LockRule {
    pub after_failures: u32,
    pub lasts: SignedDuration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attempt {
    /// May be judged. The number of failures that there are if it fails.
    Counted(u32),
    LockedUntil(Timestamp),
}

impl Database {
    /// Counts an attempt as a failure until [`Database::clear_sign_in_attempts`] says otherwise.
    pub async fn begin_sign_in_attempt(
        &self,
        name_hash: [u8; 32],
        rule: LockRule,
        now: Timestamp,
    ) -> Result<Attempt, DbError> {
        let mut tx = self.pool().begin().await?;
        let engine = tx.engine();
        tx.execute(Query::new(engine, &HOLD.0, values![name_hash, now])).await?;
        let row: Option<(i64, DateTime<Utc>)> =
            tx.fetch_optional(Query::new(engine, &GET.0, values![name_hash])).await?;
        let (failures, last_at) = row.ok_or(DbError::NotFound("sign-in attempt"))?;
        let forgotten = time::from_db(last_at).saturating_add(rule.lasts).unwrap_or(Timestamp::MAX);
        let failures = if forgotten <= now { 0 } else { u32::try_from(failures).unwrap_or(u32::MAX) };
        if failures >= rule.after_failures {
            return Ok(Attempt::LockedUntil(forgotten));
        }
        tx.execute(Query::new(engine, &SET.0, values![failures + 1, now, name_hash])).await?;
        tx.commit().await?;
        Ok(Attempt::Counted(failures + 1))
    }

    pub async fn clear_sign_in_attempts(&self, name_hash: [u8; 32]) -> Result<(), DbError> {
        self.execute(CLEAR, values![name_hash]).await.map(drop)
    }

    /// Forgets names that nobody tried since then.
    pub async fn sweep_sign_in_attempts(&self, before: Timestamp) -> Result<u64, DbError> {
        self.execute(SWEEP, values![before]).await
    }
}
