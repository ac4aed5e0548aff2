//! `/savings/realised/entries`: each implemented recommendation, frozen, and what scans found of it since.

use crate::{
    app::App,
    domain::{
        finding::{ActionType, Calculation, SavingsBasis},
        ids::{AccountId, RecommendationId, UserId},
        inventory::{ResourceKind, Service},
        ledger::{SavingState, WhyUnseen},
        money::MicroUsd,
        region::Region,
    },
    error::Error,
    http::{
        access::{Access, needs},
        api::{
            filters::{blank, one_more, user, word},
            texts::AccountIdText,
        },
        json::Json,
        paging::{Cursor, Limit, Page},
        routes::{Routes, routes},
    },
    service::ledger::{self, EntryCursor, EntryFilter, KeptEntry},
};
use actix_web::web::{Data, Query};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

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
    verification: SavingState,
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
        verification: word("verification", query.verification.as_deref(), SavingState::ALL)?,
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

pub fn routes() -> Routes {
    routes![list_saving_entries]
}
