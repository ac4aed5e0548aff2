//! Errors as problem details (RFC 9457).
//!
//! Invariant: a body of a 5xx answer holds the code and the request id, nothing of the cause.

use crate::{
    domain::ids::RequestId,
    error::{Error, ErrorCode, FieldError},
};
use actix_web::{
    HttpResponse, ResponseError,
    http::{
        StatusCode,
        header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE},
    },
};
use serde::Serialize;
use utoipa::ToSchema;

pub(super) const MEDIA_TYPE: &str = "application/problem+json";

/// What every error answer looks like.
#[derive(Serialize, ToSchema)]
pub struct Problem {
    /// Always `about:blank`: the code tells the kinds apart.
    #[serde(rename = "type")]
    kind: &'static str,
    title: &'static str,
    status: u16,
    /// Stable; programs may decide by it.
    code: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    /// The id of the request, as in the header X-Request-Id and the server's log.
    #[serde(skip_serializing_if = "Option::is_none")]
    instance: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    errors: Vec<FieldError>,
}

impl Problem {
    fn new(error: &Error, request: Option<RequestId>) -> Self {
        let code = error.code();
        let detail = Some(error.detail().to_owned()).filter(|detail| !detail.is_empty());
        Self {
            kind: "about:blank",
            title: code.title(),
            status: code.http_status(),
            code: code.as_str(),
            detail: detail.filter(|_| code.http_status() < 500),
            instance: request.map(|id| format!("urn:uuid:{id}")),
            errors: error.fields().to_vec(),
        }
    }
}

pub(super) fn status(code: ErrorCode) -> StatusCode {
    StatusCode::from_u16(code.http_status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// The code for a status that actix itself answered with.
pub(super) fn code_of(status: StatusCode) -> ErrorCode {
    let same = ErrorCode::ALL.iter().find(|code| code.http_status() == status.as_u16());
    let fallback = if status.is_server_error() { ErrorCode::Internal } else { ErrorCode::InvalidRequest };
    same.copied().unwrap_or(fallback)
}

pub(super) fn render(error: &Error, request: Option<RequestId>) -> HttpResponse {
    let mut response = HttpResponse::build(status(error.code()));
    if let Some(secs) = error.retry_after_secs() {
        response.insert_header((RETRY_AFTER, secs));
    }
    if error.code() == ErrorCode::Unauthenticated {
        response.insert_header((WWW_AUTHENTICATE, "Bearer"));
    }
    response.insert_header((CONTENT_TYPE, MEDIA_TYPE));
    response.json(Problem::new(error, request))
}

/// `middleware::frame` renders it again, with the request's id.
impl ResponseError for Error {
    fn status_code(&self) -> StatusCode {
        status(self.code())
    }

    fn error_response(&self) -> HttpResponse {
        render(self, None)
    }
}
