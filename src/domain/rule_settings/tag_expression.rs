//! A condition on a resource's tags, in the syntax that cost tools share: `Key`, `Key==V`, `Key!=V`, `Key=~/re/`,
//! `Key!~/re/`.
//!
//! A negated condition also holds where the key is missing. Expressions run in time linear in the value, whatever
//! the expression: no tag of a customer can make a scan hang.

use crate::domain::tags::Tags;
use regex::{Regex, RegexBuilder};
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// AWS's own limits of a tag.
const MAX_KEY_CHARS: usize = 128;
const MAX_VALUE_CHARS: usize = 256;
/// Of a compiled expression; far beyond what a tag's value needs.
const MAX_COMPILED_BYTES: usize = 256 << 10;

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TagExpression {
    text: String,
    key: String,
    test: Test,
    /// Whether the test must fail.
    negated: bool,
}

#[derive(Clone, Debug)]
enum Test {
    Present,
    Equals(String),
    Matches(Regex),
}

impl TagExpression {
    #[must_use]
    pub fn holds(&self, tags: &Tags) -> bool {
        let value = tags.get(&self.key);
        let passes = match &self.test {
            Test::Present => value.is_some(),
            Test::Equals(wanted) => value == Some(wanted),
            Test::Matches(expression) => value.is_some_and(|value| expression.is_match(value)),
        };
        passes != self.negated
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

/// The same text means the same.
impl PartialEq for TagExpression {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl From<TagExpression> for String {
    fn from(expression: TagExpression) -> Self {
        expression.text
    }
}

impl TryFrom<String> for TagExpression {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

const OPERATORS: [&str; 4] = ["==", "!=", "=~", "!~"];

impl FromStr for TagExpression {
    type Err = String;

    /// The first operator counts: keys hold none of them, values may.
    fn from_str(text: &str) -> Result<Self, String> {
        let operators = OPERATORS.iter().filter_map(|operator| Some((text.find(operator)?, *operator)));
        let (key, asked, negated) = match operators.min_by_key(|(at, _)| *at) {
            None => (text, Test::Present, false),
            Some((at, operator)) => {
                let (key, rest) = text.split_at_checked(at).unwrap_or((text, ""));
                let value = rest.strip_prefix(operator).unwrap_or_default();
                let wanted = if operator.ends_with('~') { matches(value)? } else { equals(value)? };
                (key, wanted, operator.starts_with('!'))
            }
        };
        if key.is_empty() || key.chars().count() > MAX_KEY_CHARS {
            return Err(format!("name a tag key of 1 to {MAX_KEY_CHARS} characters, then an operator"));
        }
        Ok(Self { text: text.to_owned(), key: key.to_owned(), test: asked, negated })
    }
}

fn equals(value: &str) -> Result<Test, String> {
    if value.chars().count() > MAX_VALUE_CHARS {
        return Err(format!("a tag's value has at most {MAX_VALUE_CHARS} characters"));
    }
    Ok(Test::Equals(value.to_owned()))
}

fn matches(value: &str) -> Result<Test, String> {
    let inner = value.strip_prefix('/').and_then(|rest| rest.strip_suffix('/'));
    let inner = inner.filter(|inner| !inner.is_empty() && inner.chars().count() <= MAX_VALUE_CHARS);
    let Some(inner) = inner else {
        return Err(format!(
            "write the expression between slashes, at most {MAX_VALUE_CHARS} characters: /^prod/"
        ));
    };
    let built =
        RegexBuilder::new(inner).size_limit(MAX_COMPILED_BYTES).dfa_size_limit(MAX_COMPILED_BYTES).build();
    built.map(Test::Matches).map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => "the expression is too large".to_owned(),
        other => other.to_string().lines().last().unwrap_or("it is no regular expression").to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn tags(pairs: &[(&str, &str)]) -> Tags {
        pairs.iter().copied().collect()
    }

    #[rstest]
    #[case::there("env", true)]
    #[case::not_there("owner", false)]
    #[case::keys_are_exact("Env", false)]
    #[case::equal("env==prod-1", true)]
    #[case::not_equal("env==prod", false)]
    #[case::another_value("env!=prod", true)]
    #[case::this_very_value("env!=prod-1", false)]
    #[case::negation_of_a_missing_key("owner!=x", true)]
    #[case::matching("env=~/^prod/", true)]
    #[case::not_matching("env=~/^dev/", false)]
    #[case::not_to_match("env!~/^dev/", true)]
    #[case::not_to_match_a_missing_key("owner!~/x/", true)]
    #[case::matching_a_missing_key("owner=~/.*/", false)]
    #[case::an_operator_in_the_value("note==a==b", true)]
    #[case::a_slash_in_the_expression("path=~/^/srv//", true)]
    #[case::an_empty_value("blank==", true)]
    fn what_holds(#[case] expression: &str, #[case] holds: bool) {
        let tags = tags(&[("env", "prod-1"), ("note", "a==b"), ("path", "/srv/x"), ("blank", "")]);
        assert_eq!(expression.parse::<TagExpression>().unwrap().holds(&tags), holds);
    }

    #[rstest]
    #[case::no_key("==x", "name a tag key")]
    #[case::nothing("", "name a tag key")]
    #[case::no_slashes("env=~prod", "between slashes")]
    #[case::an_empty_expression("env=~//", "between slashes")]
    #[case::a_broken_expression("env=~/(/", "unclosed group")]
    #[case::a_bomb("env=~/((a{100}){100}){100}/", "too large")]
    fn what_is_refused_says_why(#[case] expression: &str, #[case] reason: &str) {
        let error = expression.parse::<TagExpression>().unwrap_err();
        assert!(error.contains(reason), "{error}");
    }

    #[test]
    fn an_expression_that_would_hang_elsewhere_is_harmless() {
        let nested: TagExpression = "k=~/^(a+)+$/".parse().unwrap();
        assert!(!nested.holds(&tags(&[("k", &format!("{}!", "a".repeat(255)))])));
    }

    #[test]
    fn it_is_written_as_it_was_read() {
        let text = "\"env!~/^(dev|test)$/\"";
        let read: TagExpression = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), text);
    }
}
