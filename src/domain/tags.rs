//! Tags of a resource. Values are a customer's free text: untrusted wherever they are shown.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "BTreeMap<String, String>", into = "BTreeMap<String, String>")]
pub struct Tags(Box<[(Box<str>, Box<str>)]>);

impl Tags {
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.iter().find(|(k, _)| *k == key).map(|(_, v)| v)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(k, v)| (&**k, &**v))
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
        Self(sorted.into_boxed_slice())
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
