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

/// Services share names: `TimedStorage-ByteHrs` is billed by three of them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct UsageType {
    /// With its region's prefix: `EU-BoxUsage:m5.large`.
    pub name: Box<str>,
    /// As Cost Explorer names it; empty where it does not say. What commitments cover has names of its own.
    pub service: Box<str>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsageCosts {
    /// First and last day, both included: 30 days.
    pub from: Date,
    pub to: Date,
    pub types: BTreeMap<UsageType, ByPurchase>,
    /// What is billed in another currency: the usage type and the amount, never added to dollars.
    pub foreign: Vec<(Box<str>, ForeignAmount)>,
}

impl UsageCosts {
    #[must_use]
    pub const fn new(from: Date, to: Date) -> Self {
        Self { from, to, types: BTreeMap::new(), foreign: Vec::new() }
    }

    pub fn add(&mut self, usage_type: UsageType, purchase: PurchaseType, cost: UsageCost) {
        *self.types.entry(usage_type).or_default().entry(purchase).or_default() += cost;
    }

    /// The usage types of a name; of one that ends with `*`, all that begin with it. In order.
    pub fn named<'a, 'n>(&'a self, name: &'n str) -> impl Iterator<Item = &'a UsageType> + use<'a, 'n> {
        let (start, whole) = name.strip_suffix('*').map_or((name, true), |start| (start, false));
        let first = UsageType { name: start.into(), service: "".into() };
        let from =
            self.types.range((Bound::Included(first), Bound::Unbounded)).map(|(usage_type, _)| usage_type);
        from.take_while(move |found| found.name.starts_with(start) && (!whole || *found.name == *start))
    }

    /// What some usage types cost together, by how it was paid.
    #[must_use]
    pub fn sum(&self, types: &[&UsageType]) -> ByPurchase {
        let mut sums = ByPurchase::new();
        for (purchase, cost) in types.iter().filter_map(|usage_type| self.types.get(*usage_type)).flatten() {
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
        for (name, service) in [
            ("BoxUsage:m5.large", "EC2"),
            ("BoxUsage:m5.large", ""),
            ("BoxUsage:m5.xlarge", "EC2"),
            ("BoxUsage:m5a.large", "EC2"),
            ("EU-BoxUsage:m5.large", "EC2"),
        ] {
            let usage_type = UsageType { name: name.into(), service: service.into() };
            usage.add(usage_type, PurchaseType::OnDemand, UsageCost::default());
        }
        let named = |name: &str| usage.named(name).map(|found| &*found.name).collect::<Vec<_>>().join(" ");
        assert_eq!(named("BoxUsage:m5.*"), "BoxUsage:m5.large BoxUsage:m5.large BoxUsage:m5.xlarge");
        assert_eq!(named("BoxUsage:m5.large"), "BoxUsage:m5.large BoxUsage:m5.large");
        assert_eq!(named("BoxUsage:m5"), "");
    }
}
