//! API keys: their hash, what they may do, how long. The text of a key is shown once and kept nowhere.

use super::{document, error::DbError, handle::OrgDb, stmt::statements, time, value::values};
use crate::domain::{
    ids::{AccountId, ApiKeyId, UserId},
    permission::{Role, Scope},
};
use chrono::{DateTime, Utc};
use jiff::Timestamp;
use std::collections::BTreeSet;
use uuid::Uuid;

statements! {
    scoped INSERT { "INSERT INTO api_key (org_id, key_id, issued_by, name, hash, shown, role, scopes, accounts, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)" }
    scoped LIST { "SELECT key_id, issued_by, name, shown, role, scopes, accounts, created_at, expires_at, revoked_at, last_used_at FROM api_key WHERE org_id = ?" }
    scoped GET { "SELECT key_id, issued_by, name, shown, role, scopes, accounts, created_at, expires_at, revoked_at, last_used_at FROM api_key WHERE org_id = ? AND key_id = ?" }
    scoped REVOKE { "UPDATE api_key SET revoked_at = COALESCE(revoked_at, ?) WHERE org_id = ? AND key_id = ?" }
    scoped TOUCH { "UPDATE api_key SET last_used_at = ? WHERE org_id = ? AND key_id = ? AND (last_used_at IS NULL OR last_used_at < ?)" }
    scoped DELETE_ALL_OF { "DELETE FROM api_key WHERE org_id = ? AND issued_by = ?" }
}

pub(super) const DELETE_OF: super::stmt::Scoped = DELETE_ALL_OF;
const WHAT: &str = "API key";

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    pub id: ApiKeyId,
    pub issued_by: UserId,
    pub name: String,
    /// Its first characters, so that people tell keys apart.
    pub shown: String,
    pub role: Role,
    pub scopes: BTreeSet<Scope>,
    /// None: all that the issuer sees.
    pub accounts: Option<BTreeSet<AccountId>>,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    pub revoked_at: Option<Timestamp>,
    /// Within a minute.
    pub last_used_at: Option<Timestamp>,
}

#[derive(sqlx::FromRow)]
struct KeyRow {
    key_id: Uuid,
    issued_by: Uuid,
    name: String,
    shown: String,
    role: String,
    scopes: String,
    accounts: Option<String>,
    created_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    revoked_at: Option<DateTime<Utc>>,
    last_used_at: Option<DateTime<Utc>>,
}

pub(super) fn read_scopes(text: &str) -> Result<BTreeSet<Scope>, DbError> {
    document::read(text, "api_key.scopes")
}

pub(super) fn read_accounts(text: Option<&str>) -> Result<Option<BTreeSet<AccountId>>, DbError> {
    text.map(|text| document::read(text, "api_key.accounts")).transpose()
}

impl TryFrom<KeyRow> for ApiKey {
    type Error = DbError;
    fn try_from(row: KeyRow) -> Result<Self, DbError> {
        Ok(Self {
            id: ApiKeyId::from_uuid(row.key_id),
            issued_by: UserId::from_uuid(row.issued_by),
            name: row.name,
            shown: row.shown,
            role: row.role.parse().map_err(|()| DbError::Corrupt("api_key.role"))?,
            scopes: read_scopes(&row.scopes)?,
            accounts: read_accounts(row.accounts.as_deref())?,
            created_at: time::from_db(row.created_at),
            expires_at: time::from_db(row.expires_at),
            revoked_at: row.revoked_at.map(time::from_db),
            last_used_at: row.last_used_at.map(time::from_db),
        })
    }
}

impl OrgDb<'_> {
    pub async fn create_api_key(&self, key: &ApiKey, hash: [u8; 32]) -> Result<(), DbError> {
        let (scopes, accounts) = (document::write(&key.scopes), key.accounts.as_ref().map(document::write));
        let values = values![
            key.id,
            key.issued_by,
            &key.name,
            hash,
            &key.shown,
            key.role,
            scopes,
            accounts,
            key.created_at,
            key.expires_at,
        ];
        self.execute(INSERT, values).await.map(drop).map_err(|e| e.or_missing("member"))
    }

    /// In the order in which they were issued: everybody's, or those of one member.
    pub async fn list_api_keys(
        &self,
        issued_by: Option<UserId>,
        after: Option<ApiKeyId>,
        limit: u32,
    ) -> Result<Vec<ApiKey>, DbError> {
        let mut listing = self.listing(LIST);
        listing.and_equal("issued_by = ?", issued_by);
        listing.and_equal("key_id > ?", after);
        listing.then(" ORDER BY key_id LIMIT ?", values![limit]);
        let rows: Vec<KeyRow> = self.list(listing).await?;
        rows.into_iter().map(ApiKey::try_from).collect()
    }

    pub async fn get_api_key(&self, key: ApiKeyId) -> Result<ApiKey, DbError> {
        let row: Option<KeyRow> = self.fetch_optional(GET, values![key]).await?;
        row.ok_or(DbError::NotFound(WHAT))?.try_into()
    }

    /// For good; the time of the first call stays.
    pub async fn revoke_api_key(&self, key: ApiKeyId, now: Timestamp) -> Result<(), DbError> {
        let rows = self.execute(REVOKE, values![now, key]).await?;
        if rows == 0 { Err(DbError::NotFound(WHAT)) } else { Ok(()) }
    }

    pub async fn touch_api_key(&self, key: ApiKeyId, now: Timestamp) -> Result<(), DbError> {
        self.execute(TOUCH, values![now, key, now]).await.map(drop)
    }
}
