//! Runs of the scheduler: one row for each that did something, was asked for, or failed.

use super::{document, error::DbError, handle::OrgDb, stmt::statements, time, value::values};
use crate::domain::{
    ids::RunId,
    schedule::{RunRecord, RunStatus, RunSummary, StartedFor},
};
use chrono::{DateTime, Utc};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

statements! {
    scoped INSERT { "INSERT INTO scheduler_run (org_id, run_id, started_for, actor_name, dry_run, status, started_at) VALUES (?, ?, ?, ?, ?, ?, ?)" }
    scoped FINISH { "UPDATE scheduler_run SET status = ?, finished_at = ?, summary = ? WHERE org_id = ? AND run_id = ?" }
    scoped LIST { "SELECT run_id, started_for, actor_name, dry_run, status, started_at, finished_at, summary FROM scheduler_run WHERE org_id = ?" }
    scoped INTERRUPT { "UPDATE scheduler_run SET status = 'failed', finished_at = ? WHERE org_id = ? AND started_at >= ? AND started_at < ? AND status = 'running'" }
    scoped COUNT_OLD { "SELECT COUNT(*) FROM scheduler_run WHERE org_id = ? AND started_at < ?" }
    scoped FORGET { "DELETE FROM scheduler_run WHERE org_id = ? AND started_at < ?" }
}

const WHAT: &str = "run";
/// The rest of the history is not walked through each minute.
const LOOKED_BACK: SignedDuration = SignedDuration::from_hours(24);

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunFilter {
    pub status: Option<RunStatus>,
    pub started_for: Option<StartedFor>,
    pub from: Option<Timestamp>,
    /// Not included.
    pub to: Option<Timestamp>,
}

#[derive(sqlx::FromRow)]
struct RunRow {
    run_id: Uuid,
    started_for: String,
    actor_name: String,
    dry_run: i64,
    status: String,
    started_at: DateTime<Utc>,
    finished_at: Option<DateTime<Utc>>,
    summary: Option<String>,
}

impl TryFrom<RunRow> for RunRecord {
    type Error = DbError;
    fn try_from(row: RunRow) -> Result<Self, DbError> {
        let summary: Option<RunSummary> =
            row.summary.map(|text| document::read(&text, "scheduler_run.summary")).transpose()?;
        Ok(Self {
            id: RunId::from_uuid(row.run_id),
            started_for: row
                .started_for
                .parse()
                .map_err(|()| DbError::Corrupt("scheduler_run.started_for"))?,
            actor_name: row.actor_name,
            dry_run: row.dry_run != 0,
            status: row.status.parse().map_err(|()| DbError::Corrupt("scheduler_run.status"))?,
            started_at: time::from_db(row.started_at),
            finished_at: row.finished_at.map(time::from_db),
            summary,
        })
    }
}

impl OrgDb<'_> {
    pub async fn create_run(&self, run: &RunRecord) -> Result<(), DbError> {
        let actor = super::scheduled_resource::cut(&run.actor_name, 190);
        let values = values![run.id, run.started_for, actor, run.dry_run, run.status, run.started_at];
        self.execute(INSERT, values).await.map(drop).map_err(|e| e.or_conflict(WHAT))
    }

    pub async fn finish_run(&self, run: &RunRecord) -> Result<(), DbError> {
        let summary = run.summary.as_ref().map(document::write);
        let values = values![run.status, run.finished_at, summary, run.id];
        if self.execute(FINISH, values).await? == 1 { Ok(()) } else { Err(DbError::NotFound(WHAT)) }
    }

    pub async fn get_run(&self, id: RunId) -> Result<RunRecord, DbError> {
        let mut listing = self.listing(LIST);
        listing.and("run_id = ?", values![id]);
        let row: Option<RunRow> = self.list(listing).await?.pop();
        row.ok_or(DbError::NotFound(WHAT))?.try_into()
    }

    /// Newest first; `before` is the last one of the page before.
    pub async fn list_runs(
        &self,
        filter: &RunFilter,
        before: Option<RunId>,
        limit: u32,
    ) -> Result<Vec<RunRecord>, DbError> {
        let mut listing = self.listing(LIST);
        listing.and_equal("status = ?", filter.status);
        listing.and_equal("started_for = ?", filter.started_for);
        listing.and_equal("started_at >= ?", filter.from);
        listing.and_equal("started_at < ?", filter.to);
        listing.and_equal("run_id < ?", before);
        // The ids begin with their time.
        listing.then(" ORDER BY run_id DESC LIMIT ?", values![limit]);
        let rows: Vec<RunRow> = self.list(listing).await?;
        rows.into_iter().map(RunRecord::try_from).collect()
    }

    /// Ends runs whose server died: those that began in the day before that and have not ended.
    pub async fn interrupt_runs(&self, began_before: Timestamp, now: Timestamp) -> Result<u64, DbError> {
        let since = began_before - LOOKED_BACK;
        self.execute(INTERRUPT, values![now, since, began_before]).await
    }

    pub async fn count_old_runs(&self, before: Timestamp) -> Result<u64, DbError> {
        let found: Option<(i64,)> = self.fetch_optional(COUNT_OLD, values![before]).await?;
        Ok(found.and_then(|(count,)| u64::try_from(count).ok()).unwrap_or_default())
    }

    pub async fn forget_runs(&self, before: Timestamp) -> Result<u64, DbError> {
        self.execute(FORGET, values![before]).await
    }
}
