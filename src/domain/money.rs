//! Money: integer micro-USD for amounts, integer nano-USD for prices of one unit.
//!
//! Invariant: no floating point. An amount is rounded once, where a price meets a quantity.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{
    fmt,
    iter::Sum,
    ops::{Add, AddAssign, Neg, Sub},
    str::FromStr,
};

/// AWS counts 8,760 hours a year: 730 a month.
pub const HOURS_PER_MONTH: i64 = 730;

const MICRO: i64 = 1_000_000;

/// An amount in millionths of a US dollar.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MicroUsd(i64);

impl MicroUsd {
    pub const ZERO: Self = Self(0);

    #[must_use]
    pub const fn new(micro_usd: i64) -> Self {
        Self(micro_usd)
    }

    #[must_use]
    pub const fn from_usd(usd: i64) -> Self {
        Self(usd.saturating_mul(MICRO))
    }

    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }

    /// This amount times a ratio, rounded half away from zero; a denominator of zero gives zero.
    #[must_use]
    pub fn scale(self, numerator: i64, denominator: i64) -> Self {
        Self(ratio(i128::from(self.0) * i128::from(numerator), i128::from(denominator)))
    }

    #[must_use]
    pub fn is_positive(self) -> bool {
        self.0 > 0
    }

    /// The whole percentage that this amount is of another, 0 where the other is not positive.
    #[must_use]
    pub fn percent_of(self, whole: Self) -> i64 {
        if whole.0 <= 0 { 0 } else { ratio(i128::from(self.0) * 100, i128::from(whole.0)) }
    }

    /// With two decimals, for people.
    #[must_use]
    pub fn to_cents(self) -> String {
        let cents = ratio(i128::from(self.0), 10_000);
        let sign = if cents < 0 { "-" } else { "" };
        format!("{sign}{}.{:02}", cents.abs() / 100, cents.abs() % 100)
    }
}

/// Division rounded half away from zero.
fn ratio(numerator: i128, denominator: i128) -> i64 {
    if denominator == 0 {
        return 0;
    }
    let (n, d) = if denominator < 0 { (-numerator, -denominator) } else { (numerator, denominator) };
    let rounded = if n >= 0 { (n + d / 2) / d } else { (n - d / 2) / d };
    i64::try_from(rounded).unwrap_or(if rounded > 0 { i64::MAX } else { i64::MIN })
}

/// At least two decimals, at most six, exact: `12.50`, `0.005`, `-3.000001`.
impl fmt::Display for MicroUsd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&decimal(i128::from(self.0), 6))
    }
}

fn decimal(value: i128, digits: usize) -> String {
    let scale = 10_i128.pow(u32::try_from(digits).unwrap_or(0));
    let sign = if value < 0 { "-" } else { "" };
    let fraction = format!("{:0digits$}", value.abs() % scale);
    let kept = fraction.trim_end_matches('0').len().max(2);
    format!("{sign}{}.{}", value.abs() / scale, fraction.get(..kept).unwrap_or(&fraction))
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not an amount of US dollars; write it as 12.34")]
pub struct NotMoney(String);

/// Reads a decimal to a fixed number of places, rounding half away from zero beyond them.
fn parse_decimal(text: &str, digits: usize) -> Result<i64, NotMoney> {
    let error = || NotMoney(text.chars().take(40).collect());
    let (sign, body) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let (whole, fraction) = body.split_once('.').unwrap_or((body, ""));
    let digits_only = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    if (whole.is_empty() && fraction.is_empty()) || !digits_only(whole) || !digits_only(fraction) {
        return Err(error());
    }
    let kept: String = fraction.chars().chain(std::iter::repeat('0')).take(digits).collect();
    let units: i64 = format!("{whole}{kept}").parse().map_err(|_| error())?;
    let round_up = fraction.as_bytes().get(digits).is_some_and(|b| *b >= b'5');
    Ok(sign * units.saturating_add(i64::from(round_up)))
}

impl FromStr for MicroUsd {
    type Err = NotMoney;
    fn from_str(text: &str) -> Result<Self, NotMoney> {
        parse_decimal(text, 6).map(Self)
    }
}

/// Decimal strings on every wire: a JSON number would lose digits in half of the world's parsers.
impl Serialize for MicroUsd {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for MicroUsd {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl Add for MicroUsd {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sub for MicroUsd {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl Neg for MicroUsd {
    type Output = Self;
    fn neg(self) -> Self {
        Self(self.0.saturating_neg())
    }
}

impl AddAssign for MicroUsd {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sum for MicroUsd {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Add::add)
    }
}

/// The price of one unit in billionths of a US dollar: AWS prices go below a micro-dollar.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnitPrice(i64);

impl UnitPrice {
    #[must_use]
    pub const fn from_nano_usd(nano_usd: i64) -> Self {
        Self(nano_usd)
    }

    #[must_use]
    pub const fn nano_usd(self) -> i64 {
        self.0
    }

    /// The price of a number of units.
    #[must_use]
    pub fn times(self, units: i64) -> MicroUsd {
        self.times_ratio(units, 1)
    }

    /// The price of a fractional number of units, rounded once.
    #[must_use]
    pub fn times_ratio(self, numerator: i64, denominator: i64) -> MicroUsd {
        let nano = i128::from(self.0) * i128::from(numerator);
        MicroUsd(ratio(nano, i128::from(denominator) * 1_000))
    }

    /// An hourly price over a month of 730 hours, for a number of units.
    #[must_use]
    pub fn monthly(self, units: i64) -> MicroUsd {
        self.times(units.saturating_mul(HOURS_PER_MONTH))
    }

    #[must_use]
    pub fn scale(self, numerator: i64, denominator: i64) -> Self {
        Self(ratio(i128::from(self.0) * i128::from(numerator), i128::from(denominator)))
    }
}

impl fmt::Display for UnitPrice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&decimal(i128::from(self.0), 9))
    }
}

impl FromStr for UnitPrice {
    type Err = NotMoney;
    fn from_str(text: &str) -> Result<Self, NotMoney> {
        parse_decimal(text, 9).map(Self)
    }
}

impl Serialize for UnitPrice {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for UnitPrice {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_read_and_write_exactly() {
        for text in ["0.00", "12.50", "0.005", "-3.000001", "32.85"] {
            assert_eq!(text.parse::<MicroUsd>().unwrap().to_string(), text);
        }
        assert!("1e3".parse::<MicroUsd>().is_err());
        assert!("".parse::<MicroUsd>().is_err());
        assert!("99999999999999999999".parse::<MicroUsd>().is_err());
    }

    #[test]
    fn a_price_meets_its_quantity_with_one_rounding() {
        let nat: UnitPrice = "0.045".parse().unwrap();
        assert_eq!(nat.monthly(1).to_string(), "32.85");
        let lambda: UnitPrice = "0.0000166667".parse().unwrap();
        assert_eq!(lambda.times(1_000_000).to_string(), "16.667");
        assert_eq!(MicroUsd::new(5).scale(1, 2), MicroUsd::new(3), "half goes away from zero");
        assert_eq!(MicroUsd::new(-5).scale(1, 2), MicroUsd::new(-3));
        assert_eq!(MicroUsd::from_usd(3).scale(1, 0), MicroUsd::ZERO);
    }

    #[test]
    fn people_see_cents() {
        assert_eq!(MicroUsd::new(1_234_567_890).to_cents(), "1234.57");
        assert_eq!(MicroUsd::new(-5_000).to_cents(), "-0.01");
    }
}
