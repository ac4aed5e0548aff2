//! An operation under way, whose end the audit is waiting for.

use super::{
    Draft, Ending, OUTCOME_WITHIN,
    writer::{Item, Keep, Message},
};
use crate::domain::audit::AuditOutcome;
use tokio::sync::{mpsc::OwnedPermit, oneshot};

/// Finish it. One that is dropped has an unknown outcome: a caller who went away, a handler that panicked.
#[must_use = "an operation that is not finished has an unknown outcome"]
pub struct Pending(Option<Waiting>);

struct Waiting {
    draft: Draft,
    intent: Option<i64>,
    room: OwnedPermit<Message>,
}

impl Pending {
    pub(super) fn of_effect(draft: Draft, intent: i64, room: OwnedPermit<Message>) -> Self {
        Self(Some(Waiting { draft, intent: Some(intent), room }))
    }

    pub(super) fn of_read(draft: Draft, room: OwnedPermit<Message>) -> Self {
        Self(Some(Waiting { draft, intent: None, room }))
    }

    /// The place of its intent in the chain, by which its outcome can be written after a crash.
    #[must_use]
    pub fn sequence(&self) -> Option<i64> {
        self.0.as_ref().and_then(|waiting| waiting.intent)
    }

    /// An effect's outcome is waited for, so that whoever gets the answer finds it in the audit.
    pub async fn finish(mut self, ending: Ending) {
        let Some(waiting) = self.0.take() else { return };
        if waiting.intent.is_none() {
            return waiting.send(ending, None);
        }
        let (ack, written) = oneshot::channel();
        waiting.send(ending, Some(ack));
        // If it is not written by now, it will be: the writer keeps it.
        let _ = tokio::time::timeout(OUTCOME_WITHIN, written).await;
    }
}

impl Waiting {
    fn send(self, ending: Ending, ack: Option<super::writer::Ack>) {
        let draft = match self.intent {
            Some(intent) => self.draft.outcome_of(intent),
            None => self.draft,
        };
        let item = Item::new(draft.ended(ending), ack, Keep::UntilWritten);
        self.room.send(Message::Write(Box::new(item)));
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        if let Some(waiting) = self.0.take() {
            waiting.send(AuditOutcome::Unknown.into(), None);
        }
    }
}
