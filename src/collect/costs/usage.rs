//! The last 30 complete days by usage type and purchase type: what discounts leave, and what commitments cover.
//!
//! Only records of usage are asked for: a discount's own record would be taken off twice, and what negates covered
//! usage would count its hours twice.

use super::{
    GET,
    amount::{Billed, billed, quantity},
    by, days, of_account, one_of,
};
use crate::{
    aws::Failure,
    collect::scope::{Incomplete, Scope},
    domain::{
        cost::CostHistory,
        money::MicroUsd,
        scan::GapReason,
        usage_cost::{PurchaseType, UsageCost, UsageCosts},
    },
};
use aws_sdk_costexplorer::{
    operation::get_cost_and_usage::GetCostAndUsageOutput,
    types::{self as sdk, MetricValue},
};
use jiff::{Timestamp, tz::TimeZone};
use std::collections::HashMap;

const UNBLENDED: &str = "UnblendedCost";
const AMORTIZED: &str = "AmortizedCost";
const QUANTITY: &str = "UsageQuantity";
const NET_AMORTIZED: &str = "NetAmortizedCost";
const METRICS: [&str; 4] = [UNBLENDED, AMORTIZED, QUANTITY, NET_AMORTIZED];
/// On demand and Spot, by a reservation, by a Savings Plan.
const RECORDS: [&str; 3] = ["Usage", "DiscountedUsage", "SavingsPlanCoveredUsage"];

pub async fn fetch(scope: &Scope<'_>, now: Timestamp) -> Result<UsageCosts, Incomplete> {
    let read = match read(scope, now, &METRICS).await {
        // Some payers' accounts have no net amounts: theirs are the same as the amortised ones.
        Err(failure) if failure.code == "ValidationException" => {
            let [without_net @ .., _] = METRICS;
            read(scope, now, &without_net).await
        }
        read => read,
    };
    read.map_err(|failure| scope.missing(GET, failure))
}

async fn read(scope: &Scope<'_>, now: Timestamp, metrics: &[&str]) -> Result<UsageCosts, Failure> {
    let client = scope.session.cost_explorer();
    let unreadable = || Failure::new(GapReason::InvalidReply, "UnreadableCosts");
    let (from, to) = CostHistory::last_month(now.to_zoned(TimeZone::UTC).date());
    let period = days(from, to).ok_or_else(unreadable)?;
    let filter = of_account(scope, one_of(sdk::Dimension::RecordType, &RECORDS));
    let mut usage = UsageCosts::new(from, to);
    let mut readable = true;
    let fetch = |token| {
        let call = client.get_cost_and_usage().time_period(period.clone());
        call.granularity(sdk::Granularity::Monthly)
            .set_metrics(Some(metrics.iter().map(|metric| (*metric).to_owned()).collect()))
            .group_by(by("USAGE_TYPE"))
            .group_by(by("PURCHASE_TYPE"))
            .filter(filter.clone())
            .set_next_page_token(token)
            .send()
    };
    let take = |page: GetCostAndUsageOutput| {
        let months = page.results_by_time.unwrap_or_default();
        for group in months.into_iter().flat_map(|month| month.groups.unwrap_or_default()) {
            readable &= add(&mut usage, group).is_some();
        }
        page.next_page_token
    };
    scope.try_page_through(GET, fetch, take).await?;
    readable.then_some(usage).ok_or_else(unreadable)
}

/// None where anything of it cannot be read.
fn add(usage: &mut UsageCosts, group: sdk::Group) -> Option<()> {
    let mut keys = group.keys?.into_iter();
    let (usage_type, purchase) = (keys.next()?, PurchaseType::of(&keys.next()?));
    let metrics = group.metrics?;
    match billed(metrics.get(AMORTIZED)?)? {
        Billed::Foreign(amount) => usage.foreign.push((usage_type.into(), amount)),
        Billed::Usd(amortized) => usage.add(&usage_type, purchase, cost(&metrics, amortized)?),
    }
    Some(())
}

fn cost(metrics: &HashMap<String, MetricValue>, amortized: MicroUsd) -> Option<UsageCost> {
    let usd = |name: &str| match billed(metrics.get(name)?)? {
        Billed::Usd(amount) => Some(amount),
        Billed::Foreign(_) => None,
    };
    Some(UsageCost {
        quantity: quantity(metrics.get(QUANTITY)?)?,
        amortized,
        net_amortized: if metrics.contains_key(NET_AMORTIZED) { usd(NET_AMORTIZED)? } else { amortized },
        unblended: usd(UNBLENDED)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::Date;

    fn group(purchase: &str, amounts: [&str; 3], net: Option<&str>, currency: &str) -> sdk::Group {
        let value = |amount: &str, unit: &str| MetricValue::builder().amount(amount).unit(unit).build();
        let mut group = sdk::Group::builder().keys("EU-BoxUsage:m5.large").keys(purchase);
        let [unblended, amortized, quantity] = amounts;
        group = group
            .metrics(UNBLENDED, value(unblended, currency))
            .metrics(AMORTIZED, value(amortized, currency));
        group = group.metrics(QUANTITY, value(quantity, "Hrs"));
        net.map_or(group.clone(), |net| group.metrics(NET_AMORTIZED, value(net, currency))).build()
    }

    fn read(groups: Vec<sdk::Group>) -> Option<UsageCosts> {
        let mut usage = UsageCosts::new(Date::MIN, Date::MAX);
        groups.into_iter().map(|group| add(&mut usage, group)).collect::<Option<Vec<()>>>()?;
        Some(usage)
    }

    #[test]
    fn two_months_and_all_ways_to_pay_are_kept_apart_and_summed() {
        let usage = read(vec![
            group("On Demand Instances", ["10", "10", "100"], Some("9.4"), "USD"),
            group("On Demand Instances", ["5", "5", "50"], Some("4.7"), "USD"),
            group("Savings Plans", ["20", "14", "200"], Some("14"), "USD"),
        ])
        .unwrap();
        let costs = &usage.types["EU-BoxUsage:m5.large"];
        let on_demand = costs[&PurchaseType::OnDemand];
        assert_eq!(on_demand.net_amortized.to_string(), "14.10");
        assert_eq!(on_demand.quantity.micros(), 150_000_000);
        assert_eq!(costs[&PurchaseType::SavingsPlan].amortized.to_string(), "14.00");
    }

    #[test]
    fn without_net_amounts_nothing_is_discounted() {
        let usage = read(vec![group("On Demand Instances", ["10", "9", "100"], None, "USD")]).unwrap();
        let cost = usage.types["EU-BoxUsage:m5.large"][&PurchaseType::OnDemand];
        assert_eq!(cost.net_amortized, cost.amortized);
    }

    #[test]
    fn another_currency_is_kept_and_added_to_nothing() {
        let usage = read(vec![group("On Demand Instances", ["10", "9", "100"], Some("9"), "CNY")]).unwrap();
        assert!(usage.types.is_empty());
        assert_eq!(usage.foreign[0].1.to_string(), "9.00 CNY");
    }

    #[test]
    fn what_cannot_be_read_is_not_taken_for_nothing() {
        assert_eq!(read(vec![group("On Demand Instances", ["10", "much", "100"], None, "USD")]), None);
    }
}
