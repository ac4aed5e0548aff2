//! Overrides: of a schedule or of one resource, always with an end.
//!
//! Rows stay when they are over: they tell who decided what. Ended early, `ended_at` is when.

use super::{
    error::DbError,
    handle::{OrgDb, OrgTx},
    stmt::statements,
    time,
    value::{Value, values},
};
use crate::domain::{
    ids::{AccountId, OverrideId, ScheduleId, UserId},
    schedule::{Override, OverrideScope, Target},
};
use chrono::{DateTime, Utc};
use jiff::Timestamp;
use uuid::Uuid;

statements! {
    scoped LIST { "SELECT override_id, schedule_id, account_id, region, kind, resource_id, state, reason, from_at, until_at, ended_at, actor_id, actor_name, created_at FROM schedule_override WHERE org_id = ?" }
    scoped NOT_OVER { "SELECT override_id, schedule_id, account_id, region, kind, resource_id, state, reason, from_at, until_at, ended_at, actor_id, actor_name, created_at FROM schedule_override WHERE org_id = ? AND until_at > ? AND (ended_at IS NULL OR ended_at > ?) ORDER BY override_id" }
    scoped INSERT { "INSERT INTO schedule_override (org_id, override_id, schedule_id, account_id, region, kind, resource_id, state, reason, from_at, until_at, actor_id, actor_name, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)" }
    scoped END { "UPDATE schedule_override SET ended_at = ? WHERE org_id = ? AND override_id = ? AND ended_at IS NULL" }
    scoped DELETE_OF_SCHEDULE { "DELETE FROM schedule_override WHERE org_id = ? AND schedule_id = ?" }
}

const WHAT: &str = "override";
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptOverride {
    /// Its `until` is when it was ended, if it was.
    pub what: Override,
    pub planned_until: Timestamp,
    pub ended_at: Option<Timestamp>,
    pub created_at: Timestamp,
}

/// What a list is narrowed to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OverrideFilter {
    pub schedule: Option<ScheduleId>,
    pub account: Option<AccountId>,
    /// Set by this member. No index serves it: rarely asked.
    pub actor: Option<UserId>,
    /// Without those that were over by then.
    pub not_over_at: Option<Timestamp>,
}

#[derive(sqlx::FromRow)]
struct OverrideRow {
    override_id: Uuid,
    schedule_id: Option<Uuid>,
    account_id: Option<i64>,
    region: Option<String>,
    kind: Option<String>,
    resource_id: Option<String>,
    state: String,
    reason: String,
    from_at: DateTime<Utc>,
    until_at: DateTime<Utc>,
    ended_at: Option<DateTime<Utc>>,
    actor_id: Uuid,
    actor_name: String,
    created_at: DateTime<Utc>,
}

impl OverrideRow {
    fn scope(&self) -> Result<OverrideScope, DbError> {
        if let Some(schedule) = self.schedule_id {
            return Ok(OverrideScope::Schedule(ScheduleId::from_uuid(schedule)));
        }
        let (Some(account), Some(region), Some(kind), Some(id)) =
            (self.account_id, &self.region, &self.kind, &self.resource_id)
        else {
            return Err(DbError::Corrupt("schedule_override.resource_id"));
        };
        Ok(OverrideScope::Resource(Target {
            account: AccountId::from_i64(account),
            region: region.parse().map_err(|_| DbError::Corrupt("schedule_override.region"))?,
            kind: kind.parse().map_err(|()| DbError::Corrupt("schedule_override.kind"))?,
            id: id.as_str().into(),
        }))
    }
}

