//! What a tick writes at once: intents, outcomes, what is remembered of resources, and days.
//!
//! Invariant: whoever lost a shard's lease writes nothing of it, save outcomes: what AWS answered is true
//! whoever asked.

use super::{
    batch::Batch,
    error::DbError,
    handle::{OrgDb, OrgTx},
    schedule_day, scheduled_resource,
    scheduler_action::{self, ActionOutcome},
    scheduler_shard::ShardLeases,
    stmt::Scoped,
    value::Value,
};
use crate::domain::{
    ids::AccountId,
    schedule::{ActionRecord, ScheduleDay, ScheduledResource, Shard, shard_of},
};
use jiff::Timestamp;
use std::collections::BTreeSet;

/// Empty lists are left out.
#[derive(Clone, Debug, Default)]
pub struct Book {
    pub intents: Vec<ActionRecord>,
    pub outcomes: Vec<ActionOutcome>,
    /// Written as a whole.
    pub resources: Vec<ScheduledResource>,
    /// Added to what the day holds already.
    pub days: Vec<ScheduleDay>,
}

impl Book {
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.outcomes.is_empty() && !self.needs_lease()
    }

    fn needs_lease(&self) -> bool {
        !(self.intents.is_empty() && self.resources.is_empty() && self.days.is_empty())
    }

    fn accounts(&self) -> impl Iterator<Item = AccountId> {
        let intents = self.intents.iter().map(|intent| intent.target.account);
        let resources = self.resources.iter().map(|row| row.observed.target.account);
        intents.chain(resources).chain(self.days.iter().map(|day| day.target.account))
    }
}

impl OrgDb<'_> {
    /// All or nothing; where a lease is lost, the outcomes alone, and `ShardLost`.
    pub async fn write_book(&self, leases: &ShardLeases, book: &Book, now: Timestamp) -> Result<(), DbError> {
        if book.is_empty() {
            return Ok(());
        }
        let shards: BTreeSet<Shard> = book.accounts().map(|account| shard_of(self.org(), account)).collect();
        let mut tx = self.begin().await?;
        let held = shards.is_empty() || tx.hold_shards(leases.holder, &shards, now).await?;
        for outcome in &book.outcomes {
            tx.execute(scheduler_action::SETTLE_ACTION, outcome.values()).await?;
        }
        if held {
            write_rows(&mut tx, book).await?;
        }
        tx.commit().await?;
        if held { Ok(()) } else { Err(DbError::ShardLost) }
    }
}

async fn write_rows(tx: &mut OrgTx, book: &Book) -> Result<(), DbError> {
    put(tx, scheduler_action::INSERT_ACTION, book.intents.iter().map(scheduler_action::row_of)).await?;
    put(tx, scheduled_resource::REPLACE, book.resources.iter().map(scheduled_resource::row_of)).await?;
    put(tx, schedule_day::ADD_DAY, book.days.iter().map(schedule_day::row_of)).await
}

async fn put(
    tx: &mut OrgTx,
    statement: Scoped,
    rows: impl Iterator<Item = Vec<Value>> + Send,
) -> Result<(), DbError> {
    let mut batch = Batch::default();
    for row in rows {
        tx.push(&mut batch, row);
        if batch.is_full() {
            tx.flush(statement, &mut batch).await?;
        }
    }
    tx.flush(statement, &mut batch).await
}
