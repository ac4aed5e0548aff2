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
        recommendation_event::Step,
        stmt::statements,
        time,
        value::{Value, values},
    },
    domain::{
        ids::{AccountId, RecommendationId},
        inventory::{ResourceKind, resource_key},
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
        sqlite: "INSERT INTO recommendation (org_id, recommendation_id, account_id, fingerprint, rule, service, region, resource_key, resource_id, status, savings, counted, listed, is_best, first_seen, last_seen, body, digest) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (org_id, account_id, recommendation_id) DO UPDATE SET status = excluded.status, savings = excluded.savings, counted = excluded.counted, listed = excluded.listed, is_best = excluded.is_best, last_seen = excluded.last_seen, body = excluded.body, digest = excluded.digest",
        mysql: "INSERT INTO recommendation (org_id, recommendation_id, account_id, fingerprint, rule, service, region, resource_key, resource_id, status, savings, counted, listed, is_best, first_seen, last_seen, body, digest) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON DUPLICATE KEY UPDATE status = VALUES(status), savings = VALUES(savings), counted = VALUES(counted), listed = VALUES(listed), is_best = VALUES(is_best), last_seen = VALUES(last_seen), body = VALUES(body), digest = VALUES(digest)"
    }
    scoped UNSEEN { "SELECT recommendation_id, rule, region, resource_key, resource_id, status FROM recommendation WHERE org_id = ? AND account_id = ? AND recommendation_id IN (?)" }
    scoped LEAVE { "UPDATE recommendation SET status = ?, last_seen = COALESCE(last_seen, ?) WHERE org_id = ? AND account_id = ? AND recommendation_id IN (?)" }
    scoped LEAVE_DECIDED { "UPDATE recommendation SET last_seen = ? WHERE org_id = ? AND account_id = ? AND last_seen IS NULL AND recommendation_id IN (?)" }
}

/// What becomes of a kept recommendation that the scan did not find again.
pub(super) struct Judge<'a> {
    pub unconfirmed: &'a (dyn Fn(&Unseen) -> bool + Sync),
    pub switched_off: &'a (dyn Fn(&Unseen) -> bool + Sync),
    pub only_regions: Option<&'a [Region]>,
}

impl Judge<'_> {
    fn looked_at(&self, region: &Region) -> bool {
        self.only_regions.is_none_or(|regions| regions.contains(region))
    }

    /// What it is from now on; none where nothing follows.
    fn status_of(&self, unseen: &Unseen) -> Option<RecommendationStatus> {
        if (self.switched_off)(unseen) {
            Some(RecommendationStatus::Excluded)
        } else if !self.looked_at(&unseen.region) {
            None
        } else if (self.unconfirmed)(unseen) {
            Some(RecommendationStatus::Stale)
        } else {
            Some(RecommendationStatus::Resolved)
        }
    }
}

/// A kept recommendation that the scan did not find again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unseen {
    pub id: RecommendationId,
    pub rule: String,
    pub region: Region,
    /// None where this binary does not know the kind any more.
    pub kind: Option<ResourceKind>,
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
    resource_key: Uuid,
    resource_id: String,
    status: String,
}

impl UnseenRow {
    /// The kind stands in the key alone.
    fn seen_as(&self, account: AccountId) -> Result<Unseen, DbError> {
        let region: Region = self.region.parse().map_err(|_| DbError::Corrupt("recommendation.region"))?;
        let key = |kind| resource_key(kind, account, &region, &self.resource_id).uuid();
        Ok(Unseen {
            id: RecommendationId::from_uuid(self.recommendation_id),
            rule: self.rule.clone(),
            kind: ResourceKind::ALL.iter().copied().find(|kind| key(*kind) == self.resource_key),
            resource_id: self.resource_id.clone(),
            region,
        })
    }
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
    /// A decision holds until it expires; everything else that is found again is as it was found.
    fn status_when_seen(&self, found: RecommendationStatus, now: Timestamp) -> RecommendationStatus {
        let expired = self.until.is_some_and(|until| until <= now);
        if self.status.decided() && !expired { self.status } else { found }
    }

