//! The permission report of an account, as its last scan left it.

use super::{account::WHAT, document, error::DbError, handle::OrgDb, stmt::statements, time, value::values};
use crate::domain::{ids::AccountId, scan::PermissionState};
use chrono::{DateTime, Utc};
use jiff::Timestamp;

statements! {
    scoped LIST { "SELECT action, status, needed_by, since FROM account_permission WHERE org_id = ? AND account_id = ? ORDER BY action" }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptPermission {
    pub state: PermissionState,
    /// The scan that first found it so.
    pub since: Timestamp,
}

#[derive(sqlx::FromRow)]
struct PermissionRow {
    action: String,
    status: String,
    needed_by: String,
    since: DateTime<Utc>,
}

impl TryFrom<PermissionRow> for KeptPermission {
    type Error = DbError;
    fn try_from(row: PermissionRow) -> Result<Self, DbError> {
        let state = PermissionState {
            action: row.action,
            status: row.status.parse().map_err(|()| DbError::Corrupt("account_permission.status"))?,
            needed_by: document::read(&row.needed_by, "account_permission.needed_by")?,
        };
        Ok(Self { state, since: time::from_db(row.since) })
    }
}

impl OrgDb<'_> {
    pub async fn list_permissions(&self, account: AccountId) -> Result<Vec<KeptPermission>, DbError> {
        self.require(account, WHAT)?;
        let rows: Vec<PermissionRow> = self.fetch_all(LIST, values![account]).await?;
        rows.into_iter().map(KeptPermission::try_from).collect()
    }
}
