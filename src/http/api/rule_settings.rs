//! `/settings/rules` and `/accounts/{accountId}/settings/rules`: by what findings are judged, and what is left out.

use crate::{
    app::App,
    domain::{
        ids::{AccountId, UserId},
        rule_settings::{Exclusion, RuleSettings},
    },
    error::Error,
    http::{
        access::{Access, needs},
        json::Json,
        routes::{Routes, routes},
    },
    service::rule_settings::{self, Level},
};
use actix_web::{HttpResponse, web};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// What differs from the level above. What is left out follows that level again.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RuleSettingsBody {
    /// By the names that `tuner rules explain` shows
    #[serde(default)]
    #[schema(value_type = Object)]
    thresholds: Map<String, Value>,
    /// Rules by name: `true` runs one that is off by default, `false` switches one off
    #[serde(default)]
    rules: BTreeMap<String, bool>,
    #[serde(default)]
    exclusions: Vec<Exclusion>,
    /// As it was read: refused with 409 where it was changed since
    #[schema(minimum = 0)]
    version: Option<i64>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RuleSettingsView {
    #[schema(value_type = Object)]
    thresholds: Map<String, Value>,
    rules: BTreeMap<String, bool>,
    exclusions: Vec<Exclusion>,
    /// Rises with each change; 0 where nothing was set yet.
    version: i64,
    #[schema(value_type = Option<String>, format = "date-time")]
    updated_at: Option<Timestamp>,
    /// All zeros: the command line.
    #[schema(value_type = Option<String>, format = "uuid")]
    updated_by: Option<UserId>,
    /// All thresholds as they apply: this level over those above it.
    #[schema(value_type = Object)]
    effective_thresholds: Value,
}

impl From<Level> for RuleSettingsView {
    fn from(level: Level) -> Self {
        let RuleSettings { thresholds, rules, exclusions } = level.settings;
        let (updated_at, updated_by) = level.changed.unzip();
        let effective_thresholds = serde_json::to_value(&level.effective).unwrap_or_default();
        Self {
            thresholds,
            rules,
            exclusions,
            version: level.version,
            updated_at,
            updated_by,
            effective_thresholds,
        }
    }
}

type Answer = Result<Json<RuleSettingsView>, Error>;

async fn show(app: &App, access: &Access<needs::ViewSavings>, account: Option<AccountId>) -> Answer {
    Ok(Json(rule_settings::get(app, &access.cx, account).await?.into()))
}

async fn replace(
    app: &App,
    access: &Access<needs::ManageAccounts>,
    account: Option<AccountId>,
    body: RuleSettingsBody,
) -> Answer {
    let RuleSettingsBody { thresholds, rules, exclusions, version } = body;
    let settings = RuleSettings { thresholds, rules, exclusions };
    Ok(Json(rule_settings::put(app, &access.cx, account, settings, version).await?.into()))
}

/// The organisation's. Exclusions that name accounts which the caller does not see are left out.
#[utoipa::path(get, path = "/api/v1/settings/rules", tag = "settings", responses((status = 200, body = RuleSettingsView)))]
async fn get_rule_settings(access: Access<needs::ViewSavings>, app: web::Data<App>) -> Answer {
    show(&app, &access, None).await
}

/// Replaces the organisation's. Exclusions that name accounts which the caller does not see stay. Scans use it from
/// the next one on.
#[utoipa::path(put, path = "/api/v1/settings/rules", tag = "settings", request_body = RuleSettingsBody,
    responses((status = 200, body = RuleSettingsView)))]
async fn put_rule_settings(
    access: Access<needs::ManageAccounts>,
    app: web::Data<App>,
    Json(body): Json<RuleSettingsBody>,
) -> Answer {
    replace(&app, &access, None, body).await
}

/// What of an account differs from its organisation.
#[utoipa::path(get, path = "/api/v1/accounts/{accountId}/settings/rules", tag = "settings",
    params(("accountId" = String, Path)), responses((status = 200, body = RuleSettingsView)))]
async fn get_account_rule_settings(
    access: Access<needs::ViewSavings>,
    app: web::Data<App>,
    account: web::Path<AccountId>,
) -> Answer {
    show(&app, &access, Some(*account)).await
}

/// Replaces what of an account differs from its organisation.
#[utoipa::path(put, path = "/api/v1/accounts/{accountId}/settings/rules", tag = "settings",
    params(("accountId" = String, Path)), request_body = RuleSettingsBody,
    responses((status = 200, body = RuleSettingsView)))]
async fn put_account_rule_settings(
    access: Access<needs::ManageAccounts>,
    app: web::Data<App>,
    account: web::Path<AccountId>,
    Json(body): Json<RuleSettingsBody>,
) -> Answer {
    replace(&app, &access, Some(*account), body).await
}

/// The account follows its organisation again.
#[utoipa::path(delete, path = "/api/v1/accounts/{accountId}/settings/rules", tag = "settings",
    params(("accountId" = String, Path)), responses((status = 204)))]
async fn delete_account_rule_settings(
    access: Access<needs::ManageAccounts>,
    app: web::Data<App>,
    account: web::Path<AccountId>,
) -> Result<HttpResponse, Error> {
    rule_settings::remove(&app, &access.cx, *account).await?;
    Ok(HttpResponse::NoContent().finish())
}

pub fn routes() -> Routes {
    routes![
        get_rule_settings,
        put_rule_settings,
        get_account_rule_settings,
        put_account_rule_settings,
        delete_account_rule_settings
    ]
}
