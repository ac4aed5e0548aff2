//! From a URL to pools that behave alike: strict, in UTC, and not read on the way.
//!
//! TLS to a MySQL server is verified (`VERIFY_IDENTITY`) unless the server is this machine or the URL itself
//! names a weaker `ssl-mode`; a parameter that is not known is refused, so a slip of the pen cannot weaken it.

use super::{error::DbError, handle::Database, pool::Pool};
use sqlx::{
    ConnectOptions as _, Connection, Executor, MySqlConnection, MySqlPool, SqlitePool,
    mysql::{MySqlConnectOptions, MySqlPoolOptions, MySqlSslMode},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use std::{net::IpAddr, str::FromStr, time::Duration};
use url::Url;

/// What the settings may change.
#[derive(Clone, Copy, Debug)]
pub struct ConnectOptions {
    /// Connections to MySQL, or readers of SQLite, which has one writer besides.
    pub max_connections: u32,
    /// How long a caller waits for one of them.
    pub acquire_timeout: Duration,
}

impl Default for ConnectOptions {
    fn default() -> Self {
        Self { max_connections: 10, acquire_timeout: Duration::from_secs(30) }
    }
}

const FORMS: &str = "write it as sqlite:///path/tuner.db or mysql://user:password@host:3306/database";
const SQLITE_BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// The parameters that sqlx reads, save those that would change what we rely on.
const MYSQL_PARAMETERS: &[&str] =
    &["ssl-mode", "ssl-ca", "ssl-cert", "ssl-key", "socket", "statement-cache-capacity"];
const MYSQL_SESSION: &[&str] = &[
    "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,\
     NO_ENGINE_SUBSTITUTION,ONLY_FULL_GROUP_BY'",
    // Scans of different accounts must not wait for each other's gaps between rows.
    "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
];

impl Database {
    /// Opens the database; the schema is looked at by `migrate` and `check_schema`.
    pub async fn connect(url: &str, options: &ConnectOptions) -> Result<Self, DbError> {
        match url.split_once(':').map(|(scheme, _)| scheme) {
            Some("sqlite") => open_sqlite(url, options).await,
            Some("mysql" | "mariadb") => open_mysql(url, options).await,
            _ => Err(DbError::Url(FORMS.to_owned())),
        }
    }
}

async fn open_sqlite(url: &str, options: &ConnectOptions) -> Result<Database, DbError> {
    let parsed = SqliteConnectOptions::from_str(url).map_err(|_| DbError::Url(FORMS.to_owned()))?;
    let in_memory = url.contains(":memory:") || url.contains("mode=memory");
    let place = if in_memory { "memory".to_owned() } else { parsed.get_filename().display().to_string() };
    if !in_memory {
        create_private(parsed.get_filename());
    }
    let connect = parsed
        .create_if_missing(true)
        .foreign_keys(true)
        // What is deleted or replaced is overwritten: a free page must not keep what was encrypted or erased.
        .pragma("secure_delete", "ON")
        .journal_mode(SqliteJournalMode::Wal)
        // An action that was audited must stay audited after a power cut.
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(SQLITE_BUSY_TIMEOUT);
    let pool = |size: u32| {
        SqlitePoolOptions::new()
            .max_connections(size)
            // The last connection to leave would take the memory with it.
            .min_connections(u32::from(in_memory))
            .acquire_timeout(options.acquire_timeout)
    };
    let failed = |source| DbError::Unreachable { place: place.clone(), source };
    let write = pool(1).connect_with(connect.clone()).await.map_err(failed)?;
    let read: SqlitePool = if in_memory {
        write.clone()
    } else {
        let read_only = connect.pragma("query_only", "ON");
        pool(options.max_connections).connect_with(read_only).await.map_err(failed)?
    };
    Ok(Database::new(Pool::Sqlite { read, write }, place))
}

/// The file holds a customer's inventory: nobody else on the machine may read it.
fn create_private(path: &std::path::Path) {
    use std::os::unix::fs::OpenOptionsExt;
    // If it exists, its owner has decided; if it cannot be made, SQLite says why.
    let _ = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
}

async fn open_mysql(url: &str, options: &ConnectOptions) -> Result<Database, DbError> {
    let (connect, place) = mysql_options(url)?;
    // One connection by itself first: a pool would try for half a minute and hide the reason.
    let tried = tokio::time::timeout(options.acquire_timeout, try_mysql(&connect)).await;
    tried.unwrap_or(Err(sqlx::Error::PoolTimedOut)).map_err(|source| unreachable(place.clone(), source))?;
    let pool: MySqlPool = MySqlPoolOptions::new()
        .max_connections(options.max_connections)
        .acquire_timeout(options.acquire_timeout)
        .after_connect(|connection, _| Box::pin(prepare_session(connection)))
        .connect_lazy_with(connect);
    Ok(Database::new(Pool::MySql(pool), place))
}

/// A server that cannot prove who it is needs another answer than one that is not there.
fn unreachable(place: String, source: sqlx::Error) -> DbError {
    let untrusted = match &source {
        sqlx::Error::Tls(_) => true,
        sqlx::Error::Io(error) => {
            error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()).is_some()
        }
        _ => false,
    };
    if untrusted { DbError::Untrusted { place, source } } else { DbError::Unreachable { place, source } }
}

