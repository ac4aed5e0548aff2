//! What people decide about recommendations, and the end of what they decided for a time.
//!
//! Invariant: whoever writes an account's recommendations holds the account's row, so totals never drift.

use super::{
    batch::{Batch, ROWS},
    error::DbError,
    handle::{OrgDb, OrgTx},
    lease,
    recommendation::WHAT,
    recommendation_event::{EventKind, Step},
    stmt::statements,
    store::{Sums, add_to_rollup, recount},
    time,
    value::{Value, values},
};
use crate::domain::{
    ids::{AccountId, RecommendationId, UserId},
    recommendation::RecommendationStatus,
};
use chrono::{DateTime, Utc};
use jiff::Timestamp;
use std::collections::BTreeMap;
use uuid::Uuid;

statements! {
    scoped ACCOUNT_OF { "SELECT account_id FROM recommendation WHERE org_id = ? AND recommendation_id = ?" }
    scoped GET { "SELECT service, status, savings, counted, listed, last_seen FROM recommendation WHERE org_id = ? AND account_id = ? AND recommendation_id = ?" }
    scoped DECIDE { "UPDATE recommendation SET status = ?, decided_by = ?, decided_at = ?, decision_note = ?, decision_until = ? WHERE org_id = ? AND account_id = ? AND recommendation_id = ?" }
    scoped IN_STATE { "SELECT recommendation_id, last_seen FROM recommendation WHERE org_id = ? AND account_id = ? AND status = ? AND recommendation_id IN (?)" }
    scoped DECIDE_MANY { "UPDATE recommendation SET status = ?, decided_by = ?, decided_at = ?, decision_note = ?, decision_until = ? WHERE org_id = ? AND account_id = ? AND recommendation_id IN (?)" }
    scoped LIST_BY { "SELECT recommendation_id, account_id, status, decided_at, decision_note, decision_until FROM recommendation WHERE org_id = ? AND decided_by = ?" }
    scoped EXPIRED { "SELECT DISTINCT account_id FROM recommendation WHERE org_id = ? AND status IN ('SNOOZED', 'DISMISSED') AND decision_until <= ?" }
    scoped EXPIRING { "SELECT recommendation_id, status, last_seen FROM recommendation WHERE org_id = ? AND account_id = ? AND decision_until <= ? AND status IN ('SNOOZED', 'DISMISSED')" }
    scoped WAKE { "UPDATE recommendation SET status = CASE WHEN last_seen IS NULL THEN 'ACTIVE' ELSE 'RESOLVED' END WHERE org_id = ? AND account_id = ? AND decision_until <= ? AND status IN ('SNOOZED', 'DISMISSED')" }
}

/// What the column holds; a longer note is cut.
const NOTE_CHARS: usize = 1000;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    Snooze {
        until: Timestamp,
    },
    Dismiss {
        reason: String,
        until: Option<Timestamp>,
    },
    Implement {
        note: Option<String>,
    },
    /// Takes a decision back.
    Reopen,
}

impl Decision {
    #[must_use]
    pub const fn until(&self) -> Option<Timestamp> {
        match self {
            Self::Snooze { until } => Some(*until),
            Self::Dismiss { until, .. } => *until,
            Self::Implement { .. } | Self::Reopen => None,
        }
    }

    #[must_use]
    pub fn note(&self) -> Option<String> {
        let note = match self {
            Self::Dismiss { reason, .. } => Some(reason),
            Self::Implement { note } => note.as_ref(),
            Self::Snooze { .. } | Self::Reopen => None,
        };
        note.map(|text| text.chars().take(NOTE_CHARS).collect())
    }

    const fn event(&self) -> EventKind {
        match self {
            Self::Snooze { .. } => EventKind::Snoozed,
            Self::Dismiss { .. } => EventKind::Dismissed,
            Self::Implement { .. } => EventKind::Implemented,
            Self::Reopen => EventKind::Reopened,
        }
    }

    /// What the row says of it afterwards: a reopened one says nothing.
    fn columns(&self, by: UserId, at: Timestamp) -> Vec<Value> {
        let (who, when) = match self {
            Self::Reopen => (Value::Null, Value::Null),
            _ => (by.into(), at.into()),
        };
        vec![who, when, self.note().into(), self.until().into()]
    }

