//! Flags over environment over file over defaults, key by key, with where each value came from.
//!
//! Works on a flat map of dotted keys (`server.listen`). The default's type says how a text is read.

use super::{
    error::SettingsError,
    file,
    raw::{DATABASE_URL, Raw, SECRETS},
};
use crate::domain::near::find_near;
use serde::Deserialize;
use std::{
    collections::BTreeMap,
    fmt, fs,
    path::{Path, PathBuf},
};
use toml::{Table, Value};

const PREFIX: &str = "TUNER_";
const FILE_SUFFIX: &str = "__FILE";
/// Names the TOML file; `--config` goes before it.
const CONFIG: &str = "TUNER_CONFIG";
const TEST_PREFIX: &str = "TUNER_TEST_";

/// What the settings are made of. Nothing else reads the environment.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    pub env: BTreeMap<String, String>,
    pub file: Option<PathBuf>,
    pub flags: Vec<Flag>,
}

/// A command line flag that overrides a key: `--data-dir` for `data_dir`.
#[derive(Clone, Debug)]
pub struct Flag {
    pub name: &'static str,
    pub key: &'static str,
    pub value: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    Default,
    /// `tuner.toml:12`
    File(String),
    Variable(String),
    Flag(&'static str),
    /// `named_by` is where the reference stands.
    SecretsManager {
        named_by: String,
        stands_in: String,
    },
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.pad("default"),
            Self::File(text) | Self::Variable(text) => f.pad(text),
            Self::Flag(name) => f.pad(name),
            Self::SecretsManager { named_by, stands_in } => f.pad(&format!("{stands_in} by {named_by}")),
        }
    }
}

pub(super) struct Layers {
    values: BTreeMap<String, (Value, Origin)>,
}

impl Layers {
    pub fn read(sources: &Sources) -> Result<Self, SettingsError> {
        let mut layers = Self::defaults()?;
        if let Some(path) = sources.file.clone().or_else(|| config_variable(&sources.env)) {
            layers.overlay_file(&path)?;
        }
        for (name, value) in sources.env.iter().filter(|(name, _)| is_ours(name)) {
            layers.overlay_variable(name, value, &sources.env)?;
        }
        for flag in &sources.flags {
            layers.set_text(flag.key, &flag.value, Origin::Flag(flag.name))?;
        }
        Ok(layers)
    }

    fn defaults() -> Result<Self, SettingsError> {
        let table =
            Table::try_from(Raw::default()).map_err(|e| SettingsError::invalid("defaults", e.to_string()))?;
        let mut values = BTreeMap::new();
        for (name, value) in table {
            match value {
                Value::Table(section) => {
                    values.extend(
                        section
                            .into_iter()
                            .map(|(key, value)| (format!("{name}.{key}"), (value, Origin::Default))),
                    );
                }
                value => {
                    values.insert(name, (value, Origin::Default));
                }
            }
        }
        Ok(Self { values })
    }

    /// Where the value of a key came from, for messages: `TUNER_SERVER__LISTEN`, `tuner.toml:3: server.listen`.
    pub fn place(&self, key: &str) -> String {
        match self.origin(key) {
            Origin::Variable(name) => name,
            Origin::SecretsManager { named_by, .. } => named_by,
            Origin::Default => key.to_owned(),
            origin => format!("{origin}: {key}"),
        }
    }

    pub fn origin(&self, key: &str) -> Origin {
        self.values.get(key).map_or(Origin::Default, |(_, origin)| origin.clone())
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value, &Origin)> {
        self.values.iter().map(|(key, (value, origin))| (key.as_str(), value, origin))
    }

    pub fn parse(&self) -> Result<Raw, SettingsError> {
        let mut table = Table::new();
        for (key, (value, _)) in &self.values {
            match key.split_once('.') {
                None => {
                    table.insert(key.clone(), value.clone());
                }
                Some((section, name)) => {
                    let section = table.entry(section).or_insert_with(|| Value::Table(Table::new()));
                    if let Value::Table(section) = section {
                        section.insert(name.to_owned(), value.clone());
                    }
                }
            }
        }
        Raw::deserialize(Value::Table(table)).map_err(|e| SettingsError::invalid("settings", e.to_string()))
    }

    fn overlay_file(&mut self, path: &Path) -> Result<(), SettingsError> {
        for entry in file::read(path)? {
            let Some((default, _)) = self.values.get(&entry.key) else {
                return Err(SettingsError::UnknownKey {
                    near: find_near(&entry.key, self.values.keys().map(String::as_str)).map(str::to_owned),
                    place: entry.place,
                    key: entry.key,
                });
            };
            if !default.same_type(&entry.value) {
                let wanted = default.type_str();
                return Err(SettingsError::invalid(
                    entry.place,
                    format!("'{}' takes a value of type {wanted}", entry.key),
                ));
            }
            self.values.insert(entry.key, (entry.value, Origin::File(entry.place)));
        }
        Ok(())
    }

