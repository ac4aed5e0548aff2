//! Sends something to an address and looks at the head of the answer alone.
//!
//! Deliberately without texts: what a library says of a failed request holds its address, and the address of a
//! webhook is a secret. What lies behind an address shows in its status and in nothing else.

use super::outbound::{Guarded, Refused};
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use std::{error::Error, io, time::Duration};
use url::Url;

/// What a message to somebody's server looks like.
#[derive(Clone, Copy, Debug)]
pub struct Post<'a> {
    pub url: &'a Url,
    pub headers: &'a [(&'static str, String)],
    /// JSON.
    pub body: &'a str,
}

/// The head of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    pub status: u16,
    /// In seconds; a date is not read.
    pub retry_after: Option<Duration>,
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoHead {
    /// The address may not be reached: nothing was sent.
    Refused,
    NoConnection,
    /// The certificate, or no TLS at all.
    NotTrusted,
    TimedOut,
    Broken,
}

impl Guarded {
    /// The connection is closed behind the head, however much follows.
    pub async fn post(&self, post: Post<'_>) -> Result<Head, NoHead> {
        self.check(post.url).map_err(|_| NoHead::Refused)?;
        let request = self.requests().post(post.url.clone()).header(CONTENT_TYPE, "application/json");
        let request =
            post.headers.iter().fold(request, |request, (name, value)| request.header(*name, value));
        let response = request.body(post.body.to_owned()).send().await.map_err(|error| why(&error))?;
        let wait = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
        let retry_after = wait.and_then(|text| text.parse().ok()).map(Duration::from_secs);
        Ok(Head { status: response.status().as_u16(), retry_after })
    }
}

fn why(error: &reqwest::Error) -> NoHead {
    match caused_by(error) {
        Some(reason) => reason,
        None if error.is_timeout() => NoHead::TimedOut,
        None if error.is_connect() => NoHead::NoConnection,
        None => NoHead::Broken,
    }
}

/// What our resolver and TLS said stands somewhere among the causes. An I/O error does not count what it wraps
/// as its source.
fn caused_by(error: &(dyn Error + 'static)) -> Option<NoHead> {
    if error.is::<Refused>() {
        return Some(NoHead::Refused);
    }
    if error.is::<rustls::Error>() {
        return Some(NoHead::NotTrusted);
    }
    let wrapped = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
    wrapped.and_then(|inner| caused_by(inner)).or_else(|| error.source().and_then(caused_by))
}
