//! The settings for `tuner config show`: every key, its value and where it came from, never a secret.

use super::{
    Settings,
    layers::{Layers, Origin, variable},
    raw::{DATABASE_URL, NEVER_GENERATED, SECRETS},
};
use std::path::Path;
use toml::Value;
use url::Url;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    pub key: String,
    pub value: String,
    pub origin: Origin,
}

impl Settings {
    /// In the order of the keys.
    #[must_use]
    pub fn show(&self) -> &[Shown] {
        &self.shown
    }

    /// The environment variable of a key: `TUNER_SERVER__LISTEN`.
    #[must_use]
    pub fn variable(key: &str) -> String {
        variable(key)
    }
}

pub(super) fn describe(layers: &Layers, data_dir: &Path, database_url: &str) -> Vec<Shown> {
    layers
        .iter()
        .map(|(key, value, origin)| {
            let value = match key {
                "data_dir" => data_dir.display().to_string(),
                DATABASE_URL => without_password(database_url),
                key if SECRETS.contains(&key) => presence(key, value),
                _ => plain(value),
            };
            Shown { key: key.to_owned(), value, origin: origin.clone() }
        })
        .collect()
}

/// The name of a KMS key is no secret.
fn presence(key: &str, value: &Value) -> String {
    match value.as_str().unwrap_or_default() {
        "" if NEVER_GENERATED.contains(&key) => "(not set)".to_owned(),
        "" => "(generated in data dir)".to_owned(),
        text if text.starts_with("kms:") => text.to_owned(),
        _ => "(set)".to_owned(),
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(" "),
        other => other.to_string(),
    }
}

/// Options after `?` may hold secrets too (`ssl-key`): only the part before is shown.
fn without_password(text: &str) -> String {
    match Url::parse(text) {
        Ok(mut url) if url.has_host() => {
            let hidden = url.password().is_some() && url.set_password(None).is_ok();
            url.set_query(None);
            if hidden { format!("{url} (password set)") } else { url.to_string() }
        }
        _ => text.split('?').next().unwrap_or_default().to_owned(),
    }
}
