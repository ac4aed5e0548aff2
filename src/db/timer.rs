//! Work that is due at certain times and done by one server for all: a lease taken by compare-and-set.
//!
//! A server that dies lets its lease run out; another one takes over. What was done for a time is not done for
//! it again.

use super::{error::DbError, handle::Database, stmt::statements, value::values};
use jiff::Timestamp;

statements! {
    global CREATE {
        sqlite: "INSERT INTO timer (name, lease_until, done_for) VALUES (?, ?, ?) ON CONFLICT (name) DO NOTHING",
        mysql: "INSERT INTO timer (name, lease_until, done_for) VALUES (?, ?, ?) ON DUPLICATE KEY UPDATE name = name"
    }
    global CLAIM { "UPDATE timer SET lease_until = ? WHERE name = ? AND done_for < ? AND lease_until < ?" }
    global DONE { "UPDATE timer SET done_for = ? WHERE name = ? AND done_for < ?" }
}

impl Database {
    /// True for the one server that shall do what is due at `due`, until the lease runs out.
    pub async fn claim_timer(
        &self,
        name: &str,
        due: Timestamp,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<bool, DbError> {
        let never = Timestamp::UNIX_EPOCH;
        self.execute(CREATE, values![name, never, never]).await?;
        Ok(self.execute(CLAIM, values![until, name, due, now]).await? == 1)
    }

    /// It was done for that time.
    pub async fn finish_timer(&self, name: &str, due: Timestamp) -> Result<(), DbError> {
        self.execute(DONE, values![due, name, due]).await.map(drop)
    }
}
