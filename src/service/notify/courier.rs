//! Carries what waits in the outbox to its endpoint: one after the other for a webhook, side by side for many.
//!
//! An endpoint that fails is left alone for a while, so that it costs others nothing; what failed is tried again
//! with growing pauses.

use crate::{
    app::App,
    db::{Attempted, Claimed, DueWebhook, OrgDb, Webhook},
    domain::{
        ids::WebhookId,
        scope::OrgScope,
        webhook::{DeliveryFailure, GIVEN_UP_AFTER, TEST_EVENT, next_attempt, signatures},
    },
    error::Error,
    net::{Head, NoHead, Post, Trust},
};
use futures_util::{StreamExt, stream};
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

/// Longer than an attempt can take: then another server may take over.
const LEASE: SignedDuration = SignedDuration::from_secs(60);
/// So long an endpoint that failed is left alone.
const LEFT_ALONE: SignedDuration = SignedDuration::from_secs(30);
/// Of one webhook, before others have their turn.
const IN_A_ROW: u32 = 50;
/// Webhooks at the same time.
pub(super) const AT_A_TIME: usize = 64;

/// What was carried, and how it ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Round {
    pub delivered: u32,
    /// Tried again later.
    pub failed: u32,
    pub given_up: u32,
}

impl Round {
    const fn and(self, other: Self) -> Self {
        Self {
            delivered: self.delivered + other.delivered,
            failed: self.failed + other.failed,
            given_up: self.given_up + other.given_up,
        }
    }
}

/// Carries all that is due by now, and returns when each has had its attempt: for commands that end.
pub async fn deliver_due(app: &App) -> Result<Round, Error> {
    let (now, mut round) = (app.clock.now(), Round::default());
    loop {
        let due = app.database.list_due_webhooks(now, u32::MAX).await?;
        if due.is_empty() {
            return Ok(round);
        }
        let rounds = stream::iter(&due).map(|due| carry(app, due)).buffer_unordered(AT_A_TIME);
        round = rounds.fold(round, async |all, one| all.and(one)).await;
    }
}

/// What is due for one webhook. Where it cannot be read or written, it waits like after a failure.
pub(super) async fn carry(app: &App, due: &DueWebhook) -> Round {
    let (org, webhook) = (due.scope.organization(), due.id);
    let error = match carry_in_order(app, due).await {
        Ok(round) => return round,
        Err(error) => error,
    };
    tracing::warn!(org.id = %org, webhook.id = %webhook, %error, source = error.chain(), "a webhook cannot be served");
    if let Err(error) = leave_alone(app, &app.database.scoped(&due.scope), webhook).await {
        tracing::warn!(org.id = %org, webhook.id = %webhook, %error, source = error.chain(), "a webhook cannot be put off");
    }
    Round::default()
}

async fn leave_alone(app: &App, db: &OrgDb<'_>, webhook: WebhookId) -> Result<(), Error> {
    let now = app.clock.now();
    Ok(db.postpone_deliveries(webhook, now, now + LEFT_ALONE).await.map(drop)?)
}

async fn carry_in_order(app: &App, due: &DueWebhook) -> Result<Round, Error> {
    let db = app.database.scoped(&due.scope);
    let webhook = db.get_webhook(due.id, None).await?;
    let now = app.clock.now();
    if webhook.disabled_at.is_some() {
        db.end_webhook(webhook.id, now).await?;
        return Ok(Round::default());
    }
    db.give_up_old_deliveries(webhook.id, now, now - GIVEN_UP_AFTER).await?;
    let secrets = db.webhook_secrets(webhook.id, now).await?;
    let mut round = Round::default();
    for _ in 0..IN_A_ROW {
        let now = app.clock.now();
        let Some(claimed) = db.claim_delivery(webhook.id, now, now + LEASE).await? else { break };
        let ended = attempt(app, &webhook, &secrets, &claimed).await;
        settle(&db, &claimed, &ended).await?;
        round = round.and(counted(&ended));
        if ended.failure.is_some() {
            leave_alone(app, &db, webhook.id).await?;
            break;
        }
    }
    Ok(round)
}

