//! Pages of listed origins may call the API (CORS). Nobody is listed by default, and there is no wildcard.
//!
//! Deliberately without credentials: such a page sends a bearer token, never our cookie.

use actix_web::{
    HttpResponse,
    dev::ServiceRequest,
    http::{
        Method,
        header::{
            ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
            ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, HeaderMap,
            HeaderValue, ORIGIN, VARY,
        },
    },
};

pub(in crate::http) struct Cors(Vec<HeaderValue>);

impl Cors {
    pub(in crate::http) fn new(origins: &[String]) -> Self {
        Self(origins.iter().filter_map(|origin| HeaderValue::from_str(origin).ok()).collect())
    }

    /// The origin that a request names, if it is listed.
    pub(in crate::http) fn listed(&self, headers: &HeaderMap) -> Option<HeaderValue> {
        let mut named = headers.get_all(ORIGIN);
        let origin = named.next().filter(|_| named.next().is_none())?;
        self.0.iter().find(|listed| *listed == origin).cloned()
    }

    /// What the browser reads before it hands an answer to the page.
    pub(in crate::http) fn complete(&self, headers: &mut HeaderMap, listed: Option<&HeaderValue>) {
        if self.0.is_empty() {
            return;
        }
        // Also where nobody may: caches must not show one origin's answer to another.
        headers.append(VARY, HeaderValue::from_static("Origin"));
        if let Some(origin) = listed {
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
            let exposed = HeaderValue::from_static("X-Request-Id, Retry-After");
            headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
        }
    }

    /// The answer to a browser that asks beforehand; none where a route answers.
    pub(super) fn preflight(&self, request: &ServiceRequest) -> Option<HttpResponse> {
        let asks = request.method() == Method::OPTIONS
            && request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD);
        self.listed(request.headers()).filter(|_| asks)?;
        let mut answer = HttpResponse::NoContent();
        answer.insert_header((ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD, POST, PUT, PATCH, DELETE"));
        answer.insert_header((ACCESS_CONTROL_ALLOW_HEADERS, "Authorization, Content-Type"));
        answer.insert_header((ACCESS_CONTROL_MAX_AGE, "600"));
        Some(answer.finish())
    }
}
