//! The settings as they are written: plain text, numbers and flags, and their defaults.
//!
//! This struct is the one list of known names: the file, the environment and `config show` follow it.
//! Deliberately without `Debug`: it holds secrets in the clear until they are validated.

use crate::domain::thresholds::Thresholds;
use serde::{Deserialize, Serialize};

/// Keys whose value is never shown and may come from a file (`TUNER_…__FILE`).
pub(super) const SECRETS: [&str; 5] =
    ["master_key", MASTER_KEY_PREVIOUS, "external_id.secret", "auth.signing_key", "oidc.client_secret"];
const MASTER_KEY_PREVIOUS: &str = "master_key_previous";
/// Those of them that nobody can make up: where they are missing, none is made.
pub(super) const NEVER_GENERATED: [&str; 2] = [MASTER_KEY_PREVIOUS, "oidc.client_secret"];
/// Shown without its password; it may come from a file too.
pub(super) const DATABASE_URL: &str = "database.url";

/// A section: its struct and its defaults from one table. An empty text means "not set".
macro_rules! section {
    ($name:ident { $($key:ident: $type:ty = $default:expr),* $(,)? }) => {
        #[derive(Serialize, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub(super) struct $name { $(pub $key: $type,)* }

        impl Default for $name {
            fn default() -> Self {
                Self { $($key: $default,)* }
            }
        }
    };
}

section!(Raw {
    production: bool = false,
    data_dir: String = String::new(),
    master_key: String = String::new(),
    master_key_previous: String = String::new(),
    log: String = "info".into(),
    log_format: String = "text".into(),
    server: RawServer = RawServer::default(),
    database: RawDatabase = RawDatabase::default(),
    external_id: RawExternalId = RawExternalId::default(),
    auth: RawAuth = RawAuth::default(),
    oidc: RawOidc = RawOidc::default(),
    aws: RawAws = RawAws::default(),
    limits: RawLimits = RawLimits::default(),
    net: RawNet = RawNet::default(),
    scan: RawScan = RawScan::default(),
    scheduler: RawScheduler = RawScheduler::default(),
    audit: RawAudit = RawAudit::default(),
    thresholds: Thresholds = Thresholds::default(),
});

section!(RawServer {
    listen: String = "127.0.0.1:8080".into(),
    public_url: String = String::new(),
    tls_certificate: String = String::new(),
    tls_key: String = String::new(),
    tls_min_version: String = "1.3".into(),
    trusted_proxies: Vec<String> = Vec::new(),
    cors_origins: Vec<String> = Vec::new(),
    metrics: String = "loopback".into(),
});

section!(RawNet { allow_private: bool = false, allowed_networks: Vec<String> = Vec::new() });

section!(RawDatabase { url: String = String::new() });

section!(RawExternalId { secret: String = String::new() });

section!(RawAuth {
    issuer: String = String::new(),
    audience: String = "tuner".into(),
    jwks_url: String = String::new(),
    jwks_file: String = String::new(),
    signing_key: String = String::new(),
    provision: bool = true,
});

section!(RawOidc {
    issuer: String = String::new(),
    client_id: String = String::new(),
    client_secret: String = String::new(),
    scopes: Vec<String> = Vec::new(),
    groups_claim: String = "groups".into(),
    organization: String = String::new(),
    organization_claim: String = String::new(),
    viewer_groups: Vec<String> = Vec::new(),
    user_groups: Vec<String> = Vec::new(),
    admin_groups: Vec<String> = Vec::new(),
    organization_admin_groups: Vec<String> = Vec::new(),
});

section!(RawAws {
    endpoint_url: String = String::new(),
    profile: String = String::new(),
    home_region: String = "us-east-1".into(),
    principal: String = String::new(),
    template_url: String = String::new(),
    verify_every_hours: u32 = 24,
});

section!(RawLimits {
    enabled: bool = true,
    requests_per_minute_per_ip: u32 = 100,
    requests_per_second_per_organization: u32 = 100,
    sign_ins_per_minute_per_ip: u32 = 5,
    lock_after_failures: u32 = 5,
    lock_minutes: u32 = 15,
});

section!(RawAudit { checkpoint_file: String = String::new() });

section!(RawScan { concurrency: u32 = 64 });

section!(RawScheduler {
    enabled: bool = true,
    observe_minutes: u32 = 5,
    approval_stops: u32 = 50,
    approval_share_from: u32 = 10,
    parallel_accounts: u32 = 32,
});
