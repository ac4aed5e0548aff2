//! The application without its server, at a time of the test's own.

use super::database::{TestDatabase, noon};
use jiff::{SignedDuration, Timestamp};
use std::{ops::Deref, sync::Arc};
use tuner::{
    app::App,
    domain::{clock::Clock, scope::OrgScope},
    op::{Actor, OpCx, Origin},
    settings::{Settings, Sources},
};

pub struct TestApp {
    app: Arc<App>,
    folder: tempfile::TempDir,
}

impl Deref for TestApp {
    type Target = Arc<App>;
    fn deref(&self) -> &Arc<App> {
        &self.app
    }
}

impl TestApp {
    /// On a migrated database; at noon.
    pub async fn open(db: &TestDatabase) -> Self {
        Self::with(db, &[]).await
    }

    pub async fn with(db: &TestDatabase, env: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data_dir = folder.path().display().to_string();
        let mut sources = Sources::default();
        let own = [
            ("TUNER_DATA_DIR", &*data_dir),
            ("TUNER_DATABASE__URL", &db.url),
            ("TUNER_AWS__ENDPOINT_URL", "http://127.0.0.1:1"),
            ("TUNER_SERVER__PUBLIC_URL", "https://tuner.example/base"),
        ];
        for (key, value) in own.iter().chain(env) {
            sources.env.insert((*key).to_owned(), (*value).to_owned());
        }
        let settings = Settings::load(&sources).unwrap();
        let app = App::open(settings, Clock::fixed(noon())).await.unwrap();
        Self { app: Arc::new(app), folder }
    }

    /// A second server on the same database with the same keys.
    pub async fn another(&self) -> Arc<App> {
        let app = App::open(self.settings.clone(), self.clock.clone()).await.unwrap();
        assert!(self.folder.path().exists());
        Arc::new(app)
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub fn at(&self, minutes: i64) -> Timestamp {
        let at = noon() + SignedDuration::from_mins(minutes);
        self.clock.set(at);
        at
    }

    pub fn forward(&self, seconds: i64) -> Timestamp {
        let at = self.now() + SignedDuration::from_secs(seconds);
        self.clock.set(at);
        at
    }

    pub async fn scope(&self, organization: &str) -> OrgScope {
        let name = organization.parse().unwrap();
        let found = self.database.find_or_create_organization(&name, noon()).await.unwrap();
        self.database.system_scope(found.key, found.name)
    }

    /// The command line's view of an organisation.
    pub async fn operator(&self, organization: &str) -> OpCx {
        OpCx::without_request(Actor::operator(), self.scope(organization).await, self.now())
    }

    /// Waits for what was written beside the requests.
    pub async fn settled(&self) {
        self.background.close();
        self.background.wait().await;
        self.background.reopen();
    }
}

pub fn browser() -> Origin {
    Origin { ip: Some([192, 0, 2, 7].into()), user_agent: Some("Firefox".into()) }
}
