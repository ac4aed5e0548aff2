//! From text to types. Each refusal names the variable or the line that holds the value.

use super::{
    AuditSettings, AuthSettings, AwsSettings, DatabaseSettings, ExternalIdSettings, LimitSettings,
    LogSettings, ScanSettings, Settings, TokenKeys,
    error::SettingsError,
    layers::{Layers, variable},
    raw::{DATABASE_URL, Raw, RawAudit, RawAuth, RawAws, RawLimits},
    show,
};
use crate::domain::{
    ids::AccountId,
    region::{Partition, Region},
};
use jiff::SignedDuration;
use secrecy::SecretString;
use std::{
    collections::BTreeMap,
    num::NonZeroU32,
    path::{Path, PathBuf},
    str::FromStr,
};
use tracing_subscriber::EnvFilter;
use url::{Host, Url};

/// Who signs tokens when Tuner is its own issuer and nobody chose a name.
const OWN_ISSUER: &str = "tuner";
const MAX_SCAN_CONCURRENCY: u32 = 64;
const MAX_VERIFY_HOURS: u32 = 168;

pub(super) fn validate(layers: &Layers, env: &BTreeMap<String, String>) -> Result<Settings, SettingsError> {
    let raw = layers.parse()?;
    let check = Check { layers };
    let data_dir = check.data_dir(&raw.data_dir, env)?;
    let database_url = check.database_url(&raw.database.url, &data_dir)?;
    let shown = show::describe(layers, &data_dir, &database_url);
    let server = check.server(&raw.server, raw.production)?;
    raw.thresholds.validate().map_err(|reason| check.thresholds(reason))?;
    Ok(Settings {
        production: raw.production,
        master_key: secret(&raw.master_key),
        master_key_previous: secret(&raw.master_key_previous),
        log: check.log(&raw)?,
        oidc: check.oidc(&raw.oidc, &server, raw.production)?,
        server,
        database: DatabaseSettings { url: database_url.into() },
        external_id: ExternalIdSettings { secret: secret(&raw.external_id.secret) },
        auth: check.auth(&raw.auth)?,
        aws: check.aws(&raw.aws)?,
        limits: check.limits(&raw.limits)?,
        net: check.net(&raw.net, raw.production)?,
        scan: ScanSettings { concurrency: check.concurrency(raw.scan.concurrency)? },
        scheduler: check.scheduler(&raw.scheduler)?,
        audit: audit(&raw.audit, &data_dir),
        thresholds: raw.thresholds,
        data_dir,
        shown,
    })
}

/// How AWS is reached, before the other settings are complete.
pub(super) fn aws(layers: &Layers) -> Result<AwsSettings, SettingsError> {
    Check { layers }.aws(&layers.parse()?.aws)
}

pub(super) fn secret(text: &str) -> Option<SecretString> {
    (!text.is_empty()).then(|| text.into())
}

pub(super) fn optional(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

const CHECKPOINT_FILE: &str = "audit-checkpoints.ndjson";

/// A relative path lies in the data folder.
fn audit(raw: &RawAudit, data_dir: &Path) -> AuditSettings {
    AuditSettings {
        checkpoint_file: data_dir.join(optional(&raw.checkpoint_file).unwrap_or(CHECKPOINT_FILE)),
    }
}

pub(super) struct Check<'a> {
    layers: &'a Layers,
}

