//! A webhook is told what its maker may see, and no more: when it is made and at every message.

use super::{Receiver, account, failed, known, link, open, organization, request};
use crate::support::{
    app::TestApp,
    database::{TestDatabase, on_both_engines},
};
use std::collections::BTreeSet;
use tuner::{
    domain::{
        ids::{AccountId, ApiKeyId, UserId, WebhookId},
        notice::NoticeEvent,
        permission::Role,
        webhook::WebhookStatus,
    },
    error::ErrorCode,
    op::{Actor, ActorKind, OpCx},
    service::{
        members::{MemberChange, NewPerson, Standing, add_member, change_member},
        notify::{deliver_due, tell_all},
        webhooks::{self, WebhookRequest},
    },
};

on_both_engines! {
    a_webhook_hears_of_the_accounts_of_its_maker,
    a_withdrawn_grant_silences_it,
    without_its_maker_it_rests,
    its_maker_keeps_it_when_grants_go,
    what_others_see_more_of_is_not_there,
}

/// An administrator to whom the account 1 is granted.
async fn ann(app: &TestApp, cx: &OpCx) -> (UserId, OpCx) {
    let accounts = BTreeSet::from([account(1)]);
    let new = NewPerson {
        name: "ann".to_owned(),
        display_name: None,
        role: Role::Admin,
        accounts: accounts.clone(),
    };
    let user = add_member(app, cx, new).await.unwrap().member.user;
    let actor = Actor::member(user, "ann".to_owned(), Role::Admin);
    (user, OpCx::without_request(actor, cx.scope.clone().narrowed_to(accounts), app.now()))
}

async fn made_by(app: &TestApp, cx: &OpCx, receiver: &Receiver) -> WebhookId {
    let made = webhooks::create(app, cx, request(&receiver.url(), NoticeEvent::ALL)).await.unwrap();
    made.known.webhook.id
}

/// Tells of both accounts; the resources of which the receiver heard.
async fn heard(app: &TestApp, cx: &OpCx, receiver: &mut Receiver) -> Vec<String> {
    let both = [failed(account(1), "i-1"), failed(account(2), "i-2")];
    // Whoever finds it may see less than whom it is told.
    let finder = cx.scope.clone().narrowed_to(BTreeSet::new());
    tell_all(app, &finder, &both).await.unwrap();
    deliver_due(app).await.unwrap();
    receiver.arrived().iter().map(super::receiver::Message::resource).collect()
}

async fn two_accounts(app: &TestApp) -> OpCx {
    let cx = organization(app, "acme").await;
    link(app, &cx.scope, account(2)).await;
    cx
}

async fn a_webhook_hears_of_the_accounts_of_its_maker(db: &TestDatabase) {
    let app = open(db).await;
    let (mut few, mut all) = (Receiver::start().await, Receiver::start().await);
    let cx = two_accounts(&app).await;
    let (_, ann) = ann(&app, &cx).await;
    made_by(&app, &ann, &few).await;
    made_by(&app, &cx, &all).await;
    assert_eq!(heard(&app, &cx, &mut few).await, ["i-1"]);
    assert_eq!(all.arrived().len(), 2);
    let of = |accounts: BTreeSet<AccountId>| WebhookRequest {
        accounts: Some(accounts),
        ..request("https://hooks.example.com/", NoticeEvent::ALL)
    };
    let error = webhooks::create(&app, &ann, of([account(2)].into())).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::NotFound, "not hers to give");
    let error = webhooks::create(&app, &ann, of(BTreeSet::new())).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::InvalidRequest);
}

async fn a_withdrawn_grant_silences_it(db: &TestDatabase) {
    let (app, mut receiver) = (open(db).await, Receiver::start().await);
    let cx = two_accounts(&app).await;
    let (user, ann) = ann(&app, &cx).await;
    made_by(&app, &ann, &receiver).await;
    assert_eq!(heard(&app, &cx, &mut receiver).await, ["i-1"]);
    let change = MemberChange { accounts: Some(BTreeSet::from([account(2)])), ..MemberChange::default() };
    change_member(&app, &cx, user, change).await.unwrap();
    assert_eq!(
        heard(&app, &cx, &mut receiver).await,
        Vec::<String>::new(),
        "neither the old nor the new one"
    );
}

async fn without_its_maker_it_rests(db: &TestDatabase) {
    let (app, mut receiver) = (open(db).await, Receiver::start().await);
    let cx = two_accounts(&app).await;
    let (user, ann) = ann(&app, &cx).await;
    let id = made_by(&app, &ann, &receiver).await;
    assert_eq!(known(&app, &cx, id).await.status, WebhookStatus::Active);
    let change = MemberChange { standing: Some(Standing::Disabled), ..MemberChange::default() };
    change_member(&app, &cx, user, change).await.unwrap();
    assert_eq!(heard(&app, &cx, &mut receiver).await, Vec::<String>::new());
    assert_eq!(known(&app, &cx, id).await.status, WebhookStatus::Resting, "and that shows");
    assert_eq!(webhooks::list(&app, &cx).await.unwrap()[0].status, WebhookStatus::Resting);
}

async fn its_maker_keeps_it_when_grants_go(db: &TestDatabase) {
    let (app, receiver) = (open(db).await, Receiver::start().await);
    let cx = two_accounts(&app).await;
    let (_, ann) = ann(&app, &cx).await;
    let id = made_by(&app, &ann, &receiver).await;
    let scope = ann.scope.clone().narrowed_to(BTreeSet::new());
    let without_grants = OpCx { scope, ..ann.clone() };
    webhooks::delete(&app, &without_grants, id).await.unwrap();
    let key = Actor { kind: ActorKind::ApiKey(ApiKeyId::generate()), ..ann.actor.clone() };
    let key = OpCx { actor: key, ..without_grants };
    let id = made_by(&app, &ann, &receiver).await;
    assert_eq!(webhooks::delete(&app, &key, id).await.unwrap_err().code(), ErrorCode::NotFound);
}

async fn what_others_see_more_of_is_not_there(db: &TestDatabase) {
    let (app, receiver) = (open(db).await, Receiver::start().await);
    let cx = two_accounts(&app).await;
    let (_, ann) = ann(&app, &cx).await;
    let (of_all, hers) = (made_by(&app, &cx, &receiver).await, made_by(&app, &ann, &receiver).await);
    let seen: Vec<_> = webhooks::list(&app, &ann).await.unwrap().iter().map(|k| k.webhook.id).collect();
    assert_eq!(seen, [hers]);
    let refused = [
        webhooks::get(&app, &ann, of_all).await.map(drop),
        webhooks::test(&app, &ann, of_all).await.map(drop),
        webhooks::rotate_secret(&app, &ann, of_all).await.map(drop),
        webhooks::list_deliveries(&app, &ann, of_all, None, 1).await.map(drop),
        webhooks::update(&app, &ann, of_all, tuner::db::WebhookChange::default()).await.map(drop),
        webhooks::delete(&app, &ann, of_all).await,
    ];
    for error in refused {
        assert_eq!(error.unwrap_err().code(), ErrorCode::NotFound);
    }
    webhooks::delete(&app, &ann, hers).await.unwrap();
}
