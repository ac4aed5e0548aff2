//! Starts and stops: their intent before the call, what came of it, and the lists of them.
//!
//! Invariant: a row goes from open to settled once; a call is admitted by one statement that also sees that the
//! lease still holds.

use super::{
    dynamic::Listing,
    error::DbError,
    handle::OrgDb,
    scheduled_resource::{cut, target_of},
    scheduler_shard::ShardLeases,
    stmt::{Scoped, statements},
    time,
    value::{Value, values},
};
use crate::domain::{
    ids::{AccountId, ActionId, RunId},
    region::Region,
    schedule::{Action, ActionRecord, ActionStatus, Power, Target, TargetKind, shard_of},
};
use chrono::{DateTime, Utc};
use jiff::Timestamp;
use std::collections::BTreeSet;
use uuid::Uuid;

statements! {
    scoped INSERT { "INSERT INTO scheduler_action (org_id, action_id, run_id, account_id, region, kind, resource_id, resource_name, schedule_name, action, reason, state_before, status, fence, audit_intent, due_at, decided_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)" }
    scoped ADMIT { "UPDATE scheduler_action SET status = 'called', called_at = ? WHERE org_id = ? AND account_id = ? AND status IN ('intended', 'called') AND EXISTS (SELECT 1 FROM scheduler_shard s WHERE s.shard = ? AND s.holder = ? AND s.fence = ? AND s.until_at > ?) AND action_id IN (?)" }
    scoped ADMITTED { "SELECT action_id FROM scheduler_action WHERE org_id = ? AND account_id = ? AND status = 'called' AND called_at = ? AND action_id IN (?)" }
    scoped SETTLE { "UPDATE scheduler_action SET status = ?, code = COALESCE(?, code), message = COALESCE(?, message), request_id = COALESCE(?, request_id), finished_at = COALESCE(finished_at, ?), verify_after = ?, state_seen = COALESCE(?, state_seen), verified_at = ? WHERE org_id = ? AND action_id = ? AND status IN ('intended', 'called', 'accepted', 'unknown')" }
    scoped LIST { "SELECT action_id, run_id, account_id, region, kind, resource_id, resource_name, schedule_name, action, reason, state_before, status, fence, audit_intent, due_at, decided_at, called_at, code, message, request_id, finished_at, verify_after, state_seen, verified_at FROM scheduler_action WHERE org_id = ?" }
    scoped OPEN { "SELECT action_id, run_id, account_id, region, kind, resource_id, resource_name, schedule_name, action, reason, state_before, status, fence, audit_intent, due_at, decided_at, called_at, code, message, request_id, finished_at, verify_after, state_seen, verified_at FROM scheduler_action WHERE org_id = ? AND status IN ('intended', 'called', 'accepted', 'unknown')" }
    scoped COUNT_OLD { "SELECT COUNT(*) FROM scheduler_action WHERE org_id = ? AND decided_at < ?" }
    scoped FORGET { "DELETE FROM scheduler_action WHERE org_id = ? AND decided_at < ?" }
}

const WHAT: &str = "action";

/// For `scheduler_book`.
pub(super) const INSERT_ACTION: Scoped = INSERT;
pub(super) const SETTLE_ACTION: Scoped = SETTLE;

/// What became of an action. Empty parts leave what is known already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionOutcome {
    pub id: ActionId,
    pub status: ActionStatus,
    pub code: Option<String>,
    pub message: Option<String>,
    pub request_id: Option<String>,
    pub finished_at: Timestamp,
    /// Where it is to be verified later.
    pub verify_after: Option<Timestamp>,
    pub state_seen: Option<Power>,
    pub verified_at: Option<Timestamp>,
}

impl ActionOutcome {
    #[must_use]
    pub const fn new(id: ActionId, status: ActionStatus, finished_at: Timestamp) -> Self {
        Self {
            id,
            status,
            code: None,
            message: None,
            request_id: None,
            finished_at,
            verify_after: None,
            state_seen: None,
            verified_at: None,
        }
    }

