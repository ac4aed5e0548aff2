//! What the bill says of one price: its usage types, their discount, and which share commitments cover.

use super::Ratio;
use crate::domain::{
    cost::a_month_of,
    money::{MicroUsd, UnitPrice},
    price::{PriceBook, PriceKey, PriceSource, PriceUnit},
    usage_cost::{ByPurchase, PurchaseType, UsageCost, UsageCosts, UsageType},
    usage_type::{billed, family, is_flat},
};
use std::collections::BTreeMap;

/// The usage types of one price.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pool {
    /// As in the bill, with a plus between: its name, too.
    pub name: Box<str>,
    /// What a Savings Plan that becomes free could cover instead.
    pub family: Box<str>,
    /// What an hour on demand costs of its list price.
    pub ratio: Ratio,
    /// The shares of its hours; what no commitment covers is the rest.
    pub by_plans: Ratio,
    pub by_reservations: Ratio,
    /// A month of what no commitment covers, after discounts.
    pub uncovered: MicroUsd,
    /// A month of all of it, after discounts.
    pub spent: MicroUsd,
}

impl Pool {
    #[must_use]
    pub fn on_demand(&self) -> Ratio {
        self.by_plans.plus(self.by_reservations).rest()
    }

    /// None where the price is of nothing that was billed.
    pub(super) fn of(key: &PriceKey, usage: &UsageCosts, lists: &ListPrices<'_>) -> Option<Self> {
        let types = billed(key, usage);
        let first = types.first()?;
        let sums = usage.sum(&types);
        let of = |purchase| sums.get(&purchase).copied().unwrap_or_default();
        let uncovered = uncovered(&sums);
        let mut all = uncovered;
        all += of(PurchaseType::SavingsPlan);
        all += of(PurchaseType::Reservation);
        let share = |part: UsageCost| {
            Ratio::of(part.quantity.micros().into(), all.quantity.micros().into()).unwrap_or(Ratio::ZERO)
        };
        Some(Self {
            family: family(&first.name).into(),
            name: joined(&types).into(),
            ratio: ratio(&uncovered, lists.only_one(&types)),
            by_plans: share(of(PurchaseType::SavingsPlan)),
            by_reservations: share(of(PurchaseType::Reservation)),
            uncovered: a_month_of(uncovered.net_amortized),
            spent: a_month_of(all.net_amortized),
        })
    }
}

/// One name for all: a usage type that on demand and commitments share has it once.
fn joined(types: &[&UsageType]) -> String {
    let mut names: Vec<&str> = types.iter().map(|found| &*found.name).collect();
    names.dedup();
    names.join("+")
}

/// What nothing is committed to, Spot too.
pub(super) fn uncovered(sums: &ByPurchase) -> UsageCost {
    let mut uncovered = UsageCost::default();
    for purchase in [PurchaseType::OnDemand, PurchaseType::Spot] {
        uncovered += sums.get(&purchase).copied().unwrap_or_default();
    }
    uncovered
}

/// The smaller of what private discounts leave of the bill and what the bill is of list price.
fn ratio(uncovered: &UsageCost, list: Option<UnitPrice>) -> Ratio {
    let net = i128::from(uncovered.net_amortized.get());
    let of_bill = Ratio::of(net, uncovered.amortized.get().into());
    let of_list = list.and_then(|price| {
        // Micro-units at nano-dollars.
        let at_list = i128::from(uncovered.quantity.micros()) * i128::from(price.nano_usd()) / 1_000_000_000;
        Ratio::of(net, at_list)
    });
    let known = [of_bill, of_list].into_iter().flatten();
    known.map(Ratio::to_four_decimals).min().unwrap_or(Ratio::ONE)
}

/// The family's month on demand, after discounts: what Savings Plans that become free could cover.
pub(super) fn uncovered_by_family(usage: &UsageCosts) -> BTreeMap<&str, MicroUsd> {
    let mut families: BTreeMap<&str, MicroUsd> = BTreeMap::new();
    for (found, costs) in &usage.types {
        *families.entry(family(&found.name)).or_default() += a_month_of(uncovered(costs).net_amortized);
    }
    families
}

/// The list prices of usage types that have but one: platforms and engines share usage types.
#[derive(Default)]
pub(super) struct ListPrices<'a>(BTreeMap<&'a UsageType, Option<UnitPrice>>);

impl<'a> ListPrices<'a> {
    pub fn of(prices: &PriceBook, usage: &'a UsageCosts) -> Self {
        let mut lists: BTreeMap<&UsageType, Option<UnitPrice>> = BTreeMap::new();
        for (key, price) in prices.iter().filter(|(key, price)| is_flat(key) && is_own(price.source)) {
            let unit = whole_units(key.unit()).then_some(price.per_unit);
            for found in billed(key, usage) {
                let known = lists.entry(found).or_insert(unit);
                if *known != unit {
                    *known = None;
                }
            }
        }
        Self(lists)
    }

    fn only_one(&self, types: &[&UsageType]) -> Option<UnitPrice> {
        let mut prices = types.iter().map(|found| self.0.get(found).copied().flatten());
        let first = prices.next().flatten();
        first.filter(|first| prices.all(|price| price == Some(*first)))
    }
}

/// A price of another region says nothing about discounts.
const fn is_own(source: PriceSource) -> bool {
    matches!(source, PriceSource::PricingApi | PriceSource::BuiltIn)
}

/// Counted in the bill as in the price.
const fn whole_units(unit: PriceUnit) -> bool {
    matches!(unit, PriceUnit::Hour | PriceUnit::GbMonth | PriceUnit::IopsMonth)
}
