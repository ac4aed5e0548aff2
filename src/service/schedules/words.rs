//! Texts that people give with what they set.

use crate::error::Error;

pub(super) const MAX_REASON_CHARS: usize = 500;

/// Why something is held back or overridden: others will ask.
pub(super) fn checked_reason(text: &str) -> Result<String, Error> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Error::invalid_field("reason", "say why; others will ask"));
    }
    checked("reason", text).map(str::to_owned)
}

/// A note is not asked for.
pub(super) fn checked_note(text: Option<&str>) -> Result<Option<&str>, Error> {
    text.map(str::trim).filter(|text| !text.is_empty()).map(|text| checked("note", text)).transpose()
}

fn checked<'a>(field: &str, text: &'a str) -> Result<&'a str, Error> {
    let fits = text.chars().count() <= MAX_REASON_CHARS && !text.chars().any(char::is_control);
    if fits {
        return Ok(text);
    }
    let detail = format!("use at most {MAX_REASON_CHARS} characters and no control characters");
    Err(Error::invalid_field(field, detail))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_says_something() {
        assert_eq!(checked_reason("  release night ").unwrap(), "release night");
        for bad in ["", "  ", "a\u{1b}[2J", &"x".repeat(501)] {
            assert_eq!(checked_reason(bad).unwrap_err().fields()[0].field, "reason");
        }
        assert_eq!(checked_note(Some(" ")).unwrap(), None);
    }
}
