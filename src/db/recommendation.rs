//! Recommendations as people see them: lists, one of them.
//!
//! Every index begins with the status. A list of all states is merged from one list for each.

use super::{
    document,
    dynamic::Listing,
    error::DbError,
    handle::OrgDb,
    pool::Engine,
    stmt::statements,
    tag::{TagCondition, TagFilter},
    time,
    value::{Value, values},
};
use crate::domain::{
    ids::{AccountId, RecommendationId, UserId},
    inventory::Service,
    money::MicroUsd,
    recommendation::{Recommendation, RecommendationStatus},
    region::Region,
};
use chrono::{DateTime, Utc};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use uuid::Uuid;

statements! {
    scoped GET { "SELECT r.account_id, r.status, r.savings, r.counted, r.listed, r.first_seen, COALESCE(r.last_seen, (SELECT a.last_scan_at FROM account a WHERE a.org_id = r.org_id AND a.account_id = r.account_id)) AS last_seen, r.decided_by, r.decided_at, r.decision_note, r.decision_until, r.body FROM recommendation r WHERE r.org_id = ? AND r.recommendation_id = ?" }
    scoped LIST { "SELECT r.account_id, r.status, r.savings, r.counted, r.listed, r.first_seen, COALESCE(r.last_seen, (SELECT a.last_scan_at FROM account a WHERE a.org_id = r.org_id AND a.account_id = r.account_id)) AS last_seen, r.decided_by, r.decided_at, r.decision_note, r.decision_until, r.body FROM recommendation r WHERE r.org_id = ?" }
}

pub(super) const WHAT: &str = "recommendation";

/// A recommendation and what a person decided about it.
#[derive(Clone, Debug, PartialEq)]
pub struct KeptRecommendation {
    pub recommendation: Recommendation,
    pub decision: Option<DecisionTaken>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecisionTaken {
    pub by: UserId,
    pub at: Timestamp,
    pub note: Option<String>,
    pub until: Option<Timestamp>,
}

/// What a list is narrowed to; everything together must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecommendationFilter {
    pub account: Option<AccountId>,
    pub status: Option<RecommendationStatus>,
    pub service: Option<Service>,
    pub rule: Option<String>,
    pub region: Option<Region>,
    pub tag: Option<TagFilter>,
    pub min_savings: Option<MicroUsd>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RecommendationSort {
    /// Largest first.
    #[default]
    Savings,
    /// Newest first.
    FirstSeen,
    /// By AWS's id, ascending.
    Resource,
}

/// The last one of a page: the next page begins behind it. It fixes the order, too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RecommendationCursor {
    Savings(MicroUsd, RecommendationId),
    FirstSeen(Timestamp, RecommendationId),
    Resource(String, RecommendationId),
}

impl RecommendationCursor {
    #[must_use]
    pub fn of(last: &Recommendation, sort: RecommendationSort) -> Self {
        let id = last.recommendation_id;
        match sort {
            RecommendationSort::Savings => Self::Savings(last.estimated_monthly_savings, id),
            RecommendationSort::FirstSeen => Self::FirstSeen(last.first_seen, id),
            RecommendationSort::Resource => Self::Resource(last.resource_id.clone(), id),
        }
    }
}

#[derive(sqlx::FromRow)]
struct RecommendationRow {
    account_id: i64,
    status: String,
    savings: i64,
    counted: i64,
    listed: i64,
    first_seen: DateTime<Utc>,
    last_seen: Option<DateTime<Utc>>,
    decided_by: Option<Uuid>,
    decided_at: Option<DateTime<Utc>>,
    decision_note: Option<String>,
    decision_until: Option<DateTime<Utc>>,
    body: String,
}

impl TryFrom<RecommendationRow> for KeptRecommendation {
    type Error = DbError;
    fn try_from(row: RecommendationRow) -> Result<Self, DbError> {
        let body: Recommendation = document::read(&row.body, "recommendation.body")?;
        let first_seen = time::from_db(row.first_seen);
        let decision = row.decided_by.zip(row.decided_at).map(|(by, at)| DecisionTaken {
            by: UserId::from_uuid(by),
            at: time::from_db(at),
            note: row.decision_note,
            until: row.decision_until.map(time::from_db),
        });
        let recommendation = Recommendation {
            status: row.status.parse().map_err(|()| DbError::Corrupt("recommendation.status"))?,
            estimated_monthly_savings: MicroUsd::new(row.savings),
            counted_monthly_savings: MicroUsd::new(row.counted),
            counted_monthly_savings_at_list_price: MicroUsd::new(row.listed),
            first_seen,
            last_seen: row.last_seen.map_or(first_seen, time::from_db),
            ..body
        };
        Ok(Self { recommendation, decision })
    }
}

