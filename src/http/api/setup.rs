//! `POST /auth/setup`: the one-time token of the first start makes the first administrator.

use super::signed_in::{Opened, SessionKind, SignedInView};
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
use actix_web::{HttpRequest, HttpResponse, web::Data};
use secrecy::SecretString;
use serde::Deserialize;
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
    /// At least 15 characters. Without it, tokens come from `tuner user token` until a set-up link is used.
    #[schema(value_type = Option<String>, min_length = 15, max_length = 256)]
    password: Option<SecretString>,
    #[serde(default)]
    session: SessionKind,
}

/// Works once, while nobody administers anything.
#[utoipa::path(post, path = "/api/v1/auth/setup", tag = "sign-in", request_body = SetUpBody,
    responses((status = 201, body = SignedInView)))]
async fn set_up(
    _: Public,
    app: Data<App>,
    request: HttpRequest,
    Json(body): Json<SetUpBody>,
) -> Result<HttpResponse, Error> {
    let SetUpBody { setup_token: token, name, organization_id, password, session } = body;
    let organization = match organization_id {
        Some(named) => named,
        None => DEFAULT_ORGANIZATION.parse()?,
    };
    let now = app.clock.now();
    let member = complete_setup(&app, SetUp { token, name, organization, password }, now).await?;
    let opened = Opened::open(&app, &member, session, &request, now).await?;
    Ok(opened.answer(HttpResponse::Created()))
}

pub fn routes() -> Routes {
    routes![set_up]
}
