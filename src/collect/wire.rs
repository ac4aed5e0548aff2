//! Small forms that all mappings share: times, texts and tags.

use crate::domain::{inventory::Common, money::MicroUsd, region::Region, tags::Tags};
use aws_smithy_types::DateTime;
use jiff::Timestamp;

/// AWS's instants have no more than a second or a millisecond.
pub(super) fn timestamp(at: Option<DateTime>) -> Option<Timestamp> {
    let at = at?;
    Timestamp::new(at.secs(), i32::try_from(at.subsec_nanos()).ok()?).ok()
}

/// Tags of any service: each has a type of its own.
pub(super) fn tags<T>(list: Option<Vec<T>>, pair: impl Fn(T) -> (Option<String>, Option<String>)) -> Tags {
    let pairs = list.unwrap_or_default().into_iter().map(pair);
    pairs.filter_map(|(key, value)| Some((key?, value.unwrap_or_default()))).collect()
}

pub(super) fn ec2_tags(list: Option<Vec<aws_sdk_ec2::types::Tag>>) -> Tags {
    tags(list, |tag| (tag.key, tag.value))
}

pub(super) fn rds_tags(list: Option<Vec<aws_sdk_rds::types::Tag>>) -> Tags {
    tags(list, |tag| (tag.key, tag.value))
}

pub(super) fn redshift_tags(list: Option<Vec<aws_sdk_redshift::types::Tag>>) -> Tags {
    tags(list, |tag| (tag.key, tag.value))
}

/// What every resource has; none without an id: such an item cannot be told from another.
pub(super) fn common(
    region: &Region,
    id: Option<String>,
    tags: Tags,
    created_at: Option<DateTime>,
) -> Option<Common> {
    let id = id.filter(|id| !id.is_empty())?.into_boxed_str();
    Some(Common { region: region.clone(), id, tags, created_at: timestamp(created_at) })
}

pub(super) fn text(value: Option<String>) -> Box<str> {
    value.unwrap_or_default().into_boxed_str()
}

/// Absent where AWS gives nothing or an empty text.
pub(super) fn some_text(value: Option<String>) -> Option<Box<str>> {
    value.filter(|text| !text.is_empty()).map(String::into_boxed_str)
}

/// A price that AWS sends as a floating-point number: read once, to a micro-dollar; what is no number is nothing.
pub(super) fn usd(amount: f64) -> MicroUsd {
    format!("{amount:.6}").parse().unwrap_or_default()
}

pub(super) fn number(value: Option<i32>) -> i64 {
    value.map_or(0, i64::from)
}
