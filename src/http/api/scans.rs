//! `/accounts/{accountId}/scans`: start one, follow it, look back.

use crate::{
    app::App,
    domain::{
        ids::{AccountId, ScanId},
        region::Region,
        scan::{ApiUsage, Gap, Scan},
    },
    error::Error,
    http::{
        access::{Access, needs},
        api::filters::one_more,
        json::Json,
        paging::{Cursor, Limit, Page},
        routes::{Routes, routes},
    },
    service::{
        collection::RegionChoice,
        scans::{self, ScanRecord},
    },
};
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ScanView {
    #[serde(flatten)]
    scan: Scan,
    duration_ms: Option<i64>,
    gaps: Vec<Gap>,
    api_usage: ApiUsage,
    /// Counts and totals, once it has ended.
    #[schema(value_type = Option<Object>)]
    summary: Option<serde_json::Value>,
    /// Why it failed.
    error: Option<String>,
}

impl From<ScanRecord> for ScanView {
    fn from(record: ScanRecord) -> Self {
        let ScanRecord { scan, gaps, api_usage, summary, error } = record;
        let duration_ms = scan.finished_at.map(|end| end.as_millisecond() - scan.started_at.as_millisecond());
        Self { scan, duration_ms, gaps, api_usage, summary, error }
    }
}

#[derive(Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct NewScanBody {
    /// All enabled regions where none are named.
    #[schema(min_items = 1)]
    regions: Option<Vec<Region>>,
}

#[utoipa::path(post, path = "/api/v1/accounts/{accountId}/scans", tag = "scans", params(("accountId" = String, Path)),
    request_body = NewScanBody, responses((status = 202, body = Scan)))]
async fn start_scan(
    access: Access<needs::ManageAccounts>,
    app: web::Data<App>,
    id: web::Path<AccountId>,
    Json(body): Json<NewScanBody>,
) -> Result<HttpResponse, Error> {
    let regions = match body.regions {
        None => RegionChoice::All,
        Some(list) if list.is_empty() => {
            return Err(Error::invalid_field("regions", "name at least one, or leave it out for all"));
        }
        Some(list) => RegionChoice::List(list),
    };
    let scan = scans::start_scan(&app.into_inner(), &access.cx, *id, regions).await?;
    let location = format!("/api/v1/accounts/{id}/scans/{}", scan.id);
    Ok(HttpResponse::Accepted().insert_header(("Location", location)).json(scan))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ScanQuery {
    #[serde(default)]
    #[param(inline)]
    limit: Limit,
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor<ScanId>>,
}

#[utoipa::path(get, path = "/api/v1/accounts/{accountId}/scans", tag = "scans",
    params(("accountId" = String, Path), ScanQuery), responses((status = 200, body = Page<ScanView>)))]
async fn list_scans(
    access: Access<needs::ViewSavings>,
    app: web::Data<App>,
    id: web::Path<AccountId>,
    query: web::Query<ScanQuery>,
) -> Result<Json<Page<ScanView>>, Error> {
    let ScanQuery { limit, cursor } = query.into_inner();
    let all = scans::list_scans(&app, &access.cx, *id, cursor.map(|c| c.0), one_more(limit)).await?;
    let views = all.into_iter().map(ScanView::from).collect();
    Ok(Json(Page::cut(views, limit, |last: &ScanView| last.scan.id)))
}

#[utoipa::path(get, path = "/api/v1/accounts/{accountId}/scans/{scanId}", tag = "scans",
    params(("accountId" = String, Path), ("scanId" = String, Path)), responses((status = 200, body = ScanView)))]
async fn get_scan(
    access: Access<needs::ViewSavings>,
    app: web::Data<App>,
    ids: web::Path<(AccountId, ScanId)>,
) -> Result<Json<ScanView>, Error> {
    let (account, id) = ids.into_inner();
    Ok(Json(scans::get_scan(&app, &access.cx, account, id).await?.into()))
}

/// Stops a running scan: what was collected before stays as it was.
#[utoipa::path(post, path = "/api/v1/accounts/{accountId}/scans/{scanId}/cancel", tag = "scans",
    params(("accountId" = String, Path), ("scanId" = String, Path)), responses((status = 200, body = ScanView)))]
async fn cancel_scan(
    access: Access<needs::ManageAccounts>,
    app: web::Data<App>,
    ids: web::Path<(AccountId, ScanId)>,
) -> Result<Json<ScanView>, Error> {
    let (account, id) = ids.into_inner();
    Ok(Json(scans::cancel_scan(&app, &access.cx, account, id).await?.into()))
}

pub fn routes() -> Routes {
    routes![start_scan, list_scans, get_scan, cancel_scan]
}