    pub(super) fn values(&self) -> Vec<Value> {
        values![
            self.status,
            self.code.as_deref().map(|text| cut(text, 80)),
            self.message.as_deref().map(|text| cut(text, 500)),
            self.request_id.as_deref().map(|text| cut(text, 80)),
            self.finished_at,
            self.verify_after,
            self.state_seen,
            self.verified_at,
            self.id,
        ]
    }
}

/// What a list is narrowed to; everything together must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ActionFilter {
    pub account: Option<AccountId>,
    pub region: Option<Region>,
    pub kind: Option<TargetKind>,
    pub resource_id: Option<String>,
    pub schedule: Option<String>,
    pub run: Option<RunId>,
    pub action: Option<Action>,
    pub status: Option<ActionStatus>,
    /// When it was decided.
    pub from: Option<Timestamp>,
    /// Not included.
    pub to: Option<Timestamp>,
}

#[derive(sqlx::FromRow)]
struct ActionRow {
    action_id: Uuid,
    run_id: Uuid,
    account_id: i64,
    region: String,
    kind: String,
    resource_id: String,
    resource_name: Option<String>,
    schedule_name: Option<String>,
    action: String,
    reason: String,
    state_before: String,
    status: String,
    fence: i64,
    audit_intent: Option<i64>,
    due_at: DateTime<Utc>,
    decided_at: DateTime<Utc>,
    called_at: Option<DateTime<Utc>>,
    code: Option<String>,
    message: Option<String>,
    request_id: Option<String>,
    finished_at: Option<DateTime<Utc>>,
    verify_after: Option<DateTime<Utc>>,
    state_seen: Option<String>,
    verified_at: Option<DateTime<Utc>>,
}

impl TryFrom<ActionRow> for ActionRecord {
    type Error = DbError;
    fn try_from(row: ActionRow) -> Result<Self, DbError> {
        let target =
            target_of(row.account_id, &row.region, &row.kind, row.resource_id, "scheduler_action.region")?;
        let seen = row.state_seen.as_deref().map(str::parse).transpose();
        Ok(Self {
            id: ActionId::from_uuid(row.action_id),
            run: RunId::from_uuid(row.run_id),
            target,
            resource_name: row.resource_name,
            schedule_name: row.schedule_name,
            action: row.action.parse().map_err(|()| DbError::Corrupt("scheduler_action.action"))?,
            reason: row.reason,
            state_before: row
                .state_before
                .parse()
                .map_err(|()| DbError::Corrupt("scheduler_action.state_before"))?,
            status: row.status.parse().map_err(|()| DbError::Corrupt("scheduler_action.status"))?,
            fence: row.fence,
            audit_intent: row.audit_intent,
            due_at: time::from_db(row.due_at),
            decided_at: time::from_db(row.decided_at),
            called_at: row.called_at.map(time::from_db),
            code: row.code,
            message: row.message,
            request_id: row.request_id,
            finished_at: row.finished_at.map(time::from_db),
            verify_after: row.verify_after.map(time::from_db),
            state_seen: seen.map_err(|()| DbError::Corrupt("scheduler_action.state_seen"))?,
            verified_at: row.verified_at.map(time::from_db),
        })
    }
}

/// An intent, before its call.
pub(super) fn row_of(action: &ActionRecord) -> Vec<Value> {
    values![
        action.id,
        action.run,
        action.target.account,
        &action.target.region,
        action.target.kind,
        &*action.target.id,
        action.resource_name.as_deref().map(|name| cut(name, 256)),
        action.schedule_name.as_deref().map(|name| cut(name, 256)),
        action.action,
        &action.reason,
        action.state_before,
        action.status,
        action.fence,
        action.audit_intent,
        action.due_at,
        action.decided_at,
    ]
}

