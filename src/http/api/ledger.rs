//! `/savings/realised` and `/savings/history`: what was promised, what came, and how the accounts stood.

use crate::{
    app::App,
    domain::{
        finding::{ActionType, Calculation, SavingsBasis},
        ids::{AccountId, RecommendationId, UserId},
        inventory::{ResourceKind, Service},
        ledger::{Verification, WhyUnseen},
        money::MicroUsd,
        region::Region,
    },
    error::Error,
    http::{
        access::{Access, needs},
        api::{
            filters::{blank, one_more, word},
            texts::AccountIdText,
        },
        json::Json,
        paging::{Cursor, Limit, Page},
        routes::{Routes, routes},
    },
    service::ledger::{
        self, EntryCursor, EntryFilter, Grouping, HistoryDay, KeptEntry, Question, Realised, RealisedReport,
    },
};
use actix_web::web::{Data, Query};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

/// Promised and realised for some days.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RealisedView {
    /// What was promised for these days when recommendations were marked as implemented
    #[schema(value_type = String, example = "123.45")]
    estimated_savings: MicroUsd,
    /// What scans confirmed of it
    #[schema(value_type = String, example = "98.76")]
    realised_savings: MicroUsd,
    /// What time off brought, as the scheduler booked it; never in the two others
    #[schema(value_type = String, example = "12.34")]
    scheduler_savings: MicroUsd,
}

impl From<Realised> for RealisedView {
    fn from(sum: Realised) -> Self {
        Self {
            estimated_savings: sum.estimated,
            realised_savings: sum.realised,
            scheduler_savings: sum.scheduled,
        }
    }
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RealisedRow {
    /// A day, a month, an account or the id of a user, as asked for; `scheduler` among users
    key: String,
    #[serde(flatten)]
    amounts: RealisedView,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RealisedSums {
    #[schema(value_type = String, format = "date")]
    from: Date,
    #[schema(value_type = String, format = "date")]
    to: Date,
    #[schema(example = "USD")]
    currency_code: &'static str,
    total: RealisedView,
    items: Vec<RealisedRow>,
}

impl From<RealisedReport> for RealisedSums {
    fn from(report: RealisedReport) -> Self {
        let row = |(key, sum): (String, Realised)| RealisedRow { key, amounts: sum.into() };
        Self {
            from: report.from,
            to: report.to,
            currency_code: "USD",
            total: report.total.into(),
            items: report.rows.into_iter().map(row).collect(),
        }
    }
}

#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RealisedQuery {
    /// First day (UTC), YYYY-MM-DD; 30 days before the last one by default
    from: Option<String>,
    /// Last day (UTC); today by default
    to: Option<String>,
    account_id: Option<String>,
    /// The id of the user who implemented
    user_id: Option<String>,
    /// `day` (default), `month`, `account` or `user`
    #[param(pattern = "^(day|month|account|user)?$")]
    group_by: Option<String>,
}

impl RealisedQuery {
    pub(super) fn question(&self) -> Result<Question, Error> {
        Ok(Question {
            from: day("from", self.from.as_deref())?,
            to: day("to", self.to.as_deref())?,
            account: blank(self.account_id.as_deref()).map(str::parse).transpose()?,
            implemented_by: user(self.user_id.as_deref())?,
        })
    }

    pub(super) fn grouping(&self) -> Result<Grouping, Error> {
        match blank(self.group_by.as_deref()) {
            None | Some("day") => Ok(Grouping::Day),
            Some("month") => Ok(Grouping::Month),
            Some("account") => Ok(Grouping::Account),
            Some("user") => Ok(Grouping::User),
            Some(_) => Err(Error::invalid_field("groupBy", "use day, month, account or user")),
        }
    }
}

pub(super) fn day(field: &str, text: Option<&str>) -> Result<Option<Date>, Error> {
    let parsed = blank(text).map(str::parse).transpose();
    parsed.map_err(|_| Error::invalid_field(field, "write a day as YYYY-MM-DD"))
}

fn user(text: Option<&str>) -> Result<Option<UserId>, Error> {
    let parsed = blank(text).map(str::parse).transpose();
    parsed.map_err(|_| Error::invalid_field("userId", "that is not the id of a user"))
}

/// Estimated against realised savings, for the accounts that you see.
#[utoipa::path(get, path = "/api/v1/savings/realised", tag = "money", params(RealisedQuery),
    responses((status = 200, body = RealisedSums)))]
