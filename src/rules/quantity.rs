//! Measured numbers as whole units.

/// The smallest whole number that is not below the value; what lies beyond `i64` becomes its limit.
#[must_use]
#[expect(clippy::cast_possible_truncation, reason = "`as` saturates, and summaries hold finite values only")]
pub fn ceil_units(value: f64) -> i64 {
    value.ceil() as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_a_unit_is_a_whole_one() {
        assert_eq!(ceil_units(2.01), 3);
        assert_eq!(ceil_units(2.0), 2);
        assert_eq!(ceil_units(f64::INFINITY), i64::MAX);
    }
}
