//! `/auth/invitations/accept`: a set-up link becomes a password.

use super::signed_in::{Opened, SessionKind, SignedInView};
use crate::{
    app::App,
    error::Error,
    http::{
        access::Public,
        json::Json,
        routes::{Routes, routes},
    },
    service::invitations::accept_invitation,
};
use actix_web::{HttpRequest, HttpResponse, web::Data};
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::ToSchema;

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AcceptBody {
    /// What stands behind the `#` of the link.
    invitation_token: String,
    #[schema(value_type = String, min_length = 15, max_length = 256)]
    password: SecretString,
    #[serde(default)]
    session: SessionKind,
}

/// Works once. Older passwords, one-time codes, sessions and tokens of the member end.
#[utoipa::path(post, path = "/api/v1/auth/invitations/accept", tag = "sign-in", request_body = AcceptBody,
    responses((status = 200, body = SignedInView)))]
async fn accept(
    _: Public,
    app: Data<App>,
    request: HttpRequest,
    Json(body): Json<AcceptBody>,
) -> Result<HttpResponse, Error> {
    let now = app.clock.now();
    let member = accept_invitation(&app, &body.invitation_token, &body.password, now).await?;
    let opened = Opened::open(&app, &member, body.session, &request, now).await?;
    Ok(opened.answer(HttpResponse::Ok()))
}

pub fn routes() -> Routes {
    routes![accept]
}
