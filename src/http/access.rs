//! Who may call a handler: `Access<needs::X>` is there only if a signed-in person holds the permission X.
//!
//! Deliberately knows no table: the [`Directory`] maps credentials to an organisation, an actor and the
//! accounts granted to it.

use super::{
    audit,
    edge::Edge,
    middleware::{client::origin, frame::request_id},
};
use crate::{
    auth::{Claims, TokenVerifier},
    domain::{clock::Clock, permission::Permission, scope::OrgScope, security_event::SecurityEvent},
    error::{Error, ErrorCode},
    op::{Actor, OpCx},
    service::security::Circumstances,
};
use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::header::{AUTHORIZATION, HeaderValue},
    web::Data,
};
use futures_util::future::{BoxFuture, LocalBoxFuture};
use jiff::Timestamp;
use std::{marker::PhantomData, sync::Arc};
use tracing::{Span, field::display};

/// What a request brings to show who sends it.
#[derive(Clone, Copy)]
pub enum Credentials<'a> {
    /// A JWT that was verified.
    Token(&'a Claims),
    /// The text of an API key, not looked up yet: `tnr_…`.
    ApiKey(&'a str),
    /// The value of the session cookie, not looked up yet.
    Session(&'a str),
}

/// Maps credentials to what their bearer is here.
pub trait Directory: Send + Sync {
    /// Unknown or disabled people are refused with [`ErrorCode::Unauthenticated`] or `Forbidden`.
    fn sign_in<'a>(
        &'a self,
        credentials: Credentials<'a>,
        now: Timestamp,
    ) -> BoxFuture<'a, Result<SignedIn, Error>>;
}

/// How the text of an API key begins.
pub const API_KEY_PREFIX: &str = crate::service::api_keys::PREFIX;
/// `__Host-`: only over TLS, for this host, for every path.
pub const SESSION_COOKIE: &str = "__Host-tuner";

#[derive(Clone, Debug)]
pub struct SignedIn {
    pub actor: Actor,
    pub scope: OrgScope,
}

/// All that signing in needs, in the app data.
pub struct SignIn {
    pub verifier: Arc<TokenVerifier>,
    pub directory: Arc<dyn Directory>,
    pub clock: Clock,
}

/// A permission as a type.
pub trait Needs: 'static {
    const PERMISSION: Permission;
}

macro_rules! needs {
    ($($permission:ident),* $(,)?) => {
        /// One type for each permission, for `Access<needs::…>`.
        pub mod needs {
            use super::{Needs, Permission};
            $(
                pub struct $permission;
                impl Needs for $permission {
                    const PERMISSION: Permission = Permission::$permission;
                }
            )*
            #[cfg(test)]
            pub(super) const ALL: &[Permission] = &[$(Permission::$permission),*];
        }
    };
}

needs!(
    ViewSavings,
    DecideRecommendations,
    ImplementRecommendations,
    ManageScheduler,
    ManageAccounts,
    IssueApiKeys,
    ReadAudit,
    ManageUsers,
    DeleteAccounts,
    RunScheduler,
    ManageOwnProfile,
);

/// Proof that the caller holds the permission `N`, and on whose behalf the handler works.
pub struct Access<N: Needs> {
    pub cx: OpCx,
    permission: PhantomData<N>,
}

/// For routes that anyone may call.
pub struct Public;

impl FromRequest for Public {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { audit::enter_unknown(&request).await.map(|()| Self) })
    }
}

impl<N: Needs> FromRequest for Access<N> {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let cx = sign_in(&request).await?;
            if cx.actor.may(N::PERMISSION) {
                audit::enter(&request, &cx).await?;
                Ok(Self { cx, permission: PhantomData })
            } else {
                audit::refuse(&request, &cx).await?;
                let lacks = if cx.actor.role.holds(N::PERMISSION) {
                    "no scope of this key has"
                } else {
                    "your role does not hold"
                };
                let detail = format!("this needs the permission {}, which {lacks}", N::PERMISSION);
                Err(Error::new(ErrorCode::Forbidden, detail))
            }
        })
    }
}