    fn overlay_variable(
        &mut self,
        name: &str,
        value: &str,
        env: &BTreeMap<String, String>,
    ) -> Result<(), SettingsError> {
        let plain = name.strip_suffix(FILE_SUFFIX);
        let key = plain.unwrap_or(name).strip_prefix(PREFIX).unwrap_or_default();
        let key = key.to_ascii_lowercase().replacen("__", ".", 1);
        let from_file = plain.is_some();
        let known = self.values.contains_key(&key) && variable(&key) == plain.unwrap_or(name);
        if !known || (from_file && !may_come_from_file(&key)) {
            return Err(self.unknown_variable(name));
        }
        // Compose files hand over empty variables for what is not set.
        if value.is_empty() {
            return Ok(());
        }
        if let Some(plain) = plain {
            if env.get(plain).is_some_and(|value| !value.is_empty()) {
                return Err(SettingsError::invalid(name, format!("{plain} is set too; keep one of them")));
            }
            let text = read_secret(Path::new(value))?;
            return self.set_text(&key, &text, Origin::Variable(name.to_owned()));
        }
        self.set_text(&key, value, Origin::Variable(name.to_owned()))
    }

    fn unknown_variable(&self, name: &str) -> SettingsError {
        let known: Vec<String> = self.values.keys().map(|key| variable(key)).collect();
        let near = find_near(name, known.iter().map(String::as_str)).map(str::to_owned);
        SettingsError::UnknownVariable { name: name.to_owned(), near }
    }

    pub fn set_text(&mut self, key: &str, text: &str, origin: Origin) -> Result<(), SettingsError> {
        let Some((default, _)) = self.values.get(key) else {
            return Err(SettingsError::invalid(origin.to_string(), format!("there is no key '{key}'")));
        };
        let value = read_as(default, text).map_err(|wanted| {
            SettingsError::invalid(origin.to_string(), format!("takes {wanted}, not '{}'", shortened(text)))
        })?;
        self.values.insert(key.to_owned(), (value, origin));
        Ok(())
    }
}

/// `server.listen` is `TUNER_SERVER__LISTEN`.
pub(super) fn variable(key: &str) -> String {
    format!("{PREFIX}{}", key.to_ascii_uppercase().replace('.', "__"))
}

fn config_variable(env: &BTreeMap<String, String>) -> Option<PathBuf> {
    env.get(CONFIG).filter(|path| !path.is_empty()).map(PathBuf::from)
}

fn is_ours(name: &str) -> bool {
    name.starts_with(PREFIX) && !name.starts_with(TEST_PREFIX) && name != CONFIG
}

pub(super) fn may_come_from_file(key: &str) -> bool {
    key == DATABASE_URL || SECRETS.contains(&key)
}

/// Editors and `echo` end a file with one newline that is not part of the secret.
fn read_secret(path: &Path) -> Result<String, SettingsError> {
    let text = fs::read_to_string(path)
        .map_err(|source| SettingsError::Unreadable { path: path.to_owned(), source })?;
    let text = text.strip_suffix('\n').unwrap_or(&text);
    Ok(text.strip_suffix('\r').unwrap_or(text).to_owned())
}

/// A text as the type of the default, or what would be right.
fn read_as(default: &Value, text: &str) -> Result<Value, &'static str> {
    match default {
        Value::Boolean(_) => match text {
            "true" | "1" => Ok(Value::Boolean(true)),
            "false" | "0" => Ok(Value::Boolean(false)),
            _ => Err("true or false"),
        },
        Value::Integer(_) => text.parse().map(Value::Integer).map_err(|_| "a whole number"),
        Value::Array(_) if text.trim_start().starts_with('[') => {
            quoted_list(text).ok_or("a list: a,b or, for names with blanks or commas, [\"a b\", \"c\"]")
        }
        Value::Array(_) => {
            let words = text.split([',', ' ']).filter(|word| !word.is_empty());
            Ok(Value::Array(words.map(|word| Value::String(word.to_owned())).collect()))
        }
        _ => Ok(Value::String(text.to_owned())),
    }
}

/// A TOML array of texts, on one line or several.
fn quoted_list(text: &str) -> Option<Value> {
    let mut table: Table = toml::from_str(&format!("list = {text}")).ok()?;
    let list = table.remove("list").filter(|_| table.is_empty())?;
    list.as_array()?.iter().all(Value::is_str).then_some(list)
}

fn shortened(text: &str) -> String {
    text.chars().take(40).collect::<String>().escape_debug().to_string()
}
