//! Brings the schema to the version that this binary knows, under a lock.
//!
//! SQLite does it in one transaction. MySQL commits at each DDL statement, so the number of statements done is
//! kept and a migration that broke off goes on where it stopped. Nothing is ever migrated backwards.

use super::{
    error::DbError,
    handle::Database,
    pool::{Engine, Query, Tx},
    stmt::{Text, statements},
    value::{Value, values},
};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use sqlx::SqlSafeStr;

struct Migration {
    version: u32,
    name: &'static str,
    text: Text,
}

macro_rules! migrations {
    ($($version:literal $name:literal),* $(,)?) => {
        const MIGRATIONS: &[Migration] = &[$(Migration {
            version: $version,
            name: $name,
            text: Text {
                name: $name,
                sqlite: include_str!(concat!("../../migrations/sqlite/", $name, ".sql")),
                mysql: include_str!(concat!("../../migrations/mysql/", $name, ".sql")),
            },
        }),*];
    };
}

migrations! { 1 "0001_first", 2 "0002_audit", 3 "0003_sign_in", 4 "0004_encryption", 5 "0005_oidc", 6 "0006_scheduler", 7 "0007_webhooks", 8 "0008_scan_settings", 9 "0009_control", 10 "0010_scan_lists", 11 "0011_savings_ledger", 12 "0012_foreign_cost", 13 "0013_savings_at_list_price", 14 "0014_cost_forecast" }

const LOCK_SECS: u32 = 60;

statements! {
    global CREATE_HISTORY {
        sqlite: "CREATE TABLE IF NOT EXISTS schema_migration (version INTEGER NOT NULL, name TEXT NOT NULL, checksum BLOB NOT NULL, statements_done INTEGER NOT NULL, applied_at TEXT NULL, PRIMARY KEY (version)) STRICT",
        mysql: "CREATE TABLE IF NOT EXISTS schema_migration (version BIGINT NOT NULL, name VARCHAR(190) NOT NULL, checksum BINARY(32) NOT NULL, statements_done BIGINT NOT NULL, applied_at DATETIME(6) NULL, PRIMARY KEY (version)) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin"
    }
    global HISTORY_EXISTS {
        sqlite: "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = 'schema_migration'",
        mysql: "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = 'schema_migration'"
    }
    global HISTORY { "SELECT version, checksum, statements_done, applied_at FROM schema_migration ORDER BY version" }
    global NEWEST { "SELECT COALESCE(MAX(version), 0) FROM schema_migration WHERE applied_at IS NOT NULL" }
    global BEGIN_MIGRATION { "INSERT INTO schema_migration (version, name, checksum, statements_done) VALUES (?, ?, ?, 0)" }
    global COUNT_STATEMENT { "UPDATE schema_migration SET statements_done = ? WHERE version = ?" }
    global END_MIGRATION { "UPDATE schema_migration SET applied_at = ? WHERE version = ?" }
    global LOCK {
        sqlite: "SELECT 1",
        mysql: "SELECT GET_LOCK(CONCAT('tuner.migrate.', LEFT(DATABASE(), 40)), 60)"
    }
    global UNLOCK {
        sqlite: "SELECT 1",
        mysql: "SELECT RELEASE_LOCK(CONCAT('tuner.migrate.', LEFT(DATABASE(), 40)))"
    }
}

/// Versions, counted from 1; 0 is an empty database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SchemaStatus {
    pub applied: u32,
    pub known: u32,
}

impl SchemaStatus {
    /// The database was written by a newer tuner.
    #[must_use]
    pub const fn is_newer(self) -> bool {
        self.applied > self.known
    }

    #[must_use]
    pub const fn is_current(self) -> bool {
        self.applied == self.known
    }
}

#[derive(sqlx::FromRow)]
struct HistoryRow {
    version: i64,
    checksum: Vec<u8>,
    statements_done: i64,
    applied_at: Option<chrono::DateTime<chrono::Utc>>,
}

fn newest_known() -> u32 {
    MIGRATIONS.iter().map(|migration| migration.version).max().unwrap_or_default()
}

