//! Where an organisation wants to be told: addresses and secrets, sealed.
//!
//! Invariant: whoever sees some accounts sees the webhooks that are told of these alone, and their own; all others
//! do not exist.

use super::{
    api_key::read_accounts,
    document,
    error::DbError,
    handle::OrgDb,
    sealed::{Kept, RowKey, Rows, SealedColumn},
    stmt::statements,
    time,
    value::values,
    webhook_delivery,
};
use crate::domain::{
    ids::{AccountId, UserId, WebhookId},
    notice::NoticeEvent,
    scope::AccountAccess,
    webhook::DeliveryFailure,
};
use chrono::{DateTime, Utc};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use std::collections::BTreeSet;
use uuid::Uuid;

statements! {
    scoped COUNT { "SELECT COUNT(*) FROM webhook WHERE org_id = ?" }
    scoped INSERT { "INSERT INTO webhook (org_id, webhook_id, name, url, secret, events, accounts, created_at, created_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)" }
    scoped LIST { "SELECT webhook_id, name, url, events, accounts, created_at, created_by, previous_until, disabled_at, last_success_at, last_failure_at, last_failure FROM webhook WHERE org_id = ? ORDER BY webhook_id" }
    scoped LISTENERS { "SELECT webhook_id, events, accounts, created_by FROM webhook WHERE org_id = ? AND disabled_at IS NULL ORDER BY webhook_id" }
    scoped GET { "SELECT webhook_id, name, url, events, accounts, created_at, created_by, previous_until, disabled_at, last_success_at, last_failure_at, last_failure FROM webhook WHERE org_id = ? AND webhook_id = ?" }
    scoped SECRETS { "SELECT secret, previous_secret, previous_until FROM webhook WHERE org_id = ? AND webhook_id = ?" }
    scoped CHANGE { "UPDATE webhook SET name = COALESCE(?, name), events = COALESCE(?, events) WHERE org_id = ? AND webhook_id = ?" }
    scoped ENABLE { "UPDATE webhook SET disabled_at = NULL WHERE org_id = ? AND webhook_id = ?" }
    scoped DISABLE_ONE { "UPDATE webhook SET disabled_at = COALESCE(disabled_at, ?) WHERE org_id = ? AND webhook_id = ?" }
    scoped ROTATE { "UPDATE webhook SET secret = ?, previous_secret = ?, previous_until = ? WHERE org_id = ? AND webhook_id = ? AND secret = ?" }
    scoped COUNT_OLD_SECRETS { "SELECT COUNT(*) FROM webhook WHERE org_id = ? AND previous_until <= ?" }
    scoped FORGET_OLD_SECRETS { "UPDATE webhook SET previous_secret = NULL, previous_until = NULL WHERE org_id = ? AND previous_until <= ?" }
    scoped SUCCEEDED { "UPDATE webhook SET last_success_at = ? WHERE org_id = ? AND webhook_id = ?" }
    scoped FAILED { "UPDATE webhook SET last_failure_at = ?, last_failure = ? WHERE org_id = ? AND webhook_id = ?" }
    scoped HOLD_ROW { "UPDATE webhook SET name = name WHERE org_id = ? AND webhook_id = ?" }
    scoped DELETE { "DELETE FROM webhook WHERE org_id = ? AND webhook_id = ?" }
    scoped PAGE_URL { "SELECT webhook_id, url FROM webhook WHERE org_id = ? AND webhook_id > ? ORDER BY webhook_id LIMIT ?" }
    scoped REPLACE_URL { "UPDATE webhook SET url = ? WHERE org_id = ? AND webhook_id = ? AND url = ?" }
    scoped PAGE_SECRET { "SELECT webhook_id, secret FROM webhook WHERE org_id = ? AND webhook_id > ? ORDER BY webhook_id LIMIT ?" }
    scoped REPLACE_SECRET { "UPDATE webhook SET secret = ? WHERE org_id = ? AND webhook_id = ? AND secret = ?" }
    scoped PAGE_PREVIOUS { "SELECT webhook_id, previous_secret FROM webhook WHERE org_id = ? AND previous_secret IS NOT NULL AND webhook_id > ? ORDER BY webhook_id LIMIT ?" }
    scoped REPLACE_PREVIOUS { "UPDATE webhook SET previous_secret = ? WHERE org_id = ? AND webhook_id = ? AND previous_secret = ?" }
}

