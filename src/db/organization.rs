//! Organisations: who owns rows. Named by tokens, keyed by an id of our own.

use super::{error::DbError, handle::Database, stmt::statements, time, value::values};
use crate::domain::ids::{OrgKey, OrganizationId};
use chrono::{DateTime, Utc};
use jiff::Timestamp;
use uuid::Uuid;

statements! {
    global FIND_BY_NAME { "SELECT id, name, created_at FROM organization WHERE name = ?" }
    global LIST { "SELECT id, name, created_at FROM organization ORDER BY name" }
    global LIST_TWO { "SELECT id, name, created_at FROM organization LIMIT 2" }
    global INSERT { "INSERT INTO organization (id, name, created_at) VALUES (?, ?, ?)" }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organization {
    pub key: OrgKey,
    pub name: OrganizationId,
    pub created_at: Timestamp,
}

#[derive(sqlx::FromRow)]
struct OrganizationRow {
    id: Uuid,
    name: String,
    created_at: DateTime<Utc>,
}

impl TryFrom<OrganizationRow> for Organization {
    type Error = DbError;
    fn try_from(row: OrganizationRow) -> Result<Self, DbError> {
        Ok(Self {
            key: OrgKey::from_uuid(row.id),
            name: row.name.parse().map_err(|_| DbError::Corrupt("organization.name"))?,
            created_at: time::from_db(row.created_at),
        })
    }
}

impl Database {
    pub async fn find_organization(&self, name: &OrganizationId) -> Result<Option<Organization>, DbError> {
        let row: Option<OrganizationRow> = self.fetch_optional(FIND_BY_NAME, values![name]).await?;
        row.map(Organization::try_from).transpose()
    }

    /// All of them, for timers: nobody who signs in sees this list.
    pub async fn list_organizations(&self) -> Result<Vec<Organization>, DbError> {
        let rows: Vec<OrganizationRow> = self.fetch_all(LIST, vec![]).await?;
        rows.into_iter().map(Organization::try_from).collect()
    }

    /// The organisation, where there is exactly one.
    pub async fn find_only_organization(&self) -> Result<Option<Organization>, DbError> {
        let mut rows: Vec<OrganizationRow> = self.fetch_all(LIST_TWO, vec![]).await?;
        let first = rows.pop().filter(|_| rows.is_empty());
        first.map(Organization::try_from).transpose()
    }

    /// Two callers at once get the same one.
    pub async fn find_or_create_organization(
        &self,
        name: &OrganizationId,
        now: Timestamp,
    ) -> Result<Organization, DbError> {
        if let Some(found) = self.find_organization(name).await? {
            return Ok(found);
        }
        let key = OrgKey::generate();
        match self.execute(INSERT, values![key, name, now]).await.map_err(|e| e.or_conflict("organization")) {
            Ok(_) | Err(DbError::Conflict(_)) => {}
            Err(error) => return Err(error),
        }
        self.find_organization(name).await?.ok_or(DbError::NotFound("organization"))
    }
}
