//! The handle on the database, and the one on an organisation's part of it.
//!
//! Invariant: the pool is private to this file. Tenant statements run only through [`OrgDb`] and
//! [`OrgTx`], which put the organisation of their scope where the statement binds it.

use super::{
    batch::Batch,
    data_key::KeyTable,
    dynamic::{Listing, repeated},
    error::DbError,
    pool::{Connections, Engine, Pool, Query, Row, Tx},
    stmt::{Global, Scoped, Text, statements},
    value::Value,
};
use crate::{
    domain::{
        clock::Clock,
        ids::{AccountId, OrgKey, OrganizationId, RunId},
        schedule::Shard,
        scope::{AccountAccess, OrgScope},
    },
    seal::{Masters, Vault},
};
use jiff::Timestamp;
use std::collections::BTreeSet;

statements! {
    global PING { "SELECT 1" }
    global HOLD_ORGANIZATION { "UPDATE organization SET name = name WHERE id = ?" }
    global HOLD_SHARDS { "UPDATE scheduler_shard SET fence = fence WHERE holder = ? AND until_at > ? AND shard IN (?)" }
}

#[derive(Clone, Debug)]
pub struct Database {
    pool: Pool,
    /// Where it is, without user and password.
    place: String,
    /// None until the keys are there: then nothing sealed can be read or written.
    vault: Option<Vault>,
}

impl Database {
    pub(super) const fn new(pool: Pool, place: String) -> Self {
        Self { pool, place, vault: None }
    }

    /// The same database with the keys of what lies encrypted in it.
    #[must_use]
    pub fn unlocked_by(self, masters: Masters, clock: Clock) -> Self {
        let vault = Vault::new(Box::new(KeyTable::of(&self)), masters, clock);
        Self { vault: Some(vault), ..self }
    }

    /// What seals and opens single values of this database.
    pub fn vault(&self) -> Result<&Vault, DbError> {
        self.vault.as_ref().ok_or(DbError::Locked)
    }

    pub(super) const fn pool(&self) -> &Pool {
        &self.pool
    }

    #[must_use]
    pub fn place(&self) -> &str {
        &self.place
    }

    /// The tenant tables as this scope may see them.
    #[must_use]
    pub const fn scoped<'a>(&'a self, scope: &'a OrgScope) -> OrgDb<'a> {
        OrgDb { pool: &self.pool, vault: self.vault.as_ref(), scope }
    }

    /// The whole organisation, for timers and the command line on the server's machine; never for a request.
    #[must_use]
    pub fn system_scope(&self, key: OrgKey, organization: OrganizationId) -> OrgScope {
        OrgScope::of_system(key, organization)
    }

    pub async fn ping(&self) -> Result<(), DbError> {
        self.fetch_optional::<(i64,)>(PING, vec![]).await.map(drop)
    }

    /// Of this process, at this moment.
    #[must_use]
    pub fn connections(&self) -> Connections {
        self.pool.connections()
    }

    /// Closes every connection; open transactions are rolled back.
    pub async fn close(&self) {
        match &self.pool {
            Pool::Sqlite { read, write } => {
                read.close().await;
                write.close().await;
            }
            Pool::MySql(pool) => pool.close().await,
        }
    }

    /// Asks the engine to prepare each statement; gives back those that it refuses. For tests.
    pub async fn refused_statements(&self, all: &[Text]) -> Vec<String> {
        let mut refused = Vec::new();
        for text in all {
            if let Err(error) = self.pool.prepare(text).await {
                refused.push(format!("{}: {error}", text.name));
            }
        }
        refused
    }

    pub(super) async fn execute(&self, statement: Global, values: Vec<Value>) -> Result<u64, DbError> {
        self.pool.execute(Query::new(self.pool.engine(), &statement.0, values)).await
    }

    pub(super) async fn fetch_all<T: Row>(
        &self,
        statement: Global,
        values: Vec<Value>,
    ) -> Result<Vec<T>, DbError> {
        self.pool.fetch_all(Query::new(self.pool.engine(), &statement.0, values)).await
    }

