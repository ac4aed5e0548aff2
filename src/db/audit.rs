//! The audit's chains: entries are appended to the end of one, read in order, and deleted from its beginning.
//!
//! Invariant: whoever appends holds the chain's head row until the commit, so that two servers never give one
//! number twice; the head moves by compare-and-set in the same transaction.

use super::{
    batch::Batch,
    error::DbError,
    handle::{OrgDb, OrgTx},
    stmt::statements,
    value::{Value, values},
};
use crate::domain::{
    audit::{AuditActor, AuditEntry, AuditEvent, AuditOrigin, ChainPoint, Hash, link, origin_digest},
    ids::{AccountId, ApiKeyId, RequestId, UserId},
};
use jiff::Timestamp;
use uuid::Uuid;

statements! {
    scoped HOLD { "UPDATE audit_head SET sequence = sequence WHERE org_id = ?" }
    scoped CREATE_HEAD {
        sqlite: "INSERT INTO audit_head (org_id, sequence, hash, floor_sequence, floor_hash) VALUES (?, ?, ?, ?, ?) ON CONFLICT (org_id) DO NOTHING",
        mysql: "INSERT INTO audit_head (org_id, sequence, hash, floor_sequence, floor_hash) VALUES (?, ?, ?, ?, ?) ON DUPLICATE KEY UPDATE sequence = sequence"
    }
    scoped END { "SELECT sequence, hash FROM audit_head WHERE org_id = ?" }
    scoped MOVE { "UPDATE audit_head SET sequence = ?, hash = ? WHERE org_id = ? AND sequence = ?" }
    scoped INSERT { "INSERT INTO audit_entry (org_id, sequence, at_micros, actor_kind, user_id, api_key_id, action, account_id, target, phase, outcome, status, code, detail, request_id, intent, origin, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)" }
    scoped INSERT_ORIGIN { "INSERT INTO audit_origin (org_id, digest, user_id, at_micros, salt, ip, user_agent) VALUES (?, ?, ?, ?, ?, ?, ?)" }
    scoped STATE { "SELECT r.sequence, r.hash, r.floor_sequence, r.floor_hash, COALESCE((SELECT MAX(e.sequence) FROM audit_entry e WHERE e.org_id = r.org_id), 0) AS newest FROM audit_head r WHERE r.org_id = ?" }
    scoped HEADLESS { "SELECT MAX(sequence) FROM audit_entry WHERE org_id = ?" }
    scoped WALK { "SELECT r.sequence, r.at_micros, r.actor_kind, r.user_id, r.api_key_id, r.action, r.account_id, r.target, r.phase, r.outcome, r.status, r.code, r.detail, r.request_id, r.intent, r.origin, r.hash, o.salt, o.ip, o.user_agent FROM audit_entry r LEFT JOIN audit_origin o ON o.org_id = r.org_id AND o.digest = r.origin WHERE r.org_id = ? AND r.sequence > ? AND r.sequence <= ? ORDER BY r.sequence LIMIT ?" }
    scoped ERASE_ORIGIN { "DELETE FROM audit_origin WHERE org_id = ? AND user_id = ?" }
    scoped OLDEST { "SELECT sequence, at_micros, hash FROM audit_entry WHERE org_id = ? ORDER BY sequence LIMIT ?" }
    scoped FORGET { "DELETE FROM audit_entry WHERE org_id = ? AND sequence <= ?" }
    scoped RAISE_FLOOR { "UPDATE audit_head SET floor_sequence = ?, floor_hash = ? WHERE org_id = ?" }
    scoped FORGET_ORIGINS { "DELETE FROM audit_origin WHERE org_id = ? AND at_micros < ?" }
}

/// What shall be appended; where it came from only the first time that it is seen.
#[derive(Clone, Debug)]
pub struct NewAudit {
    pub event: AuditEvent,
    pub origin: Option<AuditOrigin>,
}

/// A chain as its head tells, and its newest entry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ChainState {
    pub head: ChainPoint,
    pub floor: ChainPoint,
    pub newest: i64,
}

/// An entry; none where it cannot be read, or where what is kept of its origin is not what was hashed.
#[derive(Clone, Debug)]
pub struct Walked {
    pub sequence: i64,
    pub entry: Option<AuditEntry>,
}

#[derive(sqlx::FromRow)]
struct PointRow {
    sequence: i64,
    hash: Vec<u8>,
}

#[derive(sqlx::FromRow)]
struct StateRow {
    sequence: i64,
    hash: Vec<u8>,
    floor_sequence: i64,
    floor_hash: Vec<u8>,
    newest: i64,
}