async fn get_realised_savings(
    access: Access<needs::ViewSavings>,
    app: Data<App>,
    query: Query<RealisedQuery>,
) -> Result<Json<RealisedSums>, Error> {
    let report = ledger::sum_realised(&app, &access.cx, &query.question()?, query.grouping()?).await?;
    Ok(Json(report.into()))
}

/// One implemented recommendation: what was promised, frozen, and what scans found since.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EntryView {
    #[schema(value_type = String, format = "uuid")]
    recommendation_id: RecommendationId,
    rule: String,
    #[schema(value_type = AccountIdText)]
    account_id: AccountId,
    #[schema(value_type = String)]
    region: Region,
    #[schema(value_type = String)]
    service: Service,
    #[schema(value_type = String)]
    resource_type: ResourceKind,
    resource_id: String,
    resource_name: Option<String>,
    title: String,
    action_type: ActionType,
    #[schema(value_type = String, format = "date-time")]
    implemented_at: Timestamp,
    #[schema(value_type = String, format = "uuid")]
    implemented_by: UserId,
    /// None for who was erased
    implemented_by_name: Option<String>,
    note: Option<String>,
    verification: Verification,
    /// Why it could not be verified
    reason: Option<&'static str>,
    #[schema(value_type = Option<String>, format = "date-time")]
    verified_at: Option<Timestamp>,
    /// Since when nothing more is booked: it was reopened, or its year is over
    #[schema(value_type = Option<String>, format = "date-time")]
    closed_at: Option<Timestamp>,
    #[schema(example = "USD")]
    currency_code: &'static str,
    /// At list price
    #[schema(value_type = String)]
    estimated_monthly_savings: MicroUsd,
    /// What is expected of it: after discounts and capped by spend, where that was known
    #[schema(value_type = String)]
    expected_monthly_savings: MicroUsd,
    #[schema(value_type = String)]
    realised_monthly_savings: MicroUsd,
    /// What the rule still finds, at list price
    #[schema(value_type = Option<String>)]
    remaining_monthly_savings: Option<MicroUsd>,
    savings_basis: SavingsBasis,
    /// The other choice for the same resource that counts in its stead
    #[schema(value_type = Option<String>, format = "uuid")]
    counted_with: Option<RecommendationId>,
    /// How the estimate came about, so that it can be recomputed
    calculation: Calculation,
    #[schema(value_type = Object)]
    configuration_before: Value,
    #[schema(value_type = Object)]
    configuration_advised: Value,
}

impl From<KeptEntry> for EntryView {
    fn from(kept: KeptEntry) -> Self {
        let KeptEntry { entry, implemented_by_name } = kept;
        let (promise, frozen) = (entry.promise(), entry.frozen);
        Self {
            recommendation_id: entry.recommendation,
            rule: frozen.rule,
            account_id: entry.account,
            region: frozen.region,
            service: frozen.service,
            resource_type: frozen.resource_type,
            resource_id: frozen.resource_id,
            resource_name: frozen.resource_name,
            title: frozen.title,
            action_type: frozen.action_type,
            implemented_at: entry.implemented_at,
            implemented_by: entry.implemented_by,
            implemented_by_name,
            note: entry.note,
            verification: entry.verdict.verification,
            reason: entry.verdict.reason.map(WhyUnseen::sentence),
            verified_at: entry.verified_at,
            closed_at: entry.closed_at,
            currency_code: "USD",
            estimated_monthly_savings: promise.list,
            expected_monthly_savings: promise.expected,
            realised_monthly_savings: entry.verdict.realised,
            remaining_monthly_savings: entry.verdict.remaining,
            savings_basis: frozen.savings_basis,
            counted_with: entry.counted_with,
            calculation: frozen.calculation,
            configuration_before: frozen.current_configuration,
            configuration_advised: frozen.recommended_configuration,
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EntryCursorText {
    implemented_at: Timestamp,
    recommendation_id: RecommendationId,
}

#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct EntryQuery {
    account_id: Option<String>,
    recommendation_id: Option<String>,
    /// `pending`, `realised`, `partly`, `slippedBack` or `unverifiable`
    verification: Option<String>,
    /// The id of the user who implemented
    user_id: Option<String>,
    #[serde(default)]
    #[param(inline)]
    limit: Limit,
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor<EntryCursorText>>,
}

/// The entries of the ledger, newest first, for the accounts that you see.
#[utoipa::path(get, path = "/api/v1/savings/realised/entries", tag = "money", params(EntryQuery),
    responses((status = 200, body = Page<EntryView>)))]
