//! Data keys as they are kept: wrapped. Of use only to a vault that has the master key.
//!
//! Not a part of `OrgDb`: the vault, which every `OrgDb` needs, stands on it.

use super::{
    error::DbError,
    handle::{Database, with_org},
    pool::{Pool, Query, Row},
    stmt::{Scoped, statements},
    time,
    value::{Value, values},
};
use crate::{
    domain::{
        ids::{DataKeyId, OrgKey},
        kms_key::KmsKeyArn,
    },
    seal::{KeyStore, StoreError, StoreResult, StoredKey},
};
use chrono::{DateTime, Utc};
use jiff::Timestamp;
use uuid::Uuid;

statements! {
    scoped CURRENT { "SELECT org_id, key_id, wrapped, master_key_id, created_at, retired_at FROM data_key WHERE org_id = ? AND current_slot = 1" }
    scoped FIND { "SELECT org_id, key_id, wrapped, master_key_id, created_at, retired_at FROM data_key WHERE org_id = ? AND key_id = ?" }
    scoped LIST { "SELECT org_id, key_id, wrapped, master_key_id, created_at, retired_at FROM data_key WHERE org_id = ? ORDER BY created_at, key_id" }
    scoped INSERT { "INSERT INTO data_key (org_id, key_id, current_slot, wrapped, master_key_id, created_at) VALUES (?, ?, 1, ?, ?, ?)" }
    scoped RETIRE { "UPDATE data_key SET current_slot = NULL, retired_at = ? WHERE org_id = ? AND key_id = ? AND current_slot = 1" }
    scoped REWRAP { "UPDATE data_key SET wrapped = ?, master_key_id = ? WHERE org_id = ? AND key_id = ? AND wrapped = ?" }
    scoped DELETE_RETIRED { "DELETE FROM data_key WHERE org_id = ? AND key_id = ? AND retired_at <= ?" }
    global WITH_RETIRED { "SELECT DISTINCT org_id FROM data_key WHERE retired_at IS NOT NULL" }
    global MASTERS { "SELECT DISTINCT master_key_id FROM data_key ORDER BY master_key_id" }
    global SAMPLE { "SELECT org_id, key_id, wrapped, master_key_id, created_at, retired_at FROM data_key WHERE master_key_id = ? ORDER BY org_id, key_id LIMIT 1" }
    global CUSTOMER_KEY { "SELECT kms_key FROM organization WHERE id = ?" }
    global SET_CUSTOMER_KEY { "UPDATE organization SET kms_key = ? WHERE id = ?" }
}

#[derive(sqlx::FromRow)]
struct KeyRow {
    org_id: Uuid,
    key_id: Uuid,
    wrapped: Vec<u8>,
    master_key_id: String,
    created_at: DateTime<Utc>,
    retired_at: Option<DateTime<Utc>>,
}

impl From<KeyRow> for StoredKey {
    fn from(row: KeyRow) -> Self {
        Self {
            org: OrgKey::from_uuid(row.org_id),
            id: DataKeyId::from_uuid(row.key_id),
            wrapped: row.wrapped,
            master: row.master_key_id,
            created_at: time::from_db(row.created_at),
            retired_at: row.retired_at.map(time::from_db),
        }
    }
}

fn row_of(key: StoredKey) -> Vec<Value> {
    values![key.id, key.wrapped, key.master, key.created_at]
}

#[derive(Clone, Debug)]
pub(super) struct KeyTable {
    pool: Pool,
}

impl KeyTable {
    pub(super) fn of(database: &Database) -> Self {
        Self { pool: database.pool().clone() }
    }

    fn query(&self, org: OrgKey, statement: Scoped, values: Vec<Value>) -> Query {
        with_org(self.pool.engine(), org, statement, values)
    }

    async fn find<T: Row>(
        &self,
        org: OrgKey,
        statement: Scoped,
        values: Vec<Value>,
    ) -> Result<Option<T>, DbError> {
        self.pool.fetch_optional(self.query(org, statement, values)).await
    }

    async fn change(&self, org: OrgKey, statement: Scoped, values: Vec<Value>) -> Result<bool, StoreError> {
        Ok(self.pool.execute(self.query(org, statement, values)).await? == 1)
    }

