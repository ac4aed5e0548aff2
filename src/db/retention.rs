//! Deletes recommendations whose time is over, with their history; the totals follow in the same transaction.

use super::{
    error::DbError,
    handle::OrgDb,
    lease,
    stmt::statements,
    store::recount,
    value::{Value, values},
};
use crate::domain::ids::AccountId;
use jiff::Timestamp;

statements! {
    scoped DUE { "SELECT account_id, COUNT(*) FROM recommendation WHERE org_id = ? AND (status = 'IMPLEMENTED' AND decided_at < ? OR status = 'DISMISSED' AND decided_at < ? AND last_seen < ? AND (decision_until IS NULL OR decision_until < ?) OR status = 'SNOOZED' AND decision_until < ?) GROUP BY account_id" }
    scoped DELETE_EVENTS { "DELETE FROM recommendation_event WHERE org_id = ? AND account_id = ? AND recommendation_id IN (SELECT r.recommendation_id FROM recommendation r WHERE r.org_id = recommendation_event.org_id AND r.account_id = recommendation_event.account_id AND (r.status = 'IMPLEMENTED' AND r.decided_at < ? OR r.status = 'DISMISSED' AND r.decided_at < ? AND r.last_seen < ? AND (r.decision_until IS NULL OR r.decision_until < ?) OR r.status = 'SNOOZED' AND r.decision_until < ?))" }
    scoped DELETE { "DELETE FROM recommendation WHERE org_id = ? AND account_id = ? AND (status = 'IMPLEMENTED' AND decided_at < ? OR status = 'DISMISSED' AND decided_at < ? AND last_seen < ? AND (decision_until IS NULL OR decision_until < ?) OR status = 'SNOOZED' AND decision_until < ?)" }
}

/// Before which moment each kind ended, to be deleted now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetentionLimits {
    pub implemented_before: Timestamp,
    /// Counted from the decision and from the last scan that saw it, whichever is later: while scans see it, it
    /// is what keeps the finding dismissed.
    pub dismissed_before: Timestamp,
    pub snoozed_until_before: Timestamp,
}

impl RetentionLimits {
    fn values(&self) -> Vec<Value> {
        let dismissed = self.dismissed_before;
        values![self.implemented_before, dismissed, dismissed, dismissed, self.snoozed_until_before]
    }
}

impl OrgDb<'_> {
    /// How many recommendations would be deleted, by account.
    pub async fn count_old_recommendations(
        &self,
        limits: &RetentionLimits,
    ) -> Result<Vec<(AccountId, u64)>, DbError> {
        let rows: Vec<(i64, i64)> = self.fetch_all(DUE, limits.values()).await?;
        let counted =
            |(account, count)| (AccountId::from_i64(account), u64::try_from(count).unwrap_or_default());
        Ok(rows.into_iter().map(counted).collect())
    }

    /// Deletes them in one account.
    pub async fn forget_recommendations(
        &self,
        account: AccountId,
        limits: &RetentionLimits,
    ) -> Result<u64, DbError> {
        let mut tx = self.begin().await?;
        tx.execute(lease::HOLD, values![account]).await?;
        let mut values = values![account];
        values.extend(limits.values());
        tx.execute(DELETE_EVENTS, values.clone()).await?;
        let deleted = tx.execute(DELETE, values).await?;
        recount(&mut tx, account).await?;
        tx.commit().await?;
        Ok(deleted)
    }
}