/// One delivery that is in nobody's hands yet, at once and once: a test.
pub async fn deliver_now(
    app: &App,
    scope: &OrgScope,
    webhook: &Webhook,
    claimed: &Claimed,
) -> Result<Attempted, Error> {
    let db = app.database.scoped(scope);
    let secrets = db.webhook_secrets(webhook.id, app.clock.now()).await?;
    let ended = attempt(app, webhook, &secrets, claimed).await;
    settle(&db, claimed, &ended).await?;
    Ok(ended)
}

async fn settle(db: &OrgDb<'_>, claimed: &Claimed, ended: &Attempted) -> Result<(), Error> {
    db.settle_delivery(claimed, ended).await?;
    if ended.failure == Some(DeliveryFailure::EndpointGone) {
        db.end_webhook(claimed.webhook, ended.at).await?;
    }
    Ok(())
}

fn counted(ended: &Attempted) -> Round {
    let (mut round, outcome) = (Round::default(), outcome_of(ended));
    metrics::counter!("tuner_webhook_attempts_total", "outcome" => outcome).increment(1);
    match outcome {
        "delivered" => round.delivered = 1,
        "failed" => round.failed = 1,
        _ => round.given_up = 1,
    }
    round
}

const fn outcome_of(ended: &Attempted) -> &'static str {
    match (ended.failure, ended.next_at) {
        (None, _) => "delivered",
        (Some(_), Some(_)) => "failed",
        (Some(_), None) => "givenUp",
    }
}

/// Neither the address nor what is behind it shows in the outcome.
async fn attempt(app: &App, webhook: &Webhook, secrets: &[SecretString], claimed: &Claimed) -> Attempted {
    let began = app.clock.now();
    let sent = send(app, webhook, secrets, claimed, began).await;
    let at = app.clock.now();
    let (status, retry_after) = sent.map_or((None, None), |head| (Some(head.status), head.retry_after));
    let failure = match sent {
        Ok(head) => refusal_of(head.status),
        Err(reason) => Some(failure_of(reason)),
    };
    let asked = retry_after.and_then(|wait| SignedDuration::try_from(wait).ok());
    let once = claimed.event == TEST_EVENT || failure == Some(DeliveryFailure::EndpointGone);
    let again = || next_attempt(claimed.attempts, claimed.id.uuid(), (claimed.created_at, at), asked);
    let next_at = if failure.is_none() || once { None } else { again() };
    Attempted { at, status, failure, next_at }
}

async fn send(
    app: &App,
    webhook: &Webhook,
    secrets: &[SecretString],
    claimed: &Claimed,
    now: Timestamp,
) -> Result<Head, NoHead> {
    let url: Url = webhook.url.expose_secret().parse().map_err(|_| NoHead::Refused)?;
    let secrets: Vec<&SecretString> = secrets.iter().collect();
    let headers = [
        ("webhook-id", claimed.id.to_string()),
        ("webhook-timestamp", now.as_second().to_string()),
        ("webhook-signature", signatures(&secrets, claimed.id.uuid(), now, &claimed.body)),
    ];
    let post = Post { url: &url, headers: &headers, body: &claimed.body };
    app.outbound.client(Trust::FromUsers).post(post).await
}

const fn refusal_of(status: u16) -> Option<DeliveryFailure> {
    match status {
        200..=299 => None,
        300..=399 => Some(DeliveryFailure::Redirected),
        410 => Some(DeliveryFailure::EndpointGone),
        _ => Some(DeliveryFailure::NotAccepted),
    }
}

const fn failure_of(reason: NoHead) -> DeliveryFailure {
    match reason {
        NoHead::Refused => DeliveryFailure::AddressRefused,
        NoHead::NoConnection => DeliveryFailure::NoConnection,
        NoHead::NotTrusted => DeliveryFailure::NotTrusted,
        NoHead::TimedOut => DeliveryFailure::TimedOut,
        NoHead::Broken => DeliveryFailure::NoAnswer,
    }
}
