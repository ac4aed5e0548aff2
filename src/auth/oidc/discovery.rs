//! What the provider says of itself, and its keys: asked for every 15 minutes, and once a minute at most
//! for a key that is not known.
//!
//! Deliberately no start-up check: Tuner serves other sign-ins while the provider is down.

use super::{error::OidcError, http::ProviderClient, wire::Metadata};
use arc_swap::ArcSwapOption;
use jiff::{SignedDuration, Timestamp};
use openidconnect::IssuerUrl;
use std::sync::Arc;
use tokio::sync::Mutex;
use url::Url;

/// Withdrawn keys stop working after this.
const FRESH_FOR: SignedDuration = SignedDuration::from_mins(15);
const BETWEEN_REFETCHES: SignedDuration = SignedDuration::from_secs(60);
/// While the provider is down, not everybody who wants to sign in waits for it.
const AFTER_FAILURE: SignedDuration = SignedDuration::from_secs(5);

pub(super) struct Known {
    pub metadata: Metadata,
    fetched_at: Timestamp,
}

pub(super) struct Discovery {
    issuer: IssuerUrl,
    known: ArcSwapOption<Known>,
    tried_at: Mutex<Option<Timestamp>>,
}

impl Discovery {
    pub fn new(issuer: IssuerUrl) -> Self {
        Self { issuer, known: ArcSwapOption::empty(), tried_at: Mutex::default() }
    }

    pub async fn get(&self, http: &ProviderClient, now: Timestamp) -> Result<Arc<Known>, OidcError> {
        if let Some(known) = self.fresh(now) {
            return Ok(known);
        }
        // Those who come while a fetch is under way wait for its outcome.
        let mut tried_at = self.tried_at.lock().await;
        if let Some(known) = self.fresh(now) {
            return Ok(known);
        }
        if tried_at.is_some_and(|at| elapsed(at, now) < AFTER_FAILURE) {
            return Err(OidcError::Unreachable("it did not answer a moment ago".into()));
        }
        *tried_at = Some(now);
        self.fetch(http, now).await
    }

    /// Keys newer than those that were read, where the provider may be asked again. What is known stays in
    /// use if it does not answer.
    pub async fn refetch(
        &self,
        http: &ProviderClient,
        read: Arc<Known>,
        now: Timestamp,
    ) -> Result<Arc<Known>, OidcError> {
        let mut tried_at = self.tried_at.lock().await;
        let known = self.known.load_full().filter(|known| known.fetched_at > read.fetched_at);
        if let Some(newer) = known {
            return Ok(newer);
        }
        if tried_at.is_some_and(|at| elapsed(at, now) < BETWEEN_REFETCHES) {
            return Ok(read);
        }
        *tried_at = Some(now);
        match self.fetch(http, now).await {
            Err(error) => {
                let error: &dyn std::error::Error = &error;
                tracing::warn!(error, "the provider's keys were not refreshed; those known stay in use");
                Ok(read)
            }
            fetched => fetched,
        }
    }

    fn fresh(&self, now: Timestamp) -> Option<Arc<Known>> {
        self.known.load_full().filter(|known| elapsed(known.fetched_at, now) < FRESH_FOR)
    }

    async fn fetch(&self, http: &ProviderClient, now: Timestamp) -> Result<Arc<Known>, OidcError> {
        let metadata = Metadata::discover_async(self.issuer.clone(), http).await?;
        self.check(&metadata)?;
        let known = Arc::new(Known { metadata, fetched_at: now });
        self.known.store(Some(Arc::clone(&known)));
        Ok(known)
    }

    /// The client refuses plain HTTP by itself; the browser would not.
    fn check(&self, metadata: &Metadata) -> Result<(), OidcError> {
        let secure = |url: &Url| url.scheme() == "https" || url.scheme() == self.issuer.url().scheme();
        if !secure(metadata.authorization_endpoint().url()) {
            return Err(OidcError::BadDiscovery("its authorization endpoint is not https".into()));
        }
        if metadata.token_endpoint().is_none() {
            return Err(OidcError::BadDiscovery("it has no token endpoint".into()));
        }
        Ok(())
    }
}

/// Either way: a clock that was set back must not stop fetching.
fn elapsed(from: Timestamp, to: Timestamp) -> SignedDuration {
    to.duration_since(from).abs()
}
