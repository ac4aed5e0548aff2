//! `/savings/history`: how the accounts stood at the end of each day, with their efficiency score.

use super::ledger::question;
use crate::{
    app::App,
    domain::money::MicroUsd,
    error::Error,
    http::{
        access::{Access, needs},
        json::Json,
        routes::{Routes, routes},
    },
    service::ledger::{self, HistoryDay, Question},
};
use actix_web::web::{Data, Query};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// How the accounts stood at the end of a day; amounts a month of 730 hours.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct HistoryRow {
    #[schema(value_type = String, format = "date")]
    day: Date,
    account_count: u32,
    /// Each resource counted once, never above what was spent where that is known
    #[schema(value_type = String)]
    possible_monthly_savings: MicroUsd,
    #[schema(value_type = Option<String>)]
    possible_monthly_savings_after_discounts: Option<MicroUsd>,
    #[schema(value_type = String)]
    realised_monthly_savings: MicroUsd,
    /// Accounts whose spend is known: the amounts below are theirs
    accounts_with_spend: u32,
    #[schema(value_type = Option<String>)]
    monthly_spend: Option<MicroUsd>,
    /// What services cost that rules judge
    #[schema(value_type = Option<String>)]
    optimisable_monthly_spend: Option<MicroUsd>,
    /// 1 - possible savings ÷ optimisable spend
    #[schema(example = "0.873")]
    efficiency_score: Option<String>,
}

impl From<HistoryDay> for HistoryRow {
    fn from(day: HistoryDay) -> Self {
        let score = |permille: i64| format!("{}.{:03}", permille / 1_000, permille % 1_000);
        Self {
            day: day.day,
            account_count: day.accounts,
            possible_monthly_savings: day.possible,
            possible_monthly_savings_after_discounts: day.possible_after_discounts,
            realised_monthly_savings: day.realised,
            accounts_with_spend: day.accounts_with_spend,
            monthly_spend: day.spend,
            optimisable_monthly_spend: day.optimisable_spend,
            efficiency_score: day.efficiency().map(score),
        }
    }
}

impl HistoryRow {
    pub(crate) const HEADER: [&str; 9] = [
        "day",
        "accountCount",
        "possibleMonthlySavings",
        "possibleMonthlySavingsAfterDiscounts",
        "realisedMonthlySavings",
        "accountsWithSpend",
        "monthlySpend",
        "optimisableMonthlySpend",
        "efficiencyScore",
    ];

    pub(crate) fn cells(self) -> [String; 9] {
        let amount = |amount: Option<MicroUsd>| amount.map(|amount| amount.to_string()).unwrap_or_default();
        [
            self.day.to_string(),
            self.account_count.to_string(),
            self.possible_monthly_savings.to_string(),
            amount(self.possible_monthly_savings_after_discounts),
            self.realised_monthly_savings.to_string(),
            self.accounts_with_spend.to_string(),
            amount(self.monthly_spend),
            amount(self.optimisable_monthly_spend),
            self.efficiency_score.unwrap_or_default(),
        ]
    }
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct HistoryView {
    #[schema(value_type = String, format = "date")]
    from: Date,
    #[schema(value_type = String, format = "date")]
    to: Date,
    #[schema(example = "USD")]
    currency_code: &'static str,
    items: Vec<HistoryRow>,
}

#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct HistoryQuery {
    /// First day (UTC), YYYY-MM-DD; 30 days before the last one by default
    from: Option<String>,
    /// Last day (UTC); today by default
    to: Option<String>,
    account_id: Option<String>,
}

impl HistoryQuery {
    pub(super) fn question(&self) -> Result<Question, Error> {
        question(self.from.as_deref(), self.to.as_deref(), self.account_id.as_deref())
    }
}

/// Possible and realised savings, spend and efficiency day by day, for the accounts that you see.
#[utoipa::path(get, path = "/api/v1/savings/history", tag = "money", params(HistoryQuery),
    responses((status = 200, body = HistoryView)))]
async fn get_savings_history(
    access: Access<needs::ViewSavings>,
    app: Data<App>,
    query: Query<HistoryQuery>,
) -> Result<Json<HistoryView>, Error> {
    let (from, to, days) = ledger::history(&app, &access.cx, &query.question()?).await?;
    let items = days.into_iter().map(HistoryRow::from).collect();
    Ok(Json(HistoryView { from, to, currency_code: "USD", items }))
}

pub fn routes() -> Routes {
    routes![get_savings_history]
}
