//! A share between nothing and all, in millionths.

use super::super::money::MicroUsd;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ratio(i64);

impl Ratio {
    pub const ZERO: Self = Self(0);
    pub const ONE: Self = Self(MILLION);

    /// A part of a whole, held between 0 and 1, rounded down: a saving is never made larger by it.
    #[must_use]
    pub fn of(part: i128, whole: i128) -> Option<Self> {
        (whole > 0).then(|| {
            let millionths = part.max(0).min(whole) * i128::from(MILLION) / whole;
            Self(i64::try_from(millionths).unwrap_or(MILLION))
        })
    }

    #[must_use]
    pub const fn millionths(self) -> i64 {
        self.0
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
        Self(self.0 * other.0 / MILLION)
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