    async fn find_samples(&self) -> Result<Vec<StoredKey>, DbError> {
        let engine = self.pool.engine();
        let masters: Vec<(String,)> = self.pool.fetch_all(Query::new(engine, &MASTERS.0, vec![])).await?;
        let mut samples = Vec::new();
        for (master,) in masters {
            let sample = Query::new(engine, &SAMPLE.0, values![master]);
            samples.extend(self.pool.fetch_optional::<KeyRow>(sample).await?.map(StoredKey::from));
        }
        Ok(samples)
    }

    async fn insert(&self, key: StoredKey) -> Result<bool, DbError> {
        let query = self.query(key.org, INSERT, row_of(key));
        match self.pool.execute(query).await.map_err(|e| e.or_conflict("data key")) {
            Ok(_) => Ok(true),
            Err(DbError::Conflict(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    async fn replace(&self, before: DataKeyId, key: StoredKey) -> Result<bool, DbError> {
        let mut tx = self.pool.begin().await?;
        let retire = self.query(key.org, RETIRE, values![key.created_at, before]);
        if tx.execute(retire).await? != 1 {
            return Ok(false);
        }
        let insert = self.query(key.org, INSERT, row_of(key));
        tx.execute(insert).await?;
        tx.commit().await?;
        Ok(true)
    }

    async fn customers(&self, org: OrgKey) -> Result<Option<KmsKeyArn>, DbError> {
        let query = Query::new(self.pool.engine(), &CUSTOMER_KEY.0, values![org]);
        let row: Option<(Option<String>,)> = self.pool.fetch_optional(query).await?;
        let text = row.and_then(|(text,)| text);
        text.map(|text| text.parse().map_err(|_| DbError::Corrupt("organization.kms_key"))).transpose()
    }
}

impl KeyStore for KeyTable {
    fn current_key(&self, org: OrgKey) -> StoreResult<'_, Option<StoredKey>> {
        Box::pin(async move { Ok(self.find::<KeyRow>(org, CURRENT, vec![]).await?.map(Into::into)) })
    }

    fn find_key(&self, org: OrgKey, id: DataKeyId) -> StoreResult<'_, Option<StoredKey>> {
        Box::pin(async move { Ok(self.find::<KeyRow>(org, FIND, values![id]).await?.map(Into::into)) })
    }

    fn list_keys(&self, org: OrgKey) -> StoreResult<'_, Vec<StoredKey>> {
        Box::pin(async move {
            let rows: Vec<KeyRow> = self.pool.fetch_all(self.query(org, LIST, vec![])).await?;
            Ok(rows.into_iter().map(Into::into).collect())
        })
    }

    fn organizations_with_retired_keys(&self) -> StoreResult<'_, Vec<OrgKey>> {
        Box::pin(async move {
            let query = Query::new(self.pool.engine(), &WITH_RETIRED.0, vec![]);
            let rows: Vec<(Uuid,)> = self.pool.fetch_all(query).await?;
            Ok(rows.into_iter().map(|(org,)| OrgKey::from_uuid(org)).collect())
        })
    }

    fn samples(&self) -> StoreResult<'_, Vec<StoredKey>> {
        Box::pin(async move { Ok(self.find_samples().await?) })
    }

    fn add_current(&self, key: StoredKey) -> StoreResult<'_, bool> {
        Box::pin(async move { Ok(self.insert(key).await?) })
    }

    fn replace_current(&self, before: DataKeyId, key: StoredKey) -> StoreResult<'_, bool> {
        Box::pin(async move { Ok(self.replace(before, key).await?) })
    }

    fn replace_wrapping<'a>(&'a self, before: &'a StoredKey, after: StoredKey) -> StoreResult<'a, bool> {
        let values = values![after.wrapped, after.master, after.id, before.wrapped.clone()];
        Box::pin(self.change(before.org, REWRAP, values))
    }

    fn delete_retired(&self, org: OrgKey, id: DataKeyId, retired_by: Timestamp) -> StoreResult<'_, bool> {
        Box::pin(self.change(org, DELETE_RETIRED, values![id, retired_by]))
    }

    fn customer_key(&self, org: OrgKey) -> StoreResult<'_, Option<KmsKeyArn>> {
        Box::pin(async move { Ok(self.customers(org).await?) })
    }

    fn set_customer_key<'a>(&'a self, org: OrgKey, key: Option<&'a KmsKeyArn>) -> StoreResult<'a, ()> {
        let values = values![key.map(KmsKeyArn::as_str), org];
        let query = Query::new(self.pool.engine(), &SET_CUSTOMER_KEY.0, values);
        Box::pin(async move { Ok(self.pool.execute(query).await.map(drop)?) })
    }
}
