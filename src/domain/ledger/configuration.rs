//! Whether a resource became what was advised: what decides where its metrics cannot yet, because the change is
//! younger than the window that the rule looks at.

use serde_json::Value;

/// Of what was advised, only what the resource itself says of its configuration is compared; a target's processors or
/// other options say nothing. All of it must have come true, and some of it must differ from what was before.
#[must_use]
pub fn came_true(before: &Value, advised: &Value, now: &Value) -> bool {
    let Some(advised) = advised.as_object() else { return false };
    let mut told = advised.iter().filter(|(key, _)| now.get(key).is_some()).peekable();
    let changed = |key: &String, wanted: &Value| before.get(key).is_some_and(|was| was != wanted);
    let mut any_changed = false;
    told.all(|(key, wanted)| {
        any_changed |= changed(key, wanted);
        now.get(key) == Some(wanted)
    }) && any_changed
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use serde_json::json;

    #[rstest]
    #[case::resized(json!({"instanceType": "m5.large", "state": "running"}), true)]
    #[case::as_before(json!({"instanceType": "m5.xlarge"}), false)]
    #[case::another_size(json!({"instanceType": "m5.2xlarge"}), false)]
    #[case::says_nothing_of_it(json!({"state": "running"}), false)]
    fn a_resize(#[case] now: Value, #[case] expected: bool) {
        let before = json!({"instanceType": "m5.xlarge", "vcpus": 4});
        let advised = json!({"instanceType": "m5.large", "vcpus": 2});
        assert_eq!(came_true(&before, &advised, &now), expected);
    }

    #[rstest]
    #[case::both(json!({"volumeType": "gp3", "sizeGib": 50}), true)]
    #[case::one_of_two(json!({"volumeType": "gp3", "sizeGib": 100}), false)]
    fn all_of_it_must_come_true(#[case] now: Value, #[case] expected: bool) {
        let before = json!({"volumeType": "gp2", "sizeGib": 100});
        assert_eq!(came_true(&before, &json!({"volumeType": "gp3", "sizeGib": 50}), &now), expected);
    }

    #[test]
    fn what_was_so_before_proves_nothing() {
        let same = json!({"instanceType": "m5.large"});
        let spot = json!({"instanceType": "m5.large", "market": "spot"});
        assert!(!came_true(&same, &spot, &same));
        assert!(!came_true(&same, &json!("text"), &same));
    }
}
