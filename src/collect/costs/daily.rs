//! Daily costs by service and by who sells it: AWS, or somebody else in its marketplace.

use super::{
    GET,
    amount::{Billed, billed},
    by, days, of_account, one_of,
};
use crate::{
    aws::Failure,
    collect::scope::{Incomplete, Scope},
    domain::{
        cost::{CostHistory, DailyCost, ForeignCost},
        scan::GapReason,
    },
};
use aws_sdk_costexplorer::{operation::get_cost_and_usage::GetCostAndUsageOutput, types as sdk};
use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};

const METRIC: &str = "UnblendedCost";
/// Two spans of 30 days and the two newest days, which are not complete yet.
const DAYS: i64 = 62;

pub async fn fetch(scope: &Scope<'_>, now: Timestamp) -> Result<CostHistory, Incomplete> {
    let client = scope.session.cost_explorer();
    let today = now.to_zoned(TimeZone::UTC).date();
    let period = days(today.saturating_sub(DAYS.days()), today.saturating_sub(1.days())).ok_or(Incomplete)?;
    let filter = of_account(scope, without_credits());
    let mut history = CostHistory::default();
    let mut readable = true;
    let fetch = |token| {
        let call = client.get_cost_and_usage().time_period(period.clone());
        call.granularity(sdk::Granularity::Daily)
            .metrics(METRIC)
            .group_by(by("SERVICE"))
            .group_by(by("LEGAL_ENTITY_NAME"))
            .filter(filter.clone())
            .set_next_page_token(token)
            .send()
    };
    let take = |page: GetCostAndUsageOutput| {
        for day in page.results_by_time.unwrap_or_default() {
            readable &= add_day(&mut history, day).is_some();
        }
        page.next_page_token
    };
    scope.page_through(GET, fetch, take).await?;
    if readable {
        Ok(history)
    } else {
        Err(scope.missing(GET, Failure::new(GapReason::InvalidReply, "UnreadableCosts")))
    }
}

/// What things cost, not what a credit or a refund paid for: those end, the cost goes on.
fn without_credits() -> sdk::Expression {
    sdk::Expression::builder().not(one_of(sdk::Dimension::RecordType, &["Credit", "Refund"])).build()
}

/// None where anything of a day cannot be read: a sum without it would be wrong.
fn add_day(history: &mut CostHistory, result: sdk::ResultByTime) -> Option<()> {
    let day: Date = result.time_period?.start.parse().ok()?;
    for group in result.groups.unwrap_or_default() {
        let mut keys = group.keys?.into_iter();
        let (service, seller) = (keys.next()?, keys.next().unwrap_or_default());
        if !is_aws(&seller) {
            history.marketplace.insert(service.clone());
        }
        match billed(&group.metrics?.remove(METRIC)?)? {
            Billed::Usd(amount) => history.days.push(DailyCost { day, service, amount }),
            Billed::Foreign(amount) => history.foreign.push(ForeignCost { day, service, amount }),
        }
    }
    Some(())
}

/// AWS and its companies, those that run its regions in China too; a seller has a name of its own.
fn is_aws(seller: &str) -> bool {
    const OPERATORS: [&str; 6] = ["Amazon", "AWS", "AISPL", "Sinnet", "NWCD", "Ningxia"];
    seller.is_empty()
        || !seller.contains("Marketplace") && OPERATORS.iter().any(|operator| seller.contains(operator))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::cost::ForeignAmount;
    use rstest::rstest;

    fn day_of(seller: &str, unit: &str) -> sdk::ResultByTime {
        let value = sdk::MetricValue::builder().amount("1.5").unit(unit).build();
        let group = sdk::Group::builder().keys("AWS Lambda").keys(seller).metrics(METRIC, value).build();
        let period = sdk::DateInterval::builder().start("2026-06-01").end("2026-06-02").build().unwrap();
        sdk::ResultByTime::builder().time_period(period).groups(group).build()
    }

    #[test]
    fn a_day_has_a_cost_for_each_service() {
        let mut history = CostHistory::default();
        add_day(&mut history, day_of("Amazon Web Services, Inc.", "USD")).unwrap();
        assert_eq!(history.services(), ["AWS Lambda"]);
        assert_eq!(history.days[0].amount.to_string(), "1.50");
        assert_eq!(history.days[0].day, "2026-06-01".parse().unwrap());
        assert!(history.marketplace.is_empty());
    }

    #[test]
    fn another_currency_is_kept_apart() {
        let mut history = CostHistory::default();
        add_day(&mut history, day_of("NWCD", "CNY")).unwrap();
        assert!(history.days.is_empty());
        let yuan = ForeignAmount { currency: "CNY".into(), micros: 1_500_000 };
        assert_eq!(history.foreign[0].amount, yuan);
        assert!(add_day(&mut CostHistory::default(), day_of("NWCD", "N/A")).is_none());
    }

    #[rstest]
    #[case("Amazon Web Services EMEA SARL", true)]
    #[case("AWS", true)]
    #[case("Beijing Sinnet Technology Co., Ltd.", true)]
    #[case("", true)]
    #[case("Datadog, Inc.", false)]
    #[case("AWS Marketplace", false)]
    fn sellers_are_told_from_aws(#[case] seller: &str, #[case] aws: bool) {
        let mut history = CostHistory::default();
        add_day(&mut history, day_of(seller, "USD")).unwrap();
        assert_eq!(history.marketplace.is_empty(), aws);
    }
}