async fn list_saving_entries(
    access: Access<needs::ViewSavings>,
    app: Data<App>,
    query: Query<EntryQuery>,
) -> Result<Json<Page<EntryView>>, Error> {
    let query = query.into_inner();
    let recommendation = blank(query.recommendation_id.as_deref()).map(str::parse).transpose();
    let filter = EntryFilter {
        account: blank(query.account_id.as_deref()).map(str::parse).transpose()?,
        recommendation: recommendation.map_err(|_| {
            Error::invalid_field("recommendationId", "that is not the id of a recommendation")
        })?,
        verification: word("verification", query.verification.as_deref(), Verification::ALL)?,
        implemented_by: user(query.user_id.as_deref())?,
    };
    let after = query.cursor.map(|Cursor(last)| EntryCursor {
        implemented_at: last.implemented_at,
        recommendation: last.recommendation_id,
    });
    let found = ledger::list_entries(&app, &access.cx, &filter, after, one_more(query.limit)).await?;
    let cursor = |last: &KeptEntry| EntryCursorText {
        implemented_at: last.entry.implemented_at,
        recommendation_id: last.entry.recommendation,
    };
    let Page { items, next_cursor } = Page::cut(found, query.limit, cursor);
    Ok(Json(Page { items: items.into_iter().map(EntryView::from).collect(), next_cursor }))
}

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

impl RealisedSums {
    pub(crate) const HEADER: [&str; 4] = ["key", "estimatedSavings", "realisedSavings", "schedulerSavings"];

    pub(crate) fn rows(self) -> Vec<[String; 4]> {
        let row = |row: RealisedRow| {
            let RealisedView { estimated_savings, realised_savings, scheduler_savings } = row.amounts;
            [
                row.key,
                estimated_savings.to_string(),
                realised_savings.to_string(),
                scheduler_savings.to_string(),
            ]
        };
        self.items.into_iter().map(row).collect()
    }
}

impl EntryView {
    pub(crate) const HEADER: [&str; 18] = [
        "recommendationId",
        "rule",
        "accountId",
        "region",
        "service",
        "resourceType",
        "resourceId",
        "resourceName",
        "implementedAt",
        "implementedBy",
        "note",
        "verification",
        "reason",
        "verifiedAt",
        "estimatedMonthlySavings",
        "expectedMonthlySavings",
        "realisedMonthlySavings",
        "remainingMonthlySavings",
    ];

    pub(crate) fn cells(self) -> [String; 18] {
        [
            self.recommendation_id.to_string(),
            self.rule,
            self.account_id.to_string(),
            self.region.to_string(),
            self.service.to_string(),
            self.resource_type.to_string(),
            self.resource_id,
            self.resource_name.unwrap_or_default(),
            self.implemented_at.to_string(),
            self.implemented_by_name.unwrap_or_else(|| self.implemented_by.to_string()),
            self.note.unwrap_or_default(),
            self.verification.to_string(),
            self.reason.unwrap_or_default().to_owned(),
            self.verified_at.map(|at| at.to_string()).unwrap_or_default(),
            self.estimated_monthly_savings.to_string(),
            self.expected_monthly_savings.to_string(),
            self.realised_monthly_savings.to_string(),
            self.remaining_monthly_savings.map(|amount| amount.to_string()).unwrap_or_default(),
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
        Ok(Question {
            from: day("from", self.from.as_deref())?,
            to: day("to", self.to.as_deref())?,
            account: blank(self.account_id.as_deref()).map(str::parse).transpose()?,
            implemented_by: None,
        })
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
    routes![get_realised_savings, list_saving_entries, get_savings_history]
}
