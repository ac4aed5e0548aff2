//! Strict reading of JSON with the path of each field.
//!
//! Not serde's derive: that fills a struct from a list by position, takes the last of two equal keys from a
//! `Value`, and cannot say what to write instead.

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use std::fmt;

/// Bytes of a whole document.
const MAX_BYTES: usize = 64 * 1024;

/// `periods[1].weekdays[0]` and why it is refused, with what to write instead. The field is empty where the text
/// is no JSON object at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct ScheduleError {
    pub field: String,
    pub reason: String,
}

impl fmt::Display for ScheduleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.field {
            "" => write!(f, "the document {}", self.reason),
            field => write!(f, "{field} {}", self.reason),
        }
    }
}

/// Reads a text in which no key stands twice.
pub fn read(text: &str) -> Result<Value, ScheduleError> {
    let refuse = |reason: String| ScheduleError { field: String::new(), reason };
    if text.len() > MAX_BYTES {
        return Err(refuse(format!("is longer than {} KiB", MAX_BYTES / 1024)));
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    serde_json::from_str::<Unique>(text).map_err(|error| refuse(format!("is not JSON: {error}")))?;
    serde_json::from_str(text).map_err(|error| refuse(format!("is not JSON: {error}")))
}

/// A value of the document, or its root.
pub struct Field<'a> {
    path: String,
    value: &'a Value,
}

impl<'a> Field<'a> {
    pub fn document(value: &'a Value) -> Self {
        Self { path: String::new(), value }
    }

    pub fn error(&self, reason: impl Into<String>) -> ScheduleError {
        ScheduleError { field: self.path.clone(), reason: reason.into() }
    }

    /// An object with none but these fields.
    pub fn object(&self, known: &'static [&'static str]) -> Result<Object<'a>, ScheduleError> {
        let Value::Object(fields) = self.value else { return Err(self.wrong("an object, {…}")) };
        let object = Object { path: self.path.clone(), fields };
        match fields.keys().find(|key| !known.contains(&key.as_str())) {
            None => Ok(object),
            Some(key) => {
                Err(ScheduleError { field: object.path_of(&clipped(key)), reason: unknown(key, known) })
            }
        }
    }

    pub fn text(&self) -> Result<&'a str, ScheduleError> {
        self.value.as_str().ok_or_else(|| self.wrong("a text in quotes"))
    }

    pub fn flag(&self) -> Result<bool, ScheduleError> {
        self.value.as_bool().ok_or_else(|| self.wrong("true or false"))
    }

    pub fn number(&self, least: u32, most: u32) -> Result<u32, ScheduleError> {
        let number = self.value.as_u64().and_then(|number| u32::try_from(number).ok());
        number
            .filter(|number| (least..=most).contains(number))
            .ok_or_else(|| self.wrong(&format!("a whole number from {least} to {most}")))
    }

    pub fn list(&self, most: usize) -> Result<Vec<Self>, ScheduleError> {
        let Value::Array(values) = self.value else { return Err(self.wrong("a list, […]")) };
        if values.len() > most {
            return Err(self.error(format!("has {} entries; at most {most} are allowed", values.len())));
        }
        let item = |(at, value)| Self { path: format!("{}[{at}]", self.path), value };
        Ok(values.iter().enumerate().map(item).collect())
    }

    fn wrong(&self, wanted: &str) -> ScheduleError {
        self.error(format!("is {}; write {wanted}", shown(self.value)))
    }
}

pub struct Object<'a> {
    path: String,
    fields: &'a Map<String, Value>,
}

impl<'a> Object<'a> {
    /// None where it is left out.
    pub fn field(&self, name: &str) -> Result<Option<Field<'a>>, ScheduleError> {
        match self.fields.get(name) {
            Some(Value::Null) => {
                Err(ScheduleError { field: self.path_of(name), reason: "is null; leave it out".into() })
            }
            value => Ok(value.map(|value| Field { path: self.path_of(name), value })),
        }
    }

    pub fn required(&self, name: &str) -> Result<Field<'a>, ScheduleError> {
        self.field(name)?.ok_or_else(|| ScheduleError {
            field: self.path_of(name),
            reason: "is missing; it is needed".into(),
        })
    }

    fn path_of(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }
}

/// Reads the entries of a list, none of which may say the same as another.
pub fn distinct<T: PartialEq>(
    fields: &[Field<'_>],
    read: impl Fn(&Field<'_>) -> Result<T, ScheduleError>,
) -> Result<Vec<T>, ScheduleError> {
    let mut found = Vec::with_capacity(fields.len());
    for field in fields {
        let value = read(field)?;
        if let Some(at) = found.iter().position(|other| *other == value) {
            return Err(field.error(format!("says the same as entry {at}; leave one of them out")));
        }
        found.push(value);
    }
    Ok(found)
}

/// Free text for an error: short, and nothing that a terminal would obey.
pub fn clipped(text: &str) -> String {
    let plain: String = text.chars().take(40).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    if plain.len() < text.len() && text.chars().count() > 40 { plain + "…" } else { plain }
}

fn unknown(key: &str, known: &[&str]) -> String {
    let bare = |text: &str| text.replace(['_', '-', ' '], "").to_lowercase();
    match known.iter().find(|name| bare(name) == bare(key)) {
        Some(name) => format!("is not known here; write '{name}'"),
        None => format!("is not known here; known are: {}", known.join(", ")),
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "null".into(),
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => clipped(&number.to_string()),
        Value::String(text) => format!("the text \"{}\"", clipped(text)),
        Value::Array(_) => "a list".into(),
        Value::Object(_) => "an object".into(),
    }
}

/// Any JSON whose objects have each key once.
struct Unique;

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Self)
    }
}

impl<'de> Visitor<'de> for Unique {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self, A::Error> {
        let mut keys = std::collections::BTreeSet::new();
        while let Some(key) = map.next_key::<String>()? {
            map.next_value::<Self>()?;
            if !keys.insert(key.clone()) {
                return Err(A::Error::custom(format_args!("the field '{}' stands twice", clipped(&key))));
            }
        }
        Ok(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self, A::Error> {
        while list.next_element::<Self>()?.is_some() {}
        Ok(self)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_unit<E>(self) -> Result<Self, E> {
        Ok(self)
    }
}
