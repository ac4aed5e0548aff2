//! JSON bodies, taken strictly: `application/json` only, at most 1 MiB, in time, nothing unknown.
//!
//! Stands in for `actix_web::web::Json`, which also takes `text/json` and `application/anything+json`. Body
//! types carry `#[serde(deny_unknown_fields)]`; serde refuses a field that is there twice.

use super::input::refuse;
use crate::error::{Error, ErrorCode};
use actix_web::{
    FromRequest, HttpRequest, HttpResponse, Responder,
    body::BoxBody,
    dev::Payload,
    error::PayloadError,
    http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap},
};
use futures_util::{StreamExt, future::LocalBoxFuture};
use serde::{Serialize, de::DeserializeOwned};
use std::time::Duration;

pub const MAX_BODY_BYTES: usize = 1024 * 1024;
/// A body that trickles in holds a connection.
const MAX_BODY_TIME: Duration = Duration::from_secs(30);

/// As an argument the request's body, as a result the answer's.
pub struct Json<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Json<T> {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self, Error>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let checked = check_headers(request.headers());
        let payload = payload.take();
        Box::pin(async move {
            checked?;
            let body = read_within(MAX_BODY_TIME, payload).await?;
            check_object(&body)?;
            serde_json::from_slice(&body).map(Self).map_err(|error| refuse(&error.to_string()))
        })
    }
}

impl<T: Serialize> Responder for Json<T> {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        HttpResponse::Ok().json(self.0)
    }
}

fn check_headers(headers: &HeaderMap) -> Result<(), Error> {
    let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    let media_type = text(CONTENT_TYPE).unwrap_or_default();
    if !is_json(media_type) || text(CONTENT_ENCODING).is_some_and(|coding| coding != "identity") {
        return Err(Error::new(
            ErrorCode::UnsupportedMediaType,
            "send the body as Content-Type: application/json, in UTF-8 and not compressed",
        ));
    }
    let length: Option<usize> = text(CONTENT_LENGTH).and_then(|length| length.parse().ok());
    if length.is_some_and(|length| length > MAX_BODY_BYTES) { Err(too_large()) } else { Ok(()) }
}

/// serde would also fill a body's fields from a list, by their position.
fn check_object(body: &[u8]) -> Result<(), Error> {
    match body.iter().find(|byte| !b" \t\r\n".contains(byte)) {
        Some(b'{') => Ok(()),
        _ => Err(Error::new(ErrorCode::InvalidRequest, "the body is not a JSON object")),
    }
}

fn is_json(media_type: &str) -> bool {
    let (essence, parameters) = media_type.split_once(';').unwrap_or((media_type, ""));
    let parameters = parameters.trim().to_ascii_lowercase();
    essence.trim().eq_ignore_ascii_case("application/json")
        && matches!(parameters.as_str(), "" | "charset=utf-8" | "charset=\"utf-8\"")
}

async fn read_within(limit: Duration, payload: Payload) -> Result<Vec<u8>, Error> {
    tokio::time::timeout(limit, read(payload)).await.map_err(|_| {
        let secs = limit.as_secs();
        Error::new(ErrorCode::RequestTimeout, format!("the body did not arrive within {secs} seconds"))
    })?
}

async fn read(mut payload: Payload) -> Result<Vec<u8>, Error> {
    let mut body = Vec::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|error| match error {
            PayloadError::Overflow => too_large(),
            _ => Error::new(ErrorCode::InvalidRequest, "the body did not arrive whole"),
        })?;
        if body.len() + chunk.len() > MAX_BODY_BYTES {
            return Err(too_large());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn too_large() -> Error {
    Error::new(ErrorCode::PayloadTooLarge, "a body has at most 1 MiB")
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::web::Bytes;
    use futures_util::{Stream, stream};
    use std::pin::Pin;

    fn payload(chunks: impl Stream<Item = Result<Bytes, PayloadError>> + 'static) -> Payload {
        let payload: Pin<Box<dyn Stream<Item = Result<Bytes, PayloadError>>>> = Box::pin(chunks);
        Payload::Stream { payload }
    }

    #[actix_web::test]
    async fn a_body_that_trickles_in_is_given_up() {
        let error = read_within(Duration::ZERO, payload(stream::pending())).await.unwrap_err();
        assert_eq!(error.code(), ErrorCode::RequestTimeout);
    }

    #[actix_web::test]
    async fn a_body_that_breaks_off_is_not_read_as_a_whole() {
        let broken = stream::iter([Ok("{".into()), Err(PayloadError::Incomplete(None))]);
        let error = read_within(MAX_BODY_TIME, payload(broken)).await.unwrap_err();
        assert_eq!(
            (error.code(), error.detail()),
            (ErrorCode::InvalidRequest, "the body did not arrive whole")
        );
    }

    #[test]
    fn only_json_in_utf_8_is_json() {
        for good in ["application/json", "Application/JSON", "application/json; charset=UTF-8"] {
            assert!(is_json(good), "{good}");
        }
        for bad in
            ["", "text/json", "application/problem+json", "application/json; charset=latin1", "text/plain"]
        {
            assert!(!is_json(bad), "{bad}");
        }
    }
}