pub(super) const MARK_SUCCEEDED: super::stmt::Scoped = SUCCEEDED;
pub(super) const MARK_FAILED: super::stmt::Scoped = FAILED;
pub(super) const DISABLE: super::stmt::Scoped = DISABLE_ONE;
const WHAT: &str = "webhook";

const fn column(
    column: &'static str,
    page: super::stmt::Scoped,
    replace: super::stmt::Scoped,
) -> SealedColumn {
    SealedColumn { table: WHAT, column, rows: Rows::Id, kept: Kept::Bytes, page, replace }
}

pub(super) const URL: SealedColumn = column("url", PAGE_URL, REPLACE_URL);
pub(super) const SECRET: SealedColumn = column("secret", PAGE_SECRET, REPLACE_SECRET);
pub(super) const PREVIOUS_SECRET: SealedColumn = column("previous_secret", PAGE_PREVIOUS, REPLACE_PREVIOUS);

/// How often a rotation of keys may get in the way of one of secrets.
const ATTEMPTS: u32 = 3;

#[derive(Debug)]
pub struct NewWebhook {
    pub id: WebhookId,
    pub name: String,
    pub url: SecretString,
    pub secret: SecretString,
    pub events: BTreeSet<NoticeEvent>,
    pub accounts: Option<BTreeSet<AccountId>>,
    pub created_at: Timestamp,
    pub created_by: UserId,
}

#[derive(Clone, Debug)]
pub struct Webhook {
    pub id: WebhookId,
    pub name: String,
    pub url: SecretString,
    pub events: BTreeSet<NoticeEvent>,
    /// None: all.
    pub accounts: Option<BTreeSet<AccountId>>,
    pub created_at: Timestamp,
    /// The nil id: the command line.
    pub created_by: UserId,
    /// Until then the secret before this one signs, too.
    pub previous_until: Option<Timestamp>,
    pub disabled_at: Option<Timestamp>,
    pub last_success_at: Option<Timestamp>,
    pub last_failure_at: Option<Timestamp>,
    pub last_failure: Option<DeliveryFailure>,
}

/// Who is told of what. Nothing of it is sealed: telling needs no keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listener {
    pub id: WebhookId,
    pub events: BTreeSet<NoticeEvent>,
    /// None: all.
    pub accounts: Option<BTreeSet<AccountId>>,
    pub created_by: UserId,
}

/// What is None stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WebhookChange {
    pub name: Option<String>,
    pub events: Option<BTreeSet<NoticeEvent>>,
    /// Some(None) enables it.
    pub disabled_at: Option<Option<Timestamp>>,
}

#[derive(sqlx::FromRow)]
struct WebhookRow {
    webhook_id: Uuid,
    name: String,
    url: Vec<u8>,
    events: String,
    accounts: Option<String>,
    created_at: DateTime<Utc>,
    created_by: Uuid,
    previous_until: Option<DateTime<Utc>>,
    disabled_at: Option<DateTime<Utc>>,
    last_success_at: Option<DateTime<Utc>>,
    last_failure_at: Option<DateTime<Utc>>,
    last_failure: Option<String>,
}

#[derive(sqlx::FromRow)]
struct SecretsRow {
    secret: Vec<u8>,
    previous_secret: Option<Vec<u8>>,
    previous_until: Option<DateTime<Utc>>,
}

pub(super) fn read_failure(text: Option<&str>) -> Result<Option<DeliveryFailure>, DbError> {
    text.map(|text| text.parse().map_err(|()| DbError::Corrupt("last_failure"))).transpose()
}

fn visible(access: &AccountAccess, own: Option<UserId>, row: &WebhookRow) -> Result<bool, DbError> {
    let AccountAccess::Only(seen) = access else { return Ok(true) };
    if own.is_some_and(|own| own.uuid() == row.created_by) {
        return Ok(true);
    }
    Ok(read_accounts(row.accounts.as_deref())?.is_some_and(|accounts| accounts.is_subset(seen)))
}

