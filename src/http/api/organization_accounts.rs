//! `/accounts/{accountId}/organization-accounts`: what else the customer's AWS organisation has to link.

use crate::{
    app::App,
    domain::ids::AccountId,
    error::Error,
    http::{
        access::{Access, needs},
        json::Json,
        routes::{Routes, routes},
    },
    service::organization_accounts::{self, Discovered, Offered},
};
use actix_web::web;
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OrganizationAccountsView {
    /// Whether this account may list its organisation: only its management account and delegated administrators may.
    readable: bool,
    accounts: Vec<OrganizationAccountView>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OrganizationAccountView {
    #[schema(value_type = String, example = "123456789012")]
    account_id: AccountId,
    /// As AWS Organizations has it.
    name: String,
    /// Neither suspended nor being closed.
    active: bool,
    /// Added to Tuner already.
    added: bool,
}

impl OrganizationAccountsView {
    fn of(discovered: Discovered) -> Self {
        let view = |offered: Offered| OrganizationAccountView {
            account_id: offered.account.id,
            name: offered.account.name,
            active: offered.account.active,
            added: offered.added,
        };
        Self {
            readable: discovered.accounts.is_some(),
            accounts: discovered.accounts.unwrap_or_default().into_iter().map(view).collect(),
        }
    }
}

#[utoipa::path(get, path = "/api/v1/accounts/{accountId}/organization-accounts", tag = "accounts",
    params(("accountId" = String, Path)), responses((status = 200, body = OrganizationAccountsView)))]
async fn list_organization_accounts(
    access: Access<needs::ManageAccounts>,
    app: web::Data<App>,
    id: web::Path<AccountId>,
) -> Result<Json<OrganizationAccountsView>, Error> {
    let discovered = organization_accounts::discover(&app, &access.cx, *id).await?;
    Ok(Json(OrganizationAccountsView::of(discovered)))
}

pub fn routes() -> Routes {
    routes![list_organization_accounts]
}
