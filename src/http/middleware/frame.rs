//! Around every request: its id, its span, one line in the log, problem details, security headers.
//!
//! Errors are logged here and nowhere else. Bodies and query texts are not logged.

use super::headers::harden;
use crate::{
    domain::ids::RequestId,
    error::Error,
    http::{
        audit::leave,
        edge::Edge,
        problem::{code_of, render},
    },
};
use actix_web::{
    HttpMessage, HttpRequest, HttpResponse, ResponseError,
    body::{BodySize, BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Method, StatusCode,
        header::{ALLOW, HeaderMap, HeaderName, HeaderValue},
    },
    middleware::Next,
    web::Data,
};
use futures_util::FutureExt;
use std::{
    fmt,
    panic::AssertUnwindSafe,
    time::{Duration, Instant},
};
use tracing::{Instrument, Level, Span, field::Empty};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Probes come every few seconds: they are logged only where they fail.
const PROBES: [&str; 3] = ["/healthz", "/readyz", "/metrics"];

/// The request's id, as its answer shows it.
pub(in crate::http) fn request_id(request: &HttpRequest) -> RequestId {
    request.extensions().get::<RequestId>().copied().unwrap_or_else(RequestId::generate)
}

pub(in crate::http) async fn surround(
    request: ServiceRequest,
    next: Next<BoxBody>,
    edge: Data<Edge>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let exchange = Exchange::begin(&request, edge);
    request.extensions_mut().insert(exchange.id);
    let call = AssertUnwindSafe(next.call(request)).catch_unwind();
    match call.instrument(exchange.span.clone()).await {
        Ok(Ok(response)) => Ok(exchange.finish(response).await),
        Ok(Err(error)) => Err(exchange.escape(Error::internal(error.to_string()))),
        Err(_) => Err(exchange.escape(Error::internal("a handler panicked"))),
    }
}

struct Exchange {
    id: RequestId,
    span: Span,
    began: Instant,
    method: &'static str,
    edge: Data<Edge>,
    /// The origin of the page that asks, if it is listed.
    listed: Option<HeaderValue>,
}

impl Exchange {
    fn begin(request: &ServiceRequest, edge: Data<Edge>) -> Self {
        let id = RequestId::generate();
        let span = tracing::info_span!(
            "request",
            request.id = %id,
            http.method = %request.method(),
            http.path = request.path(),
            org.id = Empty,
            user.id = Empty,
        );
        let listed = edge.cors.listed(request.headers());
        Self { id, span, began: Instant::now(), method: known(request.method()), edge, listed }
    }

    async fn finish(&self, response: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
        let problem = {
            let failure = failure(response.response());
            let error = failure.as_ref().map(Failure::error);
            let route = response.request().match_pattern().unwrap_or_default();
            leave(response.request(), response.response(), error).await;
            self.log(&route, response.status(), error);
            error.map(|error| render(error, Some(self.id)))
        };
        let mut response = match problem {
            None => response,
            Some(mut problem) => {
                if let Some(allow) = response.headers().get(ALLOW) {
                    problem.headers_mut().insert(ALLOW, allow.clone());
                }
                response.into_response(problem)
            }
        };
        self.complete(response.headers_mut());
        response
    }

    /// The request is gone: actix makes the answer of what is returned here.
    fn escape(&self, error: Error) -> actix_web::Error {
        self.log("", StatusCode::INTERNAL_SERVER_ERROR, Some(&error));
        let mut headers = HeaderMap::new();
        self.complete(&mut headers);
        Escaped { error, id: self.id, headers }.into()
    }

    fn complete(&self, headers: &mut HeaderMap) {
        harden(headers, self.edge.transport);
        self.edge.cors.complete(headers, self.listed.as_ref());
        if let Ok(id) = HeaderValue::from_str(&self.id.to_string()) {
            headers.insert(REQUEST_ID, id);
        }
    }

    fn log(&self, route: &str, status: StatusCode, error: Option<&Error>) {
        let elapsed = self.began.elapsed();
        let duration_ms = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
        count(self.method, route, status, elapsed);
        let status = status.as_u16();
        let _entered = self.span.enter();
        macro_rules! line {
            ($level:expr) => {
                tracing::event!(
                    $level,
                    http.route = route,
                    http.status = status,
                    duration_ms,
                    error.code = error.map(|error| error.code().as_str()),
                    error.detail = error.map(Error::detail),
                    error.source = error.map(Error::chain),
                    "answered"
                )
            };
        }
        match error.map(|error| error.code().level()) {
            Some(Level::ERROR) => line!(Level::ERROR),
            Some(Level::WARN) => line!(Level::WARN),
            None if PROBES.contains(&route) => line!(Level::DEBUG),
            _ => line!(Level::INFO),
        }
    }
}

/// Routes by their pattern: what a caller writes must not make new series.
fn count(method: &'static str, route: &str, status: StatusCode, elapsed: Duration) {
    let route = if route.is_empty() { "none" } else { route }.to_owned();
    let labels = [("method", method.to_owned()), ("route", route), ("status", status.as_u16().to_string())];
    metrics::counter!("tuner_http_requests_total", &labels).increment(1);
    let [method, route, _] = labels;
    metrics::histogram!("tuner_http_request_duration_seconds", &[method, route])
        .record(elapsed.as_secs_f64());
}

fn known(method: &Method) -> &'static str {
    const KNOWN: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    KNOWN.into_iter().find(|name| *name == method.as_str()).unwrap_or("other")
}

/// What an answer says went wrong: our own error, or what actix found.
enum Failure<'a> {
    Ours(&'a Error),
    Actix(Error),
}

impl Failure<'_> {
    fn error(&self) -> &Error {
        match self {
            Self::Ours(error) => error,
            Self::Actix(error) => error,
        }
    }
}

/// An error answer with a body that a handler wrote itself (a page, say) is left as it is.
fn failure(response: &HttpResponse) -> Option<Failure<'_>> {
    let error = response.error();
    if let Some(ours) = error.and_then(|error| error.as_error::<Error>()) {
        return Some(Failure::Ours(ours));
    }
    let status = response.status();
    let failed = status.is_client_error() || status.is_server_error();
    let bare = matches!(response.body().size(), BodySize::None | BodySize::Sized(0));
    if !failed || !(bare || error.is_some()) {
        return None;
    }
    let ours =
        if status == StatusCode::NOT_FOUND { Error::not_found() } else { Error::new(code_of(status), "") };
    Some(Failure::Actix(match error {
        Some(error) => ours.with_source(error.to_string()),
        None => ours,
    }))
}

/// An error that left the middleware without its request.
#[derive(Debug)]
struct Escaped {
    error: Error,
    id: RequestId,
    headers: HeaderMap,
}

impl fmt::Display for Escaped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl ResponseError for Escaped {
    fn status_code(&self) -> StatusCode {
        self.error.status_code()
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = render(&self.error, Some(self.id));
        for (name, value) in &self.headers {
            response.headers_mut().insert(name.clone(), value.clone());
        }
        response
    }
}
