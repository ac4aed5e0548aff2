//! Why a saving after discounts is what it is, in plain words.

use super::{Pool, Ratio, Slice};
use crate::domain::usage_cost::UsageCosts;

pub(super) const NOTHING_PROMISED: &str = "no saving is promised";
pub(super) const BILLED_AMOUNT: &str = "the amount is AWS's own, discounts are in it";

/// Why the bill cannot tell about discounts.
pub(super) fn why_silent(usage: Option<&UsageCosts>) -> Option<String> {
    let Some(usage) = usage else {
        return Some("the costs by usage type could not be read".to_owned());
    };
    let currency = usage.foreign.first().map(|(_, amount)| &amount.currency);
    currency.map(|currency| format!("the account is billed in {currency}"))
}

pub(super) fn not_in_the_bill(slices: &[Slice]) -> String {
    format!("the last 30 days have no usage of {}", unknown(slices).join(", "))
}

fn unknown(slices: &[Slice]) -> Vec<String> {
    let mut keys: Vec<String> =
        slices.iter().filter(|slice| slice.pool.is_none()).map(|slice| slice.key.to_string()).collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

pub(super) fn reason(slices: &[Slice], ratio: Ratio, [on_demand, absorbed]: [Ratio; 2]) -> String {
    let mut parts = vec![discount(ratio)];
    if on_demand == Ratio::ONE {
        parts.push("no Savings Plan and no reservation covers it".to_owned());
    } else {
        let pools: Vec<&Pool> = slices.iter().filter_map(|slice| slice.pool.as_deref()).collect();
        parts.push(coverage(&pools, on_demand));
        parts.push(sunk(on_demand, absorbed));
    }
    let unknown = unknown(slices);
    if !unknown.is_empty() {
        parts.push(format!("at list price, as the last 30 days have no usage of it: {}", unknown.join(", ")));
    }
    parts.join("; ")
}

fn discount(ratio: Ratio) -> String {
    if ratio == Ratio::ONE {
        "no private discount".to_owned()
    } else {
        format!("the bill is {ratio} of list price")
    }
}

/// `30 % of its hours are on demand, the rest is covered by Savings Plans and reservations`
fn coverage(pools: &[&Pool], on_demand: Ratio) -> String {
    let plans = pools.iter().any(|pool| pool.by_plans != Ratio::ZERO);
    let reservations = pools.iter().any(|pool| pool.by_reservations != Ratio::ZERO);
    let by = match (plans, reservations) {
        (true, true) => "Savings Plans and reservations",
        (true, false) => "Savings Plans",
        _ => "reservations",
    };
    format!("{} % of its hours are on demand, the rest is covered by {by}", on_demand.percent())
}

fn sunk(on_demand: Ratio, absorbed: Ratio) -> String {
    if on_demand.plus(absorbed) == Ratio::ONE {
        "what they set free covers other usage".to_owned()
    } else if absorbed == Ratio::ZERO {
        "covered hours save nothing before those end".to_owned()
    } else {
        let (taken, lost) = (absorbed.percent(), on_demand.plus(absorbed).rest().percent());
        format!("{taken} % covers other usage, {lost} % saves nothing before those end")
    }
}
