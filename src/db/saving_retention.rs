//! Deletes days of the savings ledger whose time is over, the entries that have none left, and how accounts stood.

use super::{
    error::DbError,
    handle::OrgDb,
    stmt::{Scoped, statements},
    value::{Value, values},
};
use jiff::{Timestamp, civil::Date};

statements! {
    scoped COUNT_DAYS { "SELECT COUNT(*) FROM saving_day WHERE org_id = ? AND day < ?" }
    scoped COUNT_ENTRIES { "SELECT COUNT(*) FROM saving_entry WHERE org_id = ? AND closed_at < ? AND NOT EXISTS (SELECT 1 FROM saving_day d WHERE d.org_id = saving_entry.org_id AND d.account_id = saving_entry.account_id AND d.recommendation_id = saving_entry.recommendation_id AND d.implemented_at = saving_entry.implemented_at AND d.day >= ?)" }
    scoped COUNT_HISTORY { "SELECT COUNT(*) FROM saving_history WHERE org_id = ? AND day < ?" }
    scoped FORGET_DAYS { "DELETE FROM saving_day WHERE org_id = ? AND day < ?" }
    scoped FORGET_ENTRIES { "DELETE FROM saving_entry WHERE org_id = ? AND closed_at < ? AND NOT EXISTS (SELECT 1 FROM saving_day d WHERE d.org_id = saving_entry.org_id AND d.account_id = saving_entry.account_id AND d.recommendation_id = saving_entry.recommendation_id AND d.implemented_at = saving_entry.implemented_at AND d.day >= ?)" }
    scoped FORGET_HISTORY { "DELETE FROM saving_history WHERE org_id = ? AND day < ?" }
}

/// The first moment that is kept, and its day.
fn limits((at, day): (Timestamp, Date)) -> [Vec<Value>; 3] {
    [values![day], values![at, day], values![day]]
}

impl OrgDb<'_> {
    /// Rows that end before the moment; its day (UTC) stays.
    pub async fn count_old_savings(&self, since: (Timestamp, Date)) -> Result<u64, DbError> {
        let mut rows = 0;
        for (count, values) in [COUNT_DAYS, COUNT_ENTRIES, COUNT_HISTORY].into_iter().zip(limits(since)) {
            rows += self.count_of(count, values).await?;
        }
        Ok(rows)
    }

    async fn count_of(&self, statement: Scoped, values: Vec<Value>) -> Result<u64, DbError> {
        let found: Option<(i64,)> = self.fetch_optional(statement, values).await?;
        Ok(found.and_then(|(count,)| u64::try_from(count).ok()).unwrap_or_default())
    }

    pub async fn forget_savings(&self, since: (Timestamp, Date)) -> Result<u64, DbError> {
        let mut tx = self.begin().await?;
        let mut rows = 0;
        for (forget, values) in [FORGET_DAYS, FORGET_ENTRIES, FORGET_HISTORY].into_iter().zip(limits(since)) {
            rows += tx.execute(forget, values).await?;
        }
        tx.commit().await?;
        Ok(rows)
    }
}
