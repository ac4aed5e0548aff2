//! An empty, migrated database of its own for each test, on both engines.

use super::mysql;
use jiff::Timestamp;
use sqlx::{
    AssertSqlSafe, ConnectOptions as _, Connection, Executor, SqliteConnection, mysql::MySqlConnectOptions,
    sqlite::SqliteConnectOptions,
};
use std::{ops::Deref, str::FromStr};
use tuner::{
    db::{ConnectOptions, Database},
    domain::clock::Clock,
    keys::{Master, MasterKey},
    seal::Masters,
};

pub struct TestDatabase {
    database: Database,
    pub url: String,
    on_server: Option<mysql::Urls>,
    _directory: Option<tempfile::TempDir>,
}

impl Deref for TestDatabase {
    type Target = Database;
    fn deref(&self) -> &Database {
        &self.database
    }
}

/// A moment that every test can count from.
pub fn noon() -> Timestamp {
    "2026-11-22T12:00:00.123456Z".parse().unwrap()
}

pub fn small_pool() -> ConnectOptions {
    ConnectOptions { max_connections: 3, ..ConnectOptions::default() }
}

/// A master key that every test knows.
pub fn test_master() -> Master {
    Master::Local(MasterKey::parse(&"5a".repeat(32)).unwrap())
}

/// A handle with the keys of what lies encrypted.
pub async fn open(url: &str) -> Database {
    let database = Database::connect(url, &small_pool()).await.unwrap();
    database.unlocked_by(Masters::new(test_master()), Clock::fixed(noon()))
}

impl TestDatabase {
    pub async fn sqlite() -> Self {
        let empty = Self::empty_sqlite().await;
        empty.migrate(noon()).await.unwrap();
        empty
    }

    pub async fn empty_sqlite() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", directory.path().join("tuner.db").display());
        let database = open(&url).await;
        Self { database, url, on_server: None, _directory: Some(directory) }
    }

    pub async fn mysql() -> Self {
        let empty = Self::empty_mysql().await;
        empty.migrate(noon()).await.unwrap();
        empty
    }

    pub async fn empty_mysql() -> Self {
        Self::empty_on(mysql::new_urls()).await
    }

    pub async fn empty_on(urls: mysql::Urls) -> Self {
        on_server(&urls, format!("CREATE DATABASE {}", urls.name)).await;
        let url = urls.database.clone();
        let database = open(&url).await;
        Self { database, url, on_server: Some(urls), _directory: None }
    }

    /// A second handle, as another process would have it.
    pub async fn another(&self) -> Database {
        open(&self.url).await
    }

    /// After a test that passed; a failed one leaves its database for a look.
    pub async fn remove(self) {
        self.database.close().await;
        if let Some(urls) = &self.on_server {
            on_server(urls, format!("DROP DATABASE {}", urls.name)).await;
        }
    }
}

async fn on_server(urls: &mysql::Urls, sql: String) {
    let mut connection = MySqlConnectOptions::from_str(&urls.server).unwrap().connect().await.unwrap();
    connection.execute(AssertSqlSafe(sql)).await.unwrap();
    connection.close().await.unwrap();
}

/// Runs each function once on SQLite and once on MySQL.
macro_rules! on_both_engines {
    ($($(#[$ignored:meta])* $name:ident),* $(,)?) => { $(
        mod $name {
            use crate::support::database::TestDatabase;

            #[tokio::test]
            $(#[$ignored])*
            async fn sqlite() {
                let db = TestDatabase::sqlite().await;
                super::$name(&db).await;
                db.remove().await;
            }

            #[tokio::test]
            $(#[$ignored])*
            async fn mysql() {
                let db = TestDatabase::mysql().await;
                super::$name(&db).await;
                db.remove().await;
            }
        }
    )* };
}
pub(crate) use on_both_engines;

/// What a test does behind the back of the database layer.
impl TestDatabase {
    pub const fn is_mysql(&self) -> bool {
        self.on_server.is_some()
    }

    /// The URL of a user who may do everything but change or delete what was audited.
    pub async fn url_of_user_without_audit_rights(&self) -> String {
        let urls = self.on_server.as_ref().unwrap();
        let user = urls.name.replace("tuner_test", "app");
        on_server(urls, format!("CREATE USER {user}@localhost")).await;
        let tables = "SELECT CONVERT(table_name USING utf8mb4) FROM information_schema.tables WHERE table_schema = DATABASE()";
        for table in self.texts(tables.to_owned()).await {
            let rights =
                if table == "audit_entry" { "SELECT, INSERT" } else { "SELECT, INSERT, UPDATE, DELETE" };
            on_server(urls, format!("GRANT {rights} ON {}.{table} TO {user}@localhost", urls.name)).await;
        }
        let mut url = url::Url::parse(&self.url).unwrap();
        url.set_username(&user).unwrap();
        url.into()
    }

    /// Runs a statement of the test's own.
    pub async fn run(&self, sql: &'static str) {
        if self.is_mysql() {
            let mut connection = MySqlConnectOptions::from_str(&self.url).unwrap().connect().await.unwrap();
            connection.execute(sql).await.unwrap();
        } else {
            let mut connection = SqliteConnectOptions::from_str(&self.url).unwrap().connect().await.unwrap();
            connection.execute(sql).await.unwrap();
        }
    }

    pub async fn run_text(&self, sql: String) {
        if self.is_mysql() {
            let mut connection = MySqlConnectOptions::from_str(&self.url).unwrap().connect().await.unwrap();
            connection.execute(AssertSqlSafe(sql)).await.unwrap();
        } else {
            let mut connection = SqliteConnectOptions::from_str(&self.url).unwrap().connect().await.unwrap();
            connection.execute(AssertSqlSafe(sql)).await.unwrap();
        }
    }

    /// Nobody else writes to SQLite's file while this connection lives.
    pub async fn lock_file(&self) -> SqliteConnection {
        let mut connection = SqliteConnectOptions::from_str(&self.url).unwrap().connect().await.unwrap();
        connection.execute("BEGIN IMMEDIATE").await.unwrap();
        connection
    }

    /// What may have been overtaken by the server itself.
    pub async fn try_text(&self, sql: String) {
        let mut connection = MySqlConnectOptions::from_str(&self.url).unwrap().connect().await.unwrap();
        let _ = connection.execute(AssertSqlSafe(sql)).await;
    }

    /// The first column of each row, as text.
    pub async fn texts(&self, sql: String) -> Vec<String> {
        if self.is_mysql() {
            let mut connection = MySqlConnectOptions::from_str(&self.url).unwrap().connect().await.unwrap();
            sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(&mut connection).await.unwrap()
        } else {
            let mut connection = SqliteConnectOptions::from_str(&self.url).unwrap().connect().await.unwrap();
            sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(&mut connection).await.unwrap()
        }
    }
}
