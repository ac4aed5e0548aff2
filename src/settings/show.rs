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
                key if SECRETS.contains(&key) => presence(key, value).to_owned(),
                _ => plain(value),
            };
            Shown { key: key.to_owned(), value, origin: origin.clone() }
        })
        .collect()
}

fn presence(key: &str, value: &Value) -> &'static str {
    match value.as_str() {
        Some("") | None if NEVER_GENERATED.contains(&key) => "(not set)",
        Some("") | None => "(generated in data dir)",
        Some(_) => "(set)",
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
