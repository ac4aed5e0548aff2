//! Commands of the AWS CLI for people to copy. Every value is quoted: names and tags are untrusted.

use crate::domain::region::Region;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_escapes_its_quotes() {
        assert_eq!(quote("vol-1"), "vol-1");
        assert_eq!(quote("a b"), "'a b'");
        assert_eq!(quote("$(rm -rf /)"), "'$(rm -rf /)'");
        assert_eq!(quote("it's"), r"'it'\''s'");
        assert_eq!(quote(""), "''");
    }
}
