//! What is wrong with a path, a query or a body, as an error with the field's name.
//!
//! serde's messages are its only report: they begin with the kind of mistake and the field in backticks.

use crate::error::{Error, ErrorCode};
use actix_web::{
    error::{PathError, QueryPayloadError},
    web::{PathConfig, QueryConfig},
};

const MAX_DETAIL_CHARS: usize = 200;
/// How `domain::ids::NotAnAccountId` puts it.
const NOT_AN_ACCOUNT_ID: &str = "is not an AWS account ID";

/// An error for serde's message.
pub(super) fn refuse(message: &str) -> Error {
    let detail = readable(message);
    for (kind, code) in [
        ("unknown field `", ErrorCode::UnknownField),
        ("missing field `", ErrorCode::InvalidRequest),
        ("duplicate field `", ErrorCode::InvalidRequest),
    ] {
        if let Some((field, _)) = message.strip_prefix(kind).and_then(|rest| rest.split_once('`')) {
            let reason = kind.trim_end_matches(" `");
            return Error::new(code, detail).with_field(&readable(field), reason);
        }
    }
    let about_account = message.contains(NOT_AN_ACCOUNT_ID);
    Error::new(if about_account { ErrorCode::InvalidAccountId } else { ErrorCode::InvalidRequest }, detail)
}

/// A caller's own text comes back in it: short, and without control characters.
fn readable(message: &str) -> String {
    message.chars().take(MAX_DETAIL_CHARS).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

pub(super) fn path_config() -> PathConfig {
    PathConfig::default().error_handler(|error, _| {
        let PathError::Deserialize(error) = error else { return refuse("the path is not valid").into() };
        refuse(&error.to_string()).into()
    })
}

pub(super) fn query_config() -> QueryConfig {
    QueryConfig::default().error_handler(|error, _| {
        let QueryPayloadError::Deserialize(error) = error else {
            return refuse("the query is not valid").into();
        };
        refuse(&error.to_string()).into()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::AccountId;

    #[test]
    fn an_account_id_keeps_its_own_code() {
        let message = "x".parse::<AccountId>().unwrap_err().to_string();
        assert_eq!(refuse(&message).code(), ErrorCode::InvalidAccountId);
    }

    #[test]
    fn the_field_is_named() {
        let error = refuse("unknown field `colour`, expected `name` at line 1 column 9");
        assert_eq!((error.code(), error.fields()[0].field.as_str()), (ErrorCode::UnknownField, "colour"));
        assert_eq!(error.fields()[0].message, "unknown field");
    }

    #[test]
    fn a_long_or_odd_text_is_tamed() {
        let error = refuse(&format!("a\u{1b}[31m{}", "x".repeat(1000)));
        assert!(error.detail().len() <= 200 && !error.detail().contains('\u{1b}'));
    }
}
