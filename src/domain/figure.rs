//! An amount together with how it came about: the arithmetic in numbers, and the prices that it is made of.
//!
//! Rules compute with figures only, so that no saving exists that its reader cannot recompute, and the share of
//! each price in it is known when discounts are applied. Ranking many candidates by price needs no figure.
//!
//! Invariants: the arithmetic gives the amount, but for one rounding to a micro-dollar at each price and ratio;
//! the parts add up to what of the amount rests on list prices.

use super::{
    money::{HOURS_PER_MONTH, MicroUsd, UnitPrice},
    price::PriceKey,
};
use std::{
    cmp::Ordering,
    iter::Sum,
    ops::{Add, AddAssign, Sub},
    sync::Arc,
};

/// The price of one unit, with the key that it was found under.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rate {
    key: Arc<PriceKey>,
    per_unit: UnitPrice,
}

impl Rate {
    #[must_use]
    pub fn new(key: PriceKey, per_unit: UnitPrice) -> Self {
        Self { key: Arc::new(key), per_unit }
    }

    /// For comparing and ranking.
    #[must_use]
    pub const fn per_unit(&self) -> UnitPrice {
        self.per_unit
    }

    /// The price of a number of units. Less than none is none, here and below: a cost is never negative.
    #[must_use]
    pub fn times(&self, units: i64) -> Figure {
        let units = units.max(0);
        self.figure(self.per_unit.times(units), format!("{units} * {}", self.per_unit))
    }

    /// The price of a fractional number of units, rounded once.
    #[must_use]
    pub fn times_ratio(&self, numerator: i64, denominator: i64) -> Figure {
        let numerator = numerator.max(0);
        let amount = self.per_unit.times_ratio(numerator, denominator);
        self.figure(amount, format!("{numerator} / {denominator} * {}", self.per_unit))
    }

    /// An hourly price over a month of 730 hours, for a number of units.
    #[must_use]
    pub fn monthly(&self, units: i64) -> Figure {
        let units = units.max(0);
        let count = if units == 1 { String::new() } else { format!("{units} * ") };
        let arithmetic = format!("{count}{HOURS_PER_MONTH} * {}", self.per_unit);
        self.figure(self.per_unit.monthly(units), arithmetic)
    }

    fn figure(&self, amount: MicroUsd, arithmetic: String) -> Figure {
        let part = Part { key: Arc::clone(&self.key), amount };
        Figure { amount, arithmetic, shape: Shape::Product, parts: vec![part] }
    }
}

/// By the price alone: what it is the price of does not matter for what is cheaper.
impl PartialOrd for Rate {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.per_unit.cmp(&other.per_unit))
    }
}

/// What of a figure rests on one price. Negative where the price is of what comes in place of something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    pub key: Arc<PriceKey>,
    pub amount: MicroUsd,
}

/// Whether the arithmetic needs parentheses as part of something larger.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Shape {
    #[default]
    Nothing,
    Product,
    Sum,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figure {
    amount: MicroUsd,
    arithmetic: String,
    shape: Shape,
    parts: Vec<Part>,
}

impl Figure {
    #[must_use]
    pub fn zero() -> Self {
        Self::default()
    }

    /// An amount that somebody else computed: AWS's bill, or a finding of AWS's own.
    #[must_use]
    pub fn stated(amount: MicroUsd) -> Self {
        let shape = if amount < MicroUsd::ZERO { Shape::Sum } else { Shape::Product };
        Self { amount, arithmetic: amount.to_string(), shape, parts: Vec::new() }
    }

    #[must_use]
    pub const fn amount(&self) -> MicroUsd {
        self.amount
    }

    /// `100 * 0.1 - 100 * 0.08`.
    #[must_use]
    pub fn arithmetic(&self) -> &str {
        if self.arithmetic.is_empty() { "0" } else { &self.arithmetic }
    }

    #[must_use]
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    #[must_use]
    pub fn into_parts(self) -> Vec<Part> {
        self.parts
    }

    #[must_use]
    pub fn is_positive(&self) -> bool {
        self.amount.is_positive()
    }

