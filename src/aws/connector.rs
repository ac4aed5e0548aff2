//! How Tuner reaches AWS: one configuration and one HTTP client for every account and region.

use super::{
    guard::Allowed,
    parts::Parts,
    throttle::{AccountThrottle, Throttles},
};
use crate::domain::{ids::AccountId, region::Region};
use aws_config::{
    AppName, BehaviorVersion, SdkConfig, retry::RetryConfig, timeout::TimeoutConfig,
    timeout::TimeoutConfigBuilder,
};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_http_client::{
    Builder as HttpClientBuilder,
    tls::{Provider as TlsProvider, rustls_provider::CryptoMode},
};
use std::{sync::Arc, time::Duration};
use url::Url;

/// How often a call is tried, the first time included.
const MAX_ATTEMPTS: u32 = 5;
const INITIAL_BACKOFF: Duration = Duration::from_millis(100);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(30);
const OPERATION_TIMEOUT: Duration = Duration::from_mins(2);

#[derive(Clone, Debug)]
pub struct AwsSettings {
    /// All services are called there instead of at AWS: for tests and the demo.
    pub endpoint_url: Option<Url>,
    /// A profile of the shared AWS configuration files.
    pub profile: Option<String>,
    /// Whose STS and account-wide calls are used.
    pub home_region: Region,
    /// Tuner's own identity where it is handed over; else what the environment, a profile or the machine gives.
    pub identity: Option<SharedCredentialsProvider>,
}

/// The base of every session. Cheap to share behind an `Arc`.
#[derive(Debug)]
pub struct Connector {
    pub(super) base: SdkConfig,
    pub(super) home_region: Region,
    pub(super) parts: Arc<Parts>,
    pub(super) allowed: Allowed,
    throttles: Throttles,
}

impl Connector {
    /// Reads the ambient configuration (environment, profile, instance role); does not call AWS yet.
    /// A collecting session may do the given IAM actions and nothing else.
    pub async fn connect(settings: &AwsSettings, actions: &[&'static str]) -> Self {
        let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12())
            .region(aws_config::Region::new(settings.home_region.to_string()))
            .http_client(http_client())
            .retry_config(retry_config())
            .timeout_config(timeout_config().build());
        if let Ok(name) = AppName::new("tuner") {
            loader = loader.app_name(name);
        }
        if let Some(url) = &settings.endpoint_url {
            loader = loader.endpoint_url(url.as_str());
        }
        if let Some(identity) = &settings.identity {
            loader = loader.credentials_provider(identity.clone());
        }
        if let Some(profile) = &settings.profile {
            loader = loader.profile_name(profile);
        }
        Self::from_base(loader.load().await, settings.home_region.clone(), actions)
    }

    pub(super) fn from_base(base: SdkConfig, home_region: Region, actions: &[&'static str]) -> Self {
        let (parts, allowed) = (Arc::new(Parts::of(actions)), Allowed::new(actions));
        Self { base, home_region, parts, allowed, throttles: Throttles::new() }
    }

    /// The buckets of an account: the same for all who work in it at the same time.
    pub(super) async fn throttle(&self, account: AccountId) -> Arc<AccountThrottle> {
        self.throttles.of(account).await
    }
}

/// Loading the trusted certificates and opening connections are dear: once for all clients.
fn http_client() -> aws_smithy_runtime_api::client::http::SharedHttpClient {
    HttpClientBuilder::new().tls_provider(TlsProvider::Rustls(CryptoMode::AwsLc)).build_https()
}

/// Not the SDK's adaptive mode: after a single throttled reply it lets half a call a second through for all
/// actions of a service (measured: 42 s for 27 calls). Our own buckets slow down the one action instead.
fn retry_config() -> RetryConfig {
    RetryConfig::standard().with_max_attempts(MAX_ATTEMPTS).with_initial_backoff(INITIAL_BACKOFF)
}

fn timeout_config() -> TimeoutConfigBuilder {
    TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .operation_attempt_timeout(ATTEMPT_TIMEOUT)
        .operation_timeout(OPERATION_TIMEOUT)
}

#[cfg(test)]
pub(super) mod lab {
    //! A connector with made-up credentials that calls a local listener.

    use super::*;
    use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};

    pub fn connector(url: &str, actions: &[&'static str]) -> Connector {
        connector_that_tries(url, actions, RetryConfig::disabled())
    }

    /// Tries reads again as in life, but at once.
    pub fn patient_connector(url: &str) -> Connector {
        let retries = retry_config().with_initial_backoff(Duration::from_micros(1));
        connector_that_tries(url, &[], retries.with_max_backoff(Duration::from_micros(1)))
    }

    fn connector_that_tries(url: &str, actions: &[&'static str], retries: RetryConfig) -> Connector {
        let base = SdkConfig::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(aws_config::Region::new("us-east-1"))
            .endpoint_url(url)
            .http_client(http_client())
            .retry_config(retries)
            .credentials_provider(SharedCredentialsProvider::new(Credentials::new(
                "AKIAMADEUP",
                "made-up",
                None,
                None,
                "test",
            )))
            .build();
        Connector::from_base(base, "us-east-1".parse().unwrap(), actions)
    }
}
