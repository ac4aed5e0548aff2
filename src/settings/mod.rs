//! The settings: read once, validated once, typed from then on.
//!
//! Flags go over environment over TOML file over defaults. Nothing else in Tuner reads the environment (the
//! AWS SDK reads its own `AWS_…` variables). Generated secrets are not made here: see `keys`.
//!
//! Invariant: secrets are `secrecy` types; neither `Debug` nor [`Settings::show`] prints one.

mod error;
mod file;
mod layers;
mod near;
mod oidc;
mod raw;
mod show;
mod validate;

#[cfg(test)]
mod oidc_tests;
#[cfg(test)]
mod tests;

pub use error::SettingsError;
pub use layers::{Flag, Origin, Sources};
pub use oidc::{OidcSettings, OrganizationSource, RoleGroups};
pub use show::Shown;

use crate::domain::{finding::text_enum, region::Region, thresholds::Thresholds};
use jiff::SignedDuration;
use secrecy::SecretString;
use std::{net::SocketAddr, num::NonZeroU32, path::PathBuf};
use url::Url;

#[derive(Clone, Debug)]
pub struct Settings {
    /// Absolute.
    pub data_dir: PathBuf,
    /// Refuses what is convenient but not safe: generated secrets, keys over plain HTTP.
    pub production: bool,
    pub master_key: Option<SecretString>,
    pub log: LogSettings,
    pub server: ServerSettings,
    pub database: DatabaseSettings,
    pub external_id: ExternalIdSettings,
    pub auth: AuthSettings,
    /// None: people do not sign in through a provider.
    pub oidc: Option<OidcSettings>,
    pub aws: AwsSettings,
    pub limits: LimitSettings,
    pub scan: ScanSettings,
    pub thresholds: Thresholds,
    shown: Vec<Shown>,
}

impl Settings {
    pub fn load(sources: &Sources) -> Result<Self, SettingsError> {
        let layers = layers::Layers::read(sources)?;
        validate::validate(&layers, &sources.env)
    }
}

text_enum! {
    LogFormat {
        Text = "text",
        Json = "json",
    }
}

#[derive(Clone, Debug)]
pub struct LogSettings {
    /// A filter that `tracing_subscriber::EnvFilter` accepts.
    pub filter: String,
    pub format: LogFormat,
}

#[derive(Clone, Debug)]
pub struct ServerSettings {
    pub listen: SocketAddr,
    /// What links and cookies are made for: `https` means that TLS ends before or in Tuner.
    pub public_url: Url,
}

#[derive(Clone, Debug)]
pub struct DatabaseSettings {
    /// `sqlite:` or `mysql:`; may hold a password.
    pub url: SecretString,
}

#[derive(Clone, Debug)]
pub struct ExternalIdSettings {
    pub secret: Option<SecretString>,
}

#[derive(Clone, Debug)]
pub struct AuthSettings {
    pub issuer: String,
    pub audience: String,
    pub keys: TokenKeys,
    /// PEM, PKCS#8.
    pub signing_key: Option<SecretString>,
    /// Create organisations and users that a trusted token names for the first time.
    pub provision: bool,
}

/// Whose signatures are trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenKeys {
    /// Tuner is its own issuer.
    Own,
    File(PathBuf),
    Url(Url),
}

#[derive(Clone, Debug)]
pub struct AwsSettings {
    pub endpoint_url: Option<Url>,
    pub profile: Option<String>,
    pub home_region: Region,
    /// The ARN that customers' roles trust; none: whoever STS says that we are.
    pub principal: Option<String>,
    /// Where the CloudFormation template is published (an S3 address): then links to it are made.
    pub template_url: Option<Url>,
    /// How old a verification of a linked role may become.
    pub verify_every: SignedDuration,
}

#[derive(Clone, Debug)]
pub struct LimitSettings {
    pub enabled: bool,
    pub requests_per_minute_per_ip: NonZeroU32,
    pub requests_per_second_per_organization: NonZeroU32,
    pub sign_ins_per_minute_per_ip: NonZeroU32,
    pub lock_after_failures: NonZeroU32,
    pub lock_minutes: NonZeroU32,
}

#[derive(Clone, Debug)]
pub struct ScanSettings {
    /// How many calls of one scan are on their way at a time.
    pub concurrency: NonZeroU32,
}
