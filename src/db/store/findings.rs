//! Recommendations of a scan against those that are kept: new, changed, gone, unconfirmed, come back.
//!
//! `last_seen` is written only when a recommendation is not seen any more; while it is empty, the account's
//! last scan saw it. So an unchanged recommendation is not written again.

use super::Store;
use crate::{
    db::{
        batch::{Batch, ROWS},
        document,
        error::DbError,
        stmt::statements,
        time,
        value::{Value, values},
    },
    domain::{
        ids::RecommendationId,
        inventory::resource_key,
        recommendation::{Recommendation, RecommendationStatus},
        region::Region,
    },
};
use chrono::{DateTime, Utc};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use uuid::Uuid;

statements! {
    scoped STORED { "SELECT recommendation_id, digest, status, last_seen, decision_until FROM recommendation WHERE org_id = ? AND account_id = ?" }
    scoped UPSERT {
        sqlite: "INSERT INTO recommendation (org_id, recommendation_id, account_id, fingerprint, rule, service, region, resource_key, resource_id, status, savings, counted, is_best, first_seen, last_seen, body, digest) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (org_id, account_id, recommendation_id) DO UPDATE SET status = excluded.status, savings = excluded.savings, counted = excluded.counted, is_best = excluded.is_best, last_seen = excluded.last_seen, body = excluded.body, digest = excluded.digest",
        mysql: "INSERT INTO recommendation (org_id, recommendation_id, account_id, fingerprint, rule, service, region, resource_key, resource_id, status, savings, counted, is_best, first_seen, last_seen, body, digest) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON DUPLICATE KEY UPDATE status = VALUES(status), savings = VALUES(savings), counted = VALUES(counted), is_best = VALUES(is_best), last_seen = VALUES(last_seen), body = VALUES(body), digest = VALUES(digest)"
    }
    scoped UNSEEN { "SELECT recommendation_id, rule, region, resource_id, status FROM recommendation WHERE org_id = ? AND account_id = ? AND recommendation_id IN (?)" }
    scoped LEAVE { "UPDATE recommendation SET status = ?, last_seen = COALESCE(last_seen, ?) WHERE org_id = ? AND account_id = ? AND recommendation_id IN (?)" }
    scoped LEAVE_DECIDED { "UPDATE recommendation SET last_seen = ? WHERE org_id = ? AND account_id = ? AND last_seen IS NULL AND recommendation_id IN (?)" }
}

/// What becomes of a kept recommendation that the scan did not find again.
pub(super) struct Judge<'a> {
    pub unconfirmed: &'a (dyn Fn(&Unseen) -> bool + Sync),
    pub only_regions: Option<&'a [Region]>,
}

impl Judge<'_> {
    fn looked_at(&self, region: &Region) -> bool {
        self.only_regions.is_none_or(|regions| regions.contains(region))
    }
}

/// A kept recommendation that the scan did not find again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unseen {
    pub id: RecommendationId,
    pub rule: String,
    pub region: Region,
    pub resource_id: String,
}

struct Stored {
    id: Uuid,
    digest: [u8; 16],
    status: RecommendationStatus,
    gone: bool,
    until: Option<Timestamp>,
    seen: bool,
}

#[derive(sqlx::FromRow)]
struct StoredRow {
    recommendation_id: Uuid,
    digest: Vec<u8>,
    status: String,
    last_seen: Option<DateTime<Utc>>,
    decision_until: Option<DateTime<Utc>>,
}

#[derive(sqlx::FromRow)]
struct UnseenRow {
    recommendation_id: Uuid,
    rule: String,
    region: String,
    resource_id: String,
    status: String,
}

impl From<StoredRow> for Stored {
    fn from(row: StoredRow) -> Self {
        Self {
            id: row.recommendation_id,
            digest: row.digest.try_into().unwrap_or_default(),
            // A state that this binary does not know is treated as open: the scan decides.
            status: row.status.parse().unwrap_or(RecommendationStatus::Active),
            gone: row.last_seen.is_some(),
            until: row.decision_until.map(time::from_db),
            seen: false,
        }
    }
}

impl Stored {
    /// A decision holds until it expires; everything else that is found again is open.
    fn status_when_seen(&self, now: Timestamp) -> RecommendationStatus {
        let expired = self.until.is_some_and(|until| until <= now);
        if self.status.decided() && !expired { self.status } else { RecommendationStatus::Active }
    }

    /// Gone before and gone now needs no writing, unless it is still open.
    fn may_change_unseen(&self) -> bool {
        let open = matches!(self.status, RecommendationStatus::Active | RecommendationStatus::Stale);
        !self.seen && (!self.gone || open)
    }
}