    pub(super) async fn fetch_optional<T: Row>(
        &self,
        statement: Global,
        values: Vec<Value>,
    ) -> Result<Option<T>, DbError> {
        self.pool.fetch_optional(Query::new(self.pool.engine(), &statement.0, values)).await
    }
}

impl Database {
    /// Sends an INSERT with as many rows as the batch holds.
    pub(super) async fn flush(&self, statement: Global, batch: &mut Batch) -> Result<(), DbError> {
        let (rows, values) = batch.take();
        if rows > 0 {
            self.pool.execute(repeated(self.pool.engine(), &statement.0, rows, values)).await?;
        }
        Ok(())
    }

    /// Runs a statement that ends in `IN (?)` for a whole list.
    pub(super) async fn execute_in(
        &self,
        statement: Global,
        mut values: Vec<Value>,
        list: Vec<Value>,
    ) -> Result<u64, DbError> {
        let times = list.len();
        values.extend(list);
        self.pool.execute(repeated(self.pool.engine(), &statement.0, times, values)).await
    }

    /// The same for rows.
    pub(super) async fn fetch_in<T: Row>(
        &self,
        statement: Global,
        mut values: Vec<Value>,
        list: Vec<Value>,
    ) -> Result<Vec<T>, DbError> {
        let times = list.len();
        values.extend(list);
        self.pool.fetch_all(repeated(self.pool.engine(), &statement.0, times, values)).await
    }
}

/// One organisation's tables. What the scope may not see is as if it did not exist.
#[derive(Clone, Copy, Debug)]
pub struct OrgDb<'a> {
    pool: &'a Pool,
    vault: Option<&'a Vault>,
    scope: &'a OrgScope,
}

/// Puts the organisation where the statement binds it.
pub(super) fn with_org(engine: Engine, org: OrgKey, statement: Scoped, mut values: Vec<Value>) -> Query {
    values.insert(statement.org_at.min(values.len()), org.into());
    Query::new(engine, &statement.text, values)
}

impl OrgDb<'_> {
    pub(super) const fn org(&self) -> OrgKey {
        self.scope.key()
    }

    pub(super) const fn scope(&self) -> &OrgScope {
        self.scope
    }

    pub(super) fn vault(&self) -> Result<&Vault, DbError> {
        self.vault.ok_or(DbError::Locked)
    }

    pub(super) const fn access(&self) -> &AccountAccess {
        self.scope.accounts()
    }

    /// An account that was not granted is missing.
    pub(super) fn require(&self, account: AccountId, what: &'static str) -> Result<(), DbError> {
        if self.access().sees(account) { Ok(()) } else { Err(DbError::NotFound(what)) }
    }

    pub(super) fn listing(&self, head: Scoped) -> Listing {
        Listing::new(self.pool.engine(), self.org(), head)
    }

    /// The same, where the head's own conditions bind values behind the organisation.
    pub(super) fn listing_with(&self, head: Scoped, values: Vec<Value>) -> Listing {
        Listing::with(self.pool.engine(), self.org(), head, values)
    }

    pub(super) async fn list<T: Row>(&self, listing: Listing) -> Result<Vec<T>, DbError> {
        self.pool.fetch_all(listing.into_query()).await
    }

    pub(super) async fn execute(&self, statement: Scoped, values: Vec<Value>) -> Result<u64, DbError> {
        self.pool.execute(with_org(self.pool.engine(), self.org(), statement, values)).await
    }

    pub(super) async fn fetch_all<T: Row>(
        &self,
        statement: Scoped,
        values: Vec<Value>,
    ) -> Result<Vec<T>, DbError> {
        self.pool.fetch_all(with_org(self.pool.engine(), self.org(), statement, values)).await
    }

    pub(super) async fn fetch_optional<T: Row>(
        &self,
        statement: Scoped,
        values: Vec<Value>,
    ) -> Result<Option<T>, DbError> {
        self.pool.fetch_optional(with_org(self.pool.engine(), self.org(), statement, values)).await
    }

    pub(super) async fn begin(&self) -> Result<OrgTx, DbError> {
        Ok(OrgTx { tx: self.pool.begin().await?, org: self.org() })
    }
}

