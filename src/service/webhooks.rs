//! The endpoints of an organisation: registered, tested, disabled and removed by whoever manages its scheduler.
//!
//! A webhook is bound to the accounts that its maker sees. Its address is a secret like its signing secret: it
//! is shown as an origin, and tested where it leads before each message (`net`).

use super::{
    members::checked_subject,
    notify::{access_of_makers, deliver_now},
};
use crate::{
    app::App,
    db::{Attempted, Claimed, Delivery, NewDelivery, NewWebhook, Webhook},
    domain::{
        ids::{AccountId, DeliveryId, UserId, WebhookId},
        notice::{NoticeEvent, message},
        scope::AccountAccess,
        webhook::{OVERLAP, TEST_EVENT, WebhookStatus, secret_of},
    },
    error::{Error, ErrorCode},
    net::{Refused, Trust},
    op::{ActorKind, OpCx},
};
use aws_lc_rs::rand;
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretString};
use std::collections::BTreeSet;
use url::Url;
use zeroize::Zeroizing;

pub use crate::db::{Delivery as KnownDelivery, WebhookChange};

/// An organisation needs few, and each is an address that Tuner sends to.
const AT_MOST: u32 = 20;
const MAX_ACCOUNTS: usize = 1_000;
const MAX_URL_BYTES: usize = 2_048;
const SECRET_BYTES: usize = 32;
/// Longer than an attempt can take.
const TEST_LEASE: SignedDuration = SignedDuration::from_secs(60);

#[derive(Clone, Debug)]
pub struct WebhookRequest {
    pub name: String,
    pub url: SecretString,
    pub events: BTreeSet<NoticeEvent>,
    /// None: all that the caller sees.
    pub accounts: Option<BTreeSet<AccountId>>,
}

/// A webhook as people see it.
#[derive(Clone, Debug)]
pub struct KnownWebhook {
    pub webhook: Webhook,
    pub status: WebhookStatus,
    /// Scheme, host and port.
    pub origin: String,
}

#[derive(Debug)]
pub struct MadeWebhook {
    pub known: KnownWebhook,
    /// Shown once.
    pub secret: SecretString,
}

/// Registers an endpoint.
pub async fn create(app: &App, cx: &OpCx, request: WebhookRequest) -> Result<MadeWebhook, Error> {
    let name = checked_subject(&request.name)?.to_owned();
    let events = checked_events(request.events)?;
    let url = checked_url(app, &request.url)?;
    let accounts = checked_accounts(app, cx, request.accounts).await?;
    let new = NewWebhook {
        id: WebhookId::generate(),
        name,
        url: url.as_str().into(),
        secret: new_secret()?,
        events,
        accounts,
        created_at: cx.now,
        created_by: cx.actor.user_id,
    };
    if !app.database.scoped(&cx.scope).create_webhook(&new, AT_MOST).await? {
        let detail = format!("an organization has at most {AT_MOST} webhooks: remove one first");
        return Err(Error::new(ErrorCode::Conflict, detail));
    }
    Ok(MadeWebhook { known: get(app, cx, new.id).await?, secret: new.secret })
}

fn checked_events(events: BTreeSet<NoticeEvent>) -> Result<BTreeSet<NoticeEvent>, Error> {
    if events.is_empty() { Err(Error::invalid_field("events", "name at least one")) } else { Ok(events) }
}

/// Where a name leads is looked at when something is sent: today's answer says nothing of tomorrow's. What is
/// wrong is said without repeating the address.
fn checked_url(app: &App, text: &SecretString) -> Result<Url, Error> {
    let refuse = |reason: &str| Error::invalid_field("url", reason);
    let text = text.expose_secret();
    if text.len() > MAX_URL_BYTES {
        return Err(refuse("an address has at most 2048 bytes"));
    }
    let url: Url = text.parse().map_err(|_| refuse("write an address as https://host/path"))?;
    if url.fragment().is_some() || url.host().is_none() {
        return Err(refuse("write an address as https://host/path, without a #fragment"));
    }
    app.outbound.client(Trust::FromUsers).check(&url).map_err(|refused| match refused {
        Refused::NotHttps => refuse("only https:// addresses are told anything"),
        Refused::Credentials => refuse("an address holds no user name and no password"),
        Refused::Inside(_) => refuse(
            "this address does not lead to the outside world; whoever runs the server can allow its network \
             (net.allowed_networks)",
        ),
    })?;
    Ok(url)
}

/// Whoever sees some accounts binds the webhook to these, or to fewer.
async fn checked_accounts(
    app: &App,
    cx: &OpCx,
    asked: Option<BTreeSet<AccountId>>,
) -> Result<Option<BTreeSet<AccountId>>, Error> {
    let Some(accounts) = asked else {
        return match cx.scope.accounts() {
            AccountAccess::All => Ok(None),
            AccountAccess::Only(seen) if seen.is_empty() => {
                Err(Error::invalid_field("accountIds", "no account is granted to you"))
            }
            AccountAccess::Only(seen) => Ok(Some(seen.clone())),
        };
    };
    if accounts.is_empty() || accounts.len() > MAX_ACCOUNTS {
        return Err(Error::invalid_field("accountIds", format!("name one to {MAX_ACCOUNTS}")));
    }
    for account in &accounts {
        app.database.scoped(&cx.scope).get_account(*account).await?;
    }
    Ok(Some(accounts))
}

