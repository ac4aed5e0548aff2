//! `/savings/summary` and `/costs`: totals for people who count.

use crate::{
    app::App,
    domain::{ids::AccountId, inventory::Service, money::MicroUsd},
    error::Error,
    http::{
        access::{Access, needs},
        api::filters::blank,
        json::Json,
        routes::{Routes, routes},
    },
    service::{
        costs::{CostGrouping, CostKey, CostQuestion, CostSums, sum_costs},
        savings::{self, SavingsTotal},
    },
};
use actix_web::web;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SavingsView {
    #[schema(example = "USD")]
    currency_code: &'static str,
    recommendation_count: i64,
    /// Each resource counted once, after discounts where they are known, never above what was spent.
    #[schema(value_type = String, example = "1234.56")]
    estimated_monthly_savings: MicroUsd,
    /// The same at list price.
    #[schema(value_type = String, example = "1400.00")]
    estimated_monthly_savings_at_list_price: MicroUsd,
    by_service: Vec<ServiceRow>,
    by_account: Vec<AccountRow>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ServiceRow {
    #[schema(value_type = String)]
    service: Service,
    recommendation_count: i64,
    #[schema(value_type = String)]
    estimated_monthly_savings: MicroUsd,
    #[schema(value_type = String)]
    estimated_monthly_savings_at_list_price: MicroUsd,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AccountRow {
    #[schema(value_type = String)]
    account_id: AccountId,
    recommendation_count: i64,
    #[schema(value_type = String)]
    estimated_monthly_savings: MicroUsd,
    #[schema(value_type = String)]
    estimated_monthly_savings_at_list_price: MicroUsd,
}

#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SavingsQuery {
    account_id: Option<String>,
}

#[utoipa::path(get, path = "/api/v1/savings/summary", tag = "money", params(SavingsQuery),
    responses((status = 200, body = SavingsView)))]
async fn get_savings_summary(
    access: Access<needs::ViewSavings>,
    app: web::Data<App>,
    query: web::Query<SavingsQuery>,
) -> Result<Json<SavingsView>, Error> {
    let account = blank(query.account_id.as_deref()).map(str::parse).transpose()?;
    let found = savings::summarize(&app, &access.cx, account).await?;
    let by_service = |(service, total): (Service, SavingsTotal)| ServiceRow {
        service,
        recommendation_count: total.recommendations,
        estimated_monthly_savings: total.counted,
        estimated_monthly_savings_at_list_price: total.listed,
    };
    let by_account = |(account_id, total): (AccountId, SavingsTotal)| AccountRow {
        account_id,
        recommendation_count: total.recommendations,
        estimated_monthly_savings: total.counted,
        estimated_monthly_savings_at_list_price: total.listed,
    };
    let mut services: Vec<ServiceRow> = found.by_service.into_iter().map(by_service).collect();
    services.sort_by_key(|row| std::cmp::Reverse(row.estimated_monthly_savings));
    Ok(Json(SavingsView {
        currency_code: "USD",
        recommendation_count: found.total.recommendations,
        estimated_monthly_savings: found.total.counted,
        estimated_monthly_savings_at_list_price: found.total.listed,
        by_service: services,
        by_account: found.by_account.into_iter().map(by_account).collect(),
    }))
}

#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CostQuery {
    /// `service` (default), `account` or `day`
    #[param(pattern = "^(service|account|day)?$")]
    group_by: Option<String>,
    account_id: Option<String>,
    /// As Cost Explorer names it
    #[param(pattern = "^[\\s\\S]*$")]
    service: Option<String>,
    /// First day, YYYY-MM-DD; 30 days by default
    from: Option<String>,
    /// Last day, YYYY-MM-DD; the last complete one by default
    to: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CostsView {
    #[schema(value_type = String, format = "date")]
    from: Date,
    #[schema(value_type = String, format = "date")]
    to: Date,
    #[schema(example = "USD")]
    currency_code: &'static str,
    #[schema(value_type = String)]
    total: MicroUsd,
    items: Vec<CostRow>,
    /// What is billed in other currencies, each for itself: in no total and in no item.
    other_currencies: Vec<ForeignRow>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ForeignRow {
    #[schema(value_type = String, example = "CNY")]
    currency_code: Box<str>,
    #[schema(value_type = String, example = "12.50")]
    amount: String,
}

#[derive(Serialize, ToSchema)]
pub struct CostRow {
    /// A service, an account or a day, as asked for
    key: String,
    #[schema(value_type = String)]
    amount: MicroUsd,
}

#[utoipa::path(get, path = "/api/v1/costs", tag = "money", params(CostQuery), responses((status = 200, body = CostsView)))]
async fn get_costs(
    access: Access<needs::ViewSavings>,
    app: web::Data<App>,
    query: web::Query<CostQuery>,
) -> Result<Json<CostsView>, Error> {
    let grouping = match blank(query.group_by.as_deref()) {
        None | Some("service") => CostGrouping::Service,
        Some("account") => CostGrouping::Account,
        Some("day") => CostGrouping::Day,
        Some(_) => return Err(Error::invalid_field("groupBy", "use service, account or day")),
    };
    let question = CostQuestion {
        from: parse_day("from", query.from.as_deref())?,
        to: parse_day("to", query.to.as_deref())?,
        account: blank(query.account_id.as_deref()).map(str::parse).transpose()?,
        service: blank(query.service.as_deref()).map(str::to_owned),
    };
    let CostSums { from, to, sums, foreign } = sum_costs(&app, &access.cx, question, grouping).await?;
    let total = sums.iter().map(|sum| sum.amount).sum();
    let items = sums.into_iter().map(|sum| CostRow { key: key_text(&sum.key), amount: sum.amount }).collect();
    let foreign = foreign
        .into_iter()
        .map(|sum| ForeignRow { amount: MicroUsd::new(sum.micros).to_string(), currency_code: sum.currency });
    Ok(Json(CostsView { from, to, currency_code: "USD", total, items, other_currencies: foreign.collect() }))
}

fn parse_day(field: &str, text: Option<&str>) -> Result<Option<Date>, Error> {
    let parse = |text: &str| text.parse().map_err(|_| Error::invalid_field(field, "write it as 2026-12-31"));
    blank(text).map(parse).transpose()
}

fn key_text(key: &CostKey) -> String {
    match key {
        CostKey::Service(name) => name.clone(),
        CostKey::Account(account) => account.to_string(),
        CostKey::Day(day) => day.to_string(),
    }
}

pub fn routes() -> Routes {
    routes![get_savings_summary, get_costs]
}
