//! What can be wrong with the settings. Every message is one line, names the place and never shows a value
//! that may be a secret.

use std::path::PathBuf;

#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    #[error("unknown environment variable {name}{}", did_you_mean(.near.as_deref()))]
    UnknownVariable { name: String, near: Option<String> },
    #[error("{place}: unknown key '{key}'{}", did_you_mean(.near.as_deref()))]
    UnknownKey { place: String, key: String, near: Option<String> },
    #[error("{place}: {reason}")]
    Invalid { place: String, reason: String },
    #[error("cannot read {}: {source}", .path.display())]
    Unreadable { path: PathBuf, source: std::io::Error },
}

impl SettingsError {
    pub(super) fn invalid(place: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Invalid { place: place.into(), reason: one_line(&reason.into()) }
    }
}

/// Libraries like to spread their messages over several lines.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn did_you_mean(near: Option<&str>) -> String {
    near.map(|near| format!("; did you mean {near}?")).unwrap_or_default()
}