/// A writing transaction on one organisation's tables; dropped without a commit, it never happened.
pub(super) struct OrgTx {
    tx: Tx,
    org: OrgKey,
}

impl OrgTx {
    /// For the rest of the transaction nobody else holds it: for rules that count over several rows.
    pub(super) async fn hold_organization(&mut self) -> Result<(), DbError> {
        let hold = Query::new(self.tx.engine(), &HOLD_ORGANIZATION.0, vec![self.org.into()]);
        self.tx.execute(hold).await.map(drop)
    }

    /// For the rest of the transaction nobody takes these leases. False where one of them is another's already,
    /// or has run out.
    pub(super) async fn hold_shards(
        &mut self,
        holder: RunId,
        shards: &BTreeSet<Shard>,
        now: Timestamp,
    ) -> Result<bool, DbError> {
        let mut values = vec![holder.into(), now.into()];
        values.extend(shards.iter().map(|shard| Value::from(*shard)));
        let hold = repeated(self.tx.engine(), &HOLD_SHARDS.0, shards.len(), values);
        Ok(self.tx.execute(hold).await? == u64::try_from(shards.len()).unwrap_or(u64::MAX))
    }

    pub(super) async fn execute(&mut self, statement: Scoped, values: Vec<Value>) -> Result<u64, DbError> {
        self.tx.execute(with_org(self.tx.engine(), self.org, statement, values)).await
    }

    pub(super) async fn fetch_all<T: Row>(
        &mut self,
        statement: Scoped,
        values: Vec<Value>,
    ) -> Result<Vec<T>, DbError> {
        self.tx.fetch_all(with_org(self.tx.engine(), self.org, statement, values)).await
    }

    pub(super) async fn fetch_optional<T: Row>(
        &mut self,
        statement: Scoped,
        values: Vec<Value>,
    ) -> Result<Option<T>, DbError> {
        self.tx.fetch_optional(with_org(self.tx.engine(), self.org, statement, values)).await
    }

    pub(super) async fn fetch_each<T: Row>(
        &mut self,
        statement: Scoped,
        values: Vec<Value>,
        each: impl FnMut(T) + Send,
    ) -> Result<(), DbError> {
        self.tx.fetch_each(with_org(self.tx.engine(), self.org, statement, values), each).await
    }

    /// A row of the batch must leave out the organisation: it is put first here.
    pub(super) fn push(&self, batch: &mut Batch, mut row: Vec<Value>) {
        row.insert(0, self.org.into());
        batch.push(row);
    }

    /// Sends an INSERT with as many rows as the batch holds.
    pub(super) async fn flush(&mut self, statement: Scoped, batch: &mut Batch) -> Result<(), DbError> {
        let (rows, values) = batch.take();
        if rows > 0 {
            self.tx.execute(repeated(self.tx.engine(), &statement.text, rows, values)).await?;
        }
        Ok(())
    }

    /// Runs a statement that ends in `IN (?)` for a whole list.
    pub(super) async fn execute_in(
        &mut self,
        statement: Scoped,
        fixed: Vec<Value>,
        list: Vec<Value>,
    ) -> Result<u64, DbError> {
        if list.is_empty() {
            return Ok(0);
        }
        let query = self.query_in(statement, fixed, list);
        self.tx.execute(query).await
    }

    pub(super) async fn fetch_in<T: Row>(
        &mut self,
        statement: Scoped,
        fixed: Vec<Value>,
        list: Vec<Value>,
    ) -> Result<Vec<T>, DbError> {
        if list.is_empty() {
            return Ok(Vec::new());
        }
        let query = self.query_in(statement, fixed, list);
        self.tx.fetch_all(query).await
    }

    fn query_in(&self, statement: Scoped, mut values: Vec<Value>, list: Vec<Value>) -> Query {
        let times = list.len();
        values.insert(statement.org_at.min(values.len()), self.org.into());
        values.extend(list);
        repeated(self.tx.engine(), &statement.text, times, values)
    }

    pub(super) async fn commit(self) -> Result<(), DbError> {
        self.tx.commit().await
    }
}