fn new_secret() -> Result<SecretString, Error> {
    let mut bytes = Zeroizing::new([0; SECRET_BYTES]);
    rand::fill(&mut *bytes).map_err(|_| Error::internal("the system gives no random numbers"))?;
    Ok(secret_of(&*bytes))
}

/// Who keeps what they made, also when grants went: keys see no more than their accounts.
fn own(cx: &OpCx) -> Option<UserId> {
    (cx.actor.kind == ActorKind::Member).then_some(cx.actor.user_id)
}

fn known(webhook: Webhook, rests: bool) -> KnownWebhook {
    let status = match (webhook.disabled_at, rests) {
        (Some(_), _) => WebhookStatus::Disabled,
        (None, true) => WebhookStatus::Resting,
        (None, false) => WebhookStatus::Active,
    };
    let url = Url::parse(webhook.url.expose_secret());
    let origin = url.map(|url| url.origin().ascii_serialization()).unwrap_or_default();
    KnownWebhook { webhook, status, origin }
}

/// In the order in which they were made.
pub async fn list(app: &App, cx: &OpCx) -> Result<Vec<KnownWebhook>, Error> {
    let whole = cx.scope.whole();
    let all = app.database.scoped(&cx.scope).list_webhooks(own(cx)).await?;
    let makers = all.iter().map(|webhook| webhook.created_by).collect::<Vec<_>>();
    let makers = access_of_makers(&app.database.scoped(&whole), makers.into_iter()).await?;
    let rests = |webhook: &Webhook| makers.get(&webhook.created_by).is_none_or(Option::is_none);
    Ok(all.into_iter().map(|webhook| (rests(&webhook), webhook)).map(|(rests, w)| known(w, rests)).collect())
}

pub async fn get(app: &App, cx: &OpCx, id: WebhookId) -> Result<KnownWebhook, Error> {
    let whole = cx.scope.whole();
    let webhook = app.database.scoped(&cx.scope).get_webhook(id, own(cx)).await?;
    let maker = std::iter::once(webhook.created_by);
    let makers = access_of_makers(&app.database.scoped(&whole), maker).await?;
    let rests = makers.get(&webhook.created_by).is_none_or(Option::is_none);
    Ok(known(webhook, rests))
}

pub async fn update(
    app: &App,
    cx: &OpCx,
    id: WebhookId,
    change: WebhookChange,
) -> Result<KnownWebhook, Error> {
    let db = app.database.scoped(&cx.scope);
    db.get_webhook(id, own(cx)).await?;
    let name = change.name.as_deref().map(checked_subject).transpose()?.map(str::to_owned);
    let events = change.events.map(checked_events).transpose()?;
    db.update_webhook(id, &WebhookChange { name, events, ..change }, cx.now).await?;
    get(app, cx, id).await
}

pub async fn delete(app: &App, cx: &OpCx, id: WebhookId) -> Result<(), Error> {
    let db = app.database.scoped(&cx.scope);
    db.get_webhook(id, own(cx)).await?;
    Ok(db.delete_webhook(id).await?)
}

/// A new secret, shown once; for a day the one before it signs as well.
pub async fn rotate_secret(app: &App, cx: &OpCx, id: WebhookId) -> Result<MadeWebhook, Error> {
    let db = app.database.scoped(&cx.scope);
    db.get_webhook(id, own(cx)).await?;
    let secret = new_secret()?;
    if !db.rotate_webhook_secret(id, &secret, cx.now + OVERLAP).await? {
        return Err(Error::new(ErrorCode::Conflict, "somebody else rotates this secret at the same moment"));
    }
    Ok(MadeWebhook { known: get(app, cx, id).await?, secret })
}

/// What a test says.
#[derive(serde::Serialize)]
struct TestData {
    message: &'static str,
}

/// Sends a message that means nothing, at once and once, also to a webhook that is disabled.
pub async fn test(app: &App, cx: &OpCx, id: WebhookId) -> Result<Attempted, Error> {
    let db = app.database.scoped(&cx.scope);
    let webhook = db.get_webhook(id, own(cx)).await?;
    let data = TestData { message: "This is a test of the webhook; nothing has happened." };
    let new = NewDelivery {
        id: DeliveryId::generate(),
        webhook: id,
        account: None,
        event: TEST_EVENT,
        body: message(TEST_EVENT, cx.now, &data),
        created_at: cx.now,
    };
    let claimed: Claimed = db.create_claimed_delivery(&new, cx.now + TEST_LEASE).await?;
    deliver_now(app, &cx.scope, &webhook, &claimed).await
}

/// Newest first.
pub async fn list_deliveries(
    app: &App,
    cx: &OpCx,
    id: WebhookId,
    before: Option<DeliveryId>,
    limit: u32,
) -> Result<Vec<Delivery>, Error> {
    let db = app.database.scoped(&cx.scope);
    db.get_webhook(id, own(cx)).await?;
    Ok(db.list_deliveries(id, before, limit).await?)
}

/// For `retention`: what ended and was created before then, and secrets that sign no more.
pub async fn count_old(app: &App, cx: &OpCx, created_before: Timestamp) -> Result<u64, Error> {
    let db = app.database.scoped(&cx.scope);
    Ok(db.count_old_deliveries(created_before).await? + db.count_old_webhook_secrets(cx.now).await?)
}

pub async fn forget_old(app: &App, cx: &OpCx, created_before: Timestamp) -> Result<u64, Error> {
    let db = app.database.scoped(&cx.scope);
    Ok(db.forget_old_deliveries(created_before).await? + db.forget_old_webhook_secrets(cx.now).await?)
}
