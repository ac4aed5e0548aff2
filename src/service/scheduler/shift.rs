//! The leases of one tick: taken together, renewed while it works, and given back shard by shard, so that a slow
//! account holds up its own shard alone.

use crate::{
    app::App,
    db::{DbError, ShardLeases, ShardWork},
    domain::{
        ids::RunId,
        schedule::{SHARDS, Shard},
    },
};
use std::{
    collections::{BTreeMap, BTreeSet},
    convert::Infallible,
    sync::{Mutex, PoisonError},
    time::Duration,
};

/// A lease lasts for two minutes.
const RENEW_EVERY: Duration = Duration::from_secs(30);
/// How long who asked for a run waits for shards that are busy.
const WAIT_FOR_BUSY: Duration = Duration::from_secs(10);
const ASK_AGAIN: Duration = Duration::from_millis(250);

pub(super) struct Shift {
    pub leases: ShardLeases,
    /// Accounts that are not done yet.
    remaining: Mutex<BTreeMap<Shard, usize>>,
}

impl Shift {
    /// What is free at this moment.
    pub async fn take(app: &App, shards: &BTreeSet<Shard>, work: ShardWork) -> Result<Self, DbError> {
        let shards: Vec<Shard> = shards.iter().copied().collect();
        let leases = app.database.take_shards(&shards, RunId::generate(), work, app.clock.now()).await?;
        Ok(Self::with(leases))
    }

    /// Waits a while for shards that others work on.
    pub async fn take_waiting(app: &App, shards: &BTreeSet<Shard>) -> Result<Self, DbError> {
        let (holder, mut patience) = (RunId::generate(), WAIT_FOR_BUSY);
        loop {
            let wanted: Vec<Shard> = shards.iter().copied().collect();
            let leases = app.database.take_shards(&wanted, holder, ShardWork::Asked, app.clock.now()).await?;
            if leases.fences.len() >= shards.len() || patience.is_zero() {
                return Ok(Self::with(leases));
            }
            tokio::time::sleep(ASK_AGAIN).await;
            patience = patience.saturating_sub(ASK_AGAIN);
        }
    }

    /// For a dry run, which needs no lease.
    pub fn dry() -> Self {
        let fences = (0..SHARDS).map(|shard| (shard, 0)).collect();
        Self::with(ShardLeases { holder: RunId::generate(), fences })
    }

    fn with(leases: ShardLeases) -> Self {
        Self { leases, remaining: Mutex::default() }
    }

    pub fn holds(&self, shard: Shard) -> bool {
        self.leases.fences.contains_key(&shard)
    }

    /// Accounts that will be dealt with, by their shards: all of them, before the first one is.
    pub fn expect(&self, shards: impl IntoIterator<Item = Shard>) {
        let mut remaining = self.remaining.lock().unwrap_or_else(PoisonError::into_inner);
        for shard in shards {
            *remaining.entry(shard).or_default() += 1;
        }
    }

    /// One of a shard's accounts is done; after the last one others may have the shard.
    pub async fn done(&self, app: &App, shard: Shard) {
        let last = {
            let mut remaining = self.remaining.lock().unwrap_or_else(PoisonError::into_inner);
            let count = remaining.entry(shard).or_default();
            *count = count.saturating_sub(1);
            *count == 0
        };
        if last {
            self.release(app, &[shard]).await;
        }
    }

    pub async fn end(&self, app: &App) {
        let all: Vec<Shard> = self.leases.fences.keys().copied().collect();
        self.release(app, &all).await;
    }

    async fn release(&self, app: &App, shards: &[Shard]) {
        if let Err(error) = app.database.release_shards(self.leases.holder, shards).await {
            tracing::warn!(%error, "a shard's lease could not be given back; it runs out by itself");
        }
    }

    /// Keeps the leases while work goes on.
    pub async fn renew(&self, app: &App) -> Infallible {
        loop {
            tokio::time::sleep(RENEW_EVERY).await;
            if let Err(error) = app.database.renew_shards(self.leases.holder, app.clock.now()).await {
                tracing::warn!(%error, "the leases of the scheduler could not be renewed");
            }
        }
    }
}
