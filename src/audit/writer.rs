//! The one task that writes: many entries in one transaction for each chain, effects without delay.

use super::{
    Draft, Store,
    checkpoint::Checkpoints,
    origins::{KnownOrigins, OriginKey},
};
use crate::{
    db::NewAudit,
    domain::{
        audit::{ChainPoint, Hash},
        clock::Clock,
        ids::OrgKey,
        scope::OrgScope,
    },
};
use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::Duration,
};
use tokio::{
    sync::{mpsc, oneshot},
    time::{Instant, sleep_until},
};

/// How many entries are held at most; then the queue fills, and then requests are refused.
const HELD: usize = 1024;
/// How many reads make a transaction, if they come fast enough.
const BATCH: usize = 256;
/// How long a read waits for others.
const LINGER: Duration = Duration::from_millis(200);
const RETRY: Duration = Duration::from_millis(500);
/// How often the rest is tried when the process ends.
const LAST_TRIES: u32 = 5;
const FAR: Duration = Duration::from_hours(1);

pub(super) type Ack = oneshot::Sender<Result<i64, String>>;

/// What becomes of an entry that could not be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keep {
    /// It is tried again until it is written.
    UntilWritten,
    /// It is dropped: the effect does not happen.
    OnlyIfWritten,
}

pub(super) enum Message {
    Write(Box<Item>),
    Flush(oneshot::Sender<()>),
    Close,
}

pub(super) struct Item {
    draft: Draft,
    ack: Option<Ack>,
    keep: Keep,
}

impl Item {
    pub fn new(draft: Draft, ack: Option<Ack>, keep: Keep) -> Self {
        let event = draft.event.fitted();
        Self { draft: Draft { event, ..draft }, ack, keep }
    }

    /// Whoever waited has given up: an intent without an effect would only mislead.
    fn is_given_up(&self) -> bool {
        self.keep == Keep::OnlyIfWritten && self.ack.as_ref().is_none_or(oneshot::Sender::is_closed)
    }

    fn answer(&mut self, written: Result<i64, String>) {
        if let Some(ack) = self.ack.take() {
            // It may have stopped waiting.
            let _ = ack.send(written);
        }
    }
}

pub(super) struct Writer {
    store: Arc<dyn Store>,
    receiver: mpsc::Receiver<Message>,
    checkpoints: Checkpoints,
    clock: Clock,
    held: Vec<Item>,
    flushing: Vec<oneshot::Sender<()>>,
    known: KnownOrigins,
    /// When the held entries are written.
    due: Option<Instant>,
    closing: bool,
}

impl Writer {
    pub fn new(
        store: Arc<dyn Store>,
        receiver: mpsc::Receiver<Message>,
        checkpoints: Checkpoints,
        clock: Clock,
    ) -> Self {
        let (held, flushing, known) = (Vec::new(), Vec::new(), KnownOrigins::default());
        Self { store, receiver, checkpoints, clock, held, flushing, known, due: None, closing: false }
    }

    pub async fn run(mut self) {
        let mut inbox = Vec::new();
        while !self.closing {
            let room = HELD.saturating_sub(self.held.len());
            let wake = self.due.into_iter().chain(self.checkpoints.due()).min();
            let wake = wake.unwrap_or_else(|| Instant::now() + FAR);
            tokio::select! {
                received = self.receiver.recv_many(&mut inbox, room), if room > 0 => {
                    if received == 0 {
                        break;
                    }
                    inbox.drain(..).for_each(|message| self.take(message));
                }
                () = sleep_until(wake) => {}
            }
            self.write_if_due().await;
            self.checkpoints.write_if_due(self.clock.now()).await;
        }
        self.end().await;
    }

    fn take(&mut self, message: Message) {
        let now = Instant::now();
        match message {
            Message::Write(item) => {
                let urgent = item.ack.is_some() || self.held.len() + 1 == BATCH;
                self.held.push(*item);
                let due = if urgent { now } else { self.due.unwrap_or(now + LINGER) };
                self.due = Some(due);
            }
            Message::Flush(done) => {
                self.flushing.push(done);
                self.due = Some(now);
            }
            Message::Close => {
                self.closing = true;
                self.due = Some(now);
            }
        }
    }

