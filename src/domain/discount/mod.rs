//! What a saving at list price is worth to this account: private discounts, Savings Plans and reservations.
//!
//! `now = list * ratio * (on-demand share + absorbed share)` and `after expiry = list * ratio`. The ratio is what an
//! hour on demand really costs of its list price. Covered hours save nothing now, unless the commitment that becomes
//! free covers other usage that is on demand today; that part is absorbed. What is chosen together shares what there
//! is to absorb. A replacement is taken to be discounted like what it replaces.
//!
//! Invariants: `0 <= now <= after expiry <= list`; the order of the findings changes nothing.

mod absorb;
mod pool;
mod ratio;
mod wording;

pub use pool::Pool;
pub use ratio::Ratio;

use super::{
    finding::Finding,
    money::MicroUsd,
    price::{PriceBook, PriceKey},
    usage_cost::UsageCosts,
};
use absorb::Absorbed;
use pool::ListPrices;
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};
use utoipa::ToSchema;

/// A saving after discounts, with what it rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AfterDiscounts {
    /// Worth from the first day on; none where cost data does not tell.
    #[schema(value_type = Option<String>, example = "56.40")]
    pub now: Option<MicroUsd>,
    /// Worth once the commitments that cover it today have ended.
    #[schema(value_type = Option<String>, example = "75.20")]
    pub after_expiry: Option<MicroUsd>,
    /// The share of the hours that no commitment covers.
    #[schema(value_type = Option<String>, example = "0.75")]
    pub on_demand_share: Option<Ratio>,
    /// The share of the hours that are covered today, but whose commitment would cover other usage.
    #[schema(value_type = Option<String>, example = "0.00")]
    pub absorbed_share: Option<Ratio>,
    /// What an hour on demand costs of its list price.
    #[schema(value_type = Option<String>, example = "0.94")]
    pub ratio: Option<Ratio>,
    /// The usage types of the bill that it rests on.
    #[serde(default)]
    #[schema(required = true, example = json!(["EU-BoxUsage:m5.large"]))]
    pub usage_types: Vec<String>,
    /// `now` in plain numbers; empty where it is unknown.
    #[serde(default)]
    #[schema(required = true, example = "100.00 * 0.94 * (0.75 + 0.00)")]
    pub calculation: String,
    /// In plain words.
    pub reason: String,
}

impl AfterDiscounts {
    /// At list price, because nothing tells more.
    pub(super) fn unknown(why: &str) -> Self {
        Self {
            now: None,
            after_expiry: None,
            on_demand_share: None,
            absorbed_share: None,
            ratio: None,
            usage_types: Vec::new(),
            calculation: String::new(),
            reason: format!("at list price: {why}"),
        }
    }

    /// What an adviser of AWS says itself: nobody can recompute it.
    #[must_use]
    pub fn stated(now: MicroUsd, list: MicroUsd) -> Self {
        let now = now.min(list).max(MicroUsd::ZERO);
        Self {
            now: Some(now),
            after_expiry: Some(list),
            calculation: now.to_string(),
            reason: "as AWS states it".to_owned(),
            ..Self::unknown("")
        }
    }

    /// An amount that no discount changes.
    fn as_it_is(list: MicroUsd, reason: &str) -> Self {
        Self { reason: reason.to_owned(), ..Self::computed(list, Ratio::ONE, [Ratio::ONE, Ratio::ZERO]) }
    }

    fn computed(list: MicroUsd, ratio: Ratio, [on_demand, absorbed]: [Ratio; 2]) -> Self {
        let after_expiry = ratio.share_of(list);
        Self {
            now: Some(on_demand.plus(absorbed).share_of(after_expiry)),
            after_expiry: Some(after_expiry),
            on_demand_share: Some(on_demand),
            absorbed_share: Some(absorbed),
            ratio: Some(ratio),
            usage_types: Vec::new(),
            calculation: format!("{list} * {ratio} * ({on_demand} + {absorbed})"),
            reason: String::new(),
        }
    }
}

/// A part of a saving that one price brings, at list price.
#[derive(Clone, Debug)]
pub struct Slice {
    pub list: MicroUsd,
    pub key: Arc<PriceKey>,
    /// None where the bill does not know the price.
    pub pool: Option<Arc<Pool>>,
}

impl Slice {
    fn ratio(&self) -> Ratio {
        self.pool.as_ref().map_or(Ratio::ONE, |pool| pool.ratio)
    }

    fn on_demand(&self) -> Ratio {
        self.pool.as_ref().map_or(Ratio::ONE, |pool| pool.on_demand())
    }

    /// Worth once no commitment covers it.
    fn full(&self) -> MicroUsd {
        self.ratio().share_of(self.list)
    }
}

/// What the bill says about the prices that some findings rest on.
pub struct Discounts<'a> {
    pools: HashMap<Arc<PriceKey>, Arc<Pool>>,
    uncovered: BTreeMap<&'a str, MicroUsd>,
    /// Why the bill says nothing.
    silent: Option<String>,
}

