//! Approvals: asked for by a tick, decided by an administrator once.

use super::{
    document, dynamic::Listing, error::DbError, handle::OrgDb, stmt::statements, time, value::values,
};
use crate::domain::{
    ids::{AccountId, ApprovalId},
    schedule::{Approval, ApprovalDecision, ApprovalStatus, ApprovalSubject, WaitingResource},
};
use chrono::{DateTime, Utc};
use jiff::Timestamp;
use uuid::Uuid;

statements! {
    scoped COUNT_OLD { "SELECT COUNT(*) FROM scheduler_approval WHERE org_id = ? AND standing = 0 AND expires_at < ?" }
    scoped FORGET { "DELETE FROM scheduler_approval WHERE org_id = ? AND standing = 0 AND expires_at < ?" }
    scoped INSERT { "INSERT INTO scheduler_approval (org_id, approval_id, account_id, schedule_name, revision, action, resource_count, resources, reason, status, standing, requested_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)" }
    scoped LIST { "SELECT approval_id, account_id, schedule_name, revision, action, resources, reason, status, standing, requested_at, expires_at, decided_at, decided_by, note FROM scheduler_approval WHERE org_id = ?" }
    scoped OF_SUBJECT { "SELECT approval_id, account_id, schedule_name, revision, action, resources, reason, status, standing, requested_at, expires_at, decided_at, decided_by, note FROM scheduler_approval WHERE org_id = ? AND account_id = ? AND status = ? AND schedule_name = ? AND revision = ? AND action = ? ORDER BY approval_id DESC LIMIT 20" }
    scoped DECIDE { "UPDATE scheduler_approval SET status = ?, standing = ?, decided_at = ?, decided_by = ?, note = ? WHERE org_id = ? AND approval_id = ? AND status = 'open' AND expires_at > ?" }
    scoped USE { "UPDATE scheduler_approval SET status = 'used' WHERE org_id = ? AND approval_id = ? AND status = 'approved' AND standing = 0" }
}

const WHAT: &str = "approval";

/// What a tick asks for. Ask once: see [`OrgDb::find_open_approval`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewApproval {
    pub id: ApprovalId,
    pub subject: ApprovalSubject,
    pub resources: Vec<WaitingResource>,
    /// At most 500 characters.
    pub reason: String,
    pub requested_at: Timestamp,
    pub expires_at: Timestamp,
}

/// What a list is narrowed to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ApprovalFilter {
    pub account: Option<AccountId>,
    pub status: Option<ApprovalStatus>,
    /// Without those that are open and were not decided in time.
    pub not_expired_at: Option<Timestamp>,
}

#[derive(sqlx::FromRow)]
struct ApprovalRow {
    approval_id: Uuid,
    account_id: i64,
    schedule_name: String,
    revision: i64,
    action: String,
    resources: String,
    reason: String,
    status: String,
    standing: i64,
    requested_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    decided_at: Option<DateTime<Utc>>,
    decided_by: Option<String>,
    note: Option<String>,
}

impl TryFrom<ApprovalRow> for Approval {
    type Error = DbError;
    fn try_from(row: ApprovalRow) -> Result<Self, DbError> {
        let resources: Vec<WaitingResource> = document::read(&row.resources, "scheduler_approval.resources")?;
        Ok(Self {
            id: ApprovalId::from_uuid(row.approval_id),
            subject: ApprovalSubject {
                account: AccountId::from_i64(row.account_id),
                schedule_name: row.schedule_name,
                revision: row.revision,
                action: row.action.parse().map_err(|()| DbError::Corrupt("scheduler_approval.action"))?,
            },
            resources,
            reason: row.reason,
            status: row.status.parse().map_err(|()| DbError::Corrupt("scheduler_approval.status"))?,
            standing: row.standing != 0,
            requested_at: time::from_db(row.requested_at),
            expires_at: time::from_db(row.expires_at),
            decided_at: row.decided_at.map(time::from_db),
            decided_by: row.decided_by,
            note: row.note,
        })
    }
}

