//! `/auth/password` and `/auth/totp`: how one signs in oneself.

use super::signed_in::{Opened, SessionKind, SignedInView};
use crate::{
    app::App,
    error::Error,
    http::{
        access::{Access, Presented, needs, present},
        json::Json,
        routes::{Routes, routes},
    },
    service::{local::SignedInMember, profile},
};
use actix_web::{HttpRequest, HttpResponse, http::header::CACHE_CONTROL, web::Data};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PasswordBody {
    #[schema(value_type = String)]
    current_password: SecretString,
    /// At least 15 characters, or 8 once one-time codes are set up.
    #[schema(value_type = String, min_length = 8, max_length = 256)]
    new_password: SecretString,
}

/// Ends every session and token until now; the answer holds a new one of the kind that asked.
#[utoipa::path(put, path = "/api/v1/auth/password", tag = "sign-in", request_body = PasswordBody,
    responses((status = 200, body = SignedInView)))]
async fn change_password(
    access: Access<needs::ManageOwnProfile>,
    app: Data<App>,
    request: HttpRequest,
    Json(body): Json<PasswordBody>,
) -> Result<HttpResponse, Error> {
    let cx = access.cx;
    profile::change_password(&app, &cx, &body.current_password, &body.new_password).await?;
    let kind = match present(&request)? {
        Presented::Session(_) => SessionKind::Cookie,
        Presented::Bearer(_) => SessionKind::Token,
    };
    let member = SignedInMember { scope: cx.scope, user: cx.actor.user_id, subject: cx.actor.subject };
    Ok(Opened::open(&app, &member, kind, &request, cx.now).await?.answer(HttpResponse::Ok()))
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ProofBody {
    /// The caller's own, once more.
    #[schema(value_type = String)]
    password: SecretString,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TotpOfferView {
    /// For the QR code.
    otpauth_url: String,
    /// The same secret for typing, in base32.
    secret: String,
}

/// A new secret for an authenticator app; it counts once `confirm` got a code of it.
#[utoipa::path(post, path = "/api/v1/auth/totp", tag = "sign-in", request_body = ProofBody,
    responses((status = 200, body = TotpOfferView)))]
async fn offer_totp(
    access: Access<needs::ManageOwnProfile>,
    app: Data<App>,
    Json(body): Json<ProofBody>,
) -> Result<HttpResponse, Error> {
    let offer = profile::offer_totp(&app, &access.cx, &body.password).await?;
    let view = TotpOfferView { otpauth_url: offer.url, secret: offer.secret };
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(view))
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CodeBody {
    #[schema(pattern = "^[0-9]{6}$")]
    totp_code: String,
}

#[utoipa::path(post, path = "/api/v1/auth/totp/confirm", tag = "sign-in", request_body = CodeBody,
    responses((status = 204)))]
async fn confirm_totp(
    access: Access<needs::ManageOwnProfile>,
    app: Data<App>,
    Json(body): Json<CodeBody>,
) -> Result<HttpResponse, Error> {
    profile::confirm_totp(&app, &access.cx, &body.totp_code).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// The password must be long enough to do alone.
#[utoipa::path(delete, path = "/api/v1/auth/totp", tag = "sign-in", request_body = ProofBody,
    responses((status = 204)))]
async fn remove_totp(
    access: Access<needs::ManageOwnProfile>,
    app: Data<App>,
    Json(body): Json<ProofBody>,
) -> Result<HttpResponse, Error> {
    profile::remove_totp(&app, &access.cx, &body.password).await?;
    Ok(HttpResponse::NoContent().finish())
}

pub fn routes() -> Routes {
    routes![change_password, offer_totp, confirm_totp, remove_totp]
}
