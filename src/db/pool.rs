//! The two engines behind one set of calls: a query is a text, its values and the name of its operation.

use super::{
    error::DbError,
    stmt::Text,
    value::{Value, mysql_arguments, sqlite_arguments},
};
use futures_util::TryStreamExt;
use sqlx::{
    FromRow, MySql, MySqlPool, SqlSafeStr, SqlStr, Sqlite, SqlitePool, Transaction, mysql::MySqlRow,
    sqlite::SqliteRow,
};

/// A row type that both engines can fill.
pub trait Row:
    for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, MySqlRow> + Send + Unpin + 'static
{
}
impl<T> Row for T where
    T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, MySqlRow> + Send + Unpin + 'static
{
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Engine {
    Sqlite,
    MySql,
}

impl Engine {
    pub(super) const fn text(self, text: &Text) -> &'static str {
        match self {
            Self::Sqlite => text.sqlite,
            Self::MySql => text.mysql,
        }
    }
}

/// One statement, ready to run.
pub(super) struct Query {
    pub(super) operation: &'static str,
    pub(super) sql: SqlStr,
    pub(super) values: Vec<Value>,
    /// Texts of ever new lengths would push the others out of the cache of prepared statements.
    pub(super) cached: bool,
}

impl Query {
    pub(super) fn new(engine: Engine, text: &Text, values: Vec<Value>) -> Self {
        Self { operation: text.name, sql: engine.text(text).into_sql_str(), values, cached: true }
    }
}

