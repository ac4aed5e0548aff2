//! The table of routes: one registration gives actix its route, OpenAPI its operation with its security,
//! the audit its action name and the tests their matrix.

use super::{
    access::{Access, Needs, Public},
    audit::Actions,
};
use crate::domain::permission::Permission;
use actix_web::{
    FromRequest, Handler, HttpRequest, Resource, Responder, Route, dev::Payload, http::Method, web,
};
use futures_util::future::LocalBoxFuture;
use std::collections::BTreeMap;
use utoipa::{
    __dev::SchemaReferences,
    openapi::{
        OpenApi, RefOr, Schema, extensions::Extensions, path::HttpMethod, security::SecurityRequirement,
    },
};

/// The name of the security scheme in the OpenAPI document.
pub(super) const BEARER: &str = "bearer";
/// The same for a browser's session.
pub(super) const SESSION: &str = "session";

/// What decides whether a request may go on: nothing, or a permission.
#[diagnostic::on_unimplemented(
    message = "a route handler's first argument must be `Access<needs::…>` or `Public`, not `{Self}`",
    note = "the permission is then checked before the handler runs, and shown in the OpenAPI document"
)]
pub trait Decision: FromRequest {
    fn describe() -> Option<Permission>;
}

impl<N: Needs> Decision for Access<N> {
    fn describe() -> Option<Permission> {
        Some(N::PERMISSION)
    }
}

impl Decision for Public {
    fn describe() -> Option<Permission> {
        None
    }
}

/// Handler arguments that begin with a [`Decision`].
#[diagnostic::on_unimplemented(
    message = "a route handler's first argument must be `Access<needs::…>` or `Public`, and it has at most six"
)]
pub trait Guarded: Sized {
    fn describe() -> Option<Permission>;

    /// One after the other: nothing of a request is read before its sender may send it. (actix polls all
    /// extractors at once, so a malformed body could be answered before a missing permission.)
    fn extract(
        request: HttpRequest,
        payload: Payload,
    ) -> impl Future<Output = Result<Self, actix_web::Error>>;
}

macro_rules! guarded {
    ($($argument:ident)*) => {
        impl<D: Decision, $($argument: FromRequest),*> Guarded for (D, $($argument,)*) {
            fn describe() -> Option<Permission> {
                D::describe()
            }

            async fn extract(request: HttpRequest, mut payload: Payload) -> Result<Self, actix_web::Error> {
                Ok((
                    D::from_request(&request, &mut payload).await.map_err(Into::into)?,
                    $($argument::from_request(&request, &mut payload).await.map_err(Into::into)?,)*
                ))
            }
        }
    };
}
guarded!();
guarded!(A);
guarded!(A B);
guarded!(A B C);
guarded!(A B C E);
guarded!(A B C E F);

/// All arguments of a handler as one.
struct InOrder<Args>(Args);

impl<Args: Guarded + 'static> FromRequest for InOrder<Args> {
    type Error = actix_web::Error;
    type Future = LocalBoxFuture<'static, Result<Self, actix_web::Error>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let extracted = Args::extract(request.clone(), payload.take());
        Box::pin(async move { extracted.await.map(Self) })
    }
}

type Mount = Box<dyn Fn(Resource) -> Resource + Send + Sync>;

/// One method of one path.
pub struct Registered {
    pub method: Method,
    pub path: String,
    /// The audit's name for it: the operation's id.
    pub action: String,
    /// None: public.
    pub needs: Option<Permission>,
    mount: Mount,
}

#[derive(Default)]
pub struct Routes {
    table: Vec<Registered>,
    api: OpenApi,
    schemas: Vec<(String, RefOr<Schema>)>,
}

impl Routes {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Use [`routes!`](crate::http::routes::routes).
    #[must_use]
    pub fn with<P, F, Args>(mut self, handler: F) -> Self
    where
        P: utoipa::Path + SchemaReferences,
        F: Handler<Args> + Clone + Send + Sync,
        Args: Guarded + 'static,
        F::Output: Responder + 'static,
    {
        let needs = Args::describe();
        let mut operation = P::operation();
        if let Some(permission) = needs {
            let either = [BEARER, SESSION].map(|scheme| SecurityRequirement::new(scheme, [""; 0]));
            operation.security = Some(either.into());
            operation.extensions = Some(Extensions::from_iter([("x-permission", permission.as_str())]));
        }
        for listed in P::methods() {
            self.table.push(Registered {
                method: method(&listed),
                path: P::path(),
                action: operation.operation_id.clone().unwrap_or_default(),
                needs,
                mount: mount(method(&listed), handler.clone()),
            });
            self.api.paths.add_path_operation(P::path(), vec![listed], operation.clone());
        }
        P::schemas(&mut self.schemas);
        self
    }

    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        self.table.extend(other.table);
        self.schemas.extend(other.schemas);
        self.api.merge(other.api);
        self
    }

    #[must_use]
    pub fn table(&self) -> &[Registered] {
        &self.table
    }

    pub(super) fn api(&self) -> &OpenApi {
        &self.api
    }

    pub(super) fn schemas(&self) -> &[(String, RefOr<Schema>)] {
        &self.schemas
    }

    /// One actix resource per path, so that a wrong method is answered 405 with `Allow`. actix takes the
    /// first path that fits: '{' sorts behind letters and digits, so fixed segments go before parameters.
    pub fn configure(&self, config: &mut web::ServiceConfig) {
        let mut resources: BTreeMap<&str, (Resource, Actions)> = BTreeMap::new();
        for route in &self.table {
            let (resource, mut actions) = resources
                .remove(&*route.path)
                .unwrap_or_else(|| (Resource::new(&*route.path), Actions::default()));
            actions.add(route.method.clone(), &route.action);
            resources.insert(&route.path, ((route.mount)(resource), actions));
        }
        for (resource, actions) in resources.into_values() {
            config.service(resource.app_data(actions));
        }
    }
}

/// HEAD goes with GET: actix leaves the body out.
fn mount<F, Args>(method: Method, handler: F) -> Mount
where
    F: Handler<Args> + Clone + Send + Sync,
    Args: Guarded + 'static,
    F::Output: Responder + 'static,
{
    Box::new(move |resource| {
        let route = |method| {
            let handler = handler.clone();
            Route::new().method(method).to(move |InOrder(args): InOrder<Args>| handler.call(args))
        };
        let resource = resource.route(route(method.clone()));
        if method == Method::GET { resource.route(route(Method::HEAD)) } else { resource }
    })
}

fn method(listed: &HttpMethod) -> Method {
    match listed {
        HttpMethod::Get => Method::GET,
        HttpMethod::Post => Method::POST,
        HttpMethod::Put => Method::PUT,
        HttpMethod::Delete => Method::DELETE,
        HttpMethod::Patch => Method::PATCH,
        HttpMethod::Options => Method::OPTIONS,
        HttpMethod::Head => Method::HEAD,
        HttpMethod::Trace => Method::TRACE,
    }
}

/// `routes![list_accounts, create_account]`: handlers that carry `#[utoipa::path]`.
macro_rules! routes {
    ($($handler:ident),* $(,)?) => {
        pastey::paste! {
            $crate::http::routes::Routes::new()$(.with::<[<__path_ $handler>], _, _>($handler))*
        }
    };
}
pub(crate) use routes;
