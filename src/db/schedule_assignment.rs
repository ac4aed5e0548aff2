//! Which accounts, regions and tags follow a schedule without a tag `Schedule` of their own.

use super::{
    error::DbError,
    handle::{OrgDb, OrgTx},
    schedule_change::Stamp,
    stmt::statements,
    time,
    value::values,
};
use crate::domain::{
    ids::{AccountId, AssignmentId, ScheduleId},
    schedule::Assignment,
};
use chrono::{DateTime, Utc};
use uuid::Uuid;

statements! {
    scoped LIST { "SELECT assignment_id, schedule_id, account_id, region, tag_key, tag_value, created_at, created_by FROM schedule_assignment WHERE org_id = ?" }
    scoped ALL_OF { "SELECT assignment_id, schedule_id, account_id, region, tag_key, tag_value, created_at, created_by FROM schedule_assignment WHERE org_id = ? ORDER BY assignment_id" }
    scoped INSERT { "INSERT INTO schedule_assignment (org_id, assignment_id, schedule_id, account_id, region, tag_key, tag_value, created_at, created_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)" }
    scoped DELETE { "DELETE FROM schedule_assignment WHERE org_id = ? AND assignment_id = ?" }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptAssignment {
    pub assignment: Assignment,
    pub created_by: String,
}

#[derive(sqlx::FromRow)]
struct AssignmentRow {
    assignment_id: Uuid,
    schedule_id: Uuid,
    account_id: i64,
    region: Option<String>,
    tag_key: Option<String>,
    tag_value: Option<String>,
    created_at: DateTime<Utc>,
    created_by: String,
}

impl TryFrom<AssignmentRow> for KeptAssignment {
    type Error = DbError;
    fn try_from(row: AssignmentRow) -> Result<Self, DbError> {
        let region = row.region.map(|text| text.parse()).transpose();
        let assignment = Assignment {
            id: AssignmentId::from_uuid(row.assignment_id),
            schedule: ScheduleId::from_uuid(row.schedule_id),
            account: AccountId::from_i64(row.account_id),
            region: region.map_err(|_| DbError::Corrupt("schedule_assignment.region"))?,
            tag: row.tag_key.map(|key| (key, row.tag_value.unwrap_or_default())),
            created_at: time::from_db(row.created_at),
        };
        Ok(Self { assignment, created_by: row.created_by })
    }
}

fn read(rows: Vec<AssignmentRow>) -> Result<Vec<KeptAssignment>, DbError> {
    rows.into_iter().map(KeptAssignment::try_from).collect()
}

impl OrgDb<'_> {
    /// Of one schedule, in the order in which they were made, in the accounts that the caller sees.
    pub async fn list_assignments(
        &self,
        schedule: Option<ScheduleId>,
        after: Option<AssignmentId>,
        limit: u32,
    ) -> Result<Vec<KeptAssignment>, DbError> {
        let mut listing = self.listing(LIST);
        listing.and_equal("schedule_id = ?", schedule);
        listing.and_equal("assignment_id > ?", after);
        listing.and_visible("account_id", self.access());
        listing.then(" ORDER BY assignment_id LIMIT ?", values![limit]);
        read(self.list(listing).await?)
    }

    pub(super) async fn all_assignments(&self) -> Result<Vec<KeptAssignment>, DbError> {
        read(self.fetch_all(ALL_OF, vec![]).await?)
    }
}

pub(super) async fn all_in(tx: &mut OrgTx) -> Result<Vec<KeptAssignment>, DbError> {
    read(tx.fetch_all(ALL_OF, vec![]).await?)
}

pub(super) async fn create(tx: &mut OrgTx, new: &Assignment, stamp: &Stamp<'_>) -> Result<(), DbError> {
    let (key, value) = new.tag.clone().unzip();
    let values =
        values![new.id, new.schedule, new.account, new.region.as_ref(), key, value, new.created_at, stamp.by];
    tx.execute(INSERT, values).await.map(drop).map_err(|e| e.or_missing(super::account::WHAT))
}

pub(super) async fn delete(tx: &mut OrgTx, id: AssignmentId) -> Result<(), DbError> {
    tx.execute(DELETE, values![id]).await.map(drop)
}
