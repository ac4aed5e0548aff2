//! Hours as decimal text, for people and without floats.

/// Two digits behind the point.
#[must_use]
pub fn hours(seconds: i64) -> String {
    format!("{}.{:02}", seconds / 3600, (seconds % 3600).abs() * 100 / 3600)
}

#[cfg(test)]
mod tests {
    use super::hours;

    #[test]
    fn seconds_are_told_as_hours() {
        assert_eq!(
            (hours(0).as_str(), hours(5400).as_str(), hours(3_636).as_str()),
            ("0.00", "1.50", "1.01")
        );
    }
}
