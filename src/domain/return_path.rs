//! Where a browser goes after signing in: a path of this site, whatever the request asked for.
//!
//! Invariant: no browser reads a [`ReturnPath`] as another site. So nothing that some browser takes for a
//! slash or drops in silence: backslashes, control characters, blanks, other alphabets.

use std::{fmt, str::FromStr};

const MAX_CHARS: usize = 1024;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReturnPath(String);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("write a path of this site, such as /recommendations")]
pub struct NotAReturnPath;

impl Default for ReturnPath {
    fn default() -> Self {
        Self("/".to_owned())
    }
}

impl ReturnPath {
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ReturnPath {
    type Err = NotAReturnPath;
    fn from_str(text: &str) -> Result<Self, NotAReturnPath> {
        let on_this_site = text.starts_with('/') && !text.starts_with("//");
        let plain = text.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
        if on_this_site && plain && text.len() <= MAX_CHARS {
            Ok(Self(text.to_owned()))
        } else {
            Err(NotAReturnPath)
        }
    }
}

impl fmt::Display for ReturnPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;
    use url::Url;

    #[rstest]
    #[case("/")]
    #[case("/recommendations?status=ACTIVE&sort=-savings#top")]
    #[case("/a//b")]
    #[case("/%2F%2Fevil.example")]
    #[case("/@evil.example")]
    #[case("/a:b")]
    fn a_path_of_this_site_is_taken(#[case] path: &str) {
        assert_eq!(path.parse::<ReturnPath>().unwrap().as_str(), path);
    }

    #[rstest]
    #[case::nothing("")]
    #[case::relative("recommendations")]
    #[case::scheme("https://evil.example/")]
    #[case::script("javascript:alert(1)")]
    #[case::data("data:text/html,x")]
    #[case::no_scheme("//evil.example")]
    #[case::three_slashes("///evil.example")]
    #[case::backslash("/\\evil.example")]
    #[case::two_backslashes("\\\\evil.example")]
    #[case::backslash_later("/a\\b")]
    #[case::tab_between("/\t/evil.example")]
    #[case::line_feed_between("/\n/evil.example")]
    #[case::header_injection("/a\r\nSet-Cookie: x=y")]
    #[case::nul("/a\0")]
    #[case::blank_first(" /a")]
    #[case::blank("/a b")]
    #[case::user_at_host("@evil.example")]
    #[case::other_slash("/\u{2215}evil")]
    #[case::fullwidth_slash("/\u{ff0f}evil.example")]
    #[case::override_("/\u{202e}")]
    fn all_else_is_refused(#[case] text: &str) {
        assert_eq!(text.parse::<ReturnPath>(), Err(NotAReturnPath));
    }

    #[test]
    fn a_very_long_path_is_refused() {
        assert!(format!("/{}", "a".repeat(1023)).parse::<ReturnPath>().is_ok());
        assert!(format!("/{}", "a".repeat(1024)).parse::<ReturnPath>().is_err());
    }

    proptest! {
        #[test]
        fn whatever_is_taken_stays_on_the_site(text in "[/\\\\a-z.:@%?#\t\n-]{0,12}") {
            let site = Url::parse("https://tuner.example/login").unwrap();
            if let Ok(path) = text.parse::<ReturnPath>() {
                let target = site.join(path.as_str()).unwrap();
                prop_assert_eq!(target.origin(), site.origin());
            }
        }
    }
}
