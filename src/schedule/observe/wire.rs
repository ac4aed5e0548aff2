//! Small forms that the mappings share.

use crate::domain::{schedule::Power, tags::Tags};
use aws_smithy_types::DateTime;
use jiff::Timestamp;

pub(super) fn timestamp(at: Option<DateTime>) -> Option<Timestamp> {
    let at = at?;
    Timestamp::new(at.secs(), i32::try_from(at.subsec_nanos()).ok()?).ok()
}

pub(super) fn rds_tags(list: Vec<aws_sdk_rds::types::Tag>) -> Tags {
    list.into_iter().filter_map(|tag| Some((tag.key?, tag.value.unwrap_or_default()))).collect()
}

pub(super) fn text(value: Option<String>) -> Box<str> {
    value.unwrap_or_default().into_boxed_str()
}

/// Absent where AWS gives nothing or an empty text.
pub(super) fn some_text(value: Option<String>) -> Option<Box<str>> {
    value.filter(|text| !text.is_empty()).map(String::into_boxed_str)
}

/// Only two of RDS's many states allow anything: all others are waited for.
pub(super) fn db_power(state: &str) -> Power {
    match state {
        "available" => Power::Running,
        "stopped" => Power::Stopped,
        "deleting" | "deleted" => Power::Gone,
        _ => Power::Changing,
    }
}

pub(super) fn filter(name: &str, values: &[&str]) -> aws_sdk_rds::types::Filter {
    let values = values.iter().map(|value| (*value).to_owned()).collect();
    aws_sdk_rds::types::Filter::builder().name(name).set_values(Some(values)).build()
}

/// Two halves; nothing of what cannot be halved.
pub(super) fn halves<'a, 'b>(part: &'a [&'b str]) -> impl Iterator<Item = &'a [&'b str]> + use<'a, 'b> {
    let (first, second) = part.split_at(part.len() / 2);
    [first, second].into_iter().filter(|half| !half.is_empty() && half.len() < part.len())
}

/// The blue one of a green database or cluster: RDS names the green one `NAME-green-` and six letters or digits.
pub(super) fn blue_of(id: &str) -> Option<&str> {
    let (blue, suffix) = id.rsplit_once("-green-")?;
    let random = suffix.len() == 6 && suffix.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    (random && !blue.is_empty()).then_some(blue)
}

/// The last part of an ARN, or the whole where it is none.
pub(super) fn name_in(arn_or_id: &str) -> &str {
    arn_or_id.rsplit(':').next().unwrap_or(arn_or_id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_green_one_names_its_blue_one() {
        assert_eq!(blue_of("orders-green-a1b2c3"), Some("orders"));
        for other in ["orders", "orders-green-", "orders-green-a1b2c3d", "-green-a1b2c3", "green-a1b2c3"] {
            assert_eq!(blue_of(other), None, "{other}");
        }
        assert_eq!(name_in("arn:aws:rds:eu-west-1:1:cluster:main"), "main");
    }
}
