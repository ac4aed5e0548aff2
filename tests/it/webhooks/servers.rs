//! The loop of a running server: what hangs delays nobody, and what a killed server had in hand is not lost.

use super::{ALLOWED, Receiver, account, failed, open, organization, register};
use crate::{
    at_rest::process::Home,
    support::database::{TestDatabase, noon, on_both_engines},
};
use std::{sync::Arc, time::Duration};
use tuner::{
    app::App,
    db::NewAccount,
    domain::clock::Clock,
    op::{Actor, OpCx},
    service::notify::{tell, watch_deliveries},
    settings::{Settings, Sources},
};

on_both_engines! { an_endpoint_that_hangs_delays_nobody, a_killed_server_loses_nothing }

const FOR_EVER: Duration = Duration::from_hours(1);

async fn an_endpoint_that_hangs_delays_nobody(db: &TestDatabase) {
    let app = open(db).await;
    let (mut hangs, mut answers) = (Receiver::slow(FOR_EVER).await, Receiver::start().await);
    let (acme, globex) = (organization(&app, "acme").await, organization(&app, "globex").await);
    register(&app, &acme, &hangs.url()).await;
    register(&app, &globex, &answers.url()).await;
    tell(&app, &acme.scope, failed(account(1), "i-hangs")).await.unwrap();
    let watching = tokio::spawn(watch_deliveries(Arc::clone(&app)));
    hangs.next().await;
    for number in 0..3 {
        tell(&app, &globex.scope, failed(account(1), &format!("i-{number}"))).await.unwrap();
        assert_eq!(answers.next().await.resource(), format!("i-{number}"));
    }
    assert_eq!(hangs.arrived().len(), 0, "it has not even been given up");
    watching.abort();
}

/// The application on the database and the keys of a server that is not running.
async fn in_process(home: &Home, db: &TestDatabase) -> App {
    let mut sources = Sources::default();
    let folder = home.folder.path().display().to_string();
    for (key, value) in
        [("TUNER_DATA_DIR", &*folder), ("TUNER_DATABASE__URL", &db.url), (ALLOWED.0, ALLOWED.1)]
    {
        sources.env.insert(key.to_owned(), value.to_owned());
    }
    App::open(Settings::load(&sources).unwrap(), Clock::system()).await.unwrap()
}

async fn a_killed_server_loses_nothing(db: &TestDatabase) {
    let home = Home::new(&[("TUNER_DATABASE__URL", &db.url), ALLOWED]);
    let (mut first, mut second) = (Receiver::slow(FOR_EVER).await, Receiver::start().await);
    let app = in_process(&home, db).await;
    let organization =
        app.database.find_or_create_organization(&"acme".parse().unwrap(), noon()).await.unwrap();
    let scope = app.database.system_scope(organization.key, organization.name);
    let cx = OpCx::without_request(Actor::operator(), scope, app.clock.now());
    let external_id = app.external_ids.issue(account(1), cx.scope.organization());
    let new = NewAccount { id: account(1), name: "x".to_owned(), external_id, created_at: noon() };
    app.database.scoped(&cx.scope).create_account(&new).await.unwrap();
    for receiver in [&first, &second] {
        let asked = super::request(&receiver.url(), tuner::domain::notice::NoticeEvent::ALL);
        tuner::service::webhooks::create(&app, &cx, asked).await.unwrap();
    }
    tell(&app, &cx.scope, failed(account(1), "i-1")).await.unwrap();
    let running = home.serve();
    let (begun, taken) = (first.next().await, second.next().await);
    assert_ne!(begun.id, taken.id);
    // In the midst of the one, after the other.
    drop(running);
    db.run("UPDATE webhook_delivery SET next_at = created_at WHERE next_at IS NOT NULL").await;
    let again = home.serve();
    let anew = first.next().await;
    assert_eq!((anew.id, anew.text), (begun.id, begun.text), "the same message");
    assert_eq!(second.arrived().len(), 0, "what was taken is not told again");
    drop(again);
    app.stop().await;
}
