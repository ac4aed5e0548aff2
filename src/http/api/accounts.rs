//! `/accounts`: link, verify, list, rename, forget; the permission report; the external ID's rotation.

use crate::{
    app::App,
    domain::{
        account::{Account, AccountStatus, Verification},
        arn::RoleArn,
        ids::AccountId,
        scan::PermissionState,
    },
    error::Error,
    http::{
        access::{Access, needs},
        api::filters::one_more,
        audit::naming,
        json::Json,
        paging::{Cursor, Limit, Page},
        routes::{Routes, routes},
    },
    service::{
        accounts::{self, Onboarding},
        verification,
    },
};
use actix_web::{HttpResponse, web};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A year: then a new external ID is due.
const ROTATION_DUE: SignedDuration = SignedDuration::from_hours(365 * 24);

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AccountView {
    #[schema(value_type = String, example = "123456789012")]
    account_id: AccountId,
    name: String,
    status: AccountStatus,
    /// Made by Tuner; the role's trust policy must ask for it.
    external_id: String,
    /// During a rotation: used once the role accepts it.
    next_external_id: Option<String>,
    rotation_due: bool,
    #[schema(value_type = Option<String>)]
    role_arn: Option<RoleArn>,
    #[schema(value_type = Option<String>)]
    scheduler_role_arn: Option<RoleArn>,
    #[schema(value_type = String, format = "date-time")]
    created_at: Timestamp,
    #[schema(value_type = Option<String>, format = "date-time")]
    verified_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = "date-time")]
    last_scan_at: Option<Timestamp>,
}

impl AccountView {
    fn of(account: Account, now: Timestamp) -> Self {
        Self {
            account_id: account.id,
            name: account.name,
            status: account.status,
            external_id: account.external_id.expose().to_owned(),
            next_external_id: account.next_external_id.map(|id| id.expose().to_owned()),
            rotation_due: now.duration_since(account.external_id_since) > ROTATION_DUE,
            role_arn: account.role_arn,
            scheduler_role_arn: account.scheduler_role_arn,
            created_at: account.created_at,
            verified_at: account.verified_at,
            last_scan_at: account.last_scan_at,
        }
    }
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OnboardingView {
    #[serde(flatten)]
    account: AccountView,
    /// For the role that the customer makes.
    #[schema(value_type = Object)]
    trust_policy: serde_json::Value,
    quick_create_url: Option<String>,
}

impl OnboardingView {
    fn of(made: Onboarding, now: Timestamp) -> Self {
        let account = AccountView::of(made.account, now);
        Self { account, trust_policy: made.trust_policy, quick_create_url: made.quick_create_url }
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewAccountBody {
    #[schema(value_type = String, pattern = "^[0-9]{12}$", example = "123456789012")]
    account_id: AccountId,
    #[schema(
        min_length = 1,
        max_length = 128,
        pattern = "^[^\\u0000-\\u001f\\u007f-\\u009f]*[^\\s\\u0000-\\u001f\\u007f-\\u009f][^\\u0000-\\u001f\\u007f-\\u009f]*$"
    )]
    name: String,
}

#[utoipa::path(post, path = "/api/v1/accounts", tag = "accounts", request_body = NewAccountBody,
    responses((status = 201, body = OnboardingView)))]
async fn create_account(
    access: Access<needs::ManageAccounts>,
    app: web::Data<App>,
    Json(body): Json<NewAccountBody>,
) -> Result<HttpResponse, Error> {
    let made = accounts::add_account(&app, &access.cx, body.account_id, &body.name).await?;
    let response = HttpResponse::Created().json(OnboardingView::of(made, access.cx.now));
    Ok(naming(response, body.account_id.to_string()))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AccountQuery {
    #[serde(default)]
    #[param(inline)]
    limit: Limit,
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor<AccountId>>,
}

#[utoipa::path(get, path = "/api/v1/accounts", tag = "accounts", params(AccountQuery),
    responses((status = 200, body = Page<AccountView>)))]
async fn list_accounts(
    access: Access<needs::ViewSavings>,
    app: web::Data<App>,
    query: web::Query<AccountQuery>,
) -> Result<Json<Page<AccountView>>, Error> {
    let AccountQuery { limit, cursor } = query.into_inner();
    let all = accounts::list_accounts(&app, &access.cx, cursor.map(|c| c.0), one_more(limit)).await?;
    let views = all.into_iter().map(|account| AccountView::of(account, access.cx.now)).collect();
    Ok(Json(Page::cut(views, limit, |last: &AccountView| last.account_id)))
}

#[utoipa::path(get, path = "/api/v1/accounts/{accountId}", tag = "accounts", params(("accountId" = String, Path)),
    responses((status = 200, body = AccountView)))]
async fn get_account(
    access: Access<needs::ViewSavings>,
    app: web::Data<App>,
    id: web::Path<AccountId>,
) -> Result<Json<AccountView>, Error> {
    let account = accounts::get_account(&app, &access.cx, *id).await?;
    Ok(Json(AccountView::of(account, access.cx.now)))
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RenameBody {
    #[schema(
        min_length = 1,
        max_length = 128,
        pattern = "^[^\\u0000-\\u001f\\u007f-\\u009f]*[^\\s\\u0000-\\u001f\\u007f-\\u009f][^\\u0000-\\u001f\\u007f-\\u009f]*$"
    )]
    name: String,
}