impl OrgDb<'_> {
    pub async fn create_approval(&self, new: &NewApproval) -> Result<(), DbError> {
        let subject = &new.subject;
        self.require(subject.account, super::account::WHAT)?;
        let values = values![
            new.id,
            subject.account,
            &subject.schedule_name,
            subject.revision,
            subject.action,
            i64::try_from(new.resources.len()).unwrap_or(i64::MAX),
            document::write(&new.resources),
            &new.reason,
            ApprovalStatus::Open,
            false,
            new.requested_at,
            new.expires_at,
        ];
        self.execute(INSERT, values).await.map(drop).map_err(|e| e.or_missing(super::account::WHAT))
    }

    pub async fn get_approval(&self, id: ApprovalId) -> Result<Approval, DbError> {
        let mut listing = self.listing(LIST);
        listing.and("approval_id = ?", values![id]);
        listing.and_visible("account_id", self.access());
        let row: Option<ApprovalRow> = self.list(listing).await?.pop();
        row.ok_or(DbError::NotFound(WHAT))?.try_into()
    }

    /// The newest first; `before` is the last one of the page before.
    pub async fn list_approvals(
        &self,
        filter: &ApprovalFilter,
        before: Option<ApprovalId>,
        limit: u32,
    ) -> Result<Vec<Approval>, DbError> {
        let mut listing = self.listing(LIST);
        narrow(&mut listing, filter);
        listing.and_visible("account_id", self.access());
        listing.and_equal("approval_id < ?", before);
        listing.then(" ORDER BY approval_id DESC LIMIT ?", values![limit]);
        let rows: Vec<ApprovalRow> = self.list(listing).await?;
        rows.into_iter().map(Approval::try_from).collect()
    }

    /// The newest one that still waits for a decision.
    pub async fn find_open_approval(
        &self,
        subject: &ApprovalSubject,
        now: Timestamp,
    ) -> Result<Option<Approval>, DbError> {
        let all = self.of_subject(subject, ApprovalStatus::Open).await?;
        Ok(all.into_iter().find(|approval| approval.is_open(now)))
    }

    /// A standing one, or the newest that is for once and not used up or expired.
    pub async fn find_approved_approval(
        &self,
        subject: &ApprovalSubject,
        now: Timestamp,
    ) -> Result<Option<Approval>, DbError> {
        let mut all = self.of_subject(subject, ApprovalStatus::Approved).await?;
        all.retain(|approval| approval.standing || now < approval.expires_at);
        let standing = all.iter().position(|approval| approval.standing).unwrap_or_default();
        Ok(all.into_iter().nth(standing))
    }

    /// The newest one that was refused and would still wait: asking again at once would be pestering.
    pub async fn find_refused_approval(
        &self,
        subject: &ApprovalSubject,
        now: Timestamp,
    ) -> Result<Option<Approval>, DbError> {
        let all = self.of_subject(subject, ApprovalStatus::Refused).await?;
        Ok(all.into_iter().find(|approval| now < approval.expires_at))
    }

    async fn of_subject(
        &self,
        subject: &ApprovalSubject,
        status: ApprovalStatus,
    ) -> Result<Vec<Approval>, DbError> {
        let values =
            values![subject.account, status, &subject.schedule_name, subject.revision, subject.action];
        let rows: Vec<ApprovalRow> = self.fetch_all(OF_SUBJECT, values).await?;
        rows.into_iter().map(Approval::try_from).collect()
    }

    /// False if it was decided before, or has expired.
    pub async fn decide_approval(
        &self,
        id: ApprovalId,
        decision: ApprovalDecision,
        note: Option<&str>,
        by: &str,
        now: Timestamp,
    ) -> Result<bool, DbError> {
        self.get_approval(id).await?;
        let standing = decision == ApprovalDecision::ApproveStanding;
        let values = values![decision.status(), standing, now, by, note, id, now];
        Ok(self.execute(DECIDE, values).await? == 1)
    }

    pub async fn count_old_approvals(&self, expired_before: Timestamp) -> Result<u64, DbError> {
        let found: Option<(i64,)> = self.fetch_optional(COUNT_OLD, values![expired_before]).await?;
        Ok(found.and_then(|(count,)| u64::try_from(count).ok()).unwrap_or_default())
    }

    /// Deletes those that were for once; standing ones stay with their schedule.
    pub async fn forget_approvals(&self, expired_before: Timestamp) -> Result<u64, DbError> {
        self.execute(FORGET, values![expired_before]).await
    }

    /// One that was for once has served; nothing happens to a standing one.
    pub async fn use_approval(&self, id: ApprovalId) -> Result<(), DbError> {
        self.execute(USE, values![id]).await.map(drop)
    }
}

fn narrow(listing: &mut Listing, filter: &ApprovalFilter) {
    listing.and_equal("account_id = ?", filter.account);
    listing.and_equal("status = ?", filter.status);
    listing.and_equal("(status <> 'open' OR expires_at > ?)", filter.not_expired_at);
}
