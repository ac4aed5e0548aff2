//! Requests to the provider: no redirects, in time, no large answers, no plain HTTP unless the issuer
//! itself is on this machine.

use futures_util::future::BoxFuture;
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse, http};
use reqwest::{Client, Response, StatusCode, redirect::Policy};
use std::time::Duration;
use url::Url;

const TIMEOUT: Duration = Duration::from_secs(5);
const MAX_BODY_BYTES: usize = 256 * 1024;

#[derive(Debug, thiserror::Error)]
pub(super) enum HttpError {
    #[error("the request failed: {0}")]
    Failed(#[from] reqwest::Error),
    #[error("the answer is {0}")]
    Status(StatusCode),
    #[error("the answer is a redirect, which is not followed")]
    Redirect,
    #[error("the answer is larger than {MAX_BODY_BYTES} bytes")]
    TooLarge,
    #[error("the answer cannot be read: {0}")]
    Unreadable(#[from] http::Error),
}

impl HttpError {
    /// Whether the same request may succeed later.
    pub const fn may_pass(&self) -> bool {
        matches!(self, Self::Failed(_) | Self::Status(_))
    }
}

pub(super) struct ProviderClient(Client);

/// The one place that makes the client for the provider.
fn client(issuer: &Url) -> Result<Client, reqwest::Error> {
    Client::builder().redirect(Policy::none()).timeout(TIMEOUT).https_only(issuer.scheme() == "https").build()
}

impl ProviderClient {
    pub fn new(issuer: &Url) -> Result<Self, reqwest::Error> {
        client(issuer).map(Self)
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let response = self.0.execute(request.try_into()?).await?;
        match response.status() {
            status if status.is_redirection() => return Err(HttpError::Redirect),
            status if status.is_server_error() => return Err(HttpError::Status(status)),
            _ => {}
        }
        let mut read = http::Response::builder().status(response.status());
        if let Some(headers) = read.headers_mut() {
            headers.clone_from(response.headers());
        }
        Ok(read.body(body(response).await?)?)
    }
}

async fn body(mut response: Response) -> Result<Vec<u8>, HttpError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > MAX_BODY_BYTES {
            return Err(HttpError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

impl<'c> AsyncHttpClient<'c> for ProviderClient {
    type Error = HttpError;
    type Future = BoxFuture<'c, Result<HttpResponse, HttpError>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}