/// SQLite has one writer and many readers; MySQL has connections.
#[derive(Clone, Debug)]
pub(super) enum Pool {
    Sqlite { read: SqlitePool, write: SqlitePool },
    MySql(MySqlPool),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Connections {
    pub busy: u32,
    pub idle: u32,
}

impl Pool {
    pub(super) fn connections(&self) -> Connections {
        let (open, idle) = match self {
            Self::Sqlite { read, write } => (read.size() + write.size(), read.num_idle() + write.num_idle()),
            Self::MySql(pool) => (pool.size(), pool.num_idle()),
        };
        let idle = u32::try_from(idle).unwrap_or(u32::MAX).min(open);
        Connections { busy: open - idle, idle }
    }
}

pub(super) enum Tx {
    Sqlite(Transaction<'static, Sqlite>),
    MySql(Transaction<'static, MySql>),
}

/// Fetches rows from whatever executes the query and names the operation in its error.
macro_rules! rows {
    ($query:expr, $arguments:ident, $row:ty, $method:ident, $executor:expr) => {{
        let Query { operation, sql, values, cached } = $query;
        let arguments = $arguments(values).map_err(|e| DbError::of(operation, sqlx::Error::Encode(e)))?;
        sqlx::query_as_with::<_, $row, _>(sql, arguments)
            .persistent(cached)
            .$method($executor)
            .await
            .map_err(|e| DbError::of(operation, e))
    }};
}

/// The same for a query that gives no rows: how many it matched.
macro_rules! run {
    ($query:expr, $arguments:ident, $executor:expr) => {{
        let Query { operation, sql, values, cached } = $query;
        let arguments = $arguments(values).map_err(|e| DbError::of(operation, sqlx::Error::Encode(e)))?;
        sqlx::query_with(sql, arguments)
            .persistent(cached)
            .execute($executor)
            .await
            .map(|done| done.rows_affected())
            .map_err(|e| DbError::of(operation, e))
    }};
}

impl Pool {
    pub(super) const fn engine(&self) -> Engine {
        match self {
            Self::Sqlite { .. } => Engine::Sqlite,
            Self::MySql(_) => Engine::MySql,
        }
    }

    /// The number of rows that matched.
    pub(super) async fn execute(&self, query: Query) -> Result<u64, DbError> {
        match self {
            Self::Sqlite { write, .. } => run!(query, sqlite_arguments, write),
            Self::MySql(pool) => run!(query, mysql_arguments, pool),
        }
    }

    pub(super) async fn fetch_all<T: Row>(&self, query: Query) -> Result<Vec<T>, DbError> {
        match self {
            Self::Sqlite { read, .. } => rows!(query, sqlite_arguments, T, fetch_all, read),
            Self::MySql(pool) => rows!(query, mysql_arguments, T, fetch_all, pool),
        }
    }

    pub(super) async fn fetch_optional<T: Row>(&self, query: Query) -> Result<Option<T>, DbError> {
        match self {
            Self::Sqlite { read, .. } => rows!(query, sqlite_arguments, T, fetch_optional, read),
            Self::MySql(pool) => rows!(query, mysql_arguments, T, fetch_optional, pool),
        }
    }

    /// A transaction that may write: on SQLite it holds the write lock from its start.
    pub(super) async fn begin(&self) -> Result<Tx, DbError> {
        let begun = match self {
            Self::Sqlite { write, .. } => write.begin_with("BEGIN IMMEDIATE").await.map(Tx::Sqlite),
            Self::MySql(pool) => pool.begin().await.map(Tx::MySql),
        };
        begun.map_err(|e| DbError::of("BEGIN", e))
    }
}

impl Tx {
    pub(super) const fn engine(&self) -> Engine {
        match self {
            Self::Sqlite(_) => Engine::Sqlite,
            Self::MySql(_) => Engine::MySql,
        }
    }

    pub(super) async fn execute(&mut self, query: Query) -> Result<u64, DbError> {
        match self {
            Self::Sqlite(tx) => run!(query, sqlite_arguments, &mut **tx),
            Self::MySql(tx) => run!(query, mysql_arguments, &mut **tx),
        }
    }

    pub(super) async fn fetch_all<T: Row>(&mut self, query: Query) -> Result<Vec<T>, DbError> {
        match self {
            Self::Sqlite(tx) => rows!(query, sqlite_arguments, T, fetch_all, &mut **tx),
            Self::MySql(tx) => rows!(query, mysql_arguments, T, fetch_all, &mut **tx),
        }
    }

    pub(super) async fn fetch_optional<T: Row>(&mut self, query: Query) -> Result<Option<T>, DbError> {
        match self {
            Self::Sqlite(tx) => rows!(query, sqlite_arguments, T, fetch_optional, &mut **tx),
            Self::MySql(tx) => rows!(query, mysql_arguments, T, fetch_optional, &mut **tx),
        }
    }

    /// Row by row, for results that should not be held as a whole.
    pub(super) async fn fetch_each<T: Row>(
        &mut self,
        query: Query,
        mut each: impl FnMut(T) + Send,
    ) -> Result<(), DbError> {
        let Query { operation, sql, values, .. } = query;
        let failed = |e| DbError::of(operation, e);
        let encoded = |e| DbError::of(operation, sqlx::Error::Encode(e));
        match self {
            Self::Sqlite(tx) => {
                let arguments = sqlite_arguments(values).map_err(encoded)?;
                let mut rows = sqlx::query_as_with::<_, T, _>(sql, arguments).fetch(&mut **tx);
                while let Some(row) = rows.try_next().await.map_err(failed)? {
                    each(row);
                }
            }
            Self::MySql(tx) => {
                let arguments = mysql_arguments(values).map_err(encoded)?;
                let mut rows = sqlx::query_as_with::<_, T, _>(sql, arguments).fetch(&mut **tx);
                while let Some(row) = rows.try_next().await.map_err(failed)? {
                    each(row);
                }
            }
        }
        Ok(())
    }

    pub(super) async fn commit(self) -> Result<(), DbError> {
        let done = match self {
            Self::Sqlite(tx) => tx.commit().await,
            Self::MySql(tx) => tx.commit().await,
        };
        done.map_err(|e| DbError::of("COMMIT", e))
    }
}

impl Pool {
    /// Lets the engine read a statement without running it.
    pub(super) async fn prepare(&self, text: &Text) -> Result<(), sqlx::Error> {
        use sqlx::Executor;
        let sql = self.engine().text(text).into_sql_str();
        match self {
            Self::Sqlite { read, .. } => read.prepare(sql).await.map(drop),
            Self::MySql(pool) => pool.prepare(sql).await.map(drop),
        }
    }
}