    /// The state that follows. A reopened one that the last scan did not see is not open: it has disappeared
    /// meanwhile.
    #[must_use]
    pub const fn status(&self, seen: bool) -> RecommendationStatus {
        match self {
            Self::Snooze { .. } => RecommendationStatus::Snoozed,
            Self::Dismiss { .. } => RecommendationStatus::Dismissed,
            Self::Implement { .. } => RecommendationStatus::Implemented,
            Self::Reopen if seen => RecommendationStatus::Active,
            Self::Reopen => RecommendationStatus::Resolved,
        }
    }
}

/// A decision as it stands, for the person who took it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptDecision {
    pub recommendation: RecommendationId,
    pub account: AccountId,
    pub status: RecommendationStatus,
    pub decided_at: Option<Timestamp>,
    pub note: Option<String>,
    pub until: Option<Timestamp>,
}

#[derive(sqlx::FromRow)]
struct KeptRow {
    recommendation_id: Uuid,
    account_id: i64,
    status: String,
    decided_at: Option<DateTime<Utc>>,
    decision_note: Option<String>,
    decision_until: Option<DateTime<Utc>>,
}

impl TryFrom<KeptRow> for KeptDecision {
    type Error = DbError;
    fn try_from(row: KeptRow) -> Result<Self, DbError> {
        Ok(Self {
            recommendation: RecommendationId::from_uuid(row.recommendation_id),
            account: AccountId::from_i64(row.account_id),
            status: row.status.parse().map_err(|()| DbError::Corrupt("recommendation.status"))?,
            decided_at: row.decided_at.map(time::from_db),
            note: row.decision_note,
            until: row.decision_until.map(time::from_db),
        })
    }
}

#[derive(sqlx::FromRow)]
struct DecidedRow {
    service: String,
    status: String,
    savings: i64,
    counted: i64,
    listed: i64,
    last_seen: Option<DateTime<Utc>>,
}

type EndingRow = (Uuid, String, Option<DateTime<Utc>>);

fn ended((id, status, last_seen): EndingRow, now: Timestamp) -> Result<Step, DbError> {
    let before = status.parse().map_err(|()| DbError::Corrupt("recommendation.status"))?;
    let after = Decision::Reopen.status(last_seen.is_none());
    let step = Step::by_itself(RecommendationId::from_uuid(id), now, before, after);
    Ok(Step { event: EventKind::Ended, ..step })
}

/// A decision, who took it and when.
#[derive(Clone, Copy, Debug)]
pub struct Taken<'a> {
    pub decision: &'a Decision,
    pub by: UserId,
    pub at: Timestamp,
}

type Changed = (RecommendationId, RecommendationStatus, RecommendationStatus);

async fn add_steps(
    tx: &mut OrgTx,
    account: AccountId,
    changed: impl IntoIterator<Item = Changed>,
    taken: &Taken<'_>,
) -> Result<(), DbError> {
    let mut steps = Batch::default();
    for (recommendation, before, after) in changed {
        let (actor, at) = (Some(taken.by), taken.at);
        let (event, note, until) = (taken.decision.event(), taken.decision.note(), taken.decision.until());
        let step = Step { recommendation, at, event, before, after, actor, note, until };
        tx.push_step(&mut steps, account, step);
    }
    tx.flush_steps(&mut steps).await
}

/// What is implemented is promised from now on; what is taken back is not any more.
async fn follow_in_ledger(
    tx: &mut OrgTx,
    account: AccountId,
    ids: &[RecommendationId],
    taken: &Taken<'_>,
) -> Result<(), DbError> {
    match taken.decision {
        Decision::Implement { .. } => tx.open_entries(account, ids).await,
        _ => tx.close_entries(account, ids, taken.at).await,
    }
}

async fn decide_those(
    tx: &mut OrgTx,
    account: AccountId,
    ids: &[RecommendationId],
    before: RecommendationStatus,
    taken: &Taken<'_>,
) -> Result<u64, DbError> {
    let ids = ids.iter().copied().map(Value::from).collect();
    let found: Vec<(Uuid, Option<DateTime<Utc>>)> =
        tx.fetch_in(IN_STATE, values![account, before], ids).await?;
    let mut changed: BTreeMap<RecommendationStatus, Vec<RecommendationId>> = BTreeMap::new();
    for (id, last_seen) in found {
        let after = taken.decision.status(last_seen.is_none());
        changed.entry(after).or_default().push(RecommendationId::from_uuid(id));
    }
    let mut count = 0;
    for (after, ids) in changed {
        let mut fixed = values![after];
        fixed.extend(taken.decision.columns(taken.by, taken.at));
        fixed.push(account.into());
        let list = ids.iter().copied().map(Value::from).collect();
        count += tx.execute_in(DECIDE_MANY, fixed, list).await?;
        follow_in_ledger(tx, account, &ids, taken).await?;
        add_steps(tx, account, ids.into_iter().map(|id| (id, before, after)), taken).await?;
    }
    Ok(count)
}

