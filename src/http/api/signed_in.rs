//! What somebody who signed in gets: a bearer token, or a browser session in a cookie.

use crate::{
    app::App,
    domain::ids::{OrganizationId, UserId},
    error::Error,
    http::{
        middleware::{client::origin, frame::request_id},
        session_cookie,
    },
    service::{
        audit::{SignedInFrom, record_sign_in},
        local::SignedInMember,
        members::issue_token,
        sessions::{SESSION_LIFE, open_session},
    },
};
use actix_web::{
    HttpRequest, HttpResponse, HttpResponseBuilder, cookie::Cookie, http::header::CACHE_CONTROL,
};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How the caller wants to stay signed in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum SessionKind {
    /// For browsers: the cookie `__Host-tuner`.
    Cookie,
    /// For programs: `Authorization: Bearer`.
    #[default]
    Token,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SignedInView {
    /// Absent where a cookie was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    access_token: Option<String>,
    #[schema(example = "Bearer")]
    #[serde(skip_serializing_if = "Option::is_none")]
    token_type: Option<&'static str>,
    #[schema(value_type = String, format = "date-time")]
    expires_at: Timestamp,
    #[schema(value_type = String)]
    organization_id: OrganizationId,
    #[schema(value_type = String, format = Uuid)]
    user_id: UserId,
    name: String,
}

/// A sign-in that was made, not answered yet.
pub struct Opened {
    view: SignedInView,
    cookie: Option<Cookie<'static>>,
}

impl Opened {
    /// The sign-in is audited first: without that there is none.
    pub async fn open(
        app: &App,
        member: &SignedInMember,
        kind: SessionKind,
        request: &HttpRequest,
        now: Timestamp,
    ) -> Result<Self, Error> {
        let SignedInMember { scope, user, .. } = member;
        let from = SignedInFrom { request_id: request_id(request), origin: origin(request), now };
        record_sign_in(app, scope, *user, from.clone()).await?;
        Ok(match kind {
            SessionKind::Cookie => {
                let value = open_session(app, scope, *user, now, &from.origin).await?;
                let cookie = session_cookie(&value, SESSION_LIFE);
                Self { view: view(member, None, now + SESSION_LIFE), cookie: Some(cookie) }
            }
            SessionKind::Token => {
                let token = issue_token(app, scope, *user, now).await?;
                Self { view: view(member, Some(&token.text), token.expires_at), cookie: None }
            }
        })
    }

    pub fn answer(self, mut response: HttpResponseBuilder) -> HttpResponse {
        if let Some(cookie) = self.cookie {
            response.cookie(cookie);
        }
        response.insert_header((CACHE_CONTROL, "no-store")).json(self.view)
    }
}

fn view(member: &SignedInMember, token: Option<&SecretString>, expires_at: Timestamp) -> SignedInView {
    SignedInView {
        access_token: token.map(|text| text.expose_secret().to_owned()),
        token_type: token.map(|_| "Bearer"),
        expires_at,
        organization_id: member.scope.organization().clone(),
        user_id: member.user,
        name: member.subject.clone(),
    }
}
