//! ARNs of AWS KMS keys, parsed strictly: the region in one decides which host is called.

use super::{
    ids::AccountId,
    region::{Partition, Region},
};
use std::{fmt, str::FromStr};

/// `arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct KmsKeyArn {
    text: String,
    region: Region,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("that is not the ARN of a KMS key; write it as arn:aws:kms:eu-central-1:123456789012:key/KEY-ID")]
pub struct NotAKmsKeyArn;

impl KmsKeyArn {
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    #[must_use]
    pub const fn region(&self) -> &Region {
        &self.region
    }
}

/// Not an alias: whoever may move it could put another key in the place of the one that was chosen.
fn parse(text: &str) -> Option<KmsKeyArn> {
    let (partition, rest) = text.strip_prefix("arn:")?.split_once(":kms:")?;
    let (region, rest) = rest.split_once(':')?;
    let (account, resource) = rest.split_once(':')?;
    let key = resource.strip_prefix("key/")?;
    let (partition, region) = (partition.parse::<Partition>().ok()?, region.parse::<Region>().ok()?);
    account.parse::<AccountId>().ok()?;
    let named = (1..=64).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    (named && region.partition() == partition).then(|| KmsKeyArn { text: text.to_owned(), region })
}

impl FromStr for KmsKeyArn {
    type Err = NotAKmsKeyArn;
    fn from_str(text: &str) -> Result<Self, NotAKmsKeyArn> {
        parse(text).ok_or(NotAKmsKeyArn)
    }
}

impl fmt::Display for KmsKeyArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_arns_of_keys_parse() {
        for good in [
            "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
            "arn:aws:kms:us-east-1:123456789012:key/mrk-1234abcd12ab34cd56ef1234567890ab",
            "arn:aws-cn:kms:cn-north-1:123456789012:key/a",
        ] {
            let arn: KmsKeyArn = good.parse().unwrap();
            assert_eq!(arn.to_string(), good);
        }
        for bad in [
            "",
            "1234abcd-12ab-34cd-56ef-1234567890ab",
            "arn:aws:kms:eu-central-1:123456789012:alias/tuner",
            "arn:aws:kms:evil.example:123456789012:key/a",
            "arn:aws-cn:kms:eu-central-1:123456789012:key/a",
            "arn:aws:kms:eu-central-1:12345678901:key/a",
            "arn:aws:kms:eu-central-1:123456789012:key/",
            "arn:aws:kms:eu-central-1:123456789012:key/a/b",
            "arn:aws:s3:eu-central-1:123456789012:key/a",
        ] {
            assert!(bad.parse::<KmsKeyArn>().is_err(), "{bad}");
        }
    }
}