impl OrgDb<'_> {
    pub async fn get_recommendation(&self, id: RecommendationId) -> Result<KeptRecommendation, DbError> {
        let row: Option<RecommendationRow> = self.fetch_optional(GET, values![id]).await?;
        let row = row.ok_or(DbError::NotFound(WHAT))?;
        self.require(AccountId::from_i64(row.account_id), WHAT)?;
        row.try_into()
    }

    /// A page in the order asked for, beginning behind `after`.
    pub async fn list_recommendations(
        &self,
        filter: &RecommendationFilter,
        sort: RecommendationSort,
        after: Option<&RecommendationCursor>,
        limit: u32,
    ) -> Result<Vec<KeptRecommendation>, DbError> {
        let tag = match &filter.tag {
            Some(tag) => Some(self.look_at_tag(tag).await?),
            None => None,
        };
        let named = matches!(tag, Some(TagCondition::Few(_)));
        let lists = self.filtered_lists(filter, tag.as_ref());
        let sorted = !named && lists.len() == 1;
        let mut found: Vec<KeptRecommendation> = Vec::new();
        for mut listing in lists {
            if let Some(after) = after {
                begin_behind(&mut listing, after);
            }
            // Asked for an order, the engines would walk through it for the few that are named.
            if !named {
                listing.then(order_of(sort), values![limit]);
            }
            for row in self.list::<RecommendationRow>(listing).await? {
                found.push(row.try_into()?);
            }
        }
        if !sorted {
            found.sort_by(|a, b| sort.compare(&a.recommendation, &b.recommendation));
            found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        }
        Ok(found)
    }

    /// One for each state, or one by the resources that are named.
    fn filtered_lists(&self, filter: &RecommendationFilter, tag: Option<&TagCondition>) -> Vec<Listing> {
        if let Some(TagCondition::Few(_)) = tag {
            let mut listing = self.filtered(filter, tag);
            // The plus keeps SQLite from the indexes that begin with the status.
            listing.and_equal("+r.status = ?", filter.status);
            return vec![listing];
        }
        let statuses = filter.status.as_ref().map_or(RecommendationStatus::ALL, std::slice::from_ref);
        let of_status = |status: &RecommendationStatus| {
            let mut listing = self.filtered(filter, tag);
            listing.and("r.status = ?", values![*status]);
            listing
        };
        statuses.iter().map(of_status).collect()
    }

    fn filtered(&self, filter: &RecommendationFilter, tag: Option<&TagCondition>) -> Listing {
        let mut listing = self.listing(LIST);
        listing.and_equal("r.account_id = ?", filter.account);
        listing.and_visible("r.account_id", self.access());
        listing.and_equal("r.rule = ?", filter.rule.as_ref());
        listing.and_equal("r.service = ?", filter.service);
        listing.and_equal("r.region = ?", filter.region.as_ref());
        listing.and_equal("r.savings >= ?", filter.min_savings);
        if let Some(tag) = tag {
            tag.narrow(&mut listing);
        }
        listing
    }
}

impl RecommendationSort {
    /// The same order as [`order_of`] gives.
    fn compare(self, a: &Recommendation, b: &Recommendation) -> Ordering {
        let (id_of_a, id_of_b) = (a.recommendation_id, b.recommendation_id);
        match self {
            Self::Savings => {
                (b.estimated_monthly_savings, id_of_b).cmp(&(a.estimated_monthly_savings, id_of_a))
            }
            Self::FirstSeen => (b.first_seen, id_of_b).cmp(&(a.first_seen, id_of_a)),
            Self::Resource => (&a.resource_id, id_of_a).cmp(&(&b.resource_id, id_of_b)),
        }
    }
}

const fn order_of(sort: RecommendationSort) -> &'static str {
    match sort {
        RecommendationSort::Savings => " ORDER BY r.savings DESC, r.recommendation_id DESC LIMIT ?",
        RecommendationSort::FirstSeen => " ORDER BY r.first_seen DESC, r.recommendation_id DESC LIMIT ?",
        RecommendationSort::Resource => " ORDER BY r.resource_id, r.recommendation_id LIMIT ?",
    }
}

/// Rows behind the last one. SQLite compares rows through an index, MySQL wants the same said with OR.
fn begin_behind(listing: &mut Listing, after: &RecommendationCursor) {
    let sqlite = listing.engine() == Engine::Sqlite;
    let (by_row, by_or, value, id): (_, _, Value, _) = match after {
        RecommendationCursor::Savings(savings, id) => (
            "(r.savings, r.recommendation_id) < (?, ?)",
            "(r.savings < ? OR (r.savings = ? AND r.recommendation_id < ?))",
            (*savings).into(),
            *id,
        ),
        RecommendationCursor::FirstSeen(at, id) => (
            "(r.first_seen, r.recommendation_id) < (?, ?)",
            "(r.first_seen < ? OR (r.first_seen = ? AND r.recommendation_id < ?))",
            (*at).into(),
            *id,
        ),
        RecommendationCursor::Resource(resource, id) => (
            "(r.resource_id, r.recommendation_id) > (?, ?)",
            "(r.resource_id > ? OR (r.resource_id = ? AND r.recommendation_id > ?))",
            resource.into(),
            *id,
        ),
    };
    if sqlite {
        listing.and(by_row, [value, id.into()]);
    } else {
        listing.and(by_or, [value.clone(), value, id.into()]);
    }
}
