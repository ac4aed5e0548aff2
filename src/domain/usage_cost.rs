//! What each usage type cost in the last 30 complete days, apart by how it was paid.
//!
//! It tells what an hour on demand really costs after private discounts, and how many hours commitments cover.
//! Invariant: only amounts in US dollars are in `types`; others are kept beside them as they are.

use super::{cost::ForeignAmount, money::MicroUsd};
use jiff::civil::Date;
use std::{collections::BTreeMap, ops::Bound};

/// How usage is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PurchaseType {
    /// Also all that cannot be bought otherwise, storage say.
    OnDemand,
    Spot,
    SavingsPlan,
    Reservation,
}

impl PurchaseType {
    pub const ALL: [Self; 4] = [Self::OnDemand, Self::Spot, Self::SavingsPlan, Self::Reservation];

    /// Reads Cost Explorer's `PURCHASE_TYPE`: `Standard Reserved Instances`, `Savings Plans`.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let text = text.to_ascii_lowercase();
        if text.contains("savings plan") {
            Self::SavingsPlan
        } else if text.contains("reserved") {
            Self::Reservation
        } else if text.contains("spot") {
            Self::Spot
        } else {
            Self::OnDemand
        }
    }
}

/// Usage in millionths of its unit: hours, GB-months, requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Quantity(i64);

impl Quantity {
    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    #[must_use]
    pub const fn from_units(units: i64) -> Self {
        Self(units.saturating_mul(1_000_000))
    }

    #[must_use]
    pub const fn micros(self) -> i64 {
        self.0
    }
}

impl std::ops::AddAssign for Quantity {
    fn add_assign(&mut self, other: Self) {
        self.0 = self.0.saturating_add(other.0);
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UsageCost {
    pub quantity: Quantity,
    /// Upfront fees spread over their term; what a commitment covers at the commitment's rate.
    pub amortized: MicroUsd,
    /// The same after private discounts.
    pub net_amortized: MicroUsd,
    pub unblended: MicroUsd,
}

impl std::ops::AddAssign for UsageCost {
    fn add_assign(&mut self, other: Self) {
        self.quantity += other.quantity;
        self.amortized += other.amortized;
        self.net_amortized += other.net_amortized;
        self.unblended += other.unblended;
    }
}

/// One usage type, by how it was paid.
pub type ByPurchase = BTreeMap<PurchaseType, UsageCost>;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsageCosts {
    /// First and last day, both included: 30 days.
    pub from: Date,
    pub to: Date,
    /// By usage type with its region's prefix: `EU-BoxUsage:m5.large`.
    pub types: BTreeMap<Box<str>, ByPurchase>,
    /// What is billed in another currency: the usage type and the amount, never added to dollars.
    pub foreign: Vec<(Box<str>, ForeignAmount)>,
}

impl UsageCosts {
    #[must_use]
    pub const fn new(from: Date, to: Date) -> Self {
        Self { from, to, types: BTreeMap::new(), foreign: Vec::new() }
    }

    pub fn add(&mut self, usage_type: &str, purchase: PurchaseType, cost: UsageCost) {
        *self.types.entry(usage_type.into()).or_default().entry(purchase).or_default() += cost;
    }

    /// The usage types of a name; of one that ends with `*`, all that begin with it.
    pub fn named<'a>(&'a self, name: &str) -> Vec<&'a str> {
        let Some(start) = name.strip_suffix('*') else {
            return self.types.get_key_value(name).map(|(name, _)| &**name).into_iter().collect();
        };
        let from = (Bound::Included(start), Bound::Unbounded);
        let all = self.types.range::<str, _>(from).map(|(name, _)| &**name);
        all.take_while(|name| name.starts_with(start)).collect()
    }

    /// What some usage types cost together, by how it was paid.
    #[must_use]
    pub fn sum(&self, types: &[&str]) -> ByPurchase {
        let mut sums = ByPurchase::new();
        for (purchase, cost) in types.iter().filter_map(|name| self.types.get(*name)).flatten() {
            *sums.entry(*purchase).or_default() += *cost;
        }
        sums
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn purchase_types_are_read_as_cost_explorer_writes_them() {
        use PurchaseType as P;
        for (text, expected) in [
            ("On Demand Instances", P::OnDemand),
            ("NoPurchaseType", P::OnDemand),
            ("Spot Instances", P::Spot),
            ("Savings Plans", P::SavingsPlan),
            ("Convertible Reserved Instances", P::Reservation),
        ] {
            assert_eq!(PurchaseType::of(text), expected, "{text}");
        }
    }

    #[test]
    fn a_star_stands_for_any_ending() {
        let mut usage = UsageCosts::new(Date::MIN, Date::MAX);
        for name in ["BoxUsage:m5.large", "BoxUsage:m5.xlarge", "BoxUsage:m5a.large", "EU-BoxUsage:m5.large"]
        {
            usage.add(name, PurchaseType::OnDemand, UsageCost::default());
        }
        assert_eq!(usage.named("BoxUsage:m5.*"), ["BoxUsage:m5.large", "BoxUsage:m5.xlarge"]);
        assert_eq!(usage.named("BoxUsage:m5.large"), ["BoxUsage:m5.large"]);
        assert_eq!(usage.named("BoxUsage:m5"), [""; 0]);
    }
}
