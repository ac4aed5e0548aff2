//! Structured values that are kept as one JSON text. SQL never looks inside.

use super::error::DbError;
use serde::{Serialize, de::DeserializeOwned};

/// Our own types always serialise: their keys are text and no float is among them.
pub(super) fn write(value: &(impl Serialize + ?Sized)) -> String {
    serde_json::to_string(value).unwrap_or_else(|_| "null".to_owned())
}

pub(super) fn read<T: DeserializeOwned>(text: &str, column: &'static str) -> Result<T, DbError> {
    serde_json::from_str(text).map_err(|_| DbError::Corrupt(column))
}
