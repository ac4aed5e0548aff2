//! One decision about many recommendations: all that a filter names, in one state.
//!
//! The history tells of each; the audit has one entry with their number. An account's recommendations change
//! together, in one transaction; what changed its state meanwhile is left alone.

pub use super::decisions::Decision;
use super::decisions::{check, require_follows};
use crate::{
    app::App,
    db::{RecommendationFilter, RecommendationSort, Taken},
    domain::{
        ids::{AccountId, RecommendationId},
        recommendation::RecommendationStatus,
    },
    error::{Error, ErrorCode},
    op::OpCx,
};
use std::collections::BTreeMap;

/// More at once nobody has looked at.
pub const MOST: u32 = 1_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Only counted.
    DryRun,
    /// Refused where there are not exactly so many, if a number is given.
    Decide { expected: Option<u64> },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BulkOutcome {
    /// How many the filter names.
    pub matched: u64,
    /// How many changed.
    pub changed: u64,
}

/// Decides about all that the filter names; its state must be given.
pub async fn decide_many(
    app: &App,
    cx: &OpCx,
    filter: &RecommendationFilter,
    decision: &Decision,
    mode: Mode,
) -> Result<BulkOutcome, Error> {
    check(decision, cx.now)?;
    let before = filter.status.ok_or_else(|| Error::invalid_field("status", "name one state, not ANY"))?;
    require_follows(before, decision)?;
    let by_account = find(app, cx, filter).await?;
    let matched = by_account.values().map(Vec::len).sum::<usize>();
    let matched = u64::try_from(matched).unwrap_or(u64::MAX);
    let Mode::Decide { expected } = mode else { return Ok(BulkOutcome { matched, changed: 0 }) };
    if expected.is_some_and(|expected| expected != matched) {
        let detail =
            format!("the filter names {matched} recommendations now; look at them and send that number");
        return Err(Error::new(ErrorCode::Conflict, detail));
    }
    let changed = write(app, cx, &by_account, (before, decision)).await?;
    Ok(BulkOutcome { matched, changed })
}

type ByAccount = BTreeMap<AccountId, Vec<RecommendationId>>;

async fn find(app: &App, cx: &OpCx, filter: &RecommendationFilter) -> Result<ByAccount, Error> {
    let db = app.database.scoped(&cx.scope);
    let found = db.list_recommendations(filter, RecommendationSort::Savings, None, MOST + 1).await?;
    if found.len() > usize::try_from(MOST).unwrap_or(usize::MAX) {
        let detail = format!("the filter names more than {MOST} recommendations; narrow it");
        return Err(Error::new(ErrorCode::Unprocessable, detail));
    }
    let mut by_account = ByAccount::new();
    for kept in found {
        let found = kept.recommendation;
        by_account.entry(found.account_id).or_default().push(found.recommendation_id);
    }
    Ok(by_account)
}

async fn write(
    app: &App,
    cx: &OpCx,
    by_account: &ByAccount,
    (before, decision): (RecommendationStatus, &Decision),
) -> Result<u64, Error> {
    let db = app.database.scoped(&cx.scope);
    let taken = Taken { decision, by: cx.actor.user_id, at: cx.now };
    let mut changed = 0;
    for (account, ids) in by_account {
        changed += db.decide_recommendations(*account, ids, before, &taken).await?;
    }
    Ok(changed)
}
