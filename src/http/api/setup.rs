//! `POST /auth/setup`: the one-time token of the first start makes the first administrator.

use crate::{
    app::App,
    domain::ids::OrganizationId,
    error::Error,
    http::{
        access::Public,
        json::Json,
        routes::{Routes, routes},
    },
    service::setup::{SetUp, complete_setup},
};
use actix_web::{HttpResponse, http::header::CACHE_CONTROL, web::Data};
use jiff::Timestamp;
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How the organisation is called if nobody says otherwise.
const DEFAULT_ORGANIZATION: &str = "main";

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SetUpBody {
    /// As `tuner serve` printed it.
    setup_token: String,
    /// How the administrator is called.
    #[schema(min_length = 1, max_length = 190)]
    name: String,
    /// 1 to 64 visible ASCII characters; `main` by default.
    #[schema(value_type = Option<String>, pattern = "^[!-{}~]{1,64}$")]
    organization_id: Option<OrganizationId>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SignedInView {
    access_token: String,
    #[schema(example = "Bearer")]
    token_type: &'static str,
    #[schema(value_type = String, format = "date-time")]
    expires_at: Timestamp,
    #[schema(value_type = String)]
    organization_id: OrganizationId,
}

/// Works once, while nobody administers anything.
#[utoipa::path(post, path = "/api/v1/auth/setup", tag = "sign-in", request_body = SetUpBody,
    responses((status = 201, body = SignedInView)))]
async fn set_up(_: Public, app: Data<App>, Json(body): Json<SetUpBody>) -> Result<HttpResponse, Error> {
    let organization = match body.organization_id {
        Some(named) => named,
        None => DEFAULT_ORGANIZATION.parse()?,
    };
    let set_up = SetUp { token: body.setup_token, name: body.name, organization: organization.clone() };
    let token = complete_setup(&app, set_up, app.clock.now()).await?;
    let view = SignedInView {
        access_token: token.text.expose_secret().to_owned(),
        token_type: "Bearer",
        expires_at: token.expires_at,
        organization_id: organization,
    };
    Ok(HttpResponse::Created().insert_header((CACHE_CONTROL, "no-store")).json(view))
}

pub fn routes() -> Routes {
    routes![set_up]
}
