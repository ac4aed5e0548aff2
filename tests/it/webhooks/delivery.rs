//! What is told arrives, signed, and again until it is taken or given up.

use super::{Receiver, deliveries, failed, known, open, organization, register, request, stopped};
use crate::{
    support::database::{TestDatabase, on_both_engines},
    webhooks::account,
};
use secrecy::ExposeSecret;
use serde_json::json;
use std::{collections::BTreeSet, sync::Arc};
use tuner::{
    db::WebhookChange,
    domain::{
        ids::WebhookId,
        notice::NoticeEvent,
        webhook::{DeliveryFailure, DeliveryStatus, WebhookStatus},
    },
    op::Actor,
    service::{
        notify::{Round, deliver_due, tell, tell_all},
        retention, webhooks,
    },
};

on_both_engines! {
    a_failure_is_told_and_signed,
    only_what_is_asked_for_is_told_and_to_nobody_else,
    what_is_not_taken_is_told_again_and_again,
    what_nobody_takes_in_a_day_is_given_up_and_shown,
    an_endpoint_that_is_down_does_not_see_all_of_it_at_once,
    one_that_always_fails_holds_up_no_other,
    a_redirect_is_not_followed,
    an_endpoint_that_is_gone_is_told_no_more,
    a_disabled_webhook_is_told_nothing,
    a_secret_that_was_replaced_signs_for_a_day,
    what_a_dead_server_had_in_hand_is_told_by_another,
    two_servers_tell_everything_once,
    what_was_told_is_forgotten_after_30_days,
}

const DELIVERED: Round = Round { delivered: 1, failed: 0, given_up: 0 };
const FAILED: Round = Round { delivered: 0, failed: 1, given_up: 0 };
const NOTHING: Round = Round { delivered: 0, failed: 0, given_up: 0 };

async fn a_failure_is_told_and_signed(db: &TestDatabase) {
    let (app, mut receiver) = (open(db).await, Receiver::start().await);
    let cx = organization(&app, "acme").await;
    let (id, secret) = register(&app, &cx, &receiver.url()).await;
    let notice = failed(account(1), "i-1");
    tell(&app, &cx.scope, notice.clone()).await.unwrap();
    app.forward(2);
    assert_eq!(deliver_due(&app).await.unwrap(), DELIVERED);
    let message = receiver.arrived().pop().unwrap();
    assert!(message.is_signed_with(&secret));
    assert!(!message.is_signed_with("whsec_c29tZWJvZHkgZWxzZQ=="));
    assert_eq!(
        (message.timestamp, message.content_type.as_str()),
        (app.now().as_second(), "application/json")
    );
    let body = message.body();
    assert_eq!((&body["type"], &body["timestamp"]), (&json!("scheduler.actionFailed"), &json!(cx.now)));
    assert_eq!(body["data"], serde_json::to_value(&notice).unwrap());
    let told = deliveries(&app, &cx, id).await.remove(0);
    assert_eq!((told.id.to_string(), told.status), (message.id, DeliveryStatus::Delivered));
    assert_eq!((told.attempts, told.last_status, told.account), (1, Some(204), Some(account(1))));
    assert_eq!(known(&app, &cx, id).await.webhook.last_success_at, Some(app.now()));
    assert_eq!(deliver_due(&app).await.unwrap(), NOTHING);
}

async fn only_what_is_asked_for_is_told_and_to_nobody_else(db: &TestDatabase) {
    let app = open(db).await;
    let (mut wants, mut other) = (Receiver::start().await, Receiver::start().await);
    let (acme, globex) = (organization(&app, "acme").await, organization(&app, "globex").await);
    let asked = request(&wants.url(), &[NoticeEvent::AccountStopped]);
    webhooks::create(&app, &acme, asked).await.unwrap();
    register(&app, &globex, &other.url()).await;
    tell_all(&app, &acme.scope, &[failed(account(1), "i-1"), stopped(account(1))]).await.unwrap();
    assert_eq!(deliver_due(&app).await.unwrap(), DELIVERED);
    assert_eq!(
        wants.arrived().remove(0).body()["data"],
        json!({"accountId": account(1), "code": "AccessDenied"})
    );
    assert_eq!(other.arrived().len(), 0);
}

