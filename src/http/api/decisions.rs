//! `POST /recommendations/{id}/…`: snooze, dismiss, implement, reopen; `GET …/history`: who did, and when.

use crate::{
    app::App,
    domain::{
        ids::{EventId, RecommendationId, UserId},
        recommendation::{Recommendation, RecommendationStatus},
    },
    error::Error,
    http::{
        access::{Access, needs},
        api::filters::one_more,
        json::Json,
        paging::{Cursor, Limit, Page},
        routes::{Routes, routes},
    },
    op::OpCx,
    service::decisions::{self, Decision, EventKind, KeptEvent, decide},
};
use actix_web::web;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

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

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct HistoryQuery {
    #[serde(default)]
    #[param(inline)]
    limit: Limit,
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor<EventId>>,
}

/// One step in a recommendation's life.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EventView {
    #[schema(value_type = String, format = "uuid")]
    event_id: EventId,
    #[schema(value_type = String, format = "date-time")]
    at: Timestamp,
    event: EventKind,
    status_before: RecommendationStatus,
    status_after: RecommendationStatus,
    /// Null: a scan, or a decision that ran out. All zeros: the command line.
    #[schema(value_type = Option<String>, format = "uuid")]
    user_id: Option<UserId>,
    /// What the person is called now; null for one who was erased.
    user_name: Option<String>,
    /// The reason of a dismissal, the note of an implementation.
    note: Option<String>,
    #[schema(value_type = Option<String>, format = "date-time")]
    until: Option<Timestamp>,
}

impl From<KeptEvent> for EventView {
    fn from(kept: KeptEvent) -> Self {
        Self {
            event_id: kept.id,
            at: kept.at,
            event: kept.event,
            status_before: kept.before,
            status_after: kept.after,
            user_id: kept.actor,
            user_name: kept.actor_name,
            note: kept.note,
            until: kept.until,
        }
    }
}

/// What became of it since it was first seen, newest first.
#[utoipa::path(get, path = "/api/v1/recommendations/{id}/history", tag = "recommendations",
    params(("id" = String, Path), HistoryQuery), responses((status = 200, body = Page<EventView>)))]
async fn list_recommendation_history(
    access: Access<needs::ViewSavings>,
    app: web::Data<App>,
    id: web::Path<RecommendationId>,
    query: web::Query<HistoryQuery>,
) -> Result<Json<Page<EventView>>, Error> {
    let HistoryQuery { limit, cursor } = query.into_inner();
    let before = cursor.map(|cursor| cursor.0);
    let steps = decisions::history(&app, &access.cx, *id, before, one_more(limit)).await?;
    let views = steps.into_iter().map(EventView::from).collect();
    Ok(Json(Page::cut(views, limit, |last: &EventView| last.event_id)))
}

pub fn routes() -> Routes {
    routes![
        list_recommendation_history,
        snooze_recommendation,
        dismiss_recommendation,
        implement_recommendation,
        reopen_recommendation
    ]
}
