//! The kill switch of everybody, for who runs the server: on while there is a row.

use super::{error::DbError, handle::Database, scheduler_stop::StopRow, stmt::statements, value::values};
use crate::domain::schedule::Stopped;

statements! {
    global FIND { "SELECT 1, reason, stopped_by, stopped_at FROM installation_stop" }
    global STOP {
        sqlite: "INSERT INTO installation_stop (slot, reason, stopped_by, stopped_at) VALUES (1, ?, ?, ?) ON CONFLICT (slot) DO NOTHING",
        mysql: "INSERT INTO installation_stop (slot, reason, stopped_by, stopped_at) VALUES (1, ?, ?, ?) ON DUPLICATE KEY UPDATE slot = slot"
    }
    global GO { "DELETE FROM installation_stop" }
}

impl Database {
    pub async fn find_installation_stop(&self) -> Result<Option<Stopped>, DbError> {
        let row: Option<StopRow> = self.fetch_optional(FIND, vec![]).await?;
        Ok(row.map(super::scheduler_stop::read))
    }

    /// The first reason stays until somebody lifts it.
    pub async fn stop_installation(&self, stop: &Stopped) -> Result<(), DbError> {
        self.execute(STOP, values![&stop.reason, &stop.stopped_by, stop.stopped_at]).await.map(drop)
    }

    /// Whether it was on.
    pub async fn release_installation(&self) -> Result<bool, DbError> {
        Ok(self.execute(GO, vec![]).await? > 0)
    }
}
