//! Measured quantities as whole units, rounded up: a need is never understated.

/// The least whole number that a measured one fits in. Nothing measured is below zero.
#[must_use]
#[allow(clippy::cast_possible_truncation, reason = "whole after ceil, and a cast of a float saturates")]
pub fn whole_units(measured: f64) -> i64 {
    measured.ceil().max(0.0) as i64
}

/// A need with some percent of it to spare.
#[must_use]
pub fn with_headroom(units: i64, percent: u32) -> i64 {
    let hundredths = i128::from(units) * (100 + i128::from(percent));
    i64::try_from((hundredths + 99).div_euclid(100)).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measured_quantities_round_up() {
        assert_eq!(whole_units(0.0), 0);
        assert_eq!(whole_units(599.2), 600);
        assert_eq!(whole_units(-1.0), 0);
        assert_eq!(whole_units(f64::INFINITY), i64::MAX);
    }

    #[test]
    fn headroom_rounds_up() {
        assert_eq!(with_headroom(600, 20), 720);
        assert_eq!(with_headroom(1, 20), 2);
        assert_eq!(with_headroom(0, 20), 0);
        assert_eq!(with_headroom(i64::MAX, 20), i64::MAX);
    }
}
