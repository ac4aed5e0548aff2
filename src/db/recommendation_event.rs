//! The life of recommendations, step by step: what people decided, and what scans found out.
//!
//! Steps are added in the transaction that changes the state, and go with their recommendation. That it was found
//! for the first time is no step: `first_seen` tells.

use super::{
    batch::Batch,
    error::DbError,
    handle::{OrgDb, OrgTx},
    stmt::{Scoped, statements},
    time,
    value::values,
};
use crate::domain::{
    finding::text_enum,
    ids::{AccountId, EventId, RecommendationId, UserId},
    recommendation::RecommendationStatus,
};
use chrono::{DateTime, Utc};
use jiff::Timestamp;
use uuid::Uuid;

statements! {
    scoped INSERT { "INSERT INTO recommendation_event (org_id, account_id, recommendation_id, event_id, at, event, status_before, status_after, actor_id, note, until_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)" }
    scoped LIST { "SELECT r.recommendation_id, r.account_id, r.event_id, r.at, r.event, r.status_before, r.status_after, r.actor_id, r.note, r.until_at, m.subject FROM recommendation_event r LEFT JOIN member m ON m.org_id = r.org_id AND m.user_id = r.actor_id WHERE r.org_id = ?" }
    scoped DELETE_ALL { "DELETE FROM recommendation_event WHERE org_id = ? AND account_id = ?" }
}

/// Of an account that goes.
pub(super) const DELETE_OF: Scoped = DELETE_ALL;

text_enum! {
    EventKind {
        Snoozed = "snoozed",
        Dismissed = "dismissed",
        Implemented = "implemented",
        Reopened = "reopened",
        /// A snooze or a dismissal ran out.
        Ended = "ended",
        /// A scan found it again.
        SeenAgain = "seenAgain",
        /// A scan did not find it any more.
        Resolved = "resolved",
        /// A scan could not judge it.
        Unconfirmed = "unconfirmed",
        /// The settings leave it out.
        Excluded = "excluded",
    }
}

impl EventKind {
    /// What a scan or the end of a decision brought about.
    pub(super) const fn leading_to(after: RecommendationStatus) -> Self {
        match after {
            RecommendationStatus::Resolved => Self::Resolved,
            RecommendationStatus::Stale => Self::Unconfirmed,
            RecommendationStatus::Excluded => Self::Excluded,
            _ => Self::SeenAgain,
        }
    }
}

/// A step that is taken.
pub(super) struct Step {
    pub recommendation: RecommendationId,
    pub at: Timestamp,
    pub event: EventKind,
    pub before: RecommendationStatus,
    pub after: RecommendationStatus,
    /// None: nobody, the system itself.
    pub actor: Option<UserId>,
    pub note: Option<String>,
    pub until: Option<Timestamp>,
}

impl Step {
    /// One that nobody took.
    pub fn by_itself(
        recommendation: RecommendationId,
        at: Timestamp,
        before: RecommendationStatus,
        after: RecommendationStatus,
    ) -> Self {
        let event = EventKind::leading_to(after);
        Self { recommendation, at, event, before, after, actor: None, note: None, until: None }
    }
}

/// A step that was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptEvent {
    pub id: EventId,
    pub recommendation: RecommendationId,
    pub account: AccountId,
    pub at: Timestamp,
    pub event: EventKind,
    pub before: RecommendationStatus,
    pub after: RecommendationStatus,
    pub actor: Option<UserId>,
    /// What the actor is called now; none for who was erased.
    pub actor_name: Option<String>,
    pub note: Option<String>,
    pub until: Option<Timestamp>,
}

#[derive(sqlx::FromRow)]
struct EventRow {
    recommendation_id: Uuid,
    account_id: i64,
    event_id: Uuid,
    at: DateTime<Utc>,
    event: String,
    status_before: String,
    status_after: String,
    actor_id: Option<Uuid>,
    note: Option<String>,
    until_at: Option<DateTime<Utc>>,
    subject: Option<String>,
}

impl TryFrom<EventRow> for KeptEvent {
    type Error = DbError;
    fn try_from(row: EventRow) -> Result<Self, DbError> {
        let status = |text: &str| text.parse().map_err(|()| DbError::Corrupt("recommendation_event.status"));
        Ok(Self {
            id: EventId::from_uuid(row.event_id),
            recommendation: RecommendationId::from_uuid(row.recommendation_id),
            account: AccountId::from_i64(row.account_id),
            at: time::from_db(row.at),
            event: row.event.parse().map_err(|()| DbError::Corrupt("recommendation_event.event"))?,
            before: status(&row.status_before)?,
            after: status(&row.status_after)?,
            actor: row.actor_id.map(UserId::from_uuid),
            actor_name: row.subject,
            note: row.note,
            until: row.until_at.map(time::from_db),
        })
    }
}

impl OrgTx {
    pub(super) fn push_step(&self, batch: &mut Batch, account: AccountId, step: Step) {
        let id = EventId::generate();
        let Step { recommendation, at, event, before, after, actor, note, until } = step;
        let row = values![account, recommendation, id, at, event.as_str(), before, after, actor, note, until];
        self.push(batch, row);
    }

    pub(super) async fn flush_steps(&mut self, batch: &mut Batch) -> Result<(), DbError> {
        self.flush(INSERT, batch).await
    }
}

impl OrgDb<'_> {
    /// Newest first; `before` is the last one of the page before. The caller has seen the recommendation.
    pub async fn list_events(
        &self,
        account: AccountId,
        recommendation: RecommendationId,
        before: Option<EventId>,
        limit: u32,
    ) -> Result<Vec<KeptEvent>, DbError> {
        let mut listing = self.listing(LIST);
        listing.and("r.account_id = ? AND r.recommendation_id = ?", values![account, recommendation]);
        listing.and_visible("r.account_id", self.access());
        listing.and_equal("r.event_id < ?", before);
        listing.then(" ORDER BY r.event_id DESC LIMIT ?", values![limit]);
        let rows: Vec<EventRow> = self.list(listing).await?;
        rows.into_iter().map(KeptEvent::try_from).collect()
    }

    /// What a member decided, oldest first. Rarely asked: no index serves it.
    pub async fn list_events_of(&self, user: UserId) -> Result<Vec<KeptEvent>, DbError> {
        let mut listing = self.listing(LIST);
        listing.and("r.actor_id = ?", values![user]);
        listing.and_visible("r.account_id", self.access());
        listing.then(" ORDER BY r.event_id", []);
        let rows: Vec<EventRow> = self.list(listing).await?;
        rows.into_iter().map(KeptEvent::try_from).collect()
    }
}
