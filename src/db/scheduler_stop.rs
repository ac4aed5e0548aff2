//! The kill switch of an organisation: on while there is a row.

use super::{error::DbError, handle::OrgDb, stmt::statements, time, value::values};
use crate::domain::schedule::{StopScope, Stopped};
use chrono::{DateTime, Utc};

statements! {
    scoped FIND { "SELECT 0, reason, stopped_by, stopped_at FROM scheduler_stop WHERE org_id = ? UNION ALL SELECT 1, reason, stopped_by, stopped_at FROM installation_stop" }
    scoped STOP {
        sqlite: "INSERT INTO scheduler_stop (org_id, reason, stopped_by, stopped_at) VALUES (?, ?, ?, ?) ON CONFLICT (org_id) DO NOTHING",
        mysql: "INSERT INTO scheduler_stop (org_id, reason, stopped_by, stopped_at) VALUES (?, ?, ?, ?) ON DUPLICATE KEY UPDATE org_id = org_id"
    }
    scoped GO { "DELETE FROM scheduler_stop WHERE org_id = ?" }
}

pub(super) type StopRow = (i64, String, String, DateTime<Utc>);

pub(super) fn read(row: StopRow) -> Stopped {
    let (scope, reason, stopped_by, stopped_at) = row;
    let scope = if scope == 0 { StopScope::Organization } else { StopScope::Installation };
    Stopped { scope, reason, stopped_by, stopped_at: time::from_db(stopped_at) }
}

impl OrgDb<'_> {
    /// Those that are on: the organisation's own, the installation's. One statement: asked before each call.
    pub async fn list_stops(&self) -> Result<Vec<Stopped>, DbError> {
        let rows: Vec<StopRow> = self.fetch_all(FIND, vec![]).await?;
        Ok(rows.into_iter().map(read).collect())
    }

    /// The first reason stays until somebody lifts it.
    pub async fn stop_scheduler(&self, stop: &Stopped) -> Result<(), DbError> {
        self.execute(STOP, values![&stop.reason, &stop.stopped_by, stop.stopped_at]).await.map(drop)
    }

    /// Whether it was on.
    pub async fn release_scheduler(&self) -> Result<bool, DbError> {
        Ok(self.execute(GO, vec![]).await? > 0)
    }
}