    async fn write_if_due(&mut self) {
        if self.due.is_none_or(|due| due > Instant::now()) {
            return;
        }
        self.write().await;
        for done in self.flushing.drain(..) {
            // It may have stopped waiting.
            let _ = done.send(());
        }
        self.due = (!self.held.is_empty()).then(|| Instant::now() + RETRY);
    }

    /// One transaction for each chain; what could not be written and must be is held.
    async fn write(&mut self) {
        let mut chains: BTreeMap<OrgKey, Vec<Item>> = BTreeMap::new();
        for item in self.held.drain(..).filter(|item| !item.is_given_up()) {
            chains.entry(item.draft.scope.key()).or_default().push(item);
        }
        for mut items in chains.into_values() {
            let written = self.write_chain(&items).await;
            let (mut sequence, error) = match written {
                Ok(first) => (first, None),
                Err(error) => (0, Some(error)),
            };
            for item in &mut items {
                item.answer(error.as_ref().map_or(Ok(sequence), |error| Err(error.clone())));
                sequence += 1;
            }
            if error.is_some() {
                self.held.extend(items.into_iter().filter(|item| item.keep == Keep::UntilWritten));
            }
        }
    }

    /// Gives the sequence of the first.
    async fn write_chain(&mut self, items: &[Item]) -> Result<i64, String> {
        let Some(scope) = items.first().map(|item| item.draft.scope.clone()) else { return Ok(0) };
        let mut seen = HashMap::new();
        let new: Vec<NewAudit> = items.iter().map(|item| self.prepare(&item.draft, &mut seen)).collect();
        match self.store.append(&scope, &new).await {
            Ok(end) => {
                self.known.add(seen);
                Ok(self.written(&scope, end, items.len()))
            }
            Err(error) => {
                metrics::counter!("tuner_audit_write_failures_total").increment(1);
                tracing::error!(%error, entries = items.len(), org.id = %scope.organization(), "the audit could not be written");
                Err(error.to_string())
            }
        }
    }

    fn written(&mut self, scope: &OrgScope, end: ChainPoint, entries: usize) -> i64 {
        self.checkpoints.note(scope.key(), end);
        let entries = u32::try_from(entries).unwrap_or(u32::MAX);
        metrics::counter!("tuner_audit_entries_total").increment(entries.into());
        end.sequence - i64::from(entries) + 1
    }

    /// Puts the digest of its origin into an event; the origin itself goes along if it is not kept yet.
    fn prepare(&self, draft: &Draft, seen: &mut HashMap<OriginKey, Hash>) -> NewAudit {
        let mut event = draft.event.clone();
        let Some(key) = OriginKey::new(draft.scope.key(), event.actor.user, &draft.origin, event.at) else {
            return NewAudit { event, origin: None };
        };
        event.origin = self.known.find(&key).or_else(|| seen.get(&key).copied());
        let origin = if event.origin.is_none() { key.salted() } else { None };
        if let Some(origin) = &origin {
            event.origin = Some(origin.digest());
            seen.insert(key, origin.digest());
        }
        NewAudit { event, origin }
    }

    /// Nothing may be lost silently: what the database does not take goes to the log.
    async fn end(&mut self) {
        self.receiver.close();
        while let Ok(message) = self.receiver.try_recv() {
            self.take(message);
        }
        for attempt in 1..=LAST_TRIES {
            self.write().await;
            if self.held.is_empty() || attempt == LAST_TRIES {
                break;
            }
            tokio::time::sleep(RETRY).await;
        }
        for item in self.held.drain(..) {
            metrics::counter!("tuner_audit_lost_total").increment(1);
            let (scope, event) = (&item.draft.scope, &item.draft.event);
            tracing::error!(org.id = %scope.organization(), ?event, "an audit entry could not be written");
        }
        self.checkpoints.write(self.clock.now()).await;
    }
}
