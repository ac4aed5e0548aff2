//! The kept list of recommendations and its totals.

use crate::{
    app::App,
    db::{KeptRecommendation, RecommendationCursor, RecommendationFilter, RecommendationSort},
    domain::ids::RecommendationId,
    error::Error,
    op::OpCx,
};

/// One page, in the order of the sort; `after` is the cursor of the last one of the page before.
pub async fn list(
    app: &App,
    cx: &OpCx,
    filter: &RecommendationFilter,
    sort: RecommendationSort,
    after: Option<&RecommendationCursor>,
    limit: u32,
) -> Result<Vec<KeptRecommendation>, Error> {
    Ok(app.database.scoped(&cx.scope).list_recommendations(filter, sort, after, limit).await?)
}

pub async fn get(app: &App, cx: &OpCx, id: RecommendationId) -> Result<KeptRecommendation, Error> {
    Ok(app.database.scoped(&cx.scope).get_recommendation(id).await?)
}
