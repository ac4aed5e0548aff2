//! `/auth/login` and the two ways out.

use super::signed_in::{Opened, SessionKind, SignedInView};
use crate::{
    app::App,
    domain::ids::OrganizationId,
    error::Error,
    http::{
        access::{Access, Presented, Public, SESSION_COOKIE, needs, present},
        ended_session_cookie,
        json::Json,
        middleware::client::origin,
        routes::{Routes, routes},
    },
    service::{
        local::{LogIn, log_in},
        profile::{end_token, sign_out_everywhere},
        sessions::end_session,
    },
};
use actix_web::{HttpRequest, HttpResponse, web::Data};
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::ToSchema;

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LogInBody {
    /// May be left out where there is only one.
    #[schema(value_type = Option<String>, pattern = "^[!-{}~]{1,64}$")]
    organization_id: Option<OrganizationId>,
    name: String,
    #[schema(value_type = String)]
    password: SecretString,
    /// Six digits, where one-time codes are set up.
    totp_code: Option<String>,
    #[serde(default)]
    session: SessionKind,
}

/// Signs a local user in. Every failure is answered alike; five of them lock the name for a while.
#[utoipa::path(post, path = "/api/v1/auth/login", tag = "sign-in", request_body = LogInBody,
    responses((status = 200, body = SignedInView)))]
async fn log_in_locally(
    _: Public,
    app: Data<App>,
    request: HttpRequest,
    Json(body): Json<LogInBody>,
) -> Result<HttpResponse, Error> {
    let LogInBody { organization_id: organization, name, password, totp_code, session } = body;
    let (now, origin) = (app.clock.now(), origin(&request));
    let asked = LogIn { organization, name, password, totp_code };
    let member = log_in(&app, &asked, &origin, now).await?;
    // A value from before the sign-in must not be one of after it.
    if let Some(before) = request.cookie(SESSION_COOKIE) {
        end_session(&app, before.value()).await?;
    }
    Ok(Opened::open(&app, &member, session, &request, now).await?.answer(HttpResponse::Ok()))
}

/// Ends this session, or this token before its time.
#[utoipa::path(post, path = "/api/v1/auth/logout", tag = "sign-in", responses((status = 204)))]
async fn log_out(
    access: Access<needs::ManageOwnProfile>,
    app: Data<App>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    match present(&request)? {
        Presented::Session(value) => end_session(&app, &value).await?,
        Presented::Bearer(token) => {
            let claims = app.verifier.verify(token).await?;
            end_token(&app, &access.cx, &claims).await?;
        }
    }
    Ok(HttpResponse::NoContent().cookie(ended_session_cookie()).finish())
}

/// Ends every session and every token of the caller. API keys go on: they are revoked one by one.
#[utoipa::path(post, path = "/api/v1/auth/logout-everywhere", tag = "sign-in", responses((status = 204)))]
async fn log_out_everywhere(
    access: Access<needs::ManageOwnProfile>,
    app: Data<App>,
) -> Result<HttpResponse, Error> {
    sign_out_everywhere(&app, &access.cx).await?;
    Ok(HttpResponse::NoContent().cookie(ended_session_cookie()).finish())
}

pub fn routes() -> Routes {
    routes![log_in_locally, log_out, log_out_everywhere]
}
