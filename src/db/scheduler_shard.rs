//! Leases on parts of all accounts, taken by compare-and-set. `fence` rises each time that one is taken.
//!
//! A lease is nobody's property for longer than [`LONGEST`]: one that seems to last longer was written by a
//! clock that ran ahead, and is taken all the same. Who lost a lease is refused by every statement that names it.

use super::{
    error::DbError,
    handle::Database,
    stmt::statements,
    value::{Value, values},
};
use crate::domain::{
    ids::RunId,
    schedule::{SHARDS, Shard},
};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

statements! {
    global CREATE {
        sqlite: "INSERT INTO scheduler_shard (shard, fence, until_at, ticked_for) VALUES (?, ?, ?, ?) ON CONFLICT (shard) DO NOTHING",
        mysql: "INSERT INTO scheduler_shard (shard, fence, until_at, ticked_for) VALUES (?, ?, ?, ?) ON DUPLICATE KEY UPDATE shard = scheduler_shard.shard"
    }
    global COUNT { "SELECT COUNT(*) FROM scheduler_shard" }
    global TAKE_MINUTE { "UPDATE scheduler_shard SET holder = ?, fence = fence + 1, until_at = ?, ticked_for = ? WHERE (until_at <= ? OR until_at > ?) AND (ticked_for < ? OR ticked_for > ?) AND shard IN (?)" }
    global TAKE { "UPDATE scheduler_shard SET holder = ?, fence = fence + 1, until_at = ? WHERE (until_at <= ? OR until_at > ?) AND shard IN (?)" }
    global HELD { "SELECT shard, fence FROM scheduler_shard WHERE holder = ?" }
    global RENEW { "UPDATE scheduler_shard SET until_at = ? WHERE holder = ?" }
    global RELEASE { "UPDATE scheduler_shard SET holder = NULL, until_at = ? WHERE holder = ? AND shard IN (?)" }
}

/// No lease is taken or renewed for longer.
pub const LONGEST: SignedDuration = SignedDuration::from_mins(2);

/// Leases that were taken together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShardLeases {
    pub holder: RunId,
    /// Each with its fence.
    pub fences: BTreeMap<Shard, i64>,
}

/// For what leases are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShardWork {
    /// Done once, by one server.
    Minute(Timestamp),
    /// Done as often as somebody asks for it.
    Asked,
}

impl Database {
    async fn create_shards(&self) -> Result<(), DbError> {
        let (count,): (i64,) = self.fetch_optional(COUNT, vec![]).await?.unwrap_or_default();
        if count >= i64::from(SHARDS) {
            return Ok(());
        }
        let never = Timestamp::UNIX_EPOCH;
        for shard in 0..SHARDS {
            self.execute(CREATE, values![shard, 0_i64, never, never]).await?;
        }
        Ok(())
    }

    /// Those of the shards that are free, and were not done for that minute.
    pub async fn take_shards(
        &self,
        shards: &[Shard],
        holder: RunId,
        work: ShardWork,
        now: Timestamp,
    ) -> Result<ShardLeases, DbError> {
        self.create_shards().await?;
        let (until, ahead) = (now + LONGEST, now + LONGEST * 2);
        let list: Vec<Value> = shards.iter().map(|shard| Value::from(*shard)).collect();
        if !list.is_empty() {
            let (statement, fixed) = match work {
                ShardWork::Minute(minute) => {
                    (TAKE_MINUTE, values![holder, until, minute, now, ahead, minute, ahead])
                }
                ShardWork::Asked => (TAKE, values![holder, until, now, ahead]),
            };
            self.execute_in(statement, fixed, list).await?;
        }
        self.held_shards(holder).await
    }

    /// Those that it still holds.
    pub async fn held_shards(&self, holder: RunId) -> Result<ShardLeases, DbError> {
        let rows: Vec<(i64, i64)> = self.fetch_all(HELD, values![holder]).await?;
        let fences =
            rows.into_iter().map(|(shard, fence)| (Shard::try_from(shard).unwrap_or_default(), fence));
        Ok(ShardLeases { holder, fences: fences.collect() })
    }

    /// Those that nobody took meanwhile: their number.
    pub async fn renew_shards(&self, holder: RunId, now: Timestamp) -> Result<u64, DbError> {
        self.execute(RENEW, values![now + LONGEST, holder]).await
    }

    /// Gives leases back; nothing happens to those that are others' now.
    pub async fn release_shards(&self, holder: RunId, shards: &[Shard]) -> Result<(), DbError> {
        let list: Vec<Value> = shards.iter().map(|shard| Value::from(*shard)).collect();
        if list.is_empty() {
            return Ok(());
        }
        self.execute_in(RELEASE, values![Timestamp::UNIX_EPOCH, holder], list).await.map(drop)
    }
}