impl Check<'_> {
    pub(super) fn invalid(&self, key: &str, reason: impl Into<String>) -> SettingsError {
        SettingsError::invalid(self.layers.place(key), reason)
    }

    pub(super) fn parse<T: FromStr>(&self, key: &str, text: &str, wanted: &str) -> Result<T, SettingsError> {
        let shown: String = text.chars().take(60).collect();
        text.parse().map_err(|_| self.invalid(key, format!("'{}' is not {wanted}", shown.escape_debug())))
    }

    /// `thresholds.validate` begins its line with the key.
    fn thresholds(&self, reason: String) -> SettingsError {
        let key = reason.split(' ').next().unwrap_or_default();
        self.invalid(key, reason.clone())
    }

    fn data_dir(&self, text: &str, env: &BTreeMap<String, String>) -> Result<PathBuf, SettingsError> {
        let absolute = |name: &str| env.get(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let chosen = match optional(text) {
            Some(text) => Some(PathBuf::from(text)),
            None => absolute("XDG_DATA_HOME")
                .or_else(|| absolute("HOME").map(|home| home.join(".local/share")))
                .map(|data_home| data_home.join("tuner")),
        };
        let chosen = chosen.ok_or_else(|| {
            self.invalid("data_dir", format!("there is no home directory; set {}", variable("data_dir")))
        })?;
        std::path::absolute(&chosen).map_err(|e| self.invalid("data_dir", e.to_string()))
    }

    fn database_url(&self, text: &str, data_dir: &Path) -> Result<String, SettingsError> {
        let Some(text) = optional(text) else {
            let file = Url::from_file_path(data_dir.join("tuner.db"))
                .map_err(|()| self.invalid("data_dir", "not a path that a URL can hold"))?;
            return Ok(format!("sqlite:{}", file.as_str().trim_start_matches("file:")));
        };
        // The value may hold a password: the message never repeats it.
        let known = text.starts_with("sqlite:") || (text.starts_with("mysql://") && Url::parse(text).is_ok());
        if known {
            Ok(text.to_owned())
        } else {
            Err(self.invalid(DATABASE_URL, "write it as sqlite:///path/tuner.db or mysql://user@host/name"))
        }
    }

    fn log(&self, raw: &Raw) -> Result<LogSettings, SettingsError> {
        EnvFilter::try_new(&raw.log).map_err(|e| self.invalid("log", e.to_string()))?;
        let format = self.parse("log_format", &raw.log_format, "a log format; use text or json")?;
        Ok(LogSettings { filter: raw.log.clone(), format })
    }

    pub(super) fn web_url(&self, key: &str, text: &str) -> Result<Url, SettingsError> {
        let url: Url = self.parse(key, text, "a URL")?;
        let plain = url.query().is_none() && url.fragment().is_none() && url.password().is_none();
        if matches!(url.scheme(), "http" | "https") && url.has_host() && plain {
            Ok(url)
        } else {
            Err(self
                .invalid(key, "write a URL that begins with http:// or https://, without query or password"))
        }
    }

    fn auth(&self, raw: &RawAuth) -> Result<AuthSettings, SettingsError> {
        let keys = self.token_keys(raw)?;
        let issuer = match (optional(&raw.issuer), &keys) {
            (Some(issuer), _) => issuer,
            (None, TokenKeys::Own) => OWN_ISSUER,
            (None, _) => {
                return Err(self.invalid(
                    "auth.issuer",
                    format!("an outside issuer's keys need its name; set {}", variable("auth.issuer")),
                ));
            }
        };
        let audience = optional(&raw.audience)
            .ok_or_else(|| self.invalid("auth.audience", "an empty audience would accept nobody's tokens"))?;
        Ok(AuthSettings {
            issuer: issuer.to_owned(),
            audience: audience.to_owned(),
            keys,
            signing_key: secret(&raw.signing_key),
            provision: raw.provision,
        })
    }

    fn token_keys(&self, raw: &RawAuth) -> Result<TokenKeys, SettingsError> {
        match (optional(&raw.jwks_url), optional(&raw.jwks_file)) {
            (None, None) => Ok(TokenKeys::Own),
            (None, Some(file)) => Ok(TokenKeys::File(file.into())),
            (Some(_), Some(_)) => Err(self.invalid("auth.jwks_file", "auth.jwks_url is set too; keep one")),
            (Some(text), None) => {
                let key = "auth.jwks_url";
                // A query is common here: some issuers name the application in it.
                let url: Url = self.parse(key, text, "a URL")?;
                let allowed = url.scheme() == "https" || (url.scheme() == "http" && is_loopback(&url));
                let reason = "keys over plain HTTP can be forged on the way; use https://";
                if allowed { Ok(TokenKeys::Url(url)) } else { Err(self.invalid(key, reason)) }
            }
        }
    }

    fn aws(&self, raw: &RawAws) -> Result<AwsSettings, SettingsError> {
        let home_region: Region =
            self.parse("aws.home_region", &raw.home_region, "an AWS region; write it as us-east-1")?;
        let endpoint_url =
            optional(&raw.endpoint_url).map(|text| self.web_url("aws.endpoint_url", text)).transpose()?;
        let principal = match optional(&raw.principal) {
            Some(text) => Some(principal_arn(text, home_region.partition()).ok_or_else(|| {
                self.invalid("aws.principal", "write an account ID or arn:aws:iam::123456789012:role/name")
            })?),
            None => None,
        };
        let profile = optional(&raw.profile).map(str::to_owned);
        let template_url =
            optional(&raw.template_url).map(|text| self.web_url("aws.template_url", text)).transpose()?;
        let verify_every = self.verify_every(raw.verify_every_hours)?;
        Ok(AwsSettings { endpoint_url, profile, home_region, principal, template_url, verify_every })
    }

    /// Never is not offered: a trust policy that was opened must not stay unseen for long.
    fn verify_every(&self, hours: u32) -> Result<SignedDuration, SettingsError> {
        if (1..=MAX_VERIFY_HOURS).contains(&hours) {
            Ok(SignedDuration::from_hours(hours.into()))
        } else {
            Err(self.invalid("aws.verify_every_hours", format!("use 1 to {MAX_VERIFY_HOURS}")))
        }
    }

    fn limits(&self, raw: &RawLimits) -> Result<LimitSettings, SettingsError> {
        let at_least_one = |key: &str, value: u32| {
            NonZeroU32::new(value).ok_or_else(|| {
                self.invalid(
                    key,
                    format!("must be at least 1; {}=false turns limits off", variable("limits.enabled")),
                )
            })
        };
        Ok(LimitSettings {
            enabled: raw.enabled,
            requests_per_minute_per_ip: at_least_one(
                "limits.requests_per_minute_per_ip",
                raw.requests_per_minute_per_ip,
            )?,
            requests_per_second_per_organization: at_least_one(
                "limits.requests_per_second_per_organization",
                raw.requests_per_second_per_organization,
            )?,
            sign_ins_per_minute_per_ip: at_least_one(
                "limits.sign_ins_per_minute_per_ip",
                raw.sign_ins_per_minute_per_ip,
            )?,
            lock_after_failures: at_least_one("limits.lock_after_failures", raw.lock_after_failures)?,
            lock_minutes: at_least_one("limits.lock_minutes", raw.lock_minutes)?,
        })
    }

    fn concurrency(&self, value: u32) -> Result<NonZeroU32, SettingsError> {
        NonZeroU32::new(value)
            .filter(|value| value.get() <= MAX_SCAN_CONCURRENCY)
            .ok_or_else(|| self.invalid("scan.concurrency", format!("use 1 to {MAX_SCAN_CONCURRENCY}")))
    }
}

pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

/// An account stands for its root, as in IAM itself.
fn principal_arn(text: &str, partition: Partition) -> Option<String> {
    if let Ok(account) = text.parse::<AccountId>() {
        return Some(format!("arn:{}:iam::{account}:root", partition.as_str()));
    }
    let (partition, rest) = text.strip_prefix("arn:")?.split_once(":iam::")?;
    let (account, resource) = rest.split_once(':')?;
    let name_byte = |b: u8| b.is_ascii_alphanumeric() || b"+=,.@_/-".contains(&b);
    let named = ["role/", "user/"].iter().find_map(|kind| resource.strip_prefix(kind));
    let valid =
        resource == "root" || named.is_some_and(|name| !name.is_empty() && name.bytes().all(name_byte));
    let known = partition.parse::<Partition>().is_ok() && account.parse::<AccountId>().is_ok();
    (known && valid).then(|| text.to_owned())
}