/// The body without what changes from scan to scan; that has columns of its own.
fn body_of(recommendation: &mut Recommendation) -> String {
    let (first, last) = (recommendation.first_seen, recommendation.last_seen);
    recommendation.first_seen = Timestamp::UNIX_EPOCH;
    recommendation.last_seen = Timestamp::UNIX_EPOCH;
    recommendation.status = RecommendationStatus::Active;
    let body = document::write(recommendation);
    (recommendation.first_seen, recommendation.last_seen) = (first, last);
    body
}

fn digest_of(body: &str) -> [u8; 16] {
    let full: [u8; 32] = Sha256::digest(body.as_bytes()).into();
    full.first_chunk().copied().unwrap_or_default()
}

impl Store {
    pub(super) async fn recommendations(
        &mut self,
        mut found: Vec<Recommendation>,
        judge: &Judge<'_>,
    ) -> Result<(), DbError> {
        let mut stored: Vec<Stored> = Vec::new();
        let keep = |row: StoredRow| stored.push(row.into());
        self.tx.fetch_each(STORED, values![self.account], keep).await?;
        stored.sort_unstable_by_key(|row| row.id);
        // In the order of the table: neighbours are written together.
        found.sort_unstable_by_key(|recommendation| recommendation.recommendation_id);
        let mut batch = Batch::default();
        for recommendation in found {
            self.compare_finding(recommendation, &mut stored, &mut batch);
            if batch.is_full() {
                self.tx.flush(UPSERT, &mut batch).await?;
            }
        }
        self.tx.flush(UPSERT, &mut batch).await?;
        let unseen: Vec<Uuid> =
            stored.iter().filter(|row| row.may_change_unseen()).map(|row| row.id).collect();
        for ids in unseen.chunks(ROWS) {
            self.leave(ids, judge).await?;
        }
        Ok(())
    }

    /// Puts a recommendation into the batch if it is new, changed or come back.
    fn compare_finding(&mut self, mut found: Recommendation, stored: &mut [Stored], batch: &mut Batch) {
        let id = found.recommendation_id.uuid();
        let at = stored.binary_search_by_key(&id, |row| row.id).ok();
        let before = at.and_then(|at| stored.get_mut(at));
        let body = body_of(&mut found);
        let digest = digest_of(&body);
        let mut status = RecommendationStatus::Active;
        if let Some(before) = before {
            before.seen = true;
            status = before.status_when_seen(self.seen_at);
            if before.digest == digest && before.status == status && !before.gone {
                return;
            }
        }
        let row = self.row_of(&found, status, body, digest);
        self.tx.push(batch, row);
        self.rows.recommendations_written += 1;
    }

    fn row_of(
        &self,
        found: &Recommendation,
        status: RecommendationStatus,
        body: String,
        digest: [u8; 16],
    ) -> Vec<Value> {
        let key = resource_key(found.resource_type, self.account, &found.region, &found.resource_id);
        values![
            found.recommendation_id,
            self.account,
            &found.fingerprint,
            &found.rule,
            found.service,
            &found.region,
            key,
            &found.resource_id,
            status,
            found.estimated_monthly_savings,
            found.counted_monthly_savings,
            found.is_best_for_resource,
            found.first_seen,
            None::<Timestamp>,
            body,
            digest,
        ]
    }

    /// Those not found again: unconfirmed ones go stale, the others are resolved; decided ones keep their state.
    async fn leave(&mut self, ids: &[Uuid], judge: &Judge<'_>) -> Result<(), DbError> {
        let ids: Vec<Value> = ids.iter().copied().map(Value::from).collect();
        let rows: Vec<UnseenRow> = self.tx.fetch_in(UNSEEN, values![self.account], ids).await?;
        let (mut stale, mut resolved, mut decided) = (Vec::new(), Vec::new(), Vec::new());
        for row in rows {
            let status: Option<RecommendationStatus> = row.status.parse().ok();
            let id = Value::from(row.recommendation_id);
            let kept = row.status == RecommendationStatus::Stale.as_str();
            let unseen = Unseen {
                id: RecommendationId::from_uuid(row.recommendation_id),
                rule: row.rule,
                region: row.region.parse().map_err(|_| DbError::Corrupt("recommendation.region"))?,
                resource_id: row.resource_id,
            };
            match status {
                Some(status) if status.decided() => decided.push(id),
                _ if !judge.looked_at(&unseen.region) => {}
                _ if !(judge.unconfirmed)(&unseen) => resolved.push(id),
                _ if !kept => stale.push(id),
                _ => {}
            }
        }
        let at = self.seen_before;
        let (gone, open) = (RecommendationStatus::Resolved, RecommendationStatus::Stale);
        self.rows.recommendations_resolved +=
            self.tx.execute_in(LEAVE, values![gone, at, self.account], resolved).await?;
        self.rows.recommendations_stale +=
            self.tx.execute_in(LEAVE, values![open, at, self.account], stale).await?;
        self.rows.recommendations_written +=
            self.tx.execute_in(LEAVE_DECIDED, values![at, self.account], decided).await?;
        Ok(())
    }
}
