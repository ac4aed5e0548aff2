//! Requests to the provider, for the library that speaks OpenID: through the guard of outbound requests.

use crate::net::{FetchError, Guarded, Outbound, Refused, Trust};
use futures_util::future::BoxFuture;
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse, http};
use reqwest::StatusCode;
use url::Url;

const MAX_BODY_BYTES: usize = 256 * 1024;

#[derive(Debug, thiserror::Error)]
pub(super) enum HttpError {
    #[error("the request failed: {0}")]
    Failed(#[from] FetchError),
    #[error("the request cannot be made: {0}")]
    Unmade(#[from] reqwest::Error),
    #[error("the answer is {0}")]
    Status(StatusCode),
    #[error("the answer is a redirect, which is not followed")]
    Redirect,
    #[error("the answer cannot be read: {0}")]
    Unreadable(#[from] http::Error),
}

impl HttpError {
    /// Whether the same request may succeed later.
    pub const fn may_pass(&self) -> bool {
        matches!(self, Self::Failed(FetchError::Http(_)) | Self::Status(_))
    }
}

/// Goes through the guard of outbound requests: no redirects, in time, only where it may.
pub(super) struct ProviderClient {
    guarded: Guarded,
    /// Unless the issuer itself is on this machine, nothing that it names may go without TLS.
    secure: bool,
}

impl ProviderClient {
    pub fn new(issuer: &Url, outbound: &Outbound) -> Self {
        let guarded = outbound.client(Trust::Configured).clone();
        Self { guarded, secure: issuer.scheme() == "https" }
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let request = reqwest::Request::try_from(request)?;
        if self.secure && request.url().scheme() != "https" {
            return Err(HttpError::Failed(Refused::NotHttps.into()));
        }
        let reply = self.guarded.send(request, MAX_BODY_BYTES).await?;
        match reply.status {
            status if status.is_redirection() => return Err(HttpError::Redirect),
            status if status.is_server_error() => return Err(HttpError::Status(status)),
            _ => {}
        }
        let mut read = http::Response::builder().status(reply.status);
        if let Some(headers) = read.headers_mut() {
            *headers = reply.headers;
        }
        Ok(read.body(reply.body)?)
    }
}

impl<'c> AsyncHttpClient<'c> for ProviderClient {
    type Error = HttpError;
    type Future = BoxFuture<'c, Result<HttpResponse, HttpError>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}
