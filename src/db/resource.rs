//! The inventory as people see it.

use super::{document, error::DbError, handle::OrgDb, stmt::statements, tag::TagFilter, time, value::values};
use crate::domain::{
    ids::{AccountId, ResourceKey},
    inventory::ResourceKind,
    region::Region,
};
use chrono::{DateTime, Utc};
use jiff::Timestamp;
use uuid::Uuid;

statements! {
    scoped GET { "SELECT r.account_id, r.resource_key, r.kind, r.region, r.resource_id, r.name, r.body, r.first_seen FROM resource r WHERE r.org_id = ? AND r.resource_key = ?" }
    scoped LIST { "SELECT r.account_id, r.resource_key, r.kind, r.region, r.resource_id, r.name, r.body, r.first_seen FROM resource r WHERE r.org_id = ?" }
}

const WHAT: &str = "resource";

#[derive(Clone, Debug, PartialEq)]
pub struct KeptResource {
    pub key: ResourceKey,
    pub account: AccountId,
    pub kind: ResourceKind,
    pub region: Region,
    pub resource_id: String,
    pub name: Option<String>,
    /// As the scan gave it, its tags among the rest.
    pub body: serde_json::Value,
    pub first_seen: Timestamp,
}

/// What a list is narrowed to; everything together must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResourceFilter {
    pub account: Option<AccountId>,
    pub kind: Option<ResourceKind>,
    pub region: Option<Region>,
    pub tag: Option<TagFilter>,
}

#[derive(sqlx::FromRow)]
struct ResourceRow {
    account_id: i64,
    resource_key: Uuid,
    kind: String,
    region: String,
    resource_id: String,
    name: Option<String>,
    body: String,
    first_seen: DateTime<Utc>,
}

impl TryFrom<ResourceRow> for KeptResource {
    type Error = DbError;
    fn try_from(row: ResourceRow) -> Result<Self, DbError> {
        Ok(Self {
            key: ResourceKey::from_uuid(row.resource_key),
            account: AccountId::from_i64(row.account_id),
            kind: row.kind.parse().map_err(|()| DbError::Corrupt("resource.kind"))?,
            region: row.region.parse().map_err(|_| DbError::Corrupt("resource.region"))?,
            resource_id: row.resource_id,
            name: row.name,
            body: document::read(&row.body, "resource.body")?,
            first_seen: time::from_db(row.first_seen),
        })
    }
}

impl OrgDb<'_> {
    pub async fn get_resource(&self, key: ResourceKey) -> Result<KeptResource, DbError> {
        let row: Option<ResourceRow> = self.fetch_optional(GET, values![key]).await?;
        let row = row.ok_or(DbError::NotFound(WHAT))?;
        self.require(AccountId::from_i64(row.account_id), WHAT)?;
        row.try_into()
    }

    /// In the order of their keys; `after` is the last one of the page before.
    pub async fn list_resources(
        &self,
        filter: &ResourceFilter,
        after: Option<ResourceKey>,
        limit: u32,
    ) -> Result<Vec<KeptResource>, DbError> {
        let mut listing = self.listing(LIST);
        listing.and_equal("r.account_id = ?", filter.account);
        listing.and_visible("r.account_id", self.access());
        listing.and_equal("r.kind = ?", filter.kind);
        listing.and_equal("r.region = ?", filter.region.as_ref());
        if let Some(tag) = &filter.tag {
            self.look_at_tag(tag).await?.narrow(&mut listing);
        }
        listing.and_equal("r.resource_key > ?", after);
        listing.then(" ORDER BY r.resource_key LIMIT ?", values![limit]);
        let rows: Vec<ResourceRow> = self.list(listing).await?;
        rows.into_iter().map(KeptResource::try_from).collect()
    }
}
