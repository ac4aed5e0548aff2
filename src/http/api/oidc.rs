//! `/auth/oidc`: where a browser leaves for the OpenID provider, and where it comes back.
//!
//! Both are GET because browsers navigate here. What keeps another site from signing somebody in as
//! somebody else is the cookie: the answer counts only in the browser that asked.

use crate::{
    app::App,
    auth::oidc::Answer,
    domain::return_path::ReturnPath,
    error::Error,
    http::{
        access::{Public, SESSION_COOKIE},
        middleware::{client::origin, frame::request_id},
        routes::{Routes, routes},
        session_cookie, strict_cookie,
    },
    service::{
        oidc::{LOGIN_LIFE, Return, begin_sign_in, complete_sign_in},
        sessions::{SESSION_LIFE, end_session},
    },
};
use actix_web::{
    HttpRequest, HttpResponse,
    cookie::Cookie,
    http::header::LOCATION,
    web::{Data, Query},
};
use jiff::SignedDuration;
use serde::Deserialize;
use utoipa::IntoParams;

/// Proves that the browser which comes back is the one that left.
const BROWSER_COOKIE: &str = "__Host-tuner-oidc";

#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct StartQuery {
    /// Where to go after signing in: a path of this site. `/` by default.
    return_to: Option<String>,
}

/// Providers add fields of their own, which RFC 6749 tells us to ignore.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CallbackQuery {
    state: Option<String>,
    code: Option<String>,
    iss: Option<String>,
    error: Option<String>,
}

pub fn routes() -> Routes {
    routes![start_oidc, complete_oidc]
}

/// Sends the browser to the OpenID provider. 404 where none is configured.
#[utoipa::path(get, path = "/api/v1/auth/oidc/start", tag = "sign-in", params(StartQuery),
    responses((status = 303, description = "To the provider")))]
async fn start_oidc(
    _: Public,
    app: Data<App>,
    query: Query<StartQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let return_path = match query.return_to.as_deref() {
        None | Some("") => ReturnPath::default(),
        Some(text) => text.parse().map_err(|e| Error::invalid_field("returnTo", format!("{e}")))?,
    };
    let kept = request.cookie(BROWSER_COOKIE);
    let begun = begin_sign_in(&app, kept.as_ref().map(Cookie::value), return_path).await?;
    let cookie = strict_cookie(BROWSER_COOKIE, begun.browser, LOGIN_LIFE);
    Ok(HttpResponse::SeeOther().cookie(cookie).insert_header((LOCATION, begun.location.as_str())).finish())
}

/// Takes the provider's answer, opens a session and sends the browser on.
#[utoipa::path(get, path = "/api/v1/auth/oidc/callback", tag = "sign-in", params(CallbackQuery),
    responses((status = 303, description = "Signed in; to where the sign-in began")))]
async fn complete_oidc(
    _: Public,
    app: Data<App>,
    query: Query<CallbackQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let CallbackQuery { state, code, iss, error } = query.into_inner();
    let kept = request.cookie(BROWSER_COOKIE);
    let back = Return {
        browser: kept.as_ref().map(Cookie::value),
        state: state.as_deref(),
        answer: Answer { code, issuer: iss, error },
        origin: &origin(&request),
        request_id: request_id(&request),
    };
    let completed = complete_sign_in(&app, back).await?;
    // A value from before the sign-in must not be one of after it.
    if let Some(before) = request.cookie(SESSION_COOKIE) {
        end_session(&app, before.value()).await?;
    }
    Ok(HttpResponse::SeeOther()
        .cookie(session_cookie(&completed.session, SESSION_LIFE))
        .cookie(strict_cookie(BROWSER_COOKIE, String::new(), SignedDuration::ZERO))
        .insert_header((LOCATION, completed.return_path.as_str()))
        .finish())
}