    /// Gone before and gone now needs no writing, unless it is still open.
    fn may_change_unseen(&self) -> bool {
        let open = matches!(
            self.status,
            RecommendationStatus::Active | RecommendationStatus::Stale | RecommendationStatus::Excluded
        );
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

/// The ids of those that were not found again, by what they become.
#[derive(Default)]
struct Left {
    resolved: Vec<Value>,
    stale: Vec<Value>,
    excluded: Vec<Value>,
}

impl Left {
    const fn list_of(&mut self, status: RecommendationStatus) -> &mut Vec<Value> {
        match status {
            RecommendationStatus::Excluded => &mut self.excluded,
            RecommendationStatus::Stale => &mut self.stale,
            _ => &mut self.resolved,
        }
    }
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
        let (mut batch, mut steps) = (Batch::default(), Batch::default());
        for recommendation in found {
            if let Some(step) = self.compare_finding(recommendation, &mut stored, &mut batch) {
                self.tx.push_step(&mut steps, self.account, step);
            }
            if batch.is_full() {
                self.tx.flush(UPSERT, &mut batch).await?;
                self.tx.flush_steps(&mut steps).await?;
            }
        }
        self.tx.flush(UPSERT, &mut batch).await?;
        self.tx.flush_steps(&mut steps).await?;
        let unseen: Vec<Uuid> =
            stored.iter().filter(|row| row.may_change_unseen()).map(|row| row.id).collect();
        for ids in unseen.chunks(ROWS) {
            self.leave(ids, judge).await?;
        }
        Ok(())
    }

    /// Puts a recommendation into the batch if it is new, changed or come back; gives its change of state.
    fn compare_finding(
        &mut self,
        mut found: Recommendation,
        stored: &mut [Stored],
        batch: &mut Batch,
    ) -> Option<Step> {
        let id = found.recommendation_id.uuid();
        let at = stored.binary_search_by_key(&id, |row| row.id).ok();
        let before = at.and_then(|at| stored.get_mut(at));
        let mut status = found.status;
        let body = body_of(&mut found);
        let digest = digest_of(&body);
        let mut step = None;
        if let Some(before) = before {
            before.seen = true;
            status = before.status_when_seen(status, self.seen_at);
            if before.digest == digest && before.status == status && !before.gone {
                return None;
            }
            let changed = Step::by_itself(found.recommendation_id, self.seen_at, before.status, status);
            step = (before.status != status).then_some(changed);
        }
        let row = self.row_of(&found, status, body, digest);
        self.tx.push(batch, row);
        self.rows.recommendations_written += 1;
        step
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
            found.counted_monthly_savings_at_list_price,
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
        let (mut left, mut decided, mut steps) = (Left::default(), Vec::new(), Batch::default());
        for row in rows {
            let before: Option<RecommendationStatus> = row.status.parse().ok();
            let unseen = row.seen_as(self.account)?;
            let after = judge.status_of(&unseen);
            match (before, after) {
                // Where the scan did not look, it is as it was.
                (Some(before), after) if before.decided() => {
                    decided.extend(after.map(|_| Value::from(unseen.id)));
                }
                (before, Some(after)) if before != Some(after) => {
                    left.list_of(after).push(unseen.id.into());
                    let before = before.unwrap_or(RecommendationStatus::Active);
                    let step = Step::by_itself(unseen.id, self.seen_at, before, after);
                    self.tx.push_step(&mut steps, self.account, step);
                }
                _ => {}
            }
        }
        self.tx.flush_steps(&mut steps).await?;
        self.write_left(left).await?;
        let at = self.seen_before;
        self.rows.recommendations_written +=
            self.tx.execute_in(LEAVE_DECIDED, values![at, self.account], decided).await?;
        Ok(())
    }

    async fn write_left(&mut self, left: Left) -> Result<(), DbError> {
        let (at, account) = (self.seen_before, self.account);
        let of = |status: RecommendationStatus| values![status, at, account];
        self.rows.recommendations_resolved +=
            self.tx.execute_in(LEAVE, of(RecommendationStatus::Resolved), left.resolved).await?;
        self.rows.recommendations_stale +=
            self.tx.execute_in(LEAVE, of(RecommendationStatus::Stale), left.stale).await?;
        self.rows.recommendations_written +=
            self.tx.execute_in(LEAVE, of(RecommendationStatus::Excluded), left.excluded).await?;
        Ok(())
    }
}
