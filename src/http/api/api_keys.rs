//! `/api-keys`: issued to programs, shown once, revoked for good.

use super::{
    filters::one_more,
    texts::{AccountIdText, NameText},
};
use crate::{
    app::App,
    domain::{
        ids::{AccountId, ApiKeyId, UserId},
        permission::{Role, Scope},
    },
    error::Error,
    http::{
        access::{Access, needs},
        audit::naming,
        json::Json,
        paging::{Cursor, Limit, Page},
        routes::{Routes, routes},
    },
    service::api_keys::{self, KnownKey, NewKey},
};
use actix_web::{HttpResponse, http::header::CACHE_CONTROL, web};
use jiff::Timestamp;
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::{IntoParams, ToSchema};

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ApiKeyView {
    #[schema(value_type = String, format = Uuid)]
    api_key_id: ApiKeyId,
    name: String,
    /// Its first characters, to tell keys apart.
    #[schema(example = "tnr_x1y2z3w4")]
    prefix: String,
    role: Role,
    scopes: BTreeSet<Scope>,
    /// Null: all that its issuer sees.
    #[schema(value_type = Option<Vec<AccountIdText>>)]
    account_ids: Option<BTreeSet<AccountId>>,
    #[schema(value_type = String, format = Uuid)]
    issued_by: UserId,
    #[schema(value_type = String, format = "date-time")]
    created_at: Timestamp,
    #[schema(value_type = String, format = "date-time")]
    expires_at: Timestamp,
    #[schema(value_type = Option<String>, format = "date-time")]
    revoked_at: Option<Timestamp>,
    /// Within a minute.
    #[schema(value_type = Option<String>, format = "date-time")]
    last_used_at: Option<Timestamp>,
}

impl From<KnownKey> for ApiKeyView {
    fn from(key: KnownKey) -> Self {
        Self {
            api_key_id: key.id,
            name: key.name,
            prefix: key.shown,
            role: key.role,
            scopes: key.scopes,
            account_ids: key.accounts,
            issued_by: key.issued_by,
            created_at: key.created_at,
            expires_at: key.expires_at,
            revoked_at: key.revoked_at,
            last_used_at: key.last_used_at,
        }
    }
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NewApiKeyView {
    #[serde(flatten)]
    api_key: ApiKeyView,
    /// For `Authorization: Bearer`. It is not shown again.
    key: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewApiKeyBody {
    #[schema(value_type = NameText)]
    name: String,
    role: Role,
    /// The part of the role that the key may use.
    #[schema(min_items = 1)]
    scopes: BTreeSet<Scope>,
    /// Absent: all that you see, now and later.
    #[schema(value_type = Option<Vec<AccountIdText>>)]
    account_ids: Option<BTreeSet<AccountId>>,
    /// At most a year ahead; in 90 days by default.
    #[schema(value_type = Option<String>, format = "date-time")]
    expires_at: Option<Timestamp>,
}

/// Never above your own role, scopes and accounts; at each use it may no more than you may then.
#[utoipa::path(post, path = "/api/v1/api-keys", tag = "people", request_body = NewApiKeyBody,
    responses((status = 201, body = NewApiKeyView)))]
async fn create_api_key(
    access: Access<needs::IssueApiKeys>,
    app: web::Data<App>,
    Json(body): Json<NewApiKeyBody>,
) -> Result<HttpResponse, Error> {
    let NewApiKeyBody { name, role, scopes, account_ids: accounts, expires_at } = body;
    let new = NewKey { name, role, scopes, accounts, expires_at };
    let made = api_keys::issue(&app, &access.cx, access.cx.actor.user_id, new).await?;
    let target = format!("keyId={}", made.key.id);
    let view = NewApiKeyView { api_key: made.key.into(), key: made.text.expose_secret().to_owned() };
    let response = HttpResponse::Created().insert_header((CACHE_CONTROL, "no-store")).json(view);
    Ok(naming(response, target))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ApiKeyQuery {
    #[serde(default)]
    #[param(inline)]
    limit: Limit,
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor<ApiKeyId>>,
}

/// Your own keys; everybody's, for who manages users.
#[utoipa::path(get, path = "/api/v1/api-keys", tag = "people", params(ApiKeyQuery),
    responses((status = 200, body = Page<ApiKeyView>)))]
async fn list_api_keys(
    access: Access<needs::IssueApiKeys>,
    app: web::Data<App>,
    query: web::Query<ApiKeyQuery>,
) -> Result<Json<Page<ApiKeyView>>, Error> {
    let ApiKeyQuery { limit, cursor } = query.into_inner();
    let all = api_keys::list_keys(&app, &access.cx, cursor.map(|c| c.0), one_more(limit)).await?;
    let views = all.into_iter().map(ApiKeyView::from).collect();
    Ok(Json(Page::cut(views, limit, |last: &ApiKeyView| last.api_key_id)))
}

/// For good, from the next request on.
#[utoipa::path(delete, path = "/api/v1/api-keys/{keyId}", tag = "people", params(("keyId" = String, Path, format = Uuid)),
    responses((status = 204)))]
async fn revoke_api_key(
    access: Access<needs::IssueApiKeys>,
    app: web::Data<App>,
    id: web::Path<ApiKeyId>,
) -> Result<HttpResponse, Error> {
    api_keys::revoke_key(&app, &access.cx, *id).await?;
    Ok(HttpResponse::NoContent().finish())
}

pub fn routes() -> Routes {
    routes![create_api_key, list_api_keys, revoke_api_key]
}
