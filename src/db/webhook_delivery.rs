//! The outbox of webhooks: what is to be told, and what became of it.
//!
//! Invariant: one server at a time has a delivery in hand. A claim by compare-and-set raises `attempts` and moves
//! `next_at` to when another may take over; only who claimed last settles it. What dies with a server is due
//! again then: told at least once, under the same id.

use super::{
    batch::Batch,
    error::DbError,
    handle::{Database, OrgDb},
    stmt::{Scoped, statements},
    time,
    value::{Value, values},
    webhook::{DISABLE, MARK_FAILED, MARK_SUCCEEDED, read_failure},
};
use crate::domain::{
    ids::{AccountId, DeliveryId, OrgKey, OrganizationId, WebhookId},
    scope::OrgScope,
    webhook::{DeliveryFailure, DeliveryStatus},
};
use chrono::{DateTime, Utc};
use jiff::Timestamp;
use uuid::Uuid;

statements! {
    global DUE { "SELECT o.id AS org_key, o.name AS org_name, d.webhook_id FROM webhook_delivery d JOIN organization o ON o.id = d.org_id WHERE d.next_at <= ? GROUP BY o.id, o.name, d.webhook_id ORDER BY MIN(d.next_at) LIMIT ?" }
    scoped INSERT { "INSERT INTO webhook_delivery (org_id, delivery_id, webhook_id, account_id, event, body, created_at, attempts, next_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)" }
    scoped NEXT { "SELECT delivery_id, event, body, created_at, attempts FROM webhook_delivery WHERE org_id = ? AND webhook_id = ? AND next_at <= ? ORDER BY attempts, next_at, delivery_id LIMIT 1" }
    scoped CLAIM { "UPDATE webhook_delivery SET attempts = attempts + 1, next_at = ? WHERE org_id = ? AND delivery_id = ? AND attempts = ? AND next_at <= ?" }
    scoped DELIVERED { "UPDATE webhook_delivery SET attempted_at = ?, delivered_at = ?, next_at = NULL, given_up_at = NULL, last_status = ?, last_failure = NULL WHERE org_id = ? AND delivery_id = ? AND attempts = ?" }
    scoped FAILED { "UPDATE webhook_delivery SET attempted_at = ?, next_at = ?, given_up_at = ?, last_status = ?, last_failure = ? WHERE org_id = ? AND delivery_id = ? AND attempts = ? AND next_at IS NOT NULL" }
    scoped POSTPONE { "UPDATE webhook_delivery SET next_at = ? WHERE org_id = ? AND webhook_id = ? AND next_at <= ?" }
    scoped GIVE_UP_OLD { "UPDATE webhook_delivery SET given_up_at = ?, next_at = NULL, last_failure = COALESCE(last_failure, ?) WHERE org_id = ? AND webhook_id = ? AND next_at <= ? AND attempts > 0 AND created_at < ?" }
    scoped GIVE_UP { "UPDATE webhook_delivery SET given_up_at = ?, next_at = NULL, last_failure = ? WHERE org_id = ? AND webhook_id = ? AND next_at IS NOT NULL" }
    scoped LIST { "SELECT delivery_id, account_id, event, created_at, attempts, next_at, attempted_at, delivered_at, given_up_at, last_status, last_failure FROM webhook_delivery WHERE org_id = ? AND webhook_id = ?" }
    scoped DELETE_OF_WEBHOOK { "DELETE FROM webhook_delivery WHERE org_id = ? AND webhook_id = ?" }
    scoped DELETE_OF_ACCOUNT { "DELETE FROM webhook_delivery WHERE org_id = ? AND account_id = ?" }
    scoped COUNT_OLD { "SELECT COUNT(*) FROM webhook_delivery WHERE org_id = ? AND created_at < ? AND next_at IS NULL" }
    scoped FORGET_OLD { "DELETE FROM webhook_delivery WHERE org_id = ? AND created_at < ? AND next_at IS NULL" }
}

pub(super) const GIVE_UP_WAITING: Scoped = GIVE_UP;
pub(super) const DELETE_ALL_OF: Scoped = DELETE_OF_WEBHOOK;
pub(super) const DELETE_OF: Scoped = DELETE_OF_ACCOUNT;

/// The values of [`GIVE_UP_WAITING`] when the webhook is disabled.
pub(super) fn given_up(webhook: WebhookId, now: Timestamp) -> Vec<Value> {
    values![now, DeliveryFailure::WebhookDisabled, webhook]
}

#[derive(Clone, Debug)]
pub struct NewDelivery {
    pub id: DeliveryId,
    pub webhook: WebhookId,
    pub account: Option<AccountId>,
    pub event: &'static str,
    pub body: String,
    pub created_at: Timestamp,
}

