//! The savings ledger's entries: opened and closed with the decision, looked at by scans, listed for people.
//!
//! Invariant: what was promised is copied in the database from the recommendation as it stands, never sent by anyone.

use super::{
    document,
    error::DbError,
    handle::{OrgDb, OrgTx},
    pool::Engine,
    stmt::{Scoped, statements},
    time,
    value::{Value, values},
};
use crate::domain::{
    ids::{AccountId, RecommendationId, UserId},
    ledger::{Entry, SavingState, Verdict},
    money::MicroUsd,
};
use chrono::{DateTime, NaiveDate, Utc};
use jiff::Timestamp;
use uuid::Uuid;

statements! {
    scoped OPEN {
        sqlite: "INSERT INTO saving_entry (org_id, account_id, recommendation_id, implemented_at, implemented_by, note, verification, realised, peak, booked_until, body) SELECT org_id, account_id, recommendation_id, decided_at, decided_by, decision_note, 'pending', 0, 0, substr(decided_at, 1, 10), body FROM recommendation WHERE org_id = ? AND account_id = ? AND status = 'IMPLEMENTED' AND recommendation_id IN (?)",
        mysql: "INSERT INTO saving_entry (org_id, account_id, recommendation_id, implemented_at, implemented_by, note, verification, realised, peak, booked_until, body) SELECT org_id, account_id, recommendation_id, decided_at, decided_by, decision_note, 'pending', 0, 0, DATE(decided_at), body FROM recommendation WHERE org_id = ? AND account_id = ? AND status = 'IMPLEMENTED' AND recommendation_id IN (?)"
    }
    scoped CLOSE { "UPDATE saving_entry SET closed_at = ? WHERE org_id = ? AND account_id = ? AND closed_at IS NULL AND recommendation_id IN (?)" }
    scoped LIST { "SELECT r.account_id, r.recommendation_id, r.implemented_at, r.implemented_by, r.note, r.verification, r.realised, r.peak, r.remaining, r.reason, r.verified_at, r.booked_until, r.closed_at, r.counted_with, r.body, m.subject FROM saving_entry r LEFT JOIN member m ON m.org_id = r.org_id AND m.user_id = r.implemented_by AND m.erased_at IS NULL WHERE r.org_id = ?" }
    scoped DELETE_ALL { "DELETE FROM saving_entry WHERE org_id = ? AND account_id = ?" }
}

/// Of an account that goes.
pub(super) const DELETE_OF: Scoped = DELETE_ALL;

/// An entry and what the person who implemented it is called now; no name for who was erased.
#[derive(Clone, Debug, PartialEq)]
pub struct KeptEntry {
    pub entry: Entry,
    pub implemented_by_name: Option<String>,
}

/// What a list is narrowed to; everything together must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EntryFilter {
    pub account: Option<AccountId>,
    pub recommendation: Option<RecommendationId>,
    pub verification: Option<SavingState>,
    pub implemented_by: Option<UserId>,
}

/// The last one of a page; newest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EntryCursor {
    pub implemented_at: Timestamp,
    pub recommendation: RecommendationId,
}

#[derive(sqlx::FromRow)]
pub(super) struct EntryRow {
    account_id: i64,
    recommendation_id: Uuid,
    implemented_at: DateTime<Utc>,
    implemented_by: Uuid,
    note: Option<String>,
    verification: String,
    realised: i64,
    peak: i64,
    remaining: Option<i64>,
    reason: Option<String>,
    verified_at: Option<DateTime<Utc>>,
    booked_until: NaiveDate,
    closed_at: Option<DateTime<Utc>>,
    counted_with: Option<Uuid>,
    body: String,
}

#[derive(sqlx::FromRow)]
struct NamedRow {
    #[sqlx(flatten)]
    entry: EntryRow,
    subject: Option<String>,
}

impl TryFrom<EntryRow> for Entry {
    type Error = DbError;
    fn try_from(row: EntryRow) -> Result<Self, DbError> {
        let reason = |text: String| text.parse().map_err(|()| DbError::Corrupt("saving_entry.reason"));
        Ok(Self {
            account: AccountId::from_i64(row.account_id),
            recommendation: RecommendationId::from_uuid(row.recommendation_id),
            implemented_at: time::from_db(row.implemented_at),
            implemented_by: UserId::from_uuid(row.implemented_by),
            note: row.note,
            frozen: document::read(&row.body, "saving_entry.body")?,
            verdict: Verdict {
                verification: row
                    .verification
                    .parse()
                    .map_err(|()| DbError::Corrupt("saving_entry.verification"))?,
                realised: MicroUsd::new(row.realised),
                peak: MicroUsd::new(row.peak),
                remaining: row.remaining.map(MicroUsd::new),
                reason: row.reason.map(reason).transpose()?,
            },
            verified_at: row.verified_at.map(time::from_db),
            booked_until: time::date_from_db(row.booked_until),
            closed_at: row.closed_at.map(time::from_db),
            counted_with: row.counted_with.map(RecommendationId::from_uuid),
        })
    }
}

impl TryFrom<NamedRow> for KeptEntry {
    type Error = DbError;
    fn try_from(row: NamedRow) -> Result<Self, DbError> {
        Ok(Self { entry: row.entry.try_into()?, implemented_by_name: row.subject })
    }
}

impl OrgTx {
    /// Freezes recommendations that were marked as implemented in this transaction.
    pub(super) async fn open_entries(
        &mut self,
        account: AccountId,
        ids: &[RecommendationId],
    ) -> Result<(), DbError> {
        let ids = ids.iter().copied().map(Value::from).collect();
        self.execute_in(OPEN, values![account], ids).await.map(drop)
    }

    /// Nothing more is booked for them.
    pub(super) async fn close_entries(
        &mut self,
        account: AccountId,
        ids: &[RecommendationId],
        at: Timestamp,
    ) -> Result<(), DbError> {
        let ids = ids.iter().copied().map(Value::from).collect();
        self.execute_in(CLOSE, values![at, account], ids).await.map(drop)
    }
}

impl OrgDb<'_> {
    /// Newest first, beginning behind `after`.
    pub async fn list_saving_entries(
        &self,
        filter: &EntryFilter,
        after: Option<EntryCursor>,
        limit: u32,
    ) -> Result<Vec<KeptEntry>, DbError> {
        let mut listing = self.listing(LIST);
        listing.and_equal("r.account_id = ?", filter.account);
        listing.and_visible("r.account_id", self.access());
        listing.and_equal("r.recommendation_id = ?", filter.recommendation);
        listing.and_equal("r.verification = ?", filter.verification.map(SavingState::as_str));
        listing.and_equal("r.implemented_by = ?", filter.implemented_by);
        if let Some(EntryCursor { implemented_at: at, recommendation: id }) = after {
            if listing.engine() == Engine::Sqlite {
                listing.and("(r.implemented_at, r.recommendation_id) < (?, ?)", values![at, id]);
            } else {
                listing.and(
                    "(r.implemented_at < ? OR (r.implemented_at = ? AND r.recommendation_id < ?))",
                    values![at, at, id],
                );
            }
        }
        listing.then(" ORDER BY r.implemented_at DESC, r.recommendation_id DESC LIMIT ?", values![limit]);
        let rows: Vec<NamedRow> = self.list(listing).await?;
        rows.into_iter().map(KeptEntry::try_from).collect()
    }
}
