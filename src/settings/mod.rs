//! The settings: read once, validated once, typed from then on.
//!
//! Flags go over environment over TOML file over defaults. Nothing else in Tuner reads the environment (the
//! AWS SDK reads its own `AWS_…` variables). Generated secrets are not made here: see `keys`.
//!
//! Invariant: secrets are `secrecy` types; neither `Debug` nor [`Settings::show`] prints one.

mod error;
mod file;
mod layers;
mod network;
mod oidc;
mod raw;
mod references;
mod scheduler;
mod show;
mod validate;

#[cfg(test)]
mod oidc_tests;
#[cfg(test)]
mod tests;

pub use error::SettingsError;
pub use layers::{Flag, Origin, Sources};
pub use oidc::{OidcSettings, OrganizationSource, RoleGroups};
pub use references::SecretTexts;
pub use show::Shown;

use crate::domain::{finding::text_enum, region::Region, thresholds::Thresholds};
use ipnet::IpNet;
use jiff::SignedDuration;
use layers::Layers;
use secrecy::SecretString;
use std::{collections::BTreeSet, net::SocketAddr, num::NonZeroU32, path::PathBuf};
use url::Url;

#[derive(Clone, Debug)]
pub struct Settings {
    /// Absolute.
    pub data_dir: PathBuf,
    /// Refuses what is convenient but not safe: generated secrets, keys over plain HTTP.
    pub production: bool,
    pub master_key: Option<SecretString>,
    /// The one before it, while `tuner db rotate-keys` is not done.
    pub master_key_previous: Option<SecretString>,
    pub log: LogSettings,
    pub server: ServerSettings,
    pub database: DatabaseSettings,
    pub external_id: ExternalIdSettings,
    pub auth: AuthSettings,
    /// None: people do not sign in through a provider.
    pub oidc: Option<OidcSettings>,
    pub aws: AwsSettings,
    pub limits: LimitSettings,
    pub net: NetSettings,
    pub scan: ScanSettings,
    pub scheduler: SchedulerSettings,
    pub audit: AuditSettings,
    pub thresholds: Thresholds,
    shown: Vec<Shown>,
}

impl Settings {
    /// Where nothing stands in AWS Secrets Manager.
    pub fn load(sources: &Sources) -> Result<Self, SettingsError> {
        let mut layers = Layers::read(sources)?;
        let references = references::find(&layers)?;
        references::fill(&mut layers, references, &SecretTexts::new())?;
        validate::validate(&layers, &sources.env)
    }

    /// The same; what stands in AWS Secrets Manager is read by `read`, which is not called where nothing does.
    pub async fn load_with(
        sources: &Sources,
        read: impl AsyncFnOnce(AwsSettings, BTreeSet<String>) -> SecretTexts,
    ) -> Result<Self, SettingsError> {
        let mut layers = Layers::read(sources)?;
        let references = references::find(&layers)?;
        if !references.is_empty() {
            let texts = read(validate::aws(&layers)?, references::names(&references)).await;
            references::fill(&mut layers, references, &texts)?;
        }
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
    pub tls: Option<TlsSettings>,
    /// Who may say for whom it passes a request on.
    pub trusted_proxies: Vec<IpNet>,
    /// Origins whose pages may call the API, as browsers write them: `https://app.example`.
    pub cors_origins: Vec<String>,
    pub metrics: MetricsAudience,
}

#[derive(Clone, Debug)]
pub struct TlsSettings {
    /// The chain, PEM, our own certificate first.
    pub certificate: PathBuf,
    /// PEM.
    pub key: PathBuf,
    pub min_version: TlsVersion,
}

text_enum! {
    TlsVersion {
        V1_2 = "1.2",
        V1_3 = "1.3",
    }
}

text_enum! {
    /// To whom `/metrics` answers.
    MetricsAudience {
        /// This machine, and not through a proxy on it.
        Loopback = "loopback",
        Public = "public",
        Off = "off",
    }
}

/// What Tuner may reach at addresses that come from settings or from users. AWS is reached apart from this.
#[derive(Clone, Debug, Default)]
pub struct NetSettings {
    pub production: bool,
    /// RFC 1918, RFC 6598 (carriers) and RFC 4193 addresses; never link-local ones.
    pub allow_private: bool,
    pub allowed_networks: Vec<IpNet>,
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

#[derive(Clone, Debug)]
pub struct SchedulerSettings {
    /// Whether `tuner serve` ticks each minute; who asks for a run gets one all the same.
    pub enabled: bool,
    /// How old the sight of a region with tagged resources may become.
    pub observe_every: SignedDuration,
    /// More stops than that in one tick of an organisation wait for approval.
    pub approval_stops: usize,
    /// So do stops of more than half of an account's running tagged fleet, from this number on.
    pub approval_share_from: usize,
    /// How many accounts are worked on at a time.
    pub parallel_accounts: usize,
}

#[derive(Clone, Debug)]
pub struct AuditSettings {
    /// Where the ends of the audit's chains are kept outside of the database.
    pub checkpoint_file: PathBuf,
}
