//! The database goes away: MariaDB is stopped and started again, SQLite's file is locked by somebody else.

use super::stage::{Stage, eventually};
use crate::{
    support::{database::TestDatabase, in_process::TestApp, mysql::OwnServer, server::Engine, stand_in},
    ticking::{Shop, whole_minute},
};
use jiff::SignedDuration;
use rstest::rstest;
use serde_json::json;
use sqlx::SqliteConnection;
use tuner::{domain::schedule::ActionStatus, service::scheduler::tick_all};

/// What the database lives on.
enum Ground {
    Server(OwnServer),
    File(Option<SqliteConnection>),
}

impl Ground {
    fn new(engine: Engine) -> Self {
        match engine {
            Engine::Sqlite => Self::File(None),
            Engine::MySql => Self::Server(OwnServer::start()),
        }
    }

    async fn shop(&self) -> Shop {
        let database = match self {
            Self::File(_) => TestDatabase::empty_sqlite().await,
            Self::Server(server) => TestDatabase::empty_on(server.new_urls()).await,
        };
        let t = TestApp::open_on(database, stand_in::url()).await;
        Shop::in_app(t, json!({}), SignedDuration::from_hours(1)).await
    }

    async fn take_away(&mut self, shop: &Shop) {
        match self {
            Self::Server(server) => server.stop(),
            Self::File(lock) => *lock = Some(shop.t.database().lock_file().await),
        }
    }

    fn give_back(&mut self) {
        match self {
            Self::Server(server) => server.start_again(),
            Self::File(lock) => drop(lock.take()),
        }
    }
}

/// A tick that may fail.
async fn try_tick(shop: &Shop) -> Result<(), String> {
    let minute = whole_minute(shop.t.clock.now());
    tick_all(shop.app(), minute).await.map(drop).map_err(|error| error.chain())
}

#[rstest]
#[tokio::test]
async fn a_database_that_is_gone_for_ten_minutes_from_the_call_on(
    #[values(Engine::Sqlite, Engine::MySql)] engine: Engine,
) {
    let mut ground = Ground::new(engine);
    let shop = ground.shop().await;
    let mut ids = shop.make(2).await;
    ids.sort();
    let stage = Stage { shop, ids };
    stage.shop.seen_and_due().await;
    stage.fault(json!({"kind": "latency", "service": "ec2", "operation": "StopInstances", "milliseconds": 3_000, "times": 1})).await;
    let (_, ()) = tokio::join!(try_tick(&stage.shop), async {
        eventually("the call", async || stage.all_are(ActionStatus::Called).await).await;
        ground.take_away(&stage.shop).await;
    });
    assert_eq!(stage.changed().await, stage.ids, "AWS has heard of it");
    stage.shop.forward(SignedDuration::from_mins(5)).await;
    try_tick(&stage.shop).await.expect_err("no tick without a database");
    ground.give_back();
    for _ in 0..3 {
        stage.shop.forward(SignedDuration::from_mins(5)).await;
        stage.shop.tick().await;
    }
    stage.everything_was_done_once().await;
    stage.close().await;
}

#[rstest]
#[tokio::test]
async fn what_was_due_while_there_was_no_database_is_caught_up(
    #[values(Engine::Sqlite, Engine::MySql)] engine: Engine,
) {
    let mut ground = Ground::new(engine);
    let shop = ground.shop().await;
    let mut ids = shop.make(2).await;
    ids.sort();
    let stage = Stage { shop, ids };
    stage.shop.seen_and_due().await;
    ground.take_away(&stage.shop).await;
    try_tick(&stage.shop).await.expect_err("no tick without a database");
    assert_eq!(stage.shop.calls().await.len(), 0, "what cannot be written down is not done");
    ground.give_back();
    for _ in 0..3 {
        stage.shop.forward(SignedDuration::from_mins(10)).await;
        stage.shop.tick().await;
    }
    stage.everything_was_done_once().await;
    stage.close().await;
}
