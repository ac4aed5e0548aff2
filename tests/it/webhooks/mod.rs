//! Webhooks: what is told, to whom, how it is signed, and what happens when nobody takes it.

mod addresses;
mod api;
mod at_rest;
mod delivery;
mod makers;
mod receiver;
mod servers;

use crate::support::{app::TestApp, database::TestDatabase};
use receiver::Receiver;
use secrecy::ExposeSecret;
use tuner::{
    db::NewAccount,
    domain::{
        ids::{AccountId, ActionId, WebhookId},
        notice::{FailedAction, Notice, NoticeEvent, NoticedResource, StoppedAccount},
        schedule::{Action, Target, TargetKind},
        scope::OrgScope,
    },
    op::OpCx,
    service::webhooks::{self, KnownDelivery, KnownWebhook, WebhookRequest},
};

/// The receivers of these tests listen on this machine, where nothing is sent by default.
const ALLOWED: (&str, &str) = ("TUNER_NET__ALLOWED_NETWORKS", "127.0.0.1");

async fn open(db: &TestDatabase) -> TestApp {
    TestApp::with(db, &[ALLOWED]).await
}

fn account(number: u64) -> AccountId {
    format!("{number:012}").parse().unwrap()
}

async fn link(app: &TestApp, scope: &OrgScope, id: AccountId) {
    let external_id = app.external_ids.issue(id, scope.organization());
    let new = NewAccount { id, name: "x".to_owned(), external_id, created_at: app.now() };
    app.database.scoped(scope).create_account(&new).await.unwrap();
}

/// The command line's view of an organisation that has the account 1.
async fn organization(app: &TestApp, name: &str) -> OpCx {
    let cx = app.operator(name).await;
    link(app, &cx.scope, account(1)).await;
    cx
}

fn request(url: &str, events: &[NoticeEvent]) -> WebhookRequest {
    let events = events.iter().copied().collect();
    WebhookRequest { name: "ops".to_owned(), url: url.into(), events, accounts: None }
}

/// Registers a receiver for all events: its id and secret.
async fn register(app: &TestApp, cx: &OpCx, url: &str) -> (WebhookId, String) {
    let made = webhooks::create(app, cx, request(url, NoticeEvent::ALL)).await.unwrap();
    (made.known.webhook.id, made.secret.expose_secret().to_owned())
}

/// A failed start of an instance.
fn failed(account: AccountId, resource: &str) -> Notice {
    let target = Target {
        account,
        region: "eu-central-1".parse().unwrap(),
        kind: TargetKind::Instance,
        id: resource.into(),
    };
    Notice::ActionFailed(FailedAction {
        resource: NoticedResource::of(&target, Some("web"), Some("office")),
        action_id: ActionId::generate(),
        action: Action::Start,
        code: Some("InsufficientInstanceCapacity".into()),
        due_at: "2026-11-22T11:59:00Z".parse().unwrap(),
        next_attempt_at: None,
    })
}

fn stopped(account: AccountId) -> Notice {
    Notice::AccountStopped(StoppedAccount { account_id: account, code: "AccessDenied".into() })
}

async fn known(app: &TestApp, cx: &OpCx, id: WebhookId) -> KnownWebhook {
    webhooks::get(app, cx, id).await.unwrap()
}

/// Newest first.
async fn deliveries(app: &TestApp, cx: &OpCx, id: WebhookId) -> Vec<KnownDelivery> {
    webhooks::list_deliveries(app, cx, id, None, 500).await.unwrap()
}
