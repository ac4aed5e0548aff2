//! Commands of the AWS CLI for people to copy. Every value is quoted: names and tags are untrusted.

use crate::domain::region::Region;
use jiff::{ToSpan, civil::Date};
use serde_json::json;

/// `aws ec2 delete-volume --region eu-west-1 --volume-id vol-1`.
#[must_use]
pub fn aws(operation: &str, region: &Region, options: &[(&str, &str)]) -> String {
    let mut command = format!("aws {operation} --region {region}");
    for (option, value) in options {
        command.push(' ');
        command.push_str(option);
        if !value.is_empty() {
            command.push(' ');
            command.push_str(&quote(value));
        }
    }
    command
}

/// One word of a POSIX shell, whatever it contains.
#[must_use]
pub fn quote(value: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_./:=@,+".contains(&b);
    if !value.is_empty() && value.bytes().all(plain) {
        value.to_owned()
    } else {
        format!("'{}'", value.replace('\'', r"'\''"))
    }
}

/// The days of a service or a usage type in the bill, a service's by usage type; from and to are both included.
#[must_use]
pub fn daily_costs(dimension: &str, value: &str, (from, to): (Date, Date)) -> String {
    let filter = json!({"Dimensions": {"Key": dimension, "Values": [value]}}).to_string();
    // Cost Explorer leaves the end out.
    let period = format!("Start={from},End={}", to.saturating_add(1.day()));
    let mut options =
        vec![("--time-period", &*period), ("--granularity", "DAILY"), ("--metrics", "UnblendedCost")];
    if dimension == "SERVICE" {
        options.push(("--group-by", "Type=DIMENSION,Key=USAGE_TYPE"));
    }
    options.push(("--filter", &filter));
    aws("ce get-cost-and-usage", &Region::global(), &options)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::process::Command;

    /// What a shell hands to a program for some words.
    fn as_a_shell_reads(words: &str) -> Vec<u8> {
        let script = format!("printf '%s\\0' {words}");
        Command::new("sh").arg("-c").arg(script).env_clear().output().unwrap().stdout
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn a_shell_reads_back_what_was_quoted(values in prop::collection::vec("[^\\x00]{0,24}", 1..6)) {
            let words: Vec<String> = values.iter().map(|value| quote(value)).collect();
            let wanted: Vec<u8> = values.iter().flat_map(|value| [value.as_bytes(), b"\0"].concat()).collect();
            prop_assert_eq!(as_a_shell_reads(&words.join(" ")), wanted);
        }
    }

    #[test]
    fn a_shell_reads_back_what_shells_are_fond_of() {
        for odd in [
            "",
            "'",
            "''",
            "\\",
            "$(id)",
            "`id`",
            "a\nb",
            "-n",
            "~",
            "*",
            "!x",
            "a'b\"c",
            "#",
            "\u{1f980}'\u{7f}",
            "x;y&z|w",
        ] {
            assert_eq!(as_a_shell_reads(&quote(odd)), [odd.as_bytes(), b"\0"].concat(), "{odd:?}");
        }
    }

    #[test]
    fn nothing_escapes_its_quotes() {
        assert_eq!(quote("vol-1"), "vol-1");
        assert_eq!(quote("a b"), "'a b'");
        assert_eq!(quote("$(rm -rf /)"), "'$(rm -rf /)'");
        assert_eq!(quote("it's"), r"'it'\''s'");
        assert_eq!(quote(""), "''");
    }
}
