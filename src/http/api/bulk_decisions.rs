//! `POST /recommendations/…`: one decision about all that a filter names.

use super::recommendations::RecommendationWords;
use crate::{
    app::App,
    domain::recommendation::RecommendationStatus,
    error::Error,
    http::json::Json,
    http::{
        access::{Access, needs},
        audit::naming,
        routes::{Routes, routes},
    },
    op::OpCx,
    service::{
        bulk_decisions::{self, Decision, Mode},
        recommendations::RecommendationFilter,
    },
};
use actix_web::{HttpResponse, web};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// As the list's parameters; everything together must hold.
#[derive(Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BulkFilter {
    #[schema(pattern = "^([0-9]{12})?$")]
    account_id: Option<String>,
    /// ACTIVE unless named; what is reopened must be named
    #[schema(value_type = Option<RecommendationStatus>)]
    status: Option<String>,
    service: Option<String>,
    rule: Option<String>,
    region: Option<String>,
    /// `key` or `key=value`
    tag: Option<String>,
    /// In US dollars
    min_monthly_savings: Option<String>,
}

impl BulkFilter {
    fn read(&self) -> Result<RecommendationFilter, Error> {
        let words = RecommendationWords {
            account_id: self.account_id.as_deref(),
            status: self.status.as_deref(),
            service: self.service.as_deref(),
            rule: self.rule.as_deref(),
            region: self.region.as_deref(),
            tag: self.tag.as_deref(),
            min_monthly_savings: self.min_monthly_savings.as_deref(),
        };
        words.filter()
    }
}

/// Whether it is done, and to how many at most.
macro_rules! bulk_body {
    ($(#[$doc:meta])* $name:ident { $($(#[$attribute:meta])* $field:ident: $type:ty),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Deserialize, ToSchema)]
        #[serde(rename_all = "camelCase", deny_unknown_fields)]
        pub struct $name {
            filter: BulkFilter,
            /// Only count what the filter names
            #[serde(default)]
            dry_run: bool,
            /// Refused with 409 where the filter names another number
            #[schema(minimum = 0, maximum = 1000)]
            expected_count: Option<u64>,
            $($(#[$attribute])* $field: $type),*
        }

        impl $name {
            const fn mode(&self) -> Mode {
                if self.dry_run { Mode::DryRun } else { Mode::Decide { expected: self.expected_count } }
            }
        }
    };
}

bulk_body!(BulkSnoozeBody {
    /// When they open again: a time in the future.
    #[schema(value_type = String, format = "date-time")]
    until: Timestamp,
});

bulk_body!(BulkDismissBody {
    #[schema(min_length = 1, max_length = 1000)]
    reason: String,
    /// For good where it is left out.
    #[schema(value_type = Option<String>, format = "date-time")]
    until: Option<Timestamp>,
});

bulk_body!(BulkImplementBody {
    /// What was done, for those who come after.
    #[schema(max_length = 1000)]
    note: Option<String>,
});

bulk_body!(BulkReopenBody {});

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BulkView {
    /// How many the filter names.
    matched: u64,
    /// How many changed.
    changed: u64,
    dry_run: bool,
}

async fn answer(
    app: &App,
    cx: &OpCx,
    filter: &BulkFilter,
    decision: Decision,
    mode: Mode,
) -> Result<HttpResponse, Error> {
    let done = bulk_decisions::decide_many(app, cx, &filter.read()?, &decision, mode).await?;
    let view = BulkView { matched: done.matched, changed: done.changed, dry_run: mode == Mode::DryRun };
    Ok(naming(HttpResponse::Ok().json(view), format!("matched={} changed={}", done.matched, done.changed)))
}

/// Puts all that the filter names aside until a time: at most 1,000 at once.
#[utoipa::path(post, path = "/api/v1/recommendations/snooze", tag = "recommendations",
    request_body = BulkSnoozeBody, responses((status = 200, body = BulkView)))]
async fn snooze_recommendations(
    access: Access<needs::DecideRecommendations>,
    app: web::Data<App>,
    Json(body): Json<BulkSnoozeBody>,
) -> Result<HttpResponse, Error> {
    let mode = body.mode();
    answer(&app, &access.cx, &body.filter, Decision::Snooze { until: body.until }, mode).await
}

/// Says of all that the filter names that it will not be done, and why: at most 1,000 at once.
#[utoipa::path(post, path = "/api/v1/recommendations/dismiss", tag = "recommendations",
    request_body = BulkDismissBody, responses((status = 200, body = BulkView)))]
async fn dismiss_recommendations(
    access: Access<needs::DecideRecommendations>,
    app: web::Data<App>,
    Json(body): Json<BulkDismissBody>,
) -> Result<HttpResponse, Error> {
    let mode = body.mode();
    let decision = Decision::Dismiss { reason: body.reason, until: body.until };
    answer(&app, &access.cx, &body.filter, decision, mode).await
}

/// Records of all that the filter names that it was done: at most 1,000 at once.
#[utoipa::path(post, path = "/api/v1/recommendations/implement", tag = "recommendations",
    request_body = BulkImplementBody, responses((status = 200, body = BulkView)))]
async fn implement_recommendations(
    access: Access<needs::ImplementRecommendations>,
    app: web::Data<App>,
    Json(body): Json<BulkImplementBody>,
) -> Result<HttpResponse, Error> {
    let mode = body.mode();
    answer(&app, &access.cx, &body.filter, Decision::Implement { note: body.note }, mode).await
}

/// Takes decisions back: of all that the filter names, whose state must be given. At most 1,000 at once.
#[utoipa::path(post, path = "/api/v1/recommendations/reopen", tag = "recommendations",
    request_body = BulkReopenBody, responses((status = 200, body = BulkView)))]
async fn reopen_recommendations(
    access: Access<needs::DecideRecommendations>,
    app: web::Data<App>,
    Json(body): Json<BulkReopenBody>,
) -> Result<HttpResponse, Error> {
    let mode = body.mode();
    answer(&app, &access.cx, &body.filter, Decision::Reopen, mode).await
}

pub fn routes() -> Routes {
    routes![
        snooze_recommendations,
        dismiss_recommendations,
        implement_recommendations,
        reopen_recommendations
    ]
}