async fn sign_in(request: &HttpRequest) -> Result<OpCx, Error> {
    let data =
        request.app_data::<Data<SignIn>>().ok_or_else(|| Error::internal("no SignIn in the app data"))?;
    let now = data.clock.now();
    let SignedIn { actor, scope } = match present(request)? {
        Presented::Session(cookie) => data.directory.sign_in(Credentials::Session(&cookie), now).await?,
        Presented::Bearer(text) if text.starts_with(API_KEY_PREFIX) => {
            data.directory.sign_in(Credentials::ApiKey(text), now).await?
        }
        Presented::Bearer(token) => {
            let claims = data.verifier.verify(token).await.inspect_err(|error| {
                if error.is_forgery() {
                    let detail = error.to_string();
                    report(
                        request,
                        SecurityEvent::TokenForged,
                        Circumstances { detail, ..Circumstances::default() },
                    );
                }
            })?;
            data.directory.sign_in(Credentials::Token(&claims), now).await?
        }
    };
    check_limit(request, &scope)?;
    let span = Span::current();
    span.record("org.id", display(scope.organization()));
    span.record("user.id", display(actor.user_id));
    Ok(OpCx { actor, scope, request_id: request_id(request), now, origin: origin(request) })
}

/// Here at last it is known whose request it is.
fn check_limit(request: &HttpRequest, scope: &OrgScope) -> Result<(), Error> {
    let Some(limits) = request.app_data::<Data<Edge>>().and_then(|edge| edge.limits.as_ref()) else {
        return Ok(());
    };
    limits.check_organization(scope.key()).map_err(|over| {
        if over.news {
            let what =
                Circumstances { scope: Some(scope), detail: over.of.to_owned(), ..Circumstances::default() };
            report(request, SecurityEvent::RateLimited, what);
        }
        over.into()
    })
}

fn report(request: &HttpRequest, event: SecurityEvent, what: Circumstances<'_>) {
    if let Some(edge) = request.app_data::<Data<Edge>>() {
        edge.watch.report(event, Circumstances { origin: Some(&origin(request)), ..what });
    }
}

/// What a request showed; verified where an [`Access`] was given for it.
pub(super) enum Presented<'a> {
    Bearer(&'a str),
    Session(String),
}

/// A header goes before a cookie: a program that sends one means it.
pub(super) fn present(request: &HttpRequest) -> Result<Presented<'_>, Error> {
    let cookie = request.cookie(SESSION_COOKIE).filter(|_| !request.headers().contains_key(AUTHORIZATION));
    match cookie {
        Some(cookie) => Ok(Presented::Session(cookie.value().to_owned())),
        None => bearer_token(request).map(Presented::Bearer),
    }
}

fn bearer_token(request: &HttpRequest) -> Result<&str, Error> {
    let refused = |detail: &'static str| Error::new(ErrorCode::Unauthenticated, detail);
    let mut headers = request.headers().get_all(AUTHORIZATION);
    let Some(header) = headers.next() else {
        return Err(refused("send the header Authorization: Bearer with a token"));
    };
    if headers.next().is_some() {
        return Err(refused("send one Authorization header, not several"));
    }
    read_bearer(header).ok_or_else(|| refused("the Authorization header is not of the form: Bearer TOKEN"))
}

fn read_bearer(header: &HeaderValue) -> Option<&str> {
    let (scheme, token) = header.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_permission_has_its_type() {
        assert!(Permission::ALL.iter().all(|permission| needs::ALL.contains(permission)));
    }

    #[test]
    fn the_scheme_is_bearer_in_any_case() {
        let read = |text: &'static str| read_bearer(&HeaderValue::from_static(text)).map(str::to_owned);
        assert_eq!(read("Bearer abc"), Some("abc".into()));
        assert_eq!(read("bearer  abc"), Some("abc".into()));
        assert_eq!(read("Basic abc"), None);
        assert_eq!(read("Bearer"), None);
    }
}
