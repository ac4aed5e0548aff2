//! The TOML file as a list of dotted keys, each with its line.
//!
//! Knows nothing of which keys exist: `layers.rs` does.

use super::error::SettingsError;
use std::{
    fs,
    ops::Range,
    path::{Path, PathBuf},
};
use toml::{
    Spanned, Table, Value,
    de::{DeTable, DeValue},
};

pub(super) struct Entry {
    /// `tuner.toml:12`
    pub place: String,
    pub key: String,
    pub value: Value,
}

pub(super) fn read(path: &Path) -> Result<Vec<Entry>, SettingsError> {
    let text = fs::read_to_string(path)
        .map_err(|source| SettingsError::Unreadable { path: path.to_owned(), source })?;
    let file = File { path: path.to_owned(), text };
    // Twice: one parse gives the values, the other where they stand.
    let values: Table = toml::from_str(&file.text).map_err(|e| file.malformed(&e))?;
    let spans = DeTable::parse(&file.text).map_err(|e| file.malformed(&e))?;
    Ok(file.entries(&values, spans.get_ref()))
}

struct File {
    path: PathBuf,
    text: String,
}

impl File {
    fn place(&self, span: Range<usize>) -> String {
        let before = self.text.get(..span.start).unwrap_or(&self.text);
        format!("{}:{}", self.path.display(), 1 + before.matches('\n').count())
    }

    fn malformed(&self, error: &toml::de::Error) -> SettingsError {
        let place = error.span().map_or_else(|| self.path.display().to_string(), |span| self.place(span));
        SettingsError::invalid(place, error.message())
    }

    fn entries(&self, values: &Table, spans: &DeTable<'_>) -> Vec<Entry> {
        let mut entries = Vec::new();
        for (name, span) in spans {
            match (values.get(name.get_ref().as_ref()), span.get_ref()) {
                (Some(Value::Table(section)), DeValue::Table(inner)) => {
                    entries.extend(inner.keys().filter_map(|key| {
                        let value = section.get(key.get_ref().as_ref())?;
                        Some(self.entry(format!("{}.{}", name.get_ref(), key.get_ref()), value, key))
                    }));
                }
                (Some(value), _) => entries.push(self.entry(name.get_ref().to_string(), value, name)),
                (None, _) => {}
            }
        }
        entries
    }

    fn entry<T>(&self, key: String, value: &Value, at: &Spanned<T>) -> Entry {
        Entry { place: self.place(at.span()), key, value: value.clone() }
    }
}
