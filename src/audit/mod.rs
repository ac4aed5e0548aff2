//! The audit on its way into the database: one queue and one writer for each process.
//!
//! - An effect waits until its intent is committed; if it cannot be, there is no effect.
//! - Reads and events wait in the queue and are written many at a time. A read that finds no room is refused:
//!   nothing is lost silently.
//! - What was accepted is kept until it is written; what cannot be written when the process ends goes to the log.
//! - A checkpoint outside of the database follows the chains (`checkpoint.rs`).
//!
//! Deliberately knows no use case: `service::audit` says what is audited.

mod checkpoint;
mod draft;
mod origins;
mod pending;
mod writer;

#[cfg(test)]
pub(crate) mod fixtures;
#[cfg(test)]
mod tests;

pub use checkpoint::{BadCheckpoint, Checkpoints, Marks, read_marks};
pub use draft::{Draft, Ending};
pub use pending::Pending;

use crate::{
    db::{Database, DbError, NewAudit},
    domain::{audit::ChainPoint, clock::Clock, scope::OrgScope},
};
use futures_util::future::BoxFuture;
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinHandle,
};
use writer::{Item, Keep, Message, Writer};

/// How many reads and effects may be under way or waiting to be written.
const QUEUE: usize = 4096;
/// How long a request waits for room in the queue.
const ROOM_WITHIN: Duration = Duration::from_secs(2);
/// How long an effect waits for its intent: longer than a large scan holds SQLite's one writer.
const INTENT_WITHIN: Duration = Duration::from_secs(30);
/// How long an answer waits for its outcome, which is kept in any case.
const OUTCOME_WITHIN: Duration = Duration::from_secs(5);
const CLOSE_WITHIN: Duration = Duration::from_secs(15);

/// Where entries are kept: the database, or a stand-in of a test.
pub trait Store: Send + Sync + 'static {
    /// Appends to one organisation's chain, all or nothing; gives its new end.
    fn append<'a>(
        &'a self,
        scope: &'a OrgScope,
        new: &'a [NewAudit],
    ) -> BoxFuture<'a, Result<ChainPoint, DbError>>;
}

impl Store for Database {
    fn append<'a>(
        &'a self,
        scope: &'a OrgScope,
        new: &'a [NewAudit],
    ) -> BoxFuture<'a, Result<ChainPoint, DbError>> {
        Box::pin(async move { self.scoped(scope).append_audit(new).await })
    }
}

/// Why something could not be audited. The reason is for the log.
#[derive(Debug, thiserror::Error)]
#[error("the audit cannot be written: {0}")]
pub struct Unwritten(String);

/// The way into the audit. Cheap to clone.
#[derive(Clone)]
pub struct AuditLog(Arc<Inner>);

struct Inner {
    sender: mpsc::Sender<Message>,
    writer: Mutex<Option<JoinHandle<()>>>,
}

impl AuditLog {
    /// Starts the writer on the current runtime.
    #[must_use]
    pub fn start(store: Arc<dyn Store>, checkpoints: Checkpoints, clock: Clock) -> Self {
        let (sender, receiver) = mpsc::channel(QUEUE);
        let writer = tokio::spawn(Writer::new(store, receiver, checkpoints, clock).run());
        Self(Arc::new(Inner { sender, writer: Mutex::new(Some(writer)) }))
    }

    /// Writes the intent of an effect. Whoever gets no `Pending` must not go on.
    pub async fn begin(&self, draft: Draft) -> Result<Pending, Unwritten> {
        // Room for the outcome comes first: an effect must never be without one for lack of it.
        let outcome = self.room().await?;
        let sequence = self.write(draft.clone().intent(), Keep::OnlyIfWritten).await?;
        Ok(Pending::of_effect(draft, sequence, outcome))
    }

    /// Takes room for a read, which is written when it has ended.
    pub async fn expect(&self, draft: Draft) -> Result<Pending, Unwritten> {
        Ok(Pending::of_read(draft, self.room().await?))
    }

    /// Writes what has happened already, and waits for it.
    pub async fn record(&self, draft: Draft, ending: Ending) -> Result<(), Unwritten> {
        self.write(draft.ended(ending), Keep::UntilWritten).await.map(drop)
    }

    /// Writes the outcome of an intent whose process died before it could.
    pub async fn conclude(&self, draft: Draft, intent: i64, ending: Ending) -> Result<(), Unwritten> {
        self.write(draft.outcome_of(intent).ended(ending), Keep::UntilWritten).await.map(drop)
    }

    /// The same without waiting; false where there was no room, which is counted.
    #[allow(clippy::must_use_candidate, reason = "whoever cannot wait cannot do anything about it")]
    pub fn offer(&self, draft: Draft, ending: Ending) -> bool {
        let item = Item::new(draft.ended(ending), None, Keep::UntilWritten);
        let offered = self.0.sender.try_send(Message::Write(Box::new(item))).is_ok();
        if !offered {
            metrics::counter!("tuner_audit_lost_total").increment(1);
        }
        offered
    }

    /// Waits until all that was sent before was tried to be written.
    pub async fn flush(&self) {
        let (done, written) = oneshot::channel();
        if self.0.sender.send(Message::Flush(done)).await.is_ok() {
            // The writer drops it when it ends: nothing is left to wait for.
            let _ = tokio::time::timeout(OUTCOME_WITHIN, written).await;
        }
    }

    /// Writes what is left and the last checkpoint. Later entries are refused.
    pub async fn close(&self) {
        let writer = self.0.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(writer) = writer else { return };
        let ended = async {
            let _ = self.0.sender.send(Message::Close).await;
            let _ = writer.await;
        };
        if tokio::time::timeout(CLOSE_WITHIN, ended).await.is_err() {
            tracing::error!("the audit could not be written to its end");
        }
    }

    async fn room(&self) -> Result<mpsc::OwnedPermit<Message>, Unwritten> {
        let reserve = self.0.sender.clone().reserve_owned();
        match tokio::time::timeout(ROOM_WITHIN, reserve).await {
            Ok(Ok(permit)) => Ok(permit),
            Ok(Err(_)) => Err(Unwritten("its writer has ended".to_owned())),
            Err(_) => Err(Unwritten("its queue is full".to_owned())),
        }
    }

    async fn write(&self, draft: Draft, keep: Keep) -> Result<i64, Unwritten> {
        let (ack, written) = oneshot::channel();
        let item = Item::new(draft, Some(ack), keep);
        self.room().await?.send(Message::Write(Box::new(item)));
        match tokio::time::timeout(INTENT_WITHIN, written).await {
            Ok(Ok(written)) => written.map_err(Unwritten),
            Ok(Err(_)) => Err(Unwritten("its writer has ended".to_owned())),
            Err(_) => Err(Unwritten("the database did not take it in time".to_owned())),
        }
    }
}
