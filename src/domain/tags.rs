//! Tags of a resource. Values are a customer's free text: untrusted wherever they are shown.
//!
//! They are most of what a fleet weighs, so they lie in one piece of text, which a finding shares with its resource:
//! each key and each value with a NUL behind it. AWS takes no NUL in a tag; one that came all the same is replaced.

use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, sync::Arc};

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "BTreeMap<String, String>", into = "BTreeMap<String, String>")]
pub struct Tags(Arc<str>);

const END: char = '\0';

impl Tags {
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.iter().find(|(k, _)| *k == key).map(|(_, v)| v)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let mut texts = self.0.split_terminator(END);
        std::iter::from_fn(move || Some((texts.next()?, texts.next()?)))
    }

    #[must_use]
    pub fn any_key(&self, test: impl Fn(&str) -> bool) -> bool {
        self.iter().any(|(key, _)| test(key))
    }

    /// The value under any of some keys, whatever the case of the key.
    #[must_use]
    pub fn get_any(&self, keys: &[&str]) -> Option<&str> {
        self.iter().find(|(k, _)| keys.iter().any(|key| k.eq_ignore_ascii_case(key))).map(|(_, v)| v)
    }

    /// `Scheduler=Enabled`, key and value exact.
    #[must_use]
    pub fn scheduled(&self) -> bool {
        self.get("Scheduler") == Some("Enabled")
    }

    /// Someone asked for this to be kept: `keep`, `retain` or `golden`, unless its value is `false`.
    #[must_use]
    pub fn keep(&self) -> bool {
        self.get_any(&["keep", "retain", "golden"]).is_some_and(|v| !v.eq_ignore_ascii_case("false"))
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<K: Into<Box<str>>, V: Into<Box<str>>> FromIterator<(K, V)> for Tags {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        let mut sorted: Vec<(Box<str>, Box<str>)> =
            pairs.into_iter().map(|(k, v)| (k.into(), v.into())).collect();
        sorted.sort_unstable();
        let mut all = String::new();
        for text in sorted.iter().flat_map(|(key, value)| [key, value]) {
            all.extend(text.chars().map(|c| if c == END { char::REPLACEMENT_CHARACTER } else { c }));
            all.push(END);
        }
        Self(all.into())
    }
}

impl From<BTreeMap<String, String>> for Tags {
    fn from(map: BTreeMap<String, String>) -> Self {
        map.into_iter().collect()
    }
}

impl From<Tags> for BTreeMap<String, String> {
    fn from(tags: Tags) -> Self {
        tags.iter().map(|(k, v)| (k.to_owned(), v.to_owned())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_come_back_sorted_as_they_were() {
        let tags: Tags = [("b", ""), ("", "x"), ("a", "\"\n𝔘")].into_iter().collect();
        assert_eq!(tags.iter().collect::<Vec<_>>(), [("", "x"), ("a", "\"\n𝔘"), ("b", "")]);
        assert_eq!((tags.get("b"), tags.get("c"), tags.is_empty()), (Some(""), None, false));
        assert!(Tags::default().is_empty() && Tags::default().iter().next().is_none());
    }

    #[test]
    fn a_nul_cannot_make_two_tags_of_one() {
        let tags: Tags = [("a\0keep", "true")].into_iter().collect();
        assert_eq!(tags.iter().collect::<Vec<_>>(), [("a\u{fffd}keep", "true")]);
        assert!(!tags.keep());
    }
}