impl OrgDb<'_> {
    /// Gives the state that follows. Whether it may follow from the present one is the caller's question.
    pub async fn decide_recommendation(
        &self,
        id: RecommendationId,
        decision: &Decision,
        by: UserId,
        at: Timestamp,
    ) -> Result<RecommendationStatus, DbError> {
        let found: Option<(i64,)> = self.fetch_optional(ACCOUNT_OF, values![id]).await?;
        let account = AccountId::from_i64(found.ok_or(DbError::NotFound(WHAT))?.0);
        self.require(account, WHAT)?;
        let mut tx = self.begin().await?;
        tx.execute(lease::HOLD, values![account]).await?;
        let row: Option<DecidedRow> = tx.fetch_optional(GET, values![account, id]).await?;
        let row = row.ok_or(DbError::NotFound(WHAT))?;
        let before = row.status.parse().map_err(|()| DbError::Corrupt("recommendation.status"))?;
        let after = decision.status(row.last_seen.is_none());
        let mut values = values![after];
        values.extend(decision.columns(by, at));
        values.extend(values![account, id]);
        tx.execute(DECIDE, values).await?;
        follow_in_ledger(&mut tx, account, &[id], &Taken { decision, by, at }).await?;
        add_steps(&mut tx, account, [(id, before, after)], &Taken { decision, by, at }).await?;
        let one = Sums { recommendations: 1, savings: row.savings, counted: row.counted, listed: row.listed };
        add_to_rollup(&mut tx, account, &row.service, before, one.negated()).await?;
        add_to_rollup(&mut tx, account, &row.service, after, one).await?;
        tx.commit().await?;
        Ok(after)
    }

    /// The same for many of one account, those that are still in that state; gives their number.
    pub async fn decide_recommendations(
        &self,
        account: AccountId,
        ids: &[RecommendationId],
        before: RecommendationStatus,
        taken: &Taken<'_>,
    ) -> Result<u64, DbError> {
        self.require(account, WHAT)?;
        let mut tx = self.begin().await?;
        tx.execute(lease::HOLD, values![account]).await?;
        let mut changed = 0;
        for ids in ids.chunks(ROWS) {
            changed += decide_those(&mut tx, account, ids, before, taken).await?;
        }
        recount(&mut tx, account).await?;
        tx.commit().await?;
        Ok(changed)
    }

    /// What a member decided and nobody changed since. Rarely asked: no index serves it.
    pub async fn list_decisions_of(&self, user: UserId) -> Result<Vec<KeptDecision>, DbError> {
        let mut listing = self.listing_with(LIST_BY, values![user]);
        listing.and_visible("account_id", self.access());
        listing.then(" ORDER BY decided_at, recommendation_id", []);
        let rows: Vec<KeptRow> = self.list(listing).await?;
        rows.into_iter().map(KeptDecision::try_from).collect()
    }

    /// Opens again what was snoozed or dismissed until now; gives the number of recommendations.
    pub async fn wake_recommendations(&self, now: Timestamp) -> Result<u64, DbError> {
        let accounts: Vec<(i64,)> = self.fetch_all(EXPIRED, values![now]).await?;
        let mut woken = 0;
        let accounts = accounts.into_iter().map(|(number,)| AccountId::from_i64(number));
        for account in accounts.filter(|account| self.access().sees(*account)) {
            let mut tx = self.begin().await?;
            tx.execute(lease::HOLD, values![account]).await?;
            let ending: Vec<EndingRow> = tx.fetch_all(EXPIRING, values![account, now]).await?;
            woken += tx.execute(WAKE, values![account, now]).await?;
            let mut steps = Batch::default();
            for row in ending {
                tx.push_step(&mut steps, account, ended(row, now)?);
            }
            tx.flush_steps(&mut steps).await?;
            recount(&mut tx, account).await?;
            tx.commit().await?;
        }
        Ok(woken)
    }
}
