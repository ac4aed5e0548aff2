//! What can go wrong with the database, each said in one line that names the operation.
//!
//! Invariant: no text here holds a password or a bound value.

use crate::{domain::ids::AccountId, seal::SealError};

#[derive(Debug, thiserror::Error)]
pub enum DbError {
    #[error("the database URL is wrong: {0}")]
    Url(String),
    #[error("cannot reach the database at {place}: {source}")]
    Unreachable { place: String, source: sqlx::Error },
    #[error(
        "the connection to the database at {place} cannot be trusted ({source}): give the certificate of its \
         authority as ?ssl-ca=/path/ca.pem, or a weaker ssl-mode where the way to it is safe by itself"
    )]
    Untrusted { place: String, source: sqlx::Error },
    #[error(
        "the database has schema version {found}, this tuner knows versions up to {known}: \
         start the tuner that wrote it, or a newer one"
    )]
    SchemaNewer { found: u32, known: u32 },
    #[error("the database has schema version {found}, this tuner needs {known}: run `tuner db migrate`")]
    SchemaOlder { found: u32, known: u32 },
    #[error("migration {version} was applied with another text than this tuner has: restore its file")]
    MigrationChanged { version: u32 },
    #[error("migration {version} failed at its statement {statement}: {source}")]
    MigrationFailed { version: u32, statement: u32, source: sqlx::Error },
    #[error("another process has been migrating the database for {waited_secs} seconds: try again later")]
    MigrationLocked { waited_secs: u32 },
    #[error("there is no such {0}")]
    NotFound(&'static str),
    #[error("this {0} exists already")]
    Conflict(&'static str),
    #[error("the organisation would have nobody left who administers it")]
    LastAdministrator,
    #[error("the scan of account {0} has lost its lease to another one")]
    LeaseLost(AccountId),
    /// Another server works on these accounts now: what it finds counts.
    #[error("the lease on a part of the accounts is another's now, or has run out")]
    ShardLost,
    /// A deadlock, a lock that was not released in time, or no free connection: worth another try.
    #[error("the database is busy with other work ({operation}): {source}")]
    Busy { operation: &'static str, source: sqlx::Error },
    #[error("the database holds a value for {0} that this tuner cannot read")]
    Corrupt(&'static str),
    #[error(transparent)]
    Sealed(#[from] SealError),
    /// The handle was not given the keys: a slip of whoever opened it.
    #[error("this connection to the database was opened without the keys of its sealed values")]
    Locked,
    #[error("the database refused {operation}: {source}")]
    Query { operation: &'static str, source: sqlx::Error },
}

impl DbError {
    /// Names what failed; tells apart what a caller can act upon.
    pub(super) fn of(operation: &'static str, source: sqlx::Error) -> Self {
        if is_busy(&source) { Self::Busy { operation, source } } else { Self::Query { operation, source } }
    }

    /// The same error, as a conflict about `what` if that is what it is.
    pub(super) fn or_conflict(self, what: &'static str) -> Self {
        match &self {
            Self::Query { source, .. } if is_unique_violation(source) => Self::Conflict(what),
            _ => self,
        }
    }

    /// The same error, as a missing `what` if a foreign key says so.
    pub(super) fn or_missing(self, what: &'static str) -> Self {
        match &self {
            Self::Query { source, .. }
                if source
                    .as_database_error()
                    .is_some_and(sqlx::error::DatabaseError::is_foreign_key_violation) =>
            {
                Self::NotFound(what)
            }
            _ => self,
        }
    }
}

fn is_unique_violation(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(sqlx::error::DatabaseError::is_unique_violation)
}

/// SQLite's BUSY and its kinds; MySQL's lock wait timeout and deadlock.
fn is_busy(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::PoolTimedOut => true,
        sqlx::Error::Database(e) => match e.try_downcast_ref::<sqlx::mysql::MySqlDatabaseError>() {
            Some(mysql) => matches!(mysql.number(), 1205 | 1213),
            None => e.code().is_some_and(|code| matches!(code.as_ref(), "5" | "6" | "261" | "517")),
        },
        _ => false,
    }
}