impl<'a> Discounts<'a> {
    #[must_use]
    pub fn of(findings: &[Finding], usage: Option<&'a UsageCosts>, prices: &PriceBook) -> Self {
        let silent = wording::why_silent(usage);
        let Some(usage) = usage.filter(|_| silent.is_none()) else {
            return Self { pools: HashMap::new(), uncovered: BTreeMap::new(), silent };
        };
        let lists = ListPrices::of(prices, usage);
        let mut pools: HashMap<Arc<PriceKey>, Option<Arc<Pool>>> = HashMap::new();
        for part in findings.iter().flat_map(|finding| &finding.savings_parts) {
            let pool = || Pool::of(&part.key, usage, &lists).map(Arc::new);
            pools.entry(Arc::clone(&part.key)).or_insert_with(pool);
        }
        let pools = pools.into_iter().filter_map(|(key, pool)| Some((key, pool?))).collect();
        Self { pools, uncovered: pool::uncovered_by_family(usage), silent: None }
    }

    /// What each finding is worth by itself. What AWS's advisers say of their own findings stays.
    pub fn apply(&self, findings: &mut [Finding]) {
        for finding in findings.iter_mut().filter(|finding| finding.after_discounts.is_none()) {
            let slices = self.slices(finding);
            let absorbed = Absorbed::by([slices.as_slice()], &self.uncovered);
            finding.after_discounts = Some(self.worth(finding.monthly_savings, &slices, &absorbed));
        }
    }

    /// The same of those that are chosen together: what one has absorbed is not there for the next.
    pub fn share(&self, findings: &mut [Finding], chosen: impl Fn(usize) -> bool) {
        let all = findings.iter().enumerate().filter(|(at, _)| chosen(*at));
        let together: Vec<(usize, Vec<Slice>)> =
            all.map(|(at, finding)| (at, self.slices(finding))).collect();
        let absorbed = Absorbed::by(together.iter().map(|(_, slices)| slices.as_slice()), &self.uncovered);
        let covered = |slices: &[Slice]| slices.iter().any(|slice| slice.on_demand() != Ratio::ONE);
        for (at, slices) in together.into_iter().filter(|(_, slices)| covered(slices)) {
            if let Some(finding) = findings.get_mut(at) {
                finding.after_discounts = Some(self.worth(finding.monthly_savings, &slices, &absorbed));
            }
        }
    }

    /// The saving split by the prices of what goes away, largest remainder last; empty where it has no prices.
    #[must_use]
    pub fn slices(&self, finding: &Finding) -> Vec<Slice> {
        let list = finding.monthly_savings;
        let gone = || finding.savings_parts.iter().filter(|part| part.amount.is_positive());
        let total: i128 = gone().map(|part| i128::from(part.amount.get())).sum();
        let mut left = list;
        let mut slices: Vec<Slice> = Vec::new();
        for part in gone().filter(|_| list.is_positive()) {
            let share = i128::from(list.get()) * i128::from(part.amount.get()) / total.max(1);
            let share = MicroUsd::new(i64::try_from(share).unwrap_or(i64::MAX));
            left = left - share;
            let pool = self.pools.get(&part.key).cloned();
            slices.push(Slice { list: share, key: Arc::clone(&part.key), pool });
        }
        if let Some(last) = slices.last_mut() {
            last.list += left;
        }
        slices
    }

    fn worth(&self, list: MicroUsd, slices: &[Slice], absorbed: &Absorbed) -> AfterDiscounts {
        if !list.is_positive() {
            return AfterDiscounts::as_it_is(list, wording::NOTHING_PROMISED);
        }
        if let Some(why) = &self.silent {
            return AfterDiscounts::unknown(why);
        }
        if slices.is_empty() {
            return AfterDiscounts::as_it_is(list, wording::BILLED_AMOUNT);
        }
        if slices.iter().all(|slice| slice.pool.is_none()) {
            return AfterDiscounts::unknown(&wording::not_in_the_bill(slices));
        }
        let mean = |of: &dyn Fn(&Slice) -> Ratio, weight: &dyn Fn(&Slice) -> MicroUsd| {
            Ratio::mean(slices.iter().map(|slice| (of(slice), weight(slice)))).unwrap_or(Ratio::ONE)
        };
        let ratio = mean(&Slice::ratio, &|slice| slice.list);
        let on_demand = mean(&Slice::on_demand, &Slice::full);
        let taken_up = mean(&|slice| absorbed.share(slice), &Slice::full);
        let mut computed = AfterDiscounts::computed(list, ratio, [on_demand, taken_up]);
        computed.reason = wording::reason(slices, ratio, [on_demand, taken_up]);
        let pools = slices.iter().filter_map(|slice| slice.pool.as_deref());
        computed.usage_types = pools.flat_map(|pool| pool.name.split('+')).map(str::to_owned).collect();
        computed.usage_types.sort_unstable();
        computed.usage_types.dedup();
        computed
    }
}

#[cfg(test)]
mod tests;