#[utoipa::path(patch, path = "/api/v1/accounts/{accountId}", tag = "accounts", params(("accountId" = String, Path)),
    request_body = RenameBody, responses((status = 200, body = AccountView)))]
async fn rename_account(
    access: Access<needs::ManageAccounts>,
    app: web::Data<App>,
    id: web::Path<AccountId>,
    Json(body): Json<RenameBody>,
) -> Result<Json<AccountView>, Error> {
    let account = accounts::rename_account(&app, &access.cx, *id, &body.name).await?;
    Ok(Json(AccountView::of(account, access.cx.now)))
}

#[utoipa::path(delete, path = "/api/v1/accounts/{accountId}", tag = "accounts", params(("accountId" = String, Path)),
    responses((status = 204)))]
async fn delete_account(
    access: Access<needs::DeleteAccounts>,
    app: web::Data<App>,
    id: web::Path<AccountId>,
) -> Result<HttpResponse, Error> {
    accounts::delete_account(&app, &access.cx, *id).await?;
    Ok(HttpResponse::NoContent().finish())
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LinkBody {
    #[schema(value_type = String, pattern = "^arn:(aws|aws-cn|aws-us-gov):iam::[0-9]{12}:role/([A-Za-z0-9+=,.@_-]{1,64}/){0,7}[A-Za-z0-9+=,.@_-]{1,64}$", example = "arn:aws:iam::123456789012:role/TunerReadOnly")]
    role_arn: RoleArn,
    #[schema(value_type = Option<String>, pattern = "^arn:(aws|aws-cn|aws-us-gov):iam::[0-9]{12}:role/([A-Za-z0-9+=,.@_-]{1,64}/){0,7}[A-Za-z0-9+=,.@_-]{1,64}$")]
    scheduler_role_arn: Option<RoleArn>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct VerifiedView {
    #[serde(flatten)]
    account: AccountView,
    verification: Verification,
}

#[utoipa::path(post, path = "/api/v1/accounts/{accountId}/link", tag = "accounts", params(("accountId" = String, Path)),
    request_body = LinkBody, responses((status = 200, body = VerifiedView)))]
async fn link_account(
    access: Access<needs::ManageAccounts>,
    app: web::Data<App>,
    id: web::Path<AccountId>,
    Json(body): Json<LinkBody>,
) -> Result<Json<VerifiedView>, Error> {
    let LinkBody { role_arn, scheduler_role_arn } = body;
    let (account, verification) =
        accounts::link_account(&app, &access.cx, *id, role_arn, scheduler_role_arn).await?;
    Ok(Json(VerifiedView { account: AccountView::of(account, access.cx.now), verification }))
}

#[utoipa::path(post, path = "/api/v1/accounts/{accountId}/verify", tag = "accounts", params(("accountId" = String, Path)),
    responses((status = 200, body = VerifiedView)))]
async fn verify_account(
    access: Access<needs::ManageAccounts>,
    app: web::Data<App>,
    id: web::Path<AccountId>,
) -> Result<Json<VerifiedView>, Error> {
    let (account, verification) = verification::verify_account(&app, &access.cx, *id).await?;
    Ok(Json(VerifiedView { account: AccountView::of(account, access.cx.now), verification }))
}

#[derive(Serialize, ToSchema)]
pub struct PermissionsView {
    permissions: Vec<PermissionState>,
}

#[utoipa::path(get, path = "/api/v1/accounts/{accountId}/permissions", tag = "accounts",
    params(("accountId" = String, Path)), responses((status = 200, body = PermissionsView)))]
async fn list_permissions(
    access: Access<needs::ViewSavings>,
    app: web::Data<App>,
    id: web::Path<AccountId>,
) -> Result<Json<PermissionsView>, Error> {
    let permissions = accounts::list_permissions(&app, &access.cx, *id).await?;
    Ok(Json(PermissionsView { permissions }))
}

#[utoipa::path(post, path = "/api/v1/accounts/{accountId}/external-id/rotate", tag = "accounts",
    params(("accountId" = String, Path)), responses((status = 200, body = OnboardingView)))]
async fn rotate_external_id(
    access: Access<needs::ManageAccounts>,
    app: web::Data<App>,
    id: web::Path<AccountId>,
) -> Result<Json<OnboardingView>, Error> {
    let made = accounts::rotate_external_id(&app, &access.cx, *id).await?;
    Ok(Json(OnboardingView::of(made, access.cx.now)))
}

pub fn routes() -> Routes {
    routes![
        create_account,
        list_accounts,
        get_account,
        rename_account,
        delete_account,
        link_account,
        verify_account,
        list_permissions,
        rotate_external_id,
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::external_id::ExternalIds;

    #[test]
    fn a_new_external_id_is_due_after_a_year() {
        let since: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        let id: AccountId = "123456789012".parse().unwrap();
        let account = Account {
            id,
            name: "Shop".into(),
            status: AccountStatus::Linked,
            external_id: ExternalIds::new(vec![7; 32]).unwrap().issue(id, &"acme".parse().unwrap()),
            next_external_id: None,
            role_arn: None,
            scheduler_role_arn: None,
            created_at: since - SignedDuration::from_hours(1_000 * 24),
            external_id_since: since,
            verified_at: None,
            last_scan_at: None,
        };
        let due = |days: i64| {
            let now = since + SignedDuration::from_hours(days * 24);
            AccountView::of(account.clone(), now).rotation_due
        };
        assert!(!due(365));
        assert!(due(366));
    }
}