impl OrgDb<'_> {
    /// Marks the last moment before the call; gives back those of the account's actions that may be called.
    /// None of them where the lease is another's or has run out.
    pub async fn admit_actions(
        &self,
        leases: &ShardLeases,
        account: AccountId,
        actions: &[ActionId],
        now: Timestamp,
    ) -> Result<BTreeSet<ActionId>, DbError> {
        let shard = shard_of(self.org(), account);
        let Some(fence) = leases.fences.get(&shard) else { return Ok(BTreeSet::new()) };
        let list: Vec<Value> = actions.iter().map(|id| Value::from(*id)).collect();
        let mut tx = self.begin().await?;
        let admit = values![now, account, shard, leases.holder, *fence, now];
        let admitted = match tx.execute_in(ADMIT, admit, list.clone()).await? {
            0 => BTreeSet::new(),
            all if usize::try_from(all).is_ok_and(|all| all == actions.len()) => {
                actions.iter().copied().collect()
            }
            _ => {
                let rows: Vec<(Uuid,)> = tx.fetch_in(ADMITTED, values![account, now], list).await?;
                rows.into_iter().map(|(id,)| ActionId::from_uuid(id)).collect()
            }
        };
        tx.commit().await?;
        Ok(admitted)
    }

    /// What is not settled yet, the oldest first.
    pub async fn list_open_actions(
        &self,
        account: Option<AccountId>,
        after: Option<ActionId>,
        limit: u32,
    ) -> Result<Vec<ActionRecord>, DbError> {
        let mut listing = self.listing(OPEN);
        listing.and_equal("account_id = ?", account);
        listing.and_visible("account_id", self.access());
        listing.and_equal("action_id > ?", after);
        listing.then(" ORDER BY action_id LIMIT ?", values![limit]);
        let rows: Vec<ActionRow> = self.list(listing).await?;
        rows.into_iter().map(ActionRecord::try_from).collect()
    }

    pub async fn get_action(&self, id: ActionId) -> Result<ActionRecord, DbError> {
        let mut listing = self.listing(LIST);
        listing.and("action_id = ?", values![id]);
        listing.and_visible("account_id", self.access());
        let row: Option<ActionRow> = self.list(listing).await?.pop();
        row.ok_or(DbError::NotFound(WHAT))?.try_into()
    }

    /// Newest first; `before` is the last one of the page before.
    pub async fn list_actions(
        &self,
        filter: &ActionFilter,
        before: Option<ActionId>,
        limit: u32,
    ) -> Result<Vec<ActionRecord>, DbError> {
        let mut listing = self.listing(LIST);
        narrow(&mut listing, filter);
        listing.and_visible("account_id", self.access());
        listing.and_equal("action_id < ?", before);
        // The ids begin with their time.
        listing.then(" ORDER BY action_id DESC LIMIT ?", values![limit]);
        let rows: Vec<ActionRow> = self.list(listing).await?;
        rows.into_iter().map(ActionRecord::try_from).collect()
    }

    /// One resource's, newest first.
    pub async fn list_actions_of(&self, target: &Target, limit: u32) -> Result<Vec<ActionRecord>, DbError> {
        let filter = ActionFilter {
            account: Some(target.account),
            region: Some(target.region.clone()),
            kind: Some(target.kind),
            resource_id: Some(target.id.to_string()),
            ..ActionFilter::default()
        };
        self.list_actions(&filter, None, limit).await
    }

    pub async fn count_old_actions(&self, before: Timestamp) -> Result<u64, DbError> {
        let found: Option<(i64,)> = self.fetch_optional(COUNT_OLD, values![before]).await?;
        Ok(found.and_then(|(count,)| u64::try_from(count).ok()).unwrap_or_default())
    }

    pub async fn forget_actions(&self, before: Timestamp) -> Result<u64, DbError> {
        self.execute(FORGET, values![before]).await
    }
}

fn narrow(listing: &mut Listing, filter: &ActionFilter) {
    listing.and_equal("account_id = ?", filter.account);
    listing.and_equal("region = ?", filter.region.as_ref());
    listing.and_equal("kind = ?", filter.kind);
    listing.and_equal("resource_id = ?", filter.resource_id.as_ref());
    listing.and_equal("schedule_name = ?", filter.schedule.as_ref());
    listing.and_equal("run_id = ?", filter.run);
    listing.and_equal("action = ?", filter.action);
    listing.and_equal("status = ?", filter.status);
    listing.and_equal("decided_at >= ?", filter.from);
    listing.and_equal("decided_at < ?", filter.to);
}