/// A webhook for which something is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueWebhook {
    pub scope: OrgScope,
    pub id: WebhookId,
}

#[derive(sqlx::FromRow)]
struct DueRow {
    org_key: Uuid,
    org_name: String,
    webhook_id: Uuid,
}

/// A delivery in the hands of this server.
#[derive(Clone, Debug)]
pub struct Claimed {
    pub id: DeliveryId,
    pub webhook: WebhookId,
    pub event: String,
    pub body: String,
    pub created_at: Timestamp,
    /// With this one.
    pub attempts: u32,
}

#[derive(sqlx::FromRow)]
struct ClaimRow {
    delivery_id: Uuid,
    event: String,
    body: String,
    created_at: DateTime<Utc>,
    attempts: i64,
}

/// How an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempted {
    pub at: Timestamp,
    /// Of the answer, if there was one.
    pub status: Option<u16>,
    /// None: it is delivered.
    pub failure: Option<DeliveryFailure>,
    /// None: no more, where it failed.
    pub next_at: Option<Timestamp>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    pub id: DeliveryId,
    pub account: Option<AccountId>,
    pub event: String,
    pub status: DeliveryStatus,
    pub created_at: Timestamp,
    pub attempts: u32,
    /// While one is under way: when another may begin.
    pub next_at: Option<Timestamp>,
    pub attempted_at: Option<Timestamp>,
    pub delivered_at: Option<Timestamp>,
    pub given_up_at: Option<Timestamp>,
    pub last_status: Option<u16>,
    pub last_failure: Option<DeliveryFailure>,
}

#[derive(sqlx::FromRow)]
struct DeliveryRow {
    delivery_id: Uuid,
    account_id: Option<i64>,
    event: String,
    created_at: DateTime<Utc>,
    attempts: i64,
    next_at: Option<DateTime<Utc>>,
    attempted_at: Option<DateTime<Utc>>,
    delivered_at: Option<DateTime<Utc>>,
    given_up_at: Option<DateTime<Utc>>,
    last_status: Option<i64>,
    last_failure: Option<String>,
}

impl TryFrom<DeliveryRow> for Delivery {
    type Error = DbError;
    fn try_from(row: DeliveryRow) -> Result<Self, DbError> {
        let status = match (row.delivered_at, row.given_up_at) {
            (Some(_), _) => DeliveryStatus::Delivered,
            (None, Some(_)) => DeliveryStatus::GivenUp,
            (None, None) => DeliveryStatus::Waiting,
        };
        Ok(Self {
            id: DeliveryId::from_uuid(row.delivery_id),
            account: row.account_id.map(AccountId::from_i64),
            event: row.event,
            status,
            created_at: time::from_db(row.created_at),
            attempts: u32::try_from(row.attempts).unwrap_or_default(),
            next_at: row.next_at.map(time::from_db),
            attempted_at: row.attempted_at.map(time::from_db),
            delivered_at: row.delivered_at.map(time::from_db),
            given_up_at: row.given_up_at.map(time::from_db),
            last_status: row.last_status.and_then(|status| u16::try_from(status).ok()),
            last_failure: read_failure(row.last_failure.as_deref())?,
        })
    }
}

impl Database {
    /// Of all organisations, longest waiting first.
    pub async fn list_due_webhooks(&self, now: Timestamp, limit: u32) -> Result<Vec<DueWebhook>, DbError> {
        let rows: Vec<DueRow> = self.fetch_all(DUE, values![now, limit]).await?;
        let due = |row: DueRow| {
            let name: OrganizationId =
                row.org_name.parse().map_err(|_| DbError::Corrupt("organization.name"))?;
            let scope = self.system_scope(OrgKey::from_uuid(row.org_key), name);
            Ok(DueWebhook { scope, id: WebhookId::from_uuid(row.webhook_id) })
        };
        rows.into_iter().map(due).collect()
    }
}

