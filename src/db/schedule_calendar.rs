//! The calendars of an organisation. Schedules name them.

use super::{
    error::DbError,
    handle::{OrgDb, OrgTx},
    schedule_change::{Document, Stamp},
    stmt::statements,
    time,
    value::values,
};
use crate::domain::{
    ids::CalendarId,
    schedule::{Calendar, ScheduleError},
};
use chrono::{DateTime, Utc};
use jiff::Timestamp;
use uuid::Uuid;

statements! {
    scoped LIST { "SELECT calendar_id, name, document, revision, created_at, updated_at, updated_by FROM schedule_calendar WHERE org_id = ?" }
    scoped ALL_OF { "SELECT calendar_id, name, document, revision, created_at, updated_at, updated_by FROM schedule_calendar WHERE org_id = ? ORDER BY name" }
    scoped INSERT { "INSERT INTO schedule_calendar (org_id, calendar_id, name, document, revision, created_at, updated_at, updated_by) VALUES (?, ?, ?, ?, 1, ?, ?, ?)" }
    scoped REPLACE { "UPDATE schedule_calendar SET name = ?, document = ?, revision = revision + 1, updated_at = ?, updated_by = ? WHERE org_id = ? AND calendar_id = ?" }
    scoped DELETE { "DELETE FROM schedule_calendar WHERE org_id = ? AND calendar_id = ?" }
}

const WHAT: &str = "calendar";
#[derive(Clone, Debug, PartialEq)]
pub struct KeptCalendar {
    pub id: CalendarId,
    pub name: String,
    pub document: String,
    pub calendar: Result<Calendar, ScheduleError>,
    pub revision: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub updated_by: String,
}

#[derive(sqlx::FromRow)]
struct CalendarRow {
    calendar_id: Uuid,
    name: String,
    document: String,
    revision: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    updated_by: String,
}

impl From<CalendarRow> for KeptCalendar {
    fn from(row: CalendarRow) -> Self {
        Self {
            id: CalendarId::from_uuid(row.calendar_id),
            name: row.name,
            calendar: Calendar::parse(&row.document),
            document: row.document,
            revision: row.revision,
            created_at: time::from_db(row.created_at),
            updated_at: time::from_db(row.updated_at),
            updated_by: row.updated_by,
        }
    }
}

impl OrgDb<'_> {
    pub async fn get_calendar(&self, id: CalendarId) -> Result<KeptCalendar, DbError> {
        let mut listing = self.listing(LIST);
        listing.and("calendar_id = ?", values![id]);
        let row: Option<CalendarRow> = self.list(listing).await?.pop();
        row.map(KeptCalendar::from).ok_or(DbError::NotFound(WHAT))
    }

    /// By name; `after` is the last one of the page before.
    pub async fn list_calendars(
        &self,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<KeptCalendar>, DbError> {
        let mut listing = self.listing(LIST);
        listing.and_equal("name > ?", after);
        listing.then(" ORDER BY name LIMIT ?", values![limit]);
        let rows: Vec<CalendarRow> = self.list(listing).await?;
        Ok(rows.into_iter().map(KeptCalendar::from).collect())
    }

    pub(super) async fn all_calendars(&self) -> Result<Vec<KeptCalendar>, DbError> {
        let rows: Vec<CalendarRow> = self.fetch_all(ALL_OF, vec![]).await?;
        Ok(rows.into_iter().map(KeptCalendar::from).collect())
    }
}

pub(super) async fn all_in(tx: &mut OrgTx) -> Result<Vec<KeptCalendar>, DbError> {
    let rows: Vec<CalendarRow> = tx.fetch_all(ALL_OF, vec![]).await?;
    Ok(rows.into_iter().map(KeptCalendar::from).collect())
}

pub(super) async fn create(
    tx: &mut OrgTx,
    id: CalendarId,
    document: &Document,
    stamp: &Stamp<'_>,
) -> Result<(), DbError> {
    let values = values![id, &document.name, &document.text, stamp.at, stamp.at, stamp.by];
    tx.execute(INSERT, values).await.map(drop).map_err(|e| e.or_conflict(WHAT))
}

pub(super) async fn replace(
    tx: &mut OrgTx,
    id: CalendarId,
    document: &Document,
    stamp: &Stamp<'_>,
) -> Result<(), DbError> {
    let values = values![&document.name, &document.text, stamp.at, stamp.by, id];
    tx.execute(REPLACE, values).await.map(drop).map_err(|e| e.or_conflict(WHAT))
}

pub(super) async fn delete(tx: &mut OrgTx, id: CalendarId) -> Result<(), DbError> {
    tx.execute(DELETE, values![id]).await.map(drop)
}
