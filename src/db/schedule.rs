//! The schedules of an organisation, each a document with a revision.
//!
//! Invariant: `changed_at` moves when the meaning changes: with the document, with a calendar that it uses, and
//! when a suspension ends. Whether something changes is decided in `schedule_change`.

use super::{
    error::DbError,
    handle::{OrgDb, OrgTx},
    schedule_change::{Document, Stamp},
    stmt::statements,
    time,
    value::values,
};
use crate::domain::{
    ids::ScheduleId,
    schedule::{Schedule, ScheduleError},
};
use chrono::{DateTime, Utc};
use jiff::Timestamp;
use uuid::Uuid;

statements! {
    scoped LIST { "SELECT schedule_id, name, document, revision, suspended_reason, suspended_at, changed_at, created_at, updated_at, updated_by FROM schedule WHERE org_id = ?" }
    scoped ALL_OF { "SELECT schedule_id, name, document, revision, suspended_reason, suspended_at, changed_at, created_at, updated_at, updated_by FROM schedule WHERE org_id = ? ORDER BY name" }
    scoped INSERT { "INSERT INTO schedule (org_id, schedule_id, name, document, revision, changed_at, created_at, updated_at, updated_by) VALUES (?, ?, ?, ?, 1, ?, ?, ?, ?)" }
    scoped REPLACE { "UPDATE schedule SET name = ?, document = ?, revision = revision + 1, changed_at = ?, updated_at = ?, updated_by = ? WHERE org_id = ? AND schedule_id = ?" }
    scoped TOUCH { "UPDATE schedule SET changed_at = ? WHERE org_id = ? AND schedule_id = ?" }
    scoped SUSPEND { "UPDATE schedule SET suspended_reason = ?, suspended_at = ?, updated_at = ?, updated_by = ? WHERE org_id = ? AND schedule_id = ?" }
    scoped RESUME { "UPDATE schedule SET suspended_reason = NULL, suspended_at = NULL, changed_at = ?, updated_at = ?, updated_by = ? WHERE org_id = ? AND schedule_id = ?" }
    scoped DELETE { "DELETE FROM schedule WHERE org_id = ? AND schedule_id = ?" }
}

const WHAT: &str = "schedule";
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suspended {
    pub reason: String,
    pub since: Timestamp,
}

#[derive(Clone, Debug, PartialEq)]
pub struct KeptSchedule {
    pub id: ScheduleId,
    pub name: String,
    /// Normalised when it was written.
    pub document: String,
    /// What it says. A document may become unreadable: a zone may leave the system's data.
    pub schedule: Result<Schedule, ScheduleError>,
    pub revision: i64,
    pub suspended: Option<Suspended>,
    pub changed_at: Timestamp,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub updated_by: String,
}

#[derive(sqlx::FromRow)]
struct ScheduleRow {
    schedule_id: Uuid,
    name: String,
    document: String,
    revision: i64,
    suspended_reason: Option<String>,
    suspended_at: Option<DateTime<Utc>>,
    changed_at: DateTime<Utc>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    updated_by: String,
}

impl From<ScheduleRow> for KeptSchedule {
    fn from(row: ScheduleRow) -> Self {
        let suspended = row.suspended_at.map(|since| Suspended {
            reason: row.suspended_reason.unwrap_or_default(),
            since: time::from_db(since),
        });
        Self {
            id: ScheduleId::from_uuid(row.schedule_id),
            name: row.name,
            schedule: Schedule::parse(&row.document),
            document: row.document,
            revision: row.revision,
            suspended,
            changed_at: time::from_db(row.changed_at),
            created_at: time::from_db(row.created_at),
            updated_at: time::from_db(row.updated_at),
            updated_by: row.updated_by,
        }
    }
}

impl OrgDb<'_> {
    pub async fn get_schedule(&self, id: ScheduleId) -> Result<KeptSchedule, DbError> {
        let mut listing = self.listing(LIST);
        listing.and("schedule_id = ?", values![id]);
        let row: Option<ScheduleRow> = self.list(listing).await?.pop();
        row.map(KeptSchedule::from).ok_or(DbError::NotFound(WHAT))
    }

    pub async fn find_schedule(&self, name: &str) -> Result<Option<KeptSchedule>, DbError> {
        let mut listing = self.listing(LIST);
        listing.and("name = ?", values![name]);
        let row: Option<ScheduleRow> = self.list(listing).await?.pop();
        Ok(row.map(KeptSchedule::from))
    }

    /// By name; `after` is the last one of the page before.
    pub async fn list_schedules(
        &self,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<KeptSchedule>, DbError> {
        let mut listing = self.listing(LIST);
        listing.and_equal("name > ?", after);
        listing.then(" ORDER BY name LIMIT ?", values![limit]);
        let rows: Vec<ScheduleRow> = self.list(listing).await?;
        Ok(rows.into_iter().map(KeptSchedule::from).collect())
    }

    pub(super) async fn all_schedules(&self) -> Result<Vec<KeptSchedule>, DbError> {
        let rows: Vec<ScheduleRow> = self.fetch_all(ALL_OF, vec![]).await?;
        Ok(rows.into_iter().map(KeptSchedule::from).collect())
    }
}

pub(super) async fn all_in(tx: &mut OrgTx) -> Result<Vec<KeptSchedule>, DbError> {
    let rows: Vec<ScheduleRow> = tx.fetch_all(ALL_OF, vec![]).await?;
    Ok(rows.into_iter().map(KeptSchedule::from).collect())
}

pub(super) async fn create(
    tx: &mut OrgTx,
    id: ScheduleId,
    document: &Document,
    stamp: &Stamp<'_>,
) -> Result<(), DbError> {
    let values = values![id, &document.name, &document.text, stamp.at, stamp.at, stamp.at, stamp.by];
    tx.execute(INSERT, values).await.map(drop).map_err(|e| e.or_conflict(WHAT))
}

pub(super) async fn replace(
    tx: &mut OrgTx,
    id: ScheduleId,
    document: &Document,
    stamp: &Stamp<'_>,
) -> Result<(), DbError> {
    let values = values![&document.name, &document.text, stamp.at, stamp.at, stamp.by, id];
    tx.execute(REPLACE, values).await.map(drop).map_err(|e| e.or_conflict(WHAT))
}

pub(super) async fn touch(tx: &mut OrgTx, id: ScheduleId, stamp: &Stamp<'_>) -> Result<(), DbError> {
    tx.execute(TOUCH, values![stamp.at, id]).await.map(drop)
}

pub(super) async fn suspend(
    tx: &mut OrgTx,
    id: ScheduleId,
    reason: &str,
    stamp: &Stamp<'_>,
) -> Result<(), DbError> {
    tx.execute(SUSPEND, values![reason, stamp.at, stamp.at, stamp.by, id]).await.map(drop)
}

pub(super) async fn resume(tx: &mut OrgTx, id: ScheduleId, stamp: &Stamp<'_>) -> Result<(), DbError> {
    tx.execute(RESUME, values![stamp.at, stamp.at, stamp.by, id]).await.map(drop)
}

pub(super) async fn delete(tx: &mut OrgTx, id: ScheduleId) -> Result<(), DbError> {
    tx.execute(DELETE, values![id]).await.map(drop)
}
