//! The last 30 complete days by usage type: what discounts leave, and what commitments cover.
//!
//! Cost Explorer groups by two things at once. So what nothing is committed to is asked by service and usage type, as
//! services share names of usage types, and what commitments cover by usage type and purchase type. Only records of
//! usage are asked for: a discount's own record would be taken off twice, and what negates covered usage would count
//! its hours twice.

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
        usage_cost::{PurchaseType, UsageCost, UsageCosts, UsageType},
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

/// One of the two requests.
struct Question {
    records: &'static [&'static str],
    groups: [&'static str; 2],
    /// Whose usage it is, from the two keys of a group.
    of: fn(String, String) -> (UsageType, PurchaseType),
}

const QUESTIONS: [Question; 2] = [
    Question { records: &["Usage"], groups: ["SERVICE", "USAGE_TYPE"], of: uncovered },
    Question {
        records: &["DiscountedUsage", "SavingsPlanCoveredUsage"],
        groups: ["USAGE_TYPE", "PURCHASE_TYPE"],
        of: covered,
    },
];

fn uncovered(service: String, name: String) -> (UsageType, PurchaseType) {
    let spot = name.contains("SpotUsage:");
    let purchase = if spot { PurchaseType::Spot } else { PurchaseType::OnDemand };
    (UsageType { name: name.into(), service: service.into() }, purchase)
}

fn covered(name: String, purchase: String) -> (UsageType, PurchaseType) {
    (UsageType { name: name.into(), service: "".into() }, PurchaseType::of(&purchase))
}

pub async fn fetch(scope: &Scope<'_>, now: Timestamp) -> Result<UsageCosts, Incomplete> {
    let (from, to) = CostHistory::days_of_spend(now.to_zoned(TimeZone::UTC).date());
    let mut usage = UsageCosts::new(from, to);
    for question in &QUESTIONS {
        let [gross @ .., _net] = METRICS;
        let read = match ask(scope, question, &METRICS, &mut usage).await {
            // Some payers' accounts have no net amounts: theirs are the same as the amortised ones.
            Err(failure) if failure.code == "ValidationException" => {
                ask(scope, question, &gross, &mut usage).await
            }
            read => read,
        };
        read.map_err(|failure| scope.missing(GET, failure))?;
    }
    Ok(usage)
}

async fn ask(
    scope: &Scope<'_>,
    question: &Question,
    metrics: &[&str],
    usage: &mut UsageCosts,
) -> Result<(), Failure> {
    let client = scope.session.cost_explorer();
    let unreadable = || Failure::new(GapReason::InvalidReply, "UnreadableCosts");
    let period = days(usage.from, usage.to).ok_or_else(unreadable)?;
    let filter = of_account(scope, one_of(sdk::Dimension::RecordType, question.records));
    let mut readable = true;
    let fetch = |token| {
        let call = client.get_cost_and_usage().time_period(period.clone());
        call.granularity(sdk::Granularity::Monthly)
            .set_metrics(Some(metrics.iter().map(|metric| (*metric).to_owned()).collect()))
            .set_group_by(Some(question.groups.iter().map(|group| by(group)).collect()))
            .filter(filter.clone())
            .set_next_page_token(token)
            .send()
    };
    let take = |page: GetCostAndUsageOutput| {
        let months = page.results_by_time.unwrap_or_default();
        for group in months.into_iter().flat_map(|month| month.groups.unwrap_or_default()) {
            readable &= add(usage, question, group).is_some();
        }
        page.next_page_token
    };
    scope.try_page_through(GET, fetch, take).await?;
    readable.then_some(()).ok_or_else(unreadable)
}

/// None where anything of it cannot be read.
fn add(usage: &mut UsageCosts, question: &Question, group: sdk::Group) -> Option<()> {
    let mut keys = group.keys?.into_iter();
    let (usage_type, purchase) = (question.of)(keys.next()?, keys.next()?);
    let metrics = group.metrics?;
    match billed(metrics.get(AMORTIZED)?)? {
        Billed::Foreign(amount) => usage.foreign.push((usage_type.name, amount)),
        Billed::Usd(amortized) => usage.add(usage_type, purchase, cost(&metrics, amortized)?),
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

    const EC2: &str = "Amazon Elastic Compute Cloud - Compute";

    fn group(keys: [&str; 2], amounts: [&str; 3], net: Option<&str>, currency: &str) -> sdk::Group {
        let value = |amount: &str, unit: &str| MetricValue::builder().amount(amount).unit(unit).build();
        let mut group = sdk::Group::builder().set_keys(Some(keys.map(str::to_owned).to_vec()));
        let [unblended, amortized, quantity] = amounts;
        group = group
            .metrics(UNBLENDED, value(unblended, currency))
            .metrics(AMORTIZED, value(amortized, currency));
        group = group.metrics(QUANTITY, value(quantity, "Hrs"));
        net.map_or(group.clone(), |net| group.metrics(NET_AMORTIZED, value(net, currency))).build()
    }

    fn read(question: &Question, groups: Vec<sdk::Group>) -> Option<UsageCosts> {
        let mut usage = UsageCosts::new(Date::MIN, Date::MAX);
        groups.into_iter().map(|group| add(&mut usage, question, group)).collect::<Option<Vec<()>>>()?;
        Some(usage)
    }

    const ON_DEMAND: [&str; 2] = [EC2, "EU-BoxUsage:m5.large"];

    fn only(usage: &UsageCosts, purchase: PurchaseType) -> UsageCost {
        assert_eq!(usage.types.len(), 1);
        usage.types.values().next().unwrap()[&purchase]
    }

    #[test]
    fn two_months_are_summed() {
        let months = vec![
            group(ON_DEMAND, ["10", "10", "100"], Some("9.4"), "USD"),
            group(ON_DEMAND, ["5", "5", "50"], Some("4.7"), "USD"),
        ];
        let cost = only(&read(&QUESTIONS[0], months).unwrap(), PurchaseType::OnDemand);
        assert_eq!((cost.net_amortized.to_string(), cost.quantity.micros()), ("14.10".into(), 150_000_000));
    }

    #[test]
    fn what_is_covered_is_kept_by_who_covers_it() {
        let plan = ["EU-BoxUsage:m5.large", "Savings Plans"];
        let usage = read(&QUESTIONS[1], vec![group(plan, ["20", "14", "200"], Some("14"), "USD")]).unwrap();
        assert_eq!(only(&usage, PurchaseType::SavingsPlan).amortized.to_string(), "14.00");
        let spot =
            read(&QUESTIONS[0], vec![group([EC2, "SpotUsage:m5.large"], ["1", "1", "9"], None, "USD")]);
        only(&spot.unwrap(), PurchaseType::Spot);
    }

    #[test]
    fn without_net_amounts_nothing_is_discounted() {
        let usage = read(&QUESTIONS[0], vec![group(ON_DEMAND, ["10", "9", "100"], None, "USD")]).unwrap();
        let cost = only(&usage, PurchaseType::OnDemand);
        assert_eq!(cost.net_amortized, cost.amortized);
    }

    #[test]
    fn another_currency_is_kept_and_added_to_nothing() {
        let usage =
            read(&QUESTIONS[0], vec![group(ON_DEMAND, ["10", "9", "100"], Some("9"), "CNY")]).unwrap();
        assert!(usage.types.is_empty());
        assert_eq!(usage.foreign[0].1.to_string(), "9.00 CNY");
    }

    #[test]
    fn what_cannot_be_read_is_not_taken_for_nothing() {
        assert_eq!(read(&QUESTIONS[0], vec![group(ON_DEMAND, ["10", "much", "100"], None, "USD")]), None);
    }
}
