//! A role's credentials as the SDK asks for them, at every call: from the cache of `assume`, renewed when due.

use super::{
    assume::{Entrance, Entry},
    session::with_credentials,
};
use aws_config::SdkConfig;
use aws_credential_types::{
    Credentials,
    provider::{self, ProvideCredentials, SharedCredentialsProvider, error::CredentialsError, future},
};
use std::sync::Arc;

/// Renews a role's credentials as a long scan goes on.
#[derive(Debug)]
pub(super) struct RoleCredentials {
    pub entrance: Arc<Entrance>,
    pub entry: Entry,
}

impl RoleCredentials {
    /// The same network, with the role's identity.
    pub fn on(self, base: &SdkConfig) -> SdkConfig {
        with_credentials(base, SharedCredentialsProvider::new(self))
    }

    async fn load(&self) -> provider::Result {
        self.entrance.credentials(&self.entry).await.map_err(CredentialsError::provider_error)
    }
}

impl ProvideCredentials for RoleCredentials {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.load())
    }

    fn fallback_on_interrupt(&self) -> Option<Credentials> {
        None
    }
}
