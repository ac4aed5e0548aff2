//! What the lists' filters have in common.

use crate::{db::TagFilter, error::Error, http::paging::Limit};

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
