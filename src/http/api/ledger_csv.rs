//! The savings ledger as files for spreadsheets.

use super::{
    ledger::{RealisedQuery, RealisedSums},
    ledger_history::{HistoryQuery, HistoryRow},
};
use crate::{
    app::App,
    error::Error,
    http::{
        access::{Access, needs},
        routes::{Routes, routes},
    },
    service::{ledger, spreadsheet::write_csv},
};
use actix_web::{
    HttpResponse,
    http::header::CONTENT_DISPOSITION,
    web::{Data, Query},
};

fn file<const N: usize>(
    name: &str,
    header: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> Result<HttpResponse, Error> {
    let mut body = Vec::new();
    write_csv(&mut body, header, rows).map_err(Error::internal)?;
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{name}.csv\"")))
        .body(body))
}

/// `/savings/realised` as CSV.
#[utoipa::path(get, path = "/api/v1/savings/realised.csv", tag = "money", params(RealisedQuery),
    responses((status = 200, body = String, content_type = "text/csv")))]
async fn get_realised_savings_csv(
    access: Access<needs::ViewSavings>,
    app: Data<App>,
    query: Query<RealisedQuery>,
) -> Result<HttpResponse, Error> {
    let report = ledger::sum_realised(&app, &access.cx, &query.question()?, query.grouping()?).await?;
    file("savings-realised", RealisedSums::HEADER, RealisedSums::from(report).rows())
}

/// `/savings/history` as CSV.
#[utoipa::path(get, path = "/api/v1/savings/history.csv", tag = "money", params(HistoryQuery),
    responses((status = 200, body = String, content_type = "text/csv")))]
async fn get_savings_history_csv(
    access: Access<needs::ViewSavings>,
    app: Data<App>,
    query: Query<HistoryQuery>,
) -> Result<HttpResponse, Error> {
    let (_, _, days) = ledger::history(&app, &access.cx, &query.question()?).await?;
    let rows = days.into_iter().map(|day| HistoryRow::from(day).cells());
    file("savings-history", HistoryRow::HEADER, rows)
}

pub fn routes() -> Routes {
    routes![get_realised_savings_csv, get_savings_history_csv]
}
