//! Versions of database engines as RDS writes them.

/// Whether a version is not older than the given numbers: `16.4` is at least `[12, 7]`.
/// Aurora MySQL's `5.7.mysql_aurora.2.11.4` is compared by its own number, 2.11.4.
#[must_use]
pub fn is_at_least(version: &str, minimum: &[u32]) -> bool {
    let own = version.rsplit("mysql_aurora.").next().unwrap_or(version);
    let mut numbers = own.split(['.', '-']).map(|part| part.parse().unwrap_or(0_u32));
    for wanted in minimum {
        let number = numbers.next().unwrap_or(0);
        if number != *wanted {
            return number > *wanted;
        }
    }
    true
}

/// Whether a version is not older than the first of its own major version that has something; newer majors all have it.
#[must_use]
pub fn has_since(version: &str, first_of_each_major: &[[u32; 2]]) -> bool {
    let newest = first_of_each_major.iter().map(|[major, _]| *major).max().unwrap_or(u32::MAX);
    is_at_least(version, &[newest.saturating_add(1)])
        || first_of_each_major.iter().any(|[major, minor]| {
            is_at_least(version, &[*major, *minor]) && !is_at_least(version, &[major + 1])
        })
}

/// Whether a version belongs to a major one: `8.0.39` to `8.0`, `5.7.mysql_aurora.2.11.4` to `5.7`.
#[must_use]
pub fn is_of_major(version: &str, major: &str) -> bool {
    version.strip_prefix(major).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_by_number() {
        assert!(is_at_least("12.10", &[12, 7]));
        assert!(!is_at_least("12.6", &[12, 7]));
        assert!(is_at_least("13", &[12, 7]));
        assert!(!is_at_least("5.7.44-rds.20250103", &[8, 0]));
        assert!(is_at_least("5.7.mysql_aurora.2.11.4", &[2, 9, 2]));
        assert!(!is_at_least("unreadable", &[8, 0]));
    }

    #[test]
    fn minor_versions_count_within_their_major() {
        let has = |version| has_since(version, &[[13, 15], [14, 12]]);
        assert!(has("13.15") && has("14.12") && has("15.1"));
        assert!(!has("13.14") && !has("14.11") && !has("12.22"));
    }

    #[test]
    fn a_major_version_is_not_a_prefix_of_digits() {
        assert!(is_of_major("13.14", "13"));
        assert!(is_of_major("8.0.mysql_aurora.3.04.0", "8.0"));
        assert!(!is_of_major("130.1", "13"));
        assert!(!is_of_major("8.04", "8.0"));
    }
}