#[derive(sqlx::FromRow)]
struct OldRow {
    sequence: i64,
    at_micros: i64,
    hash: Vec<u8>,
}

/// The columns of an entry with its origin, as every list selects them.
#[derive(sqlx::FromRow)]
pub(super) struct EntryRow {
    sequence: i64,
    at_micros: i64,
    actor_kind: String,
    user_id: Option<Uuid>,
    api_key_id: Option<Uuid>,
    action: String,
    account_id: Option<i64>,
    target: Option<String>,
    phase: String,
    outcome: String,
    status: Option<i64>,
    code: Option<String>,
    detail: Option<String>,
    request_id: Option<Uuid>,
    intent: Option<i64>,
    origin: Option<Vec<u8>>,
    hash: Vec<u8>,
    salt: Option<Vec<u8>>,
    pub(super) ip: Option<String>,
    pub(super) user_agent: Option<String>,
}

/// Whoever can write to the database can write any bytes: another length is another hash.
fn hash_of(bytes: Vec<u8>) -> Hash {
    bytes.try_into().unwrap_or([0; 32])
}

fn point(sequence: i64, hash: Vec<u8>) -> ChainPoint {
    ChainPoint { sequence, hash: hash_of(hash) }
}

impl EntryRow {
    fn origin_fits(&self) -> bool {
        let Some(salt) = &self.salt else { return true };
        let kept = origin_digest(salt, self.ip.as_deref(), self.user_agent.as_deref());
        self.origin.as_deref() == Some(kept.as_slice())
    }

    /// An unknown word cannot be hashed as it was: the row was edited, or written by a newer tuner.
    pub(super) fn into_entry(self) -> Result<AuditEntry, DbError> {
        let event = AuditEvent {
            at: Timestamp::from_microsecond(self.at_micros)
                .map_err(|_| DbError::Corrupt("audit_entry.at_micros"))?,
            actor: AuditActor {
                kind: self.actor_kind.parse().map_err(|()| DbError::Corrupt("audit_entry.actor_kind"))?,
                user: self.user_id.map(UserId::from_uuid),
                api_key: self.api_key_id.map(ApiKeyId::from_uuid),
            },
            action: self.action.into(),
            account: self.account_id.map(AccountId::from_i64),
            target: self.target,
            phase: self.phase.parse().map_err(|()| DbError::Corrupt("audit_entry.phase"))?,
            outcome: self.outcome.parse().map_err(|()| DbError::Corrupt("audit_entry.outcome"))?,
            status: self.status.map(|status| u16::try_from(status).unwrap_or(u16::MAX)),
            code: self.code,
            detail: self.detail,
            request_id: self.request_id.map(RequestId::from_uuid),
            intent: self.intent,
            origin: self.origin.map(hash_of),
        };
        Ok(AuditEntry { sequence: self.sequence, event, hash: hash_of(self.hash) })
    }
}

fn row_of(sequence: i64, event: &AuditEvent, hash: Hash) -> Vec<Value> {
    values![
        sequence,
        event.at.as_microsecond(),
        event.actor.kind.as_str(),
        event.actor.user,
        event.actor.api_key.map(ApiKeyId::uuid),
        &*event.action,
        event.account,
        event.target.as_ref(),
        event.phase.as_str(),
        event.outcome.as_str(),
        event.status.map(u32::from),
        event.code.as_ref(),
        event.detail.as_ref(),
        event.request_id.map(RequestId::uuid),
        event.intent,
        event.origin,
        hash,
    ]
}

fn origin_row(event: &AuditEvent, origin: &AuditOrigin) -> Vec<Value> {
    values![
        origin.digest(),
        event.actor.user,
        event.at.as_microsecond(),
        origin.salt,
        origin.ip.map(|ip| ip.to_string()),
        origin.user_agent.as_deref(),
    ]
}

