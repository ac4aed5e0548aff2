//! `/accounts/{accountId}/scan-settings`: when it is scanned by itself, and what that may cost in a month.

use crate::{
    app::App,
    domain::{ids::AccountId, money::MicroUsd},
    error::Error,
    http::{
        access::{Access, needs},
        api::texts::AmountText,
        json::Json,
        routes::{Routes, routes},
    },
    service::{
        object,
        scan_settings::{self, ScanSettings, Wish},
    },
};
use actix_web::web;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A cron expression of five fields in a time zone of the IANA database; at most once an hour.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ScanPlanView {
    #[schema(max_length = 120, example = "30 2 * * *")]
    cron: String,
    #[schema(max_length = 64, example = "Europe/Berlin")]
    time_zone: String,
}

#[derive(Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ScanSettingsBody {
    /// No scan by itself where there is none. Each account begins within ten minutes after the time.
    #[serde(deserialize_with = "object::optional")]
    plan: Option<ScanPlanView>,
    /// US dollars for calls that AWS charges for, in a month of UTC; once they are spent those calls are left out.
    #[schema(value_type = Option<AmountText>)]
    monthly_budget: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ScanSettingsView {
    plan: Option<ScanPlanView>,
    #[schema(value_type = Option<String>, format = "date-time")]
    next_scan_at: Option<Timestamp>,
    #[schema(value_type = Option<String>)]
    monthly_budget: Option<MicroUsd>,
    /// In this month until now.
    #[schema(value_type = String, example = "0.12")]
    spent_this_month: MicroUsd,
    #[schema(value_type = Option<String>)]
    left_this_month: Option<MicroUsd>,
    currency_code: &'static str,
}

impl From<ScanSettings> for ScanSettingsView {
    fn from(settings: ScanSettings) -> Self {
        let left_this_month = settings.left();
        let set = settings.set;
        Self {
            plan: set.plan.map(|(cron, time_zone)| ScanPlanView { cron, time_zone }),
            next_scan_at: set.next_at,
            monthly_budget: set.monthly_budget,
            spent_this_month: settings.spent,
            left_this_month,
            currency_code: "USD",
        }
    }
}

#[utoipa::path(get, path = "/api/v1/accounts/{accountId}/scan-settings", tag = "scans",
    params(("accountId" = String, Path)), responses((status = 200, body = ScanSettingsView)))]
async fn get_scan_settings(
    access: Access<needs::ViewSavings>,
    app: web::Data<App>,
    id: web::Path<AccountId>,
) -> Result<Json<ScanSettingsView>, Error> {
    Ok(Json(scan_settings::get_settings(&app, &access.cx, *id).await?.into()))
}

/// Puts these in the place of all that was set: what is left out is off.
#[utoipa::path(put, path = "/api/v1/accounts/{accountId}/scan-settings", tag = "scans",
    params(("accountId" = String, Path)), request_body = ScanSettingsBody,
    responses((status = 200, body = ScanSettingsView)))]
async fn put_scan_settings(
    access: Access<needs::ManageAccounts>,
    app: web::Data<App>,
    id: web::Path<AccountId>,
    Json(body): Json<ScanSettingsBody>,
) -> Result<Json<ScanSettingsView>, Error> {
    let amount = |text: String| {
        text.parse().map_err(|_| Error::invalid_field("monthlyBudget", "write an amount of US dollars: 5.00"))
    };
    let wish = Wish {
        plan: body.plan.map(|plan| (plan.cron, plan.time_zone)),
        monthly_budget: body.monthly_budget.map(amount).transpose()?,
    };
    Ok(Json(scan_settings::put_settings(&app, &access.cx, *id, wish).await?.into()))
}

pub fn routes() -> Routes {
    routes![get_scan_settings, put_scan_settings]
}
