//! Totals over all accounts that the caller may see, from the roll-up that each scan writes.

use crate::{
    app::App,
    db::SavingsSummary,
    domain::{ids::AccountId, recommendation::RecommendationStatus},
    error::Error,
    op::OpCx,
};

/// What is open now: each resource counted once.
pub async fn summarize(app: &App, cx: &OpCx, account: Option<AccountId>) -> Result<SavingsSummary, Error> {
    let db = app.database.scoped(&cx.scope);
    Ok(db.summarize_savings(RecommendationStatus::Active, account).await?)
}