async fn what_is_not_taken_is_told_again_and_again(db: &TestDatabase) {
    let (app, mut receiver) = (open(db).await, Receiver::start().await);
    let cx = organization(&app, "acme").await;
    let (id, secret) = register(&app, &cx, &receiver.url()).await;
    receiver.answer(503);
    tell(&app, &cx.scope, failed(account(1), "i-1")).await.unwrap();
    assert_eq!(deliver_due(&app).await.unwrap(), FAILED);
    let shown = deliveries(&app, &cx, id).await.remove(0);
    assert_eq!((shown.status, shown.last_status), (DeliveryStatus::Waiting, Some(503)));
    assert_eq!(known(&app, &cx, id).await.webhook.last_failure, Some(DeliveryFailure::NotAccepted));
    app.forward(29);
    assert_eq!(deliver_due(&app).await.unwrap(), NOTHING, "it is left alone for half a minute");
    app.forward(5);
    assert_eq!(deliver_due(&app).await.unwrap(), FAILED);
    receiver.answer(200);
    app.forward(119);
    assert_eq!(deliver_due(&app).await.unwrap(), NOTHING, "pauses grow");
    app.forward(15);
    assert_eq!(deliver_due(&app).await.unwrap(), DELIVERED);
    let arrived = receiver.arrived();
    assert_eq!(arrived.iter().map(|m| &m.id).collect::<BTreeSet<_>>().len(), 1, "one id for all attempts");
    assert_eq!(arrived.iter().map(|m| m.timestamp).collect::<BTreeSet<_>>().len(), 3, "a time for each");
    assert!(arrived.iter().all(|message| message.is_signed_with(&secret)));
}

async fn what_nobody_takes_in_a_day_is_given_up_and_shown(db: &TestDatabase) {
    let (app, mut receiver) = (open(db).await, Receiver::start().await);
    let cx = organization(&app, "acme").await;
    let (id, _) = register(&app, &cx, &receiver.url()).await;
    receiver.answer(500);
    tell(&app, &cx.scope, failed(account(1), "i-1")).await.unwrap();
    let (mut rounds, began) = (Round::default(), app.now());
    while rounds.given_up == 0 {
        let round = deliver_due(&app).await.unwrap();
        rounds.failed += round.failed;
        rounds.given_up += round.given_up;
        app.forward(60);
    }
    let hours = app.now().duration_since(began).as_hours();
    assert_eq!((rounds.failed, rounds.given_up, receiver.arrived().len()), (8, 1, 9));
    assert!((22..=27).contains(&hours), "{hours}");
    let shown = deliveries(&app, &cx, id).await.remove(0);
    assert_eq!((shown.status, shown.attempts, shown.next_at), (DeliveryStatus::GivenUp, 9, None));
    assert!(shown.given_up_at.is_some());
    app.forward(86_400);
    assert_eq!(deliver_due(&app).await.unwrap(), NOTHING);
}

async fn an_endpoint_that_is_down_does_not_see_all_of_it_at_once(db: &TestDatabase) {
    let (app, mut receiver) = (open(db).await, Receiver::start().await);
    let cx = organization(&app, "acme").await;
    register(&app, &cx, &receiver.url()).await;
    receiver.answer(500);
    let many: Vec<_> = (0..20).map(|n| failed(account(1), &format!("i-{n}"))).collect();
    tell_all(&app, &cx.scope, &many).await.unwrap();
    assert_eq!(deliver_due(&app).await.unwrap(), FAILED);
    assert_eq!(receiver.arrived().len(), 1);
    receiver.answer(200);
    app.forward(40);
    assert_eq!(deliver_due(&app).await.unwrap(), Round { delivered: 20, ..NOTHING });
    let seen: BTreeSet<String> = receiver.arrived().iter().map(super::receiver::Message::resource).collect();
    assert_eq!(seen.len(), 20, "nothing is lost");
}

