//! Values that a development version kept in plain text: sealed when the database is opened.
//!
//! Nothing is read in plain text but here. On SQLite the file is written anew afterwards, since the pages that
//! held them were never wiped.

use super::{
    account::{EXTERNAL_ID, NEXT_EXTERNAL_ID},
    error::DbError,
    handle::Database,
    pool::{Engine, Query},
    sealed::RowKey,
    stmt::statements,
    value::values,
};
use crate::domain::{external_id::ExternalId, ids::AccountId};

statements! {
    global COUNT { "SELECT COUNT(*) FROM account WHERE LENGTH(external_id) = 53 OR LENGTH(next_external_id) = 53" }
    scoped PLAIN { "SELECT account_id, external_id FROM account WHERE org_id = ? AND LENGTH(external_id) = 53" }
    scoped PLAIN_NEXT { "SELECT account_id, next_external_id FROM account WHERE org_id = ? AND LENGTH(next_external_id) = 53" }
    global CHECKPOINT { sqlite: "PRAGMA wal_checkpoint(TRUNCATE)", mysql: "SELECT 1" }
    global VACUUM { sqlite: "VACUUM", mysql: "SELECT 1" }
}

impl Database {
    /// How many values were sealed. Sealed values are longer than plain ones, so nothing is sealed twice.
    pub async fn seal_plain_values(&self) -> Result<u64, DbError> {
        let plain: Option<(i64,)> = self.fetch_optional(COUNT, vec![]).await?;
        if plain.is_none_or(|(count,)| count == 0) {
            return Ok(0);
        }
        let mut sealed = 0;
        for organization in self.list_organizations().await? {
            let scope = self.system_scope(organization.key, organization.name);
            let org = self.scoped(&scope);
            for (column, statement) in [(&EXTERNAL_ID, PLAIN), (&NEXT_EXTERNAL_ID, PLAIN_NEXT)] {
                let rows: Vec<(i64, String)> = org.fetch_all(statement, vec![]).await?;
                for (id, text) in rows.into_iter().filter(|(_, text)| ExternalId::parse(text).is_ok()) {
                    let account = AccountId::from_i64(id);
                    let anew = org.seal(column, RowKey::Account(account), text.as_bytes()).await?;
                    sealed += org.execute(column.replace, values![anew, account, text]).await?;
                }
            }
        }
        self.wipe_free_pages().await?;
        tracing::info!(sealed, "values of an earlier version are encrypted now");
        Ok(sealed)
    }

    async fn wipe_free_pages(&self) -> Result<(), DbError> {
        if self.pool().engine() == Engine::Sqlite {
            for statement in [VACUUM, CHECKPOINT] {
                self.pool().execute(Query::new(Engine::Sqlite, &statement.0, vec![])).await?;
            }
        }
        Ok(())
    }
}