impl OrgDb<'_> {
    /// False where there are so many already.
    pub async fn create_webhook(&self, new: &NewWebhook, at_most: u32) -> Result<bool, DbError> {
        // Sealed first: the first value of an organisation makes its key, in a transaction of its own.
        let row = RowKey::Id(new.id.uuid());
        let url = self.seal(&URL, row, new.url.expose_secret().as_bytes()).await?;
        let secret = self.seal(&SECRET, row, new.secret.expose_secret().as_bytes()).await?;
        let (events, accounts) = (document::write(&new.events), new.accounts.as_ref().map(document::write));
        let mut tx = self.begin().await?;
        tx.hold_organization().await?;
        let counted: Option<(i64,)> = tx.fetch_optional(COUNT, vec![]).await?;
        if counted.is_some_and(|(count,)| count >= i64::from(at_most)) {
            return Ok(false);
        }
        let mut values = values![new.id, &new.name];
        values.extend([url, secret]);
        values.extend(values![events, accounts, new.created_at, new.created_by]);
        tx.execute(INSERT, values).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// In the order in which they were made; `own` made theirs.
    pub async fn list_webhooks(&self, own: Option<UserId>) -> Result<Vec<Webhook>, DbError> {
        let rows: Vec<WebhookRow> = self.fetch_all(LIST, vec![]).await?;
        let mut webhooks = Vec::with_capacity(rows.len());
        for row in rows {
            if visible(self.access(), own, &row)? {
                webhooks.push(self.opened_webhook(row).await?);
            }
        }
        Ok(webhooks)
    }

    /// Those that are enabled, whoever asks: for telling, not for showing.
    pub async fn list_listeners(&self) -> Result<Vec<Listener>, DbError> {
        let rows: Vec<(Uuid, String, Option<String>, Uuid)> = self.fetch_all(LISTENERS, vec![]).await?;
        let listener = |(id, events, accounts, maker): (_, String, Option<String>, _)| {
            Ok(Listener {
                id: WebhookId::from_uuid(id),
                events: document::read(&events, "webhook.events")?,
                accounts: read_accounts(accounts.as_deref())?,
                created_by: UserId::from_uuid(maker),
            })
        };
        rows.into_iter().map(listener).collect()
    }

    pub async fn get_webhook(&self, id: WebhookId, own: Option<UserId>) -> Result<Webhook, DbError> {
        let row: Option<WebhookRow> = self.fetch_optional(GET, values![id]).await?;
        let row = row.ok_or(DbError::NotFound(WHAT))?;
        if !visible(self.access(), own, &row)? {
            return Err(DbError::NotFound(WHAT));
        }
        self.opened_webhook(row).await
    }

    async fn opened_webhook(&self, row: WebhookRow) -> Result<Webhook, DbError> {
        let url = self.open_webhook_text(&URL, row.webhook_id, &row.url).await?;
        Ok(Webhook {
            id: WebhookId::from_uuid(row.webhook_id),
            name: row.name,
            url,
            events: document::read(&row.events, "webhook.events")?,
            accounts: read_accounts(row.accounts.as_deref())?,
            created_at: time::from_db(row.created_at),
            created_by: UserId::from_uuid(row.created_by),
            previous_until: row.previous_until.map(time::from_db),
            disabled_at: row.disabled_at.map(time::from_db),
            last_success_at: row.last_success_at.map(time::from_db),
            last_failure_at: row.last_failure_at.map(time::from_db),
            last_failure: read_failure(row.last_failure.as_deref())?,
        })
    }

    async fn open_webhook_text(
        &self,
        column: &SealedColumn,
        id: Uuid,
        sealed: &[u8],
    ) -> Result<SecretString, DbError> {
        let plain = self.open(column, RowKey::Id(id), sealed).await?;
        let text = std::str::from_utf8(&plain).map_err(|_| DbError::Corrupt(column.column))?;
        Ok(text.to_owned().into())
    }

    /// Those that sign now: the present one, then the one before it while both do.
    pub async fn webhook_secrets(&self, id: WebhookId, now: Timestamp) -> Result<Vec<SecretString>, DbError> {
        let row: Option<SecretsRow> = self.fetch_optional(SECRETS, values![id]).await?;
        let row = row.ok_or(DbError::NotFound(WHAT))?;
        let mut secrets = vec![self.open_webhook_text(&SECRET, id.uuid(), &row.secret).await?];
        let overlaps = row.previous_until.is_some_and(|until| time::from_db(until) > now);
        if let Some(previous) = row.previous_secret.filter(|_| overlaps) {
            secrets.push(self.open_webhook_text(&PREVIOUS_SECRET, id.uuid(), &previous).await?);
        }
        Ok(secrets)
    }

    /// What waits for a webhook that is disabled is given up.
    pub async fn update_webhook(
        &self,
        id: WebhookId,
        change: &WebhookChange,
        now: Timestamp,
    ) -> Result<(), DbError> {
        let mut tx = self.begin().await?;
        let events = change.events.as_ref().map(document::write);
        let rows = tx.execute(CHANGE, values![change.name.as_ref(), events, id]).await?;
        match change.disabled_at {
            None => {}
            Some(None) => drop(tx.execute(ENABLE, values![id]).await?),
            Some(Some(at)) => {
                tx.execute(DISABLE, values![at, id]).await?;
                tx.execute(webhook_delivery::GIVE_UP_WAITING, webhook_delivery::given_up(id, now)).await?;
            }
        }
        tx.commit().await?;
        if rows == 0 { Err(DbError::NotFound(WHAT)) } else { Ok(()) }
    }

    /// The present secret becomes the previous one. False where others rotate at the same moment.
    pub async fn rotate_webhook_secret(
        &self,
        id: WebhookId,
        secret: &SecretString,
        previous_until: Timestamp,
    ) -> Result<bool, DbError> {
        let row = RowKey::Id(id.uuid());
        let anew = self.seal(&SECRET, row, secret.expose_secret().as_bytes()).await?;
        let mut before: Option<SecretString> = None;
        for _ in 0..ATTEMPTS {
            let kept: Option<SecretsRow> = self.fetch_optional(SECRETS, values![id]).await?;
            let kept = kept.ok_or(DbError::NotFound(WHAT))?.secret;
            let present = self.open_webhook_text(&SECRET, id.uuid(), &kept).await?;
            // Sealed anew in the meantime, or another secret?
            if before.is_some_and(|before| before.expose_secret() != present.expose_secret()) {
                return Ok(false);
            }
            let previous = self.seal(&PREVIOUS_SECRET, row, present.expose_secret().as_bytes()).await?;
            let values = vec![anew.clone(), previous, previous_until.into(), id.into(), kept.into()];
            if self.execute(ROTATE, values).await? == 1 {
                return Ok(true);
            }
            before = Some(present);
        }
        Ok(false)
    }

    /// With what waits for it and what was told.
    pub async fn delete_webhook(&self, id: WebhookId) -> Result<(), DbError> {
        let mut tx = self.begin().await?;
        // Held first: nothing is added to its outbox meanwhile.
        tx.execute(HOLD_ROW, values![id]).await?;
        tx.execute(webhook_delivery::DELETE_ALL_OF, values![id]).await?;
        let rows = tx.execute(DELETE, values![id]).await?;
        tx.commit().await?;
        if rows == 0 { Err(DbError::NotFound(WHAT)) } else { Ok(()) }
    }

    pub async fn count_old_webhook_secrets(&self, now: Timestamp) -> Result<u64, DbError> {
        let row: Option<(i64,)> = self.fetch_optional(COUNT_OLD_SECRETS, values![now]).await?;
        Ok(row.map_or(0, |(count,)| u64::try_from(count).unwrap_or_default()))
    }

    pub async fn forget_old_webhook_secrets(&self, now: Timestamp) -> Result<u64, DbError> {
        self.execute(FORGET_OLD_SECRETS, values![now]).await
    }
}