async fn one_that_always_fails_holds_up_no_other(db: &TestDatabase) {
    let (app, mut receiver) = (open(db).await, Receiver::start().await);
    let cx = organization(&app, "acme").await;
    register(&app, &cx, &receiver.url()).await;
    tell(&app, &cx.scope, failed(account(1), "i-poison")).await.unwrap();
    assert_eq!(deliver_due(&app).await.unwrap(), FAILED);
    for minute in 1..=4 {
        app.forward(60);
        tell(&app, &cx.scope, failed(account(1), &format!("i-{minute}"))).await.unwrap();
        assert_eq!(deliver_due(&app).await.unwrap().delivered, 1, "minute {minute}");
    }
    let first: Vec<_> = receiver.arrived().iter().map(super::receiver::Message::resource).collect();
    assert!(first.contains(&"i-4".to_owned()), "{first:?}");
}

async fn a_redirect_is_not_followed(db: &TestDatabase) {
    let (app, mut receiver) = (open(db).await, Receiver::start().await);
    let cx = organization(&app, "acme").await;
    let (id, _) = register(&app, &cx, &receiver.url()).await;
    receiver.answer(307);
    tell(&app, &cx.scope, failed(account(1), "i-1")).await.unwrap();
    assert_eq!(deliver_due(&app).await.unwrap(), FAILED);
    assert_eq!(receiver.arrived().len(), 1);
    let shown = deliveries(&app, &cx, id).await.remove(0);
    assert_eq!((shown.last_failure, shown.last_status), (Some(DeliveryFailure::Redirected), Some(307)));
}

async fn an_endpoint_that_is_gone_is_told_no_more(db: &TestDatabase) {
    let (app, mut receiver) = (open(db).await, Receiver::start().await);
    let cx = organization(&app, "acme").await;
    let (id, _) = register(&app, &cx, &receiver.url()).await;
    receiver.answer(410);
    tell_all(&app, &cx.scope, &[failed(account(1), "i-1"), failed(account(1), "i-2")]).await.unwrap();
    assert_eq!(deliver_due(&app).await.unwrap(), Round { given_up: 1, ..NOTHING });
    assert_eq!(receiver.arrived().len(), 1);
    let shown = known(&app, &cx, id).await;
    assert_eq!(
        (shown.status, shown.webhook.last_failure),
        (WebhookStatus::Disabled, Some(DeliveryFailure::EndpointGone))
    );
    let all = deliveries(&app, &cx, id).await;
    assert!(all.iter().all(|delivery| delivery.status == DeliveryStatus::GivenUp), "{all:?}");
}

async fn set_disabled(app: &crate::support::app::TestApp, id: WebhookId, disabled: bool) {
    let cx = app.operator("acme").await;
    let disabled_at = Some(disabled.then_some(cx.now));
    let change = WebhookChange { disabled_at, ..WebhookChange::default() };
    webhooks::update(app, &cx, id, change).await.unwrap();
}

async fn a_disabled_webhook_is_told_nothing(db: &TestDatabase) {
    let (app, mut receiver) = (open(db).await, Receiver::start().await);
    let cx = organization(&app, "acme").await;
    let (id, _) = register(&app, &cx, &receiver.url()).await;
    tell(&app, &cx.scope, failed(account(1), "i-1")).await.unwrap();
    set_disabled(&app, id, true).await;
    tell(&app, &cx.scope, failed(account(1), "i-2")).await.unwrap();
    assert_eq!(deliver_due(&app).await.unwrap(), NOTHING);
    let shown = deliveries(&app, &cx, id).await;
    assert_eq!((shown.len(), shown[0].last_failure), (1, Some(DeliveryFailure::WebhookDisabled)));
    set_disabled(&app, id, false).await;
    tell(&app, &cx.scope, failed(account(1), "i-3")).await.unwrap();
    assert_eq!(deliver_due(&app).await.unwrap(), DELIVERED);
    let arrived: Vec<_> = receiver.arrived().iter().map(super::receiver::Message::resource).collect();
    assert_eq!(arrived, ["i-3"]);
}

