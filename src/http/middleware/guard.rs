//! Before a request meets its route: is it one too many, does another site send it, does a browser only ask.
//!
//! Runs inside `frame`, which logs and renders what is refused here.

use super::{
    client::{client_ip, origin},
    cross_site,
};
use crate::{
    domain::security_event::SecurityEvent,
    error::{Error, ErrorCode},
    http::edge::Edge,
    service::security::Circumstances,
};
use actix_web::{
    body::BoxBody,
    dev::{ServiceRequest, ServiceResponse},
    middleware::Next,
    web::Data,
};

pub(in crate::http) async fn admit(
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let Some(edge) = request.app_data::<Data<Edge>>().cloned() else {
        return next.call(request).await;
    };
    if let Err(refused) = check_limits(&edge, &request).and_then(|()| check_site(&edge, &request)) {
        return Ok(request.error_response(refused));
    }
    match edge.cors.preflight(&request) {
        Some(answer) => Ok(request.into_response(answer)),
        None => next.call(request).await,
    }
}

/// By the path that routes are chosen by: `/auth/%6cogin` is a sign-in like any other.
fn check_limits(edge: &Edge, request: &ServiceRequest) -> Result<(), Error> {
    let (Some(limits), Some(ip)) = (&edge.limits, client_ip(request.request())) else { return Ok(()) };
    limits.check_address(ip, request.match_info().as_str()).map_err(|over| {
        if over.news {
            report(edge, request, SecurityEvent::RateLimited, over.of);
        }
        over.into()
    })
}

fn check_site(edge: &Edge, request: &ServiceRequest) -> Result<(), Error> {
    // A page of a listed origin is another site that may; it has no cookie of ours.
    let listed = edge.cors.listed(request.headers()).is_some();
    match cross_site::refuse(request, &edge.own_origin) {
        Some(reason) if !listed || cross_site::has_session(request) => {
            report(edge, request, SecurityEvent::CrossSiteRefused, reason);
            Err(Error::new(ErrorCode::CrossSite, reason))
        }
        _ => Ok(()),
    }
}

fn report(edge: &Edge, request: &ServiceRequest, event: SecurityEvent, detail: &str) {
    let origin = origin(request.request());
    let what = Circumstances { origin: Some(&origin), detail: detail.to_owned(), ..Circumstances::default() };
    edge.watch.report(event, what);
}
