//! How an organisation and its accounts want to be judged: one document each, replaced as a whole.
//!
//! Invariant: a document is replaced only by who read its last version.

use super::{account::WHAT, document, error::DbError, handle::OrgDb, stmt::statements, time, value::values};
use crate::domain::{
    ids::{AccountId, UserId},
    rule_settings::RuleSettings,
};
use chrono::{DateTime, Utc};
use jiff::Timestamp;
use uuid::Uuid;

statements! {
    scoped GET { "SELECT body, version, updated_at, updated_by FROM rule_settings WHERE org_id = ?" }
    scoped INSERT { "INSERT INTO rule_settings (org_id, body, version, updated_at, updated_by) VALUES (?, ?, 1, ?, ?)" }
    scoped REPLACE { "UPDATE rule_settings SET body = ?, version = version + 1, updated_at = ?, updated_by = ? WHERE org_id = ? AND version = ?" }
    scoped GET_OF_ACCOUNT { "SELECT body, version, updated_at, updated_by FROM account_rule_settings WHERE org_id = ? AND account_id = ?" }
    scoped INSERT_OF_ACCOUNT { "INSERT INTO account_rule_settings (org_id, account_id, body, version, updated_at, updated_by) VALUES (?, ?, ?, 1, ?, ?)" }
    scoped REPLACE_OF_ACCOUNT { "UPDATE account_rule_settings SET body = ?, version = version + 1, updated_at = ?, updated_by = ? WHERE org_id = ? AND account_id = ? AND version = ?" }
    scoped DELETE_OF_ACCOUNT { "DELETE FROM account_rule_settings WHERE org_id = ? AND account_id = ?" }
}

pub(super) const DELETE_OF: super::stmt::Scoped = DELETE_OF_ACCOUNT;

#[derive(Clone, Debug, PartialEq)]
pub struct KeptRuleSettings {
    pub settings: RuleSettings,
    /// Rises by one with each change.
    pub version: i64,
    pub updated_at: Timestamp,
    pub updated_by: UserId,
}

#[derive(sqlx::FromRow)]
struct SettingsRow {
    body: String,
    version: i64,
    updated_at: DateTime<Utc>,
    updated_by: Uuid,
}

impl TryFrom<SettingsRow> for KeptRuleSettings {
    type Error = DbError;
    fn try_from(row: SettingsRow) -> Result<Self, DbError> {
        Ok(Self {
            settings: document::read(&row.body, "rule_settings.body")?,
            version: row.version,
            updated_at: time::from_db(row.updated_at),
            updated_by: UserId::from_uuid(row.updated_by),
        })
    }
}

impl OrgDb<'_> {
    /// Of the organisation, or of one account of it; none where nothing was ever set.
    pub async fn find_rule_settings(
        &self,
        account: Option<AccountId>,
    ) -> Result<Option<KeptRuleSettings>, DbError> {
        let row: Option<SettingsRow> = match account {
            None => self.fetch_optional(GET, vec![]).await?,
            Some(account) => {
                self.require(account, WHAT)?;
                self.fetch_optional(GET_OF_ACCOUNT, values![account]).await?
            }
        };
        row.map(KeptRuleSettings::try_from).transpose()
    }

    /// False where the version (0: none yet) is not the last one any more.
    pub async fn put_rule_settings(
        &self,
        account: Option<AccountId>,
        settings: &RuleSettings,
        version: i64,
        (by, at): (UserId, Timestamp),
    ) -> Result<bool, DbError> {
        let body = document::write(settings);
        let written = match (account, version) {
            (None, 0) => self.execute(INSERT, values![body, at, by]).await,
            (None, _) => self.execute(REPLACE, values![body, at, by, version]).await,
            (Some(account), _) => {
                self.require(account, WHAT)?;
                if version == 0 {
                    self.execute(INSERT_OF_ACCOUNT, values![account, body, at, by]).await
                } else {
                    self.execute(REPLACE_OF_ACCOUNT, values![body, at, by, account, version]).await
                }
            }
        };
        match written.map_err(|error| error.or_conflict(WHAT).or_missing(WHAT)) {
            Ok(rows) => Ok(rows == 1),
            // Somebody was first.
            Err(DbError::Conflict(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Whether there were any.
    pub async fn delete_account_rule_settings(&self, account: AccountId) -> Result<bool, DbError> {
        self.require(account, WHAT)?;
        Ok(self.execute(DELETE_OF_ACCOUNT, values![account]).await? > 0)
    }
}
