//! The application in the test's own process: with a clock that the test moves, and a log that it reads.

use super::{database::TestDatabase, server::Engine, stand_in};
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use serde_json::Value;
use std::{
    collections::BTreeMap,
    io,
    process::Command,
    sync::{Arc, Mutex},
};
use tracing_subscriber::fmt;
use tuner::{
    app::App,
    domain::{account::Account, arn::RoleArn, clock::Clock, ids::AccountId},
    op::{Actor, OpCx},
    service::accounts::{add_account, link_account},
    settings::{Settings, Sources},
};

/// Tuner's own account: whoever signs with its number.
pub const OWN_ACCOUNT: &str = "123456789012";

pub struct TestApp {
    pub app: Arc<App>,
    pub clock: Clock,
    folder: tempfile::TempDir,
    database: TestDatabase,
}

impl TestApp {
    pub async fn open(engine: Engine) -> Self {
        Self::open_at(engine, stand_in::url()).await
    }

    pub async fn open_at(engine: Engine, aws: &str) -> Self {
        let database = match engine {
            Engine::Sqlite => TestDatabase::empty_sqlite().await,
            Engine::MySql => TestDatabase::empty_mysql().await,
        };
        Self::open_on(database, aws).await
    }

    /// On an empty database that the test has made.
    pub async fn open_on(database: TestDatabase, aws: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::fixed(Clock::system().now());
        let app = open(folder.path(), &database.url, aws, &clock).await;
        Self { app, clock, folder, database }
    }

    /// A second server on the same database and keys that finds AWS elsewhere.
    pub async fn another_at(&self, aws: &str) -> Arc<App> {
        open(self.folder.path(), &self.database.url, aws, &self.clock).await
    }

    /// Another process on the same database, with the same keys and the system's clock. It ticks when asked to.
    pub fn command(&self) -> Command {
        let mut command = super::tuner::tuner(self.folder.path());
        command
            .env("TUNER_DATABASE__URL", &self.database.url)
            .env("TUNER_AWS__ENDPOINT_URL", stand_in::url())
            .env("TUNER_SERVER__LISTEN", "127.0.0.1:0")
            .env("TUNER_LIMITS__ENABLED", "false")
            .env("TUNER_SCHEDULER__ENABLED", "false")
            .env("TUNER_LOG", "error");
        command
    }

    /// For what a test does behind the application's back.
    pub const fn database(&self) -> &TestDatabase {
        &self.database
    }

    /// The system's own context in an organisation, at the time of the clock.
    pub async fn organization(&self, name: &str) -> OpCx {
        let now = self.clock.now();
        let name = name.parse().unwrap();
        let organization = self.app.database.find_or_create_organization(&name, now).await.unwrap();
        let scope = self.app.database.system_scope(organization.key, organization.name);
        OpCx::without_request(Actor::system(), scope, now)
    }

    /// Adds an account and links it by a role with exactly the trust policy that Tuner asked for.
    pub async fn link(&self, cx: &OpCx, id: AccountId) -> (Account, RoleArn) {
        let made = add_account(&self.app, cx, id, "Shop").await.unwrap();
        let arn: RoleArn = stand_in::make_role(&id.to_string(), &made.trust_policy).await.parse().unwrap();
        let linked = link_account(&self.app, cx, id, arn.clone(), None).await;
        (linked.map_err(|e| e.detail().to_owned()).unwrap().0, arn)
    }

    pub async fn account(&self, cx: &OpCx, id: AccountId) -> Account {
        self.app.database.scoped(&cx.scope).get_account(id).await.unwrap()
    }

    pub async fn close(self) {
        self.app.stop().await;
        self.database.remove().await;
    }
}

async fn open(folder: &std::path::Path, database: &str, aws: &str, clock: &Clock) -> Arc<App> {
    let set = [
        ("TUNER_DATA_DIR", folder.to_str().unwrap()),
        ("TUNER_DATABASE__URL", database),
        ("TUNER_AWS__ENDPOINT_URL", aws),
    ];
    let env: BTreeMap<String, String> = set.map(|(key, value)| (key.to_owned(), value.to_owned())).into();
    let settings = Settings::load(&Sources { env, file: None, flags: Vec::new() }).unwrap();
    let own = Credentials::new(OWN_ACCOUNT, "test", None, None, "test");
    let identity = Some(SharedCredentialsProvider::new(own));
    // Boxed: it is large, and a part of every test's future.
    Arc::new(Box::pin(App::open_as(settings, clock.clone(), identity)).await.unwrap())
}

/// What this thread logs while it lives.
pub struct Log {
    text: Arc<Mutex<Vec<u8>>>,
    _guard: tracing::subscriber::DefaultGuard,
}

struct Page(Arc<Mutex<Vec<u8>>>);

impl io::Write for Page {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Log {
    pub fn listen() -> Self {
        let text = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&text);
        let lines = fmt().json().flatten_event(true).with_writer(move || Page(Arc::clone(&kept))).finish();
        Self { text, _guard: tracing::subscriber::set_default(lines) }
    }

    /// The names of the security events about an account, in their order.
    pub fn events(&self, account: AccountId) -> Vec<String> {
        let text = String::from_utf8(self.text.lock().unwrap().clone()).unwrap();
        let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        lines
            .filter(|line| line["account.id"] == account.to_string())
            .filter_map(|line| line["event"].as_str().map(str::to_owned))
            .collect()
    }
}