fn version_of(number: i64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

impl Database {
    pub async fn schema_status(&self) -> Result<SchemaStatus, DbError> {
        let known = newest_known();
        let exists: Option<(i64,)> = self.fetch_optional(HISTORY_EXISTS, vec![]).await?;
        if exists.is_none_or(|(tables,)| tables == 0) {
            return Ok(SchemaStatus { applied: 0, known });
        }
        let newest: Option<(i64,)> = self.fetch_optional(NEWEST, vec![]).await?;
        Ok(SchemaStatus { applied: newest.map_or(0, |(version,)| version_of(version)), known })
    }

    /// Refuses a schema that this binary does not know exactly.
    pub async fn check_schema(&self) -> Result<(), DbError> {
        let SchemaStatus { applied: found, known } = self.schema_status().await?;
        match found.cmp(&known) {
            std::cmp::Ordering::Greater => Err(DbError::SchemaNewer { found, known }),
            std::cmp::Ordering::Less => Err(DbError::SchemaOlder { found, known }),
            std::cmp::Ordering::Equal => Ok(()),
        }
    }

    /// Safe to call from many processes at once: one works, the others wait and find it done.
    pub async fn migrate(&self, now: Timestamp) -> Result<SchemaStatus, DbError> {
        let mut tx = self.pool().begin().await?;
        let locked: Option<(Option<i64>,)> = tx.fetch_optional(query(&tx, LOCK.0, vec![])).await?;
        if locked.and_then(|(got,)| got) != Some(1) {
            return Err(DbError::MigrationLocked { waited_secs: LOCK_SECS });
        }
        let migrated = apply_all(&mut tx, now).await;
        // The connection goes back to the pool: without this it would keep the lock.
        let unlock = query(&tx, UNLOCK.0, vec![]);
        let unlocked: Result<Option<(Option<i64>,)>, _> = tx.fetch_optional(unlock).await;
        migrated?;
        unlocked?;
        tx.commit().await?;
        self.schema_status().await
    }
}

fn query(tx: &Tx, text: Text, values: Vec<Value>) -> Query {
    Query::new(tx.engine(), &text, values)
}

async fn apply_all(tx: &mut Tx, now: Timestamp) -> Result<(), DbError> {
    // A database user that may not create tables can still start where there is nothing to do.
    let exists = query(tx, HISTORY_EXISTS.0, vec![]);
    let exists: Option<(i64,)> = tx.fetch_optional(exists).await?;
    if exists.is_none_or(|(tables,)| tables == 0) {
        let create = query(tx, CREATE_HISTORY.0, vec![]);
        tx.execute(create).await?;
    }
    let history = query(tx, HISTORY.0, vec![]);
    let applied: Vec<HistoryRow> = tx.fetch_all(history).await?;
    let (found, known) = (applied.iter().map(|a| version_of(a.version)).max().unwrap_or(0), newest_known());
    if found > known {
        return Err(DbError::SchemaNewer { found, known });
    }
    for migration in MIGRATIONS {
        let before = applied.iter().find(|a| version_of(a.version) == migration.version);
        apply(tx, migration, before, now).await?;
    }
    Ok(())
}

async fn apply(
    tx: &mut Tx,
    migration: &Migration,
    before: Option<&HistoryRow>,
    now: Timestamp,
) -> Result<(), DbError> {
    let version = migration.version;
    let sql = tx.engine().text(&migration.text);
    let checksum: [u8; 32] = Sha256::digest(sql.as_bytes()).into();
    let done = match before {
        Some(before) if before.checksum != checksum => return Err(DbError::MigrationChanged { version }),
        Some(before) if before.applied_at.is_some() => return Ok(()),
        Some(before) => version_of(before.statements_done),
        None => {
            let begin = query(tx, BEGIN_MIGRATION.0, values![version, migration.name, checksum]);
            tx.execute(begin).await?;
            0
        }
    };
    for (number, statement) in (1..).zip(split(sql)).filter(|(number, _)| *number > done) {
        let resumed = before.is_some() && number == done + 1;
        run_statement(tx, statement, resumed).await.map_err(|source| DbError::MigrationFailed {
            version,
            statement: number,
            source,
        })?;
        let count = query(tx, COUNT_STATEMENT.0, values![number, version]);
        tx.execute(count).await?;
    }
    let end = query(tx, END_MIGRATION.0, values![now, version]);
    tx.execute(end).await.map(drop)
}

/// A migration's statements. Our files hold no semicolon inside a text and no trigger.
fn split(sql: &'static str) -> impl Iterator<Item = &'static str> {
    sql.split(';').map(after_comments).filter(|statement| !statement.is_empty())
}

fn after_comments(statement: &'static str) -> &'static str {
    let mut rest = statement.trim();
    while let Some(comment) = rest.strip_prefix("--") {
        rest = comment.split_once('\n').map_or("", |(_, next)| next.trim_start());
    }
    rest
}

/// The first statement after an interruption may have been done without being counted.
async fn run_statement(tx: &mut Tx, statement: &'static str, resumed: bool) -> Result<(), sqlx::Error> {
    let query = Query { operation: "MIGRATE", sql: statement.into_sql_str(), values: vec![], cached: false };
    match tx.execute(query).await {
        Ok(_) => Ok(()),
        Err(DbError::Query { source, .. } | DbError::Busy { source, .. }) => {
            if resumed && tx.engine() == Engine::MySql && exists_already(&source) {
                Ok(())
            } else {
                Err(source)
            }
        }
        Err(_) => Err(sqlx::Error::WorkerCrashed),
    }
}

/// Table, column and index that exist; column or index that is gone.
fn exists_already(error: &sqlx::Error) -> bool {
    error
        .as_database_error()
        .and_then(|e| e.try_downcast_ref::<sqlx::mysql::MySqlDatabaseError>())
        .is_some_and(|e| matches!(e.number(), 1050 | 1060 | 1061 | 1091))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_count_up_from_one() {
        let versions: Vec<u32> = MIGRATIONS.iter().map(|migration| migration.version).collect();
        assert_eq!(versions, (1..=newest_known()).collect::<Vec<_>>());
        for migration in MIGRATIONS {
            assert!(migration.name.starts_with(&format!("{:04}_", migration.version)), "{}", migration.name);
        }
    }

    #[test]
    fn files_are_split_into_statements_without_comments() {
        let statements: Vec<&str> =
            split("-- a\nCREATE x (\n a INT\n);\n\n-- c\n-- d\nCREATE y;\n").collect();
        assert_eq!(statements, ["CREATE x (\n a INT\n)", "CREATE y"]);
    }
}
