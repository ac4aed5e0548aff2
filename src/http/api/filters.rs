//! What the lists' filters have in common.

use crate::{
    domain::{ids::UserId, region::Region},
    error::Error,
    http::paging::Limit,
    service::recommendations::TagFilter,
};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// An empty parameter is one that was not given: forms send them so.
#[must_use]
pub fn blank(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.is_empty())
}

/// `key` or `key=value`; the value may hold further equals signs.
pub fn parse_tag(text: &str) -> Result<TagFilter, Error> {
    let (key, value) = text.split_once('=').map_or((text, None), |(key, value)| (key, Some(value)));
    if key.is_empty() {
        return Err(Error::invalid_field("tag", "write it as key or key=value"));
    }
    Ok(TagFilter { key: key.to_owned(), value: value.map(str::to_owned) })
}

/// One item more than a page shows tells whether there is a next one.
#[must_use]
pub fn one_more(limit: Limit) -> u32 {
    u32::from(limit.get()) + 1
}

/// The last one of a page of things that are known by their names.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NameCursor {
    pub name: String,
}

/// One of some words, or the error that names them all.
pub fn word<T: FromStr + fmt::Display>(
    field: &str,
    text: Option<&str>,
    all: &[T],
) -> Result<Option<T>, Error> {
    let Some(text) = blank(text) else { return Ok(None) };
    text.parse().map(Some).map_err(|_| {
        let names: Vec<String> = all.iter().map(ToString::to_string).collect();
        Error::invalid_field(field, format!("use one of {}", names.join(", ")))
    })
}

pub fn day(field: &str, text: Option<&str>) -> Result<Option<Date>, Error> {
    let parsed = blank(text).map(str::parse).transpose();
    parsed.map_err(|_| Error::invalid_field(field, "write a day as YYYY-MM-DD"))
}

pub fn user(text: Option<&str>) -> Result<Option<UserId>, Error> {
    let parsed = blank(text).map(str::parse).transpose();
    parsed.map_err(|_| Error::invalid_field("userId", "that is not the id of a user"))
}

pub fn region(text: Option<&str>) -> Result<Option<Region>, Error> {
    let parsed = blank(text).map(str::parse::<Region>).transpose();
    parsed.map_err(|error| Error::invalid_field("region", error.to_string()))
}
