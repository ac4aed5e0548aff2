//! A share between nothing and all, in millionths.

use super::super::money::MicroUsd;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ratio(i64);

impl Ratio {
    pub const ZERO: Self = Self(0);
    pub const ONE: Self = Self(MILLION);

    /// A part of a whole, held between 0 and 1, to the nearest millionth; None of nothing.
    #[must_use]
    pub fn of(part: i128, whole: i128) -> Option<Self> {
        (whole > 0).then(|| Self(to_nearest(part.clamp(0, whole).saturating_mul(MILLION.into()), whole)))
    }

    /// The mean of some ratios, each with its weight; exact where they are equal. None where nothing weighs.
    #[must_use]
    pub fn mean(weighted: impl Iterator<Item = (Self, MicroUsd)>) -> Option<Self> {
        let (mut sum, mut weights) = (0_i128, 0_i128);
        for (ratio, weight) in weighted {
            let weight = i128::from(weight.get().max(0));
            sum += i128::from(ratio.0) * weight;
            weights += weight;
        }
        (weights > 0).then(|| Self(to_nearest(sum, weights)))
    }

    /// Four decimals: the bill's own rounding shows behind them.
    #[must_use]
    pub fn to_four_decimals(self) -> Self {
        Self(to_nearest(self.0.into(), 100) * 100)
    }

    #[must_use]
    pub const fn rest(self) -> Self {
        Self(MILLION - self.0)
    }

    /// The sum, 1 at most.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self((self.0 + other.0).min(MILLION))
    }

    #[must_use]
    pub fn times(self, other: Self) -> Self {
        Self(to_nearest(i128::from(self.0) * i128::from(other.0), MILLION.into()))
    }

    /// That share of an amount.
    #[must_use]
    pub fn share_of(self, amount: MicroUsd) -> MicroUsd {
        amount.scale(self.0, MILLION)
    }

    /// Whole percent, for people.
    #[must_use]
    pub const fn percent(self) -> i64 {
        (self.0 + MILLION / 200) / (MILLION / 100)
    }
}

const MILLION: i64 = 1_000_000;

/// Of what is not negative.
fn to_nearest(numerator: i128, denominator: i128) -> i64 {
    i64::try_from((numerator + denominator / 2) / denominator).unwrap_or(MILLION)
}

/// `0.94`, `1.00`, `0.333333`
impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&MicroUsd::new(self.0), f)
    }
}

impl Serialize for Ratio {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Ratio {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let millionths = MicroUsd::deserialize(deserializer)?.get();
        Ok(Self(millionths.clamp(0, MILLION)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usd(amount: i64) -> MicroUsd {
        MicroUsd::from_usd(amount)
    }

    #[test]
    fn a_ratio_is_never_below_nothing_nor_above_all() {
        assert_eq!(Ratio::of(-1, 3), Some(Ratio::ZERO));
        assert_eq!(Ratio::of(9, 3), Some(Ratio::ONE));
        assert_eq!(Ratio::of(1, 0), None);
        assert_eq!(Ratio::of(2, 3).unwrap().to_string(), "0.666667");
        assert_eq!(Ratio::of(2, 3).unwrap().to_four_decimals().to_string(), "0.6667");
    }

    #[test]
    fn the_mean_of_equal_ratios_is_that_ratio() {
        let ratio = Ratio::of(94, 100).unwrap();
        let mean = Ratio::mean([(ratio, MicroUsd::new(7)), (ratio, MicroUsd::new(5))].into_iter());
        assert_eq!(mean, Some(ratio));
        let mixed = [(Ratio::ONE, usd(3)), (Ratio::ZERO, usd(1))].into_iter();
        assert_eq!(Ratio::mean(mixed).unwrap().to_string(), "0.75");
    }
}