    /// This figure times a ratio, rounded once.
    #[must_use]
    pub fn scale(self, numerator: i64, denominator: i64) -> Self {
        let parts = self.parts.iter().map(|part| Part {
            key: Arc::clone(&part.key),
            amount: part.amount.scale(numerator, denominator),
        });
        let parts = parts.collect();
        let ratio =
            if denominator == 1 { format!("{numerator}") } else { format!("{numerator} / {denominator}") };
        let arithmetic = match self.shape {
            Shape::Sum => format!("{ratio} * ({})", self.arithmetic),
            Shape::Nothing | Shape::Product => format!("{ratio} * {}", self.arithmetic()),
        };
        Self { amount: self.amount.scale(numerator, denominator), arithmetic, shape: Shape::Product, parts }
    }

    /// The smaller of two, with its own arithmetic.
    #[must_use]
    pub fn min(self, other: Self) -> Self {
        if other.amount < self.amount { other } else { self }
    }

    fn join(&mut self, other: Self, sign: &str) {
        if other.shape == Shape::Nothing {
            return;
        }
        let right = match other.shape {
            Shape::Sum if sign == "-" => format!("({})", other.arithmetic),
            _ => other.arithmetic,
        };
        self.arithmetic = match self.shape {
            Shape::Nothing if sign == "+" => right,
            Shape::Nothing => format!("0 - {right}"),
            Shape::Product | Shape::Sum => format!("{} {sign} {right}", self.arithmetic),
        };
        self.shape = if self.shape == Shape::Nothing && sign == "+" { other.shape } else { Shape::Sum };
    }
}

/// By the amount alone.
impl PartialOrd for Figure {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.amount.cmp(&other.amount))
    }
}

impl Add for Figure {
    type Output = Self;
    fn add(mut self, other: Self) -> Self {
        self += other;
        self
    }
}

impl AddAssign for Figure {
    fn add_assign(&mut self, mut other: Self) {
        self.amount += other.amount;
        self.parts.append(&mut other.parts);
        self.join(other, "+");
    }
}

impl Sub for Figure {
    type Output = Self;
    fn sub(mut self, mut other: Self) -> Self {
        self.amount = self.amount - other.amount;
        let taken = std::mem::take(&mut other.parts);
        self.parts.extend(taken.into_iter().map(|part| Part { amount: -part.amount, ..part }));
        self.join(other, "-");
        self
    }
}

impl Sum for Figure {
    fn sum<I: Iterator<Item = Self>>(figures: I) -> Self {
        figures.fold(Self::zero(), Add::add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::region::Region;

    fn rate(usd: &str) -> Rate {
        Rate::new(PriceKey::PublicIpv4 { region: Region::global() }, usd.parse().unwrap())
    }

    #[test]
    fn the_arithmetic_follows_the_figures() {
        let cost = rate("0.125").times(100) + rate("0.065").times(500);
        assert_eq!(
            (cost.arithmetic(), cost.amount().to_string()),
            ("100 * 0.125 + 500 * 0.065", "45.00".into())
        );
        let saving = rate("0.2").monthly(2) - (cost.clone() + rate("1").times(1));
        assert_eq!(saving.arithmetic(), "2 * 730 * 0.20 - (100 * 0.125 + 500 * 0.065 + 1 * 1.00)");
        assert_eq!(saving.amount().to_string(), "246.00");
        assert_eq!(cost.scale(52, 12).arithmetic(), "52 / 12 * (100 * 0.125 + 500 * 0.065)");
    }

    #[test]
    fn nothing_is_left_out_of_the_arithmetic() {
        assert_eq!(Figure::zero().arithmetic(), "0");
        assert_eq!((Figure::zero() + rate("1").times(2)).arithmetic(), "2 * 1.00");
        assert_eq!((Figure::zero() - rate("1").times(2)).arithmetic(), "0 - 2 * 1.00");
        let negative = Figure::stated("-3.5".parse().unwrap());
        assert_eq!((rate("1").times(2) - negative).arithmetic(), "2 * 1.00 - (-3.50)");
    }

    #[test]
    fn less_than_nothing_costs_nothing() {
        let cost = rate("0.1").times(-5) + rate("0.1").monthly(i64::MIN) + rate("0.1").times_ratio(-1, 2);
        assert_eq!(
            (cost.amount(), cost.arithmetic()),
            (MicroUsd::ZERO, "0 * 0.10 + 0 * 730 * 0.10 + 0 / 2 * 0.10")
        );
    }

    #[test]
    fn parts_keep_their_sign_and_scale() {
        let saving = (rate("0.1").times(10) - rate("0.08").times(10)).scale(1, 2);
        let parts: Vec<_> = saving.parts().iter().map(|part| part.amount.to_string()).collect();
        assert_eq!(parts, ["0.50", "-0.40"]);
    }
}