async fn try_mysql(connect: &MySqlConnectOptions) -> Result<(), sqlx::Error> {
    let mut connection = connect.connect().await?;
    prepare_session(&mut connection).await?;
    connection.close().await
}

async fn prepare_session(connection: &mut MySqlConnection) -> Result<(), sqlx::Error> {
    for statement in MYSQL_SESSION {
        connection.execute(*statement).await?;
    }
    Ok(())
}

fn mysql_options(url: &str) -> Result<(MySqlConnectOptions, String), DbError> {
    let forms = || DbError::Url(FORMS.to_owned());
    let url = Url::parse(url).map_err(|_| forms())?;
    let host = url.host_str().filter(|host| !host.is_empty()).ok_or_else(forms)?;
    let database = url.path().trim_start_matches('/');
    if database.is_empty() || database.contains('/') {
        return Err(DbError::Url(
            "it names no database: write mysql://user:password@host/database".to_owned(),
        ));
    }
    if let Some((name, _)) = url.query_pairs().find(|(name, _)| !MYSQL_PARAMETERS.contains(&name.as_ref())) {
        let known = MYSQL_PARAMETERS.join(", ");
        return Err(DbError::Url(format!("'{name}' is not one of its parameters ({known})")));
    }
    let parsed: MySqlConnectOptions = sqlx::ConnectOptions::from_url(&url)
        .map_err(|_| DbError::Url(format!("one of its parameters has a value that is not known; {FORMS}")))?;
    let named = |parameter: &str| url.query_pairs().any(|(name, _)| name == parameter);
    let verified = !(named("ssl-mode") || named("socket") || is_loopback(host));
    let parsed = if verified { parsed.ssl_mode(MySqlSslMode::VerifyIdentity) } else { parsed };
    let place = format!("{host}:{}/{database}", url.port().unwrap_or(3306));
    Ok((parsed.charset("utf8mb4").collation("utf8mb4_bin").timezone(Some("+00:00".to_owned())), place))
}

fn is_loopback(host: &str) -> bool {
    let ip = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host == "localhost" || ip.is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tls_of(url: &str) -> String {
        format!("{:?}", mysql_options(url).unwrap().0.get_ssl_mode())
    }

    #[test]
    fn tls_is_verified_unless_the_url_says_otherwise() {
        assert_eq!(tls_of("mysql://u:p@db.example.com/tuner"), "VerifyIdentity");
        assert_eq!(tls_of("mysql://u:p@10.0.0.5:3307/tuner?ssl-ca=/etc/ca.pem"), "VerifyIdentity");
        assert_eq!(tls_of("mysql://u:p@127.0.0.1:3307/tuner"), "Preferred");
        assert_eq!(tls_of("mysql://u:p@[::1]/tuner"), "Preferred");
        assert_eq!(tls_of("mysql://u:p@db.example.com/tuner?ssl-mode=REQUIRED"), "Required");
        assert_eq!(tls_of("mysql://u:p@localhost/tuner?ssl-mode=VERIFY_CA"), "VerifyCa");
    }

    #[test]
    fn a_wrong_url_is_refused_without_showing_it() {
        for url in [
            "mysql://u:secret@db.example.com",
            "mysql://u:secret@db.example.com/a/b",
            "mysql://u:secret@db.example.com/tuner?sslmod=DISABLED",
            "mysql://u:secret@db.example.com/tuner?time-zone=x",
            "mysql://u:secret@db.example.com/tuner?ssl-mode=SOMETIMES",
            "mysql://u:secret@db.example.com:port/tuner",
            "mysql://u:secret@/tuner",
        ] {
            let error = mysql_options(url).unwrap_err().to_string();
            assert!(!error.contains("secret"), "{error}");
            assert!(error.starts_with("the database URL is wrong: "), "{error}");
        }
    }
}