impl TryFrom<OverrideRow> for KeptOverride {
    type Error = DbError;
    fn try_from(row: OverrideRow) -> Result<Self, DbError> {
        let planned_until = time::from_db(row.until_at);
        let ended_at = row.ended_at.map(time::from_db);
        let what = Override {
            id: OverrideId::from_uuid(row.override_id),
            scope: row.scope()?,
            state: row.state.parse().map_err(|()| DbError::Corrupt("schedule_override.state"))?,
            reason: row.reason,
            from: time::from_db(row.from_at),
            until: ended_at.map_or(planned_until, |ended| ended.min(planned_until)),
            actor: UserId::from_uuid(row.actor_id),
            actor_name: row.actor_name,
        };
        Ok(Self { what, planned_until, ended_at, created_at: time::from_db(row.created_at) })
    }
}

fn read(rows: Vec<OverrideRow>) -> Result<Vec<KeptOverride>, DbError> {
    rows.into_iter().map(KeptOverride::try_from).collect()
}

impl OrgDb<'_> {
    pub async fn get_override(&self, id: OverrideId) -> Result<KeptOverride, DbError> {
        let mut listing = self.listing(LIST);
        listing.and("override_id = ?", values![id]);
        self.see_overrides(&mut listing);
        let found = read(self.list(listing).await?)?.pop();
        found.ok_or(DbError::NotFound(WHAT))
    }

    /// The newest first; `before` is the last one of the page before.
    pub async fn list_overrides(
        &self,
        filter: &OverrideFilter,
        before: Option<OverrideId>,
        limit: u32,
    ) -> Result<Vec<KeptOverride>, DbError> {
        let mut listing = self.listing(LIST);
        listing.and_equal("schedule_id = ?", filter.schedule);
        listing.and_equal("account_id = ?", filter.account);
        listing.and_equal("actor_id = ?", filter.actor);
        listing.and_equal("until_at > ?", filter.not_over_at);
        listing.and_equal("(ended_at IS NULL OR ended_at > ?)", filter.not_over_at);
        listing.and_equal("override_id < ?", before);
        self.see_overrides(&mut listing);
        listing.then(" ORDER BY override_id DESC LIMIT ?", values![limit]);
        read(self.list(listing).await?)
    }

    /// Those of schedules belong to the whole organisation.
    fn see_overrides(&self, listing: &mut super::dynamic::Listing) {
        if let crate::domain::scope::AccountAccess::Only(accounts) = self.access() {
            listing.and("(schedule_id IS NOT NULL OR account_id", []);
            listing.then_any_of(accounts.iter().map(|account| Value::from(*account)));
            listing.then(")", []);
        }
    }

    pub(super) async fn overrides_not_over(&self, at: Timestamp) -> Result<Vec<KeptOverride>, DbError> {
        read(self.fetch_all(NOT_OVER, values![at, at]).await?)
    }
}

pub(super) async fn not_over_in(tx: &mut OrgTx, at: Timestamp) -> Result<Vec<KeptOverride>, DbError> {
    read(tx.fetch_all(NOT_OVER, values![at, at]).await?)
}

pub(super) async fn create(tx: &mut OrgTx, new: &Override, at: Timestamp) -> Result<(), DbError> {
    let (schedule, target) = match &new.scope {
        OverrideScope::Schedule(schedule) => (Some(*schedule), None),
        OverrideScope::Resource(target) => (None, Some(target)),
    };
    let values = values![
        new.id,
        schedule,
        target.map(|target| target.account),
        target.map(|target| &target.region),
        target.map(|target| target.kind),
        target.map(|target| target.id.clone()),
        new.state,
        &new.reason,
        new.from,
        new.until,
        new.actor,
        &new.actor_name,
        at,
    ];
    tx.execute(INSERT, values).await.map(drop).map_err(|e| e.or_missing(super::account::WHAT))
}

pub(super) async fn end(tx: &mut OrgTx, id: OverrideId, at: Timestamp) -> Result<(), DbError> {
    tx.execute(END, values![at, id]).await.map(drop)
}

pub(super) async fn delete_of(tx: &mut OrgTx, schedule: ScheduleId) -> Result<(), DbError> {
    tx.execute(DELETE_OF_SCHEDULE, values![schedule]).await.map(drop)
}
