//! `POST /recommendations/{id}/…`: snooze, dismiss, implement, reopen.

use crate::{
    app::App,
    domain::{ids::RecommendationId, recommendation::Recommendation},
    error::Error,
    http::{
        access::{Access, needs},
        json::Json,
        routes::{Routes, routes},
    },
    op::OpCx,
    service::decisions::{Decision, decide},
};
use actix_web::web;
use jiff::Timestamp;
use serde::Deserialize;
use utoipa::ToSchema;

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SnoozeBody {
    /// When it opens again: a time in the future.
    #[schema(value_type = String, format = "date-time")]
    until: Timestamp,
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DismissBody {
    #[schema(min_length = 1, max_length = 1000)]
    reason: String,
    /// For good where it is left out.
    #[schema(value_type = Option<String>, format = "date-time")]
    until: Option<Timestamp>,
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ImplementBody {
    /// What was done, for those who come after.
    #[schema(max_length = 1000)]
    note: Option<String>,
}

async fn answer(
    app: &App,
    cx: &OpCx,
    id: RecommendationId,
    decision: Decision,
) -> Result<Json<Recommendation>, Error> {
    Ok(Json(decide(app, cx, id, decision).await?.recommendation))
}

/// Puts it aside until a time.
#[utoipa::path(post, path = "/api/v1/recommendations/{id}/snooze", tag = "recommendations",
    params(("id" = String, Path)), request_body = SnoozeBody, responses((status = 200, body = Recommendation)))]
async fn snooze_recommendation(
    access: Access<needs::DecideRecommendations>,
    app: web::Data<App>,
    id: web::Path<RecommendationId>,
    Json(body): Json<SnoozeBody>,
) -> Result<Json<Recommendation>, Error> {
    answer(&app, &access.cx, *id, Decision::Snooze { until: body.until }).await
}

/// Says that it will not be done, and why. It stays dismissed over later scans.
#[utoipa::path(post, path = "/api/v1/recommendations/{id}/dismiss", tag = "recommendations",
    params(("id" = String, Path)), request_body = DismissBody, responses((status = 200, body = Recommendation)))]
async fn dismiss_recommendation(
    access: Access<needs::DecideRecommendations>,
    app: web::Data<App>,
    id: web::Path<RecommendationId>,
    Json(body): Json<DismissBody>,
) -> Result<Json<Recommendation>, Error> {
    answer(&app, &access.cx, *id, Decision::Dismiss { reason: body.reason, until: body.until }).await
}

/// Records that it was done. Tuner itself changes nothing at AWS.
#[utoipa::path(post, path = "/api/v1/recommendations/{id}/implement", tag = "recommendations",
    params(("id" = String, Path)), request_body = ImplementBody, responses((status = 200, body = Recommendation)))]
async fn implement_recommendation(
    access: Access<needs::ImplementRecommendations>,
    app: web::Data<App>,
    id: web::Path<RecommendationId>,
    Json(body): Json<ImplementBody>,
) -> Result<Json<Recommendation>, Error> {
    answer(&app, &access.cx, *id, Decision::Implement { note: body.note }).await
}

/// Takes a decision back.
#[utoipa::path(post, path = "/api/v1/recommendations/{id}/reopen", tag = "recommendations",
    params(("id" = String, Path)), responses((status = 200, body = Recommendation)))]
async fn reopen_recommendation(
    access: Access<needs::DecideRecommendations>,
    app: web::Data<App>,
    id: web::Path<RecommendationId>,
) -> Result<Json<Recommendation>, Error> {
    answer(&app, &access.cx, *id, Decision::Reopen).await
}

pub fn routes() -> Routes {
    routes![snooze_recommendation, dismiss_recommendation, implement_recommendation, reopen_recommendation]
}