async fn a_secret_that_was_replaced_signs_for_a_day(db: &TestDatabase) {
    let (app, mut receiver) = (open(db).await, Receiver::start().await);
    let cx = organization(&app, "acme").await;
    let (id, first) = register(&app, &cx, &receiver.url()).await;
    let made = webhooks::rotate_secret(&app, &cx, id).await.unwrap();
    let second = made.secret.expose_secret();
    let mut signed_by = async |app: &crate::support::app::TestApp| {
        tell(app, &cx.scope, failed(account(1), "i-1")).await.unwrap();
        assert_eq!(deliver_due(app).await.unwrap(), DELIVERED);
        let message = receiver.arrived().pop().unwrap();
        (message.is_signed_with(&first), message.is_signed_with(second), message.signatures.len())
    };
    assert_eq!(signed_by(&app).await, (true, true, 2));
    app.forward(24 * 3_600 - 1);
    assert_eq!(signed_by(&app).await, (true, true, 2));
    app.forward(1);
    assert_eq!(signed_by(&app).await, (false, true, 1));
    retention::run(&app, &Actor::system(), retention::Mode::Delete, app.now()).await.unwrap();
    assert_eq!(known(&app, &cx, id).await.webhook.previous_until, None, "the old one is not kept");
    assert_eq!(signed_by(&app).await, (false, true, 1));
}

async fn what_a_dead_server_had_in_hand_is_told_by_another(db: &TestDatabase) {
    let (app, mut receiver) = (open(db).await, Receiver::start().await);
    let cx = organization(&app, "acme").await;
    let (id, _) = register(&app, &cx, &receiver.url()).await;
    tell(&app, &cx.scope, failed(account(1), "i-1")).await.unwrap();
    // A server claims it and is never heard of again.
    let org = app.database.scoped(&cx.scope);
    let lease_end = app.now() + jiff::SignedDuration::from_secs(60);
    let claimed = org.claim_delivery(id, app.now(), lease_end).await.unwrap().unwrap();
    let other = app.another().await;
    assert_eq!(deliver_due(&other).await.unwrap(), NOTHING, "it is in somebody's hands");
    app.forward(60);
    assert_eq!(deliver_due(&other).await.unwrap(), DELIVERED);
    assert_eq!(receiver.arrived().remove(0).id, claimed.id.to_string());
    // It was not dead after all: its word does not count any more.
    let late = tuner::db::Attempted {
        at: app.now(),
        status: None,
        failure: Some(DeliveryFailure::TimedOut),
        next_at: Some(app.now()),
    };
    assert!(!org.settle_delivery(&claimed, &late).await.unwrap());
    assert_eq!(deliveries(&app, &cx, id).await[0].status, DeliveryStatus::Delivered);
}

async fn two_servers_tell_everything_once(db: &TestDatabase) {
    let (app, mut receiver) = (open(db).await, Receiver::start().await);
    let cx = organization(&app, "acme").await;
    register(&app, &cx, &receiver.url()).await;
    let many: Vec<_> = (0..40).map(|n| failed(account(1), &format!("i-{n:02}"))).collect();
    tell_all(&app, &cx.scope, &many).await.unwrap();
    let other: Arc<_> = app.another().await;
    let (a, b) = tokio::join!(deliver_due(&app), deliver_due(&other));
    assert_eq!(a.unwrap().delivered + b.unwrap().delivered, 40);
    let seen: Vec<_> = receiver.arrived().iter().map(super::receiver::Message::resource).collect();
    assert_eq!((seen.len(), seen.iter().collect::<BTreeSet<_>>().len()), (40, 40));
}

async fn what_was_told_is_forgotten_after_30_days(db: &TestDatabase) {
    let (app, receiver) = (open(db).await, Receiver::start().await);
    let cx = organization(&app, "acme").await;
    let (id, _) = register(&app, &cx, &receiver.url()).await;
    tell(&app, &cx.scope, failed(account(1), "i-1")).await.unwrap();
    deliver_due(&app).await.unwrap();
    let run = async |days: i64| {
        let now = app.now() + jiff::SignedDuration::from_hours(24 * days);
        let all = retention::run(&app, &Actor::system(), retention::Mode::Delete, now).await.unwrap();
        let ours = all.into_iter().filter(|f| f.what == "webhook deliveries" && f.organization == "acme");
        ours.map(|f| f.rows.unwrap()).sum::<u64>()
    };
    assert_eq!((run(30).await, run(31).await), (0, 1));
    assert_eq!(deliveries(&app, &cx, id).await, []);
}
