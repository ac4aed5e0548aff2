//! Structs inside of documents are written as JSON objects. Left alone, serde also fills one from a list, by
//! position: what was meant otherwise would be taken.

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor, value::MapAccessDeserializer},
};
use std::{fmt, marker::PhantomData};

struct Object<T>(T);

struct ObjectVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ObjectVisitor<T> {
    type Value = Object<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(Object)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ObjectVisitor(PhantomData))
    }
}

/// For `#[serde(deserialize_with = …)]`.
pub fn one<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<T, D::Error> {
    Object::deserialize(deserializer).map(|object| object.0)
}

/// The same for a field that may be left out or null.
pub fn optional<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    Option::<Object<T>>::deserialize(deserializer).map(|object| object.map(|object| object.0))
}

/// The same for a list of them.
pub fn list<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    let objects = Vec::<Object<T>>::deserialize(deserializer)?;
    Ok(objects.into_iter().map(|object| object.0).collect())
}

#[cfg(test)]
mod tests {
    use crate::service::schedules::{AssignmentDocument, ScheduleDocument};
    use rstest::rstest;

    #[rstest]
    #[case(r#"{"name": "a", "timezone": "UTC", "periods": [["07:00", "19:00"]]}"#)]
    #[case(r#"{"name": "a", "timezone": "UTC", "periods": [{}], "options": [true]}"#)]
    #[case(r#"{"name": "a", "timezone": "UTC", "periods": [{"begin": "07:00", "begin": "08:00"}]}"#)]
    fn a_list_is_no_object_and_nothing_is_said_twice(#[case] text: &str) {
        assert!(serde_json::from_str::<ScheduleDocument>(text).is_err());
    }

    #[test]
    fn a_tag_is_an_object_or_nothing() {
        let read = |tag: &str| {
            serde_json::from_str::<AssignmentDocument>(&format!(
                r#"{{"schedule": "a", "accountId": "123456789012", "tag": {tag}}}"#
            ))
        };
        assert!(read(r#"["env", "dev"]"#).is_err());
        assert!(read("null").is_ok_and(|document| document.tag.is_none()));
        assert!(read(r#"{"key": "env", "value": "dev"}"#).is_ok_and(|document| document.tag.is_some()));
    }
}