impl OrgDb<'_> {
    /// Appends to the organisation's chain, all or nothing; gives its new end. Events must be `fitted`.
    pub async fn append_audit(&self, new: &[NewAudit]) -> Result<ChainPoint, DbError> {
        let mut tx = self.begin().await?;
        let before = hold_end(&mut tx).await?;
        let mut end = before;
        let (mut entries, mut origins) = (Batch::default(), Batch::default());
        for NewAudit { event, origin } in new {
            let sequence = end.sequence + 1;
            end = ChainPoint { sequence, hash: link(self.org(), sequence, &end.hash, event) };
            let row = row_of(sequence, event, end.hash);
            if new.len() == 1 {
                tx.execute(INSERT, row).await?;
            } else {
                tx.push(&mut entries, row);
            }
            if let Some(origin) = origin {
                tx.push(&mut origins, origin_row(event, origin));
            }
            if entries.is_full() || origins.is_full() {
                tx.flush(INSERT, &mut entries).await?;
                tx.flush(INSERT_ORIGIN, &mut origins).await?;
            }
        }
        tx.flush(INSERT, &mut entries).await?;
        tx.flush(INSERT_ORIGIN, &mut origins).await?;
        if tx.execute(MOVE, values![end.sequence, end.hash, before.sequence]).await? != 1 {
            return Err(DbError::Corrupt("audit_head.sequence"));
        }
        tx.commit().await?;
        Ok(end)
    }

    /// None where nothing was ever appended. One statement: the parts are of one moment.
    pub async fn find_audit_chain(&self) -> Result<Option<ChainState>, DbError> {
        let row: Option<StateRow> = self.fetch_optional(STATE, vec![]).await?;
        if let Some(row) = row {
            let (head, floor) = (point(row.sequence, row.hash), point(row.floor_sequence, row.floor_hash));
            return Ok(Some(ChainState { head, floor, newest: row.newest }));
        }
        // Entries without a head: somebody deleted it.
        let newest: Option<(Option<i64>,)> = self.fetch_optional(HEADLESS, vec![]).await?;
        let start = ChainPoint::default();
        Ok(newest.and_then(|(newest,)| newest).map(|newest| ChainState { head: start, floor: start, newest }))
    }

    /// Entries in the order of the chain, behind `after` and up to `newest`.
    pub async fn walk_audit(&self, after: i64, newest: i64, limit: u32) -> Result<Vec<Walked>, DbError> {
        let rows: Vec<EntryRow> = self.fetch_all(WALK, values![after, newest, limit]).await?;
        let walked = |row: EntryRow| Walked {
            sequence: row.sequence,
            entry: if row.origin_fits() { row.into_entry().ok() } else { None },
        };
        Ok(rows.into_iter().map(walked).collect())
    }

    /// Forgets where a person came from. The entries stay: they hold a digest that nobody can undo any more.
    pub async fn erase_audit_origin(&self, user: UserId) -> Result<u64, DbError> {
        self.execute(ERASE_ORIGIN, values![user]).await
    }

    /// How many of the oldest entries, at most `limit` of them, are older than that.
    pub async fn count_old_audit(&self, before: Timestamp, limit: u32) -> Result<u64, DbError> {
        let rows: Vec<OldRow> = self.fetch_all(OLDEST, values![limit]).await?;
        let old = rows.iter().take_while(|row| row.at_micros < before.as_microsecond());
        Ok(u64::try_from(old.count()).unwrap_or_default())
    }

    /// Deletes the oldest entries, at most `limit` of them, and remembers the last one: the rest still verifies.
    pub async fn forget_audit(&self, before: Timestamp, limit: u32) -> Result<u64, DbError> {
        let mut tx = self.begin().await?;
        tx.execute(HOLD, vec![]).await?;
        let rows: Vec<OldRow> = tx.fetch_all(OLDEST, values![limit]).await?;
        let mut old = rows.into_iter().take_while(|row| row.at_micros < before.as_microsecond());
        let Some(last) = old.by_ref().last() else { return Ok(0) };
        tx.execute(RAISE_FLOOR, values![last.sequence, hash_of(last.hash)]).await?;
        let deleted = tx.execute(FORGET, values![last.sequence]).await?;
        tx.commit().await?;
        Ok(deleted)
    }

    /// Deletes origins that were first seen before that.
    pub async fn forget_audit_origins(&self, before: Timestamp) -> Result<u64, DbError> {
        self.execute(FORGET_ORIGINS, values![before.as_microsecond()]).await
    }
}

/// The end of the chain, held until the transaction is over.
async fn hold_end(tx: &mut OrgTx) -> Result<ChainPoint, DbError> {
    if tx.execute(HOLD, vec![]).await? == 0 {
        let start = ChainPoint::default();
        tx.execute(CREATE_HEAD, values![start.sequence, start.hash, start.sequence, start.hash]).await?;
        tx.execute(HOLD, vec![]).await?;
    }
    let row: Option<PointRow> = tx.fetch_optional(END, vec![]).await?;
    let row = row.ok_or(DbError::NotFound("chain"))?;
    Ok(point(row.sequence, row.hash))
}
