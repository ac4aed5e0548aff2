//! `/costs/forecast`: where the running month is heading.

use crate::{
    app::App,
    domain::{ids::AccountId, money::MicroUsd},
    error::Error,
    http::{
        access::{Access, needs},
        api::filters::blank,
        json::Json,
        routes::{Routes, routes},
    },
    service::costs::{AccountForecast, list_forecasts},
};
use actix_web::web::{Data, Query};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ForecastQuery {
    account_id: Option<String>,
}

/// Sums of the accounts that have a forecast. AWS is asked where an account costs enough for it to pay.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ForecastView {
    #[schema(example = "USD")]
    currency_code: &'static str,
    #[schema(value_type = String)]
    spent: MicroUsd,
    #[schema(value_type = String)]
    forecast: MicroUsd,
    /// Both together
    #[schema(value_type = String, example = "1234.56")]
    expected_month: MicroUsd,
    by_account: Vec<ForecastRow>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ForecastRow {
    #[schema(value_type = String)]
    account_id: AccountId,
    /// The first day that is forecast: that of the account's last scan
    #[schema(value_type = String, format = "date")]
    from: Date,
    /// The last day of the month
    #[schema(value_type = String, format = "date")]
    to: Date,
    /// The days of the month before `from`
    #[schema(value_type = String)]
    spent: MicroUsd,
    /// From `from` to `to`, as AWS expects it
    #[schema(value_type = String)]
    forecast: MicroUsd,
    #[schema(value_type = String)]
    expected_month: MicroUsd,
}

impl From<AccountForecast> for ForecastRow {
    fn from(row: AccountForecast) -> Self {
        Self {
            account_id: row.account,
            from: row.forecast.from,
            to: row.forecast.until.yesterday().unwrap_or(row.forecast.until),
            spent: row.spent,
            forecast: row.forecast.amount,
            expected_month: row.spent + row.forecast.amount,
        }
    }
}

#[utoipa::path(get, path = "/api/v1/costs/forecast", tag = "money", params(ForecastQuery),
    responses((status = 200, body = ForecastView)))]
async fn get_cost_forecast(
    access: Access<needs::ViewSavings>,
    app: Data<App>,
    query: Query<ForecastQuery>,
) -> Result<Json<ForecastView>, Error> {
    let account = blank(query.account_id.as_deref()).map(str::parse).transpose()?;
    let found = list_forecasts(&app, &access.cx, account).await?;
    let spent: MicroUsd = found.iter().map(|row| row.spent).sum();
    let forecast: MicroUsd = found.iter().map(|row| row.forecast.amount).sum();
    Ok(Json(ForecastView {
        currency_code: "USD",
        spent,
        forecast,
        expected_month: spent + forecast,
        by_account: found.into_iter().map(ForecastRow::from).collect(),
    }))
}

pub fn routes() -> Routes {
    routes![get_cost_forecast]
}