impl OrgDb<'_> {
    /// All of them or none. Missing: a webhook, or an account, that is not there any more.
    pub async fn create_deliveries(&self, new: &[NewDelivery]) -> Result<(), DbError> {
        let (mut tx, mut batch) = (self.begin().await?, Batch::default());
        for one in new {
            let NewDelivery { id, webhook, account, event, body, created_at } = one;
            let (id, webhook, account, at) = (*id, *webhook, *account, *created_at);
            tx.push(&mut batch, values![id, webhook, account, *event, body, at, 0_i64, at]);
            if batch.is_full() {
                tx.flush(INSERT, &mut batch).await.map_err(|e| e.or_missing("webhook"))?;
            }
        }
        tx.flush(INSERT, &mut batch).await.map_err(|e| e.or_missing("webhook"))?;
        tx.commit().await
    }

    /// One that is in the caller's hands from the beginning, until then.
    pub async fn create_claimed_delivery(
        &self,
        new: &NewDelivery,
        until: Timestamp,
    ) -> Result<Claimed, DbError> {
        let NewDelivery { id, webhook, account, event, body, created_at } = new;
        let (id, webhook, at) = (*id, *webhook, *created_at);
        let values = values![id, webhook, *account, *event, body, at, 1_i64, until];
        self.execute(INSERT, values).await.map_err(|e| e.or_missing("webhook"))?;
        Ok(Claimed {
            id,
            webhook,
            event: (*event).to_owned(),
            body: body.clone(),
            created_at: at,
            attempts: 1,
        })
    }

    /// The next due one of a webhook, taken in hand until then: new ones first, so that one that always fails
    /// holds up none. None where nothing is due, or where another server was faster.
    pub async fn claim_delivery(
        &self,
        webhook: WebhookId,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Claimed>, DbError> {
        let row: Option<ClaimRow> = self.fetch_optional(NEXT, values![webhook, now]).await?;
        let Some(row) = row else { return Ok(None) };
        let id = DeliveryId::from_uuid(row.delivery_id);
        if self.execute(CLAIM, values![until, id, row.attempts, now]).await? != 1 {
            return Ok(None);
        }
        Ok(Some(Claimed {
            id,
            webhook,
            event: row.event,
            body: row.body,
            created_at: time::from_db(row.created_at),
            attempts: u32::try_from(row.attempts + 1).unwrap_or(u32::MAX),
        }))
    }

    /// False where the delivery has gone to another server, or is gone: then nothing is written.
    pub async fn settle_delivery(&self, claimed: &Claimed, ended: &Attempted) -> Result<bool, DbError> {
        let Attempted { at, status, failure, next_at } = *ended;
        let (id, attempts, status) = (claimed.id, claimed.attempts, status.map(u32::from));
        let mut tx = self.begin().await?;
        let rows = match failure {
            None => {
                tx.execute(MARK_SUCCEEDED, values![at, claimed.webhook]).await?;
                tx.execute(DELIVERED, values![at, at, status, id, attempts]).await?
            }
            Some(failure) => {
                tx.execute(MARK_FAILED, values![at, failure, claimed.webhook]).await?;
                let given_up_at = next_at.is_none().then_some(at);
                tx.execute(FAILED, values![at, next_at, given_up_at, status, failure, id, attempts]).await?
            }
        };
        tx.commit().await?;
        Ok(rows == 1)
    }

    /// The endpoint is left alone until then: whatever is due for it waits.
    pub async fn postpone_deliveries(
        &self,
        webhook: WebhookId,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<u64, DbError> {
        self.execute(POSTPONE, values![until, webhook, now]).await
    }

    /// Those that were tried and are older than that.
    pub async fn give_up_old_deliveries(
        &self,
        webhook: WebhookId,
        now: Timestamp,
        created_before: Timestamp,
    ) -> Result<u64, DbError> {
        let values = values![now, DeliveryFailure::Interrupted, webhook, now, created_before];
        self.execute(GIVE_UP_OLD, values).await
    }

    /// The endpoint wants no more: the webhook is disabled and what waits for it is given up.
    pub async fn end_webhook(&self, webhook: WebhookId, now: Timestamp) -> Result<(), DbError> {
        let mut tx = self.begin().await?;
        tx.execute(DISABLE, values![now, webhook]).await?;
        tx.execute(GIVE_UP, given_up(webhook, now)).await?;
        tx.commit().await
    }

    /// Newest first; `before` is the last one of the page before. Ask for the webhook first: it may not be seen.
    pub async fn list_deliveries(
        &self,
        webhook: WebhookId,
        before: Option<DeliveryId>,
        limit: u32,
    ) -> Result<Vec<Delivery>, DbError> {
        let mut listing = self.listing_with(LIST, values![webhook]);
        listing.and_equal("delivery_id < ?", before);
        listing.then(" ORDER BY delivery_id DESC LIMIT ?", values![limit]);
        let rows: Vec<DeliveryRow> = self.list(listing).await?;
        rows.into_iter().map(Delivery::try_from).collect()
    }

    pub async fn count_old_deliveries(&self, created_before: Timestamp) -> Result<u64, DbError> {
        let row: Option<(i64,)> = self.fetch_optional(COUNT_OLD, values![created_before]).await?;
        Ok(row.map_or(0, |(count,)| u64::try_from(count).unwrap_or_default()))
    }

    /// What ended, one way or the other.
    pub async fn forget_old_deliveries(&self, created_before: Timestamp) -> Result<u64, DbError> {
        self.execute(FORGET_OLD, values![created_before]).await
    }
}
