//! AWS regions and partitions, parsed strictly: hosts are never built from free text.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{fmt, str::FromStr, sync::Arc};

/// AWS enables these for everyone and cannot disable them; every later region is opt-in.
pub const ALWAYS_ENABLED: [&str; 17] = [
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ca-central-1",
    "eu-central-1",
    "eu-north-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
];

/// A region's code such as `eu-central-1`. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Region(Arc<str>);

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not an AWS region; write it as us-east-1")]
pub struct NotARegion(String);

impl Region {
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Where account-wide things (Cost Explorer, findings about a whole service) are filed.
    #[must_use]
    pub fn global() -> Self {
        Self("us-east-1".into())
    }

    #[must_use]
    pub fn partition(&self) -> Partition {
        if self.0.starts_with("cn-") {
            Partition::China
        } else if self.0.starts_with("us-gov-") {
            Partition::UsGov
        } else {
            Partition::Aws
        }
    }
}

/// Letters, then one or more lower-case words, then a number, joined by hyphens.
fn is_region(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let word = |p: &&str| !p.is_empty() && p.bytes().all(|b| b.is_ascii_lowercase());
    match parts.as_slice() {
        [area, middle @ .., number] => {
            area.len() == 2
                && word(area)
                && !middle.is_empty()
                && middle.iter().all(|p| word(p) && p.len() <= 12)
                && matches!(number.as_bytes(), [d] if d.is_ascii_digit())
                && parts.len() <= 4
        }
        _ => false,
    }
}

impl FromStr for Region {
    type Err = NotARegion;
    fn from_str(text: &str) -> Result<Self, NotARegion> {
        if is_region(text) { Ok(Self(text.into())) } else { Err(NotARegion(text.chars().take(40).collect())) }
    }
}

impl utoipa::PartialSchema for Region {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::Type::String)
            .pattern(Some("^[a-z]{2}(-[a-z]{1,12}){1,2}-[0-9]$"))
            .into()
    }
}

impl utoipa::ToSchema for Region {}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl Serialize for Region {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Region {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Partition {
    #[default]
    Aws,
    China,
    UsGov,
}

impl Partition {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Aws => "aws",
            Self::China => "aws-cn",
            Self::UsGov => "aws-us-gov",
        }
    }
}

impl FromStr for Partition {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        [Self::Aws, Self::China, Self::UsGov].into_iter().find(|p| p.as_str() == text).ok_or(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_region_codes_parse() {
        for good in
            ["us-east-1", "eu-central-2", "us-gov-west-1", "ap-southeast-5", "cn-north-1", "us-iso-east-1"]
        {
            assert!(good.parse::<Region>().is_ok(), "{good}");
        }
        for bad in [
            "",
            "us-east",
            "us-east-1a",
            "US-EAST-1",
            "evil.example.com",
            "us-east-1/..",
            "us--1",
            "us-east-12",
        ] {
            assert!(bad.parse::<Region>().is_err(), "{bad}");
        }
    }

    proptest::proptest! {
        /// A region becomes part of a host name: no dot, slash, colon or at-sign may ever get in.
        #[test]
        fn what_parses_is_one_label_of_a_host(text in "[a-z]{2}-[a-z0-9./:@#-]{1,20}|.{0,30}") {
            if let Ok(region) = text.parse::<Region>() {
                let label = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
                proptest::prop_assert!(region.as_str().bytes().all(label), "{}", region);
                proptest::prop_assert_eq!(region.as_str(), text);
            }
        }
    }
}
