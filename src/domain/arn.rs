//! Role ARNs, parsed strictly: what a customer pastes decides where Tuner calls.

use super::{ids::AccountId, region::Partition};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{fmt, str::FromStr};

/// `arn:aws:iam::123456789012:role/path/name`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RoleArn {
    text: String,
    account: AccountId,
    partition: Partition,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not an IAM role ARN; write it as arn:aws:iam::123456789012:role/TunerReadOnly")]
pub struct NotARoleArn(String);

impl RoleArn {
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    #[must_use]
    pub fn account(&self) -> AccountId {
        self.account
    }

    #[must_use]
    pub fn partition(&self) -> Partition {
        self.partition
    }

    /// The name without its path.
    #[must_use]
    pub fn role_name(&self) -> &str {
        self.text.rsplit('/').next().unwrap_or_default()
    }
}

/// IAM's rules: path and name together at most 512 + 64 characters of a fixed set.
fn parse(text: &str) -> Option<RoleArn> {
    let rest = text.strip_prefix("arn:")?;
    let (partition, rest) = rest.split_once(':')?;
    let rest = rest.strip_prefix("iam::")?;
    let (account, resource) = rest.split_once(':')?;
    let path_and_name = resource.strip_prefix("role/")?;
    let name = path_and_name.rsplit('/').next()?;
    let name_byte = |b: u8| b.is_ascii_alphanumeric() || b"+=,.@_-".contains(&b);
    let valid_path = path_and_name.bytes().all(|b| name_byte(b) || b == b'/')
        && !format!("/{path_and_name}").contains("//");
    let valid_name = (1..=64).contains(&name.len());
    (valid_path && valid_name && path_and_name.len() <= 576).then_some(())?;
    Some(RoleArn {
        text: text.to_owned(),
        account: account.parse().ok()?,
        partition: partition.parse().ok()?,
    })
}

impl FromStr for RoleArn {
    type Err = NotARoleArn;
    fn from_str(text: &str) -> Result<Self, NotARoleArn> {
        parse(text).ok_or_else(|| NotARoleArn(text.chars().take(80).collect()))
    }
}

impl fmt::Display for RoleArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl Serialize for RoleArn {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for RoleArn {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn role_arns_of_all_partitions_parse() {
        for partition in ["aws", "aws-cn", "aws-us-gov"] {
            let text = format!("arn:{partition}:iam::012345678901:role/finops/TunerReadOnly");
            let arn: RoleArn = text.parse().unwrap();
            assert_eq!(arn.account().to_string(), "012345678901");
            assert_eq!(arn.role_name(), "TunerReadOnly");
            assert_eq!(arn.to_string(), text);
        }
    }

    #[test]
    fn everything_else_is_refused() {
        for bad in [
            "",
            "arn:aws:iam::123456789012:user/x",
            "arn:aws:iam:us-east-1:123456789012:role/x",
            "arn:aws:iam::12345678901:role/x",
            "arn:aws-evil:iam::123456789012:role/x",
            "arn:aws:iam::123456789012:role/",
            "arn:aws:iam::123456789012:role//x",
            "arn:aws:iam::123456789012:role/a b",
            "arn:aws:iam::123456789012:role/x\n",
            " arn:aws:iam::123456789012:role/x",
            "arn:aws:sts::123456789012:assumed-role/x/y",
        ] {
            assert!(bad.parse::<RoleArn>().is_err(), "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn any_text_parses_to_itself_or_not_at_all(text in ".{0,120}") {
            if let Ok(arn) = text.parse::<RoleArn>() {
                prop_assert_eq!(arn.as_str(), text);
            }
        }

        /// Near misses reach deeper into the parser than free text.
        #[test]
        fn what_parses_holds_nothing_that_could_name_a_host(
            partition in prop_oneof![Just("aws".to_owned()), Just("aws-cn".into()), Just("aws-us-gov".into()), "aws[-a-z.]{0,8}"],
            account in "[0-9]{11,13}|[0-9.]{12}",
            resource in "role/[A-Za-z0-9+=,.@_/:#?%\\-\u{e9}]{0,70}|user/x|assumed-role/a/b",
        ) {
            let text = format!("arn:{partition}:iam::{account}:{resource}");
            if let Ok(arn) = text.parse::<RoleArn>() {
                prop_assert!(["aws", "aws-cn", "aws-us-gov"].contains(&arn.partition().as_str()));
                prop_assert_eq!(arn.partition().as_str(), partition);
                prop_assert_eq!(arn.account().to_string(), account);
                prop_assert!((1..=64).contains(&arn.role_name().len()));
                prop_assert!(!arn.role_name().contains(|c: char| "/:#?% ".contains(c) || !c.is_ascii()));
            }
        }
    }
}
