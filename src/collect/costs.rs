//! Daily costs by service from Cost Explorer, for the account alone.
//!
//! Each page costs 0.01 USD, so it is one question a scan. A payer account would be told the costs of its
//! whole organisation: the filter keeps to the account itself.

use super::{
    Collector,
    scope::{Incomplete, Scope},
};
use crate::{
    aws::Failure,
    domain::{
        cost::{CostHistory, DailyCost},
        money::MicroUsd,
        scan::GapReason,
    },
};
use aws_sdk_costexplorer::{operation::get_cost_and_usage::GetCostAndUsageOutput, types as sdk};
use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};

pub(super) const COLLECTOR: Collector = Collector { name: "costs", actions: &[GET], listing: None };
const GET: &str = "ce:GetCostAndUsage";
const METRIC: &str = "UnblendedCost";
/// Two spans of 30 days and the two newest days, which are not complete yet.
const DAYS: i64 = 62;

pub(super) async fn fetch(scope: &Scope<'_>, now: Timestamp) -> Result<CostHistory, Incomplete> {
    let client = scope.session.cost_explorer();
    let question = Question::new(scope, now).ok_or(Incomplete)?;
    let mut history = CostHistory::default();
    let mut readable = true;
    let fetch = |token| {
        let call = client.get_cost_and_usage().time_period(question.days.clone());
        call.granularity(sdk::Granularity::Daily)
            .metrics(METRIC)
            .group_by(question.by_service.clone())
            .filter(question.of_account.clone())
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

struct Question {
    days: sdk::DateInterval,
    by_service: sdk::GroupDefinition,
    of_account: sdk::Expression,
}

impl Question {
    fn new(scope: &Scope<'_>, now: Timestamp) -> Option<Self> {
        let today = now.to_zoned(TimeZone::UTC).date();
        let from = today.checked_sub(DAYS.days()).ok()?;
        // The end is not part of the span: today is left out.
        let days = sdk::DateInterval::builder().start(from.to_string()).end(today.to_string());
        let account = sdk::DimensionValues::builder()
            .key(sdk::Dimension::LinkedAccount)
            .values(scope.session.account().to_string());
        let by_service = sdk::GroupDefinition::builder().r#type(sdk::GroupDefinitionType::Dimension);
        Some(Self {
            days: days.build().ok()?,
            by_service: by_service.key("SERVICE").build(),
            of_account: sdk::Expression::builder()
                .and(sdk::Expression::builder().dimensions(account.build()).build())
                .and(without_credits())
                .build(),
        })
    }
}

/// What things cost, not what a credit or a refund paid for: those end, the cost goes on.
fn without_credits() -> sdk::Expression {
    let records =
        sdk::DimensionValues::builder().key(sdk::Dimension::RecordType).values("Credit").values("Refund");
    sdk::Expression::builder().not(sdk::Expression::builder().dimensions(records.build()).build()).build()
}

/// None where anything of a day cannot be read: a sum without it would be wrong.
fn add_day(history: &mut CostHistory, result: sdk::ResultByTime) -> Option<()> {
    let day: Date = result.time_period?.start.parse().ok()?;
    for group in result.groups.unwrap_or_default() {
        let service = group.keys?.into_iter().next()?;
        let value = group.metrics?.remove(METRIC)?;
        if value.unit.as_deref() != Some("USD") {
            return None;
        }
        history.days.push(DailyCost { day, service, amount: amount(&value.amount?)? });
    }
    Some(())
}

/// Cost Explorer writes tiny amounts with an exponent: `1.2E-7`.
pub(super) fn amount(text: &str) -> Option<MicroUsd> {
    let Some((digits, exponent)) = text.split_once(['E', 'e']) else { return text.parse().ok() };
    let exponent: i32 = exponent.parse().ok()?;
    let (sign, digits) = digits.strip_prefix('-').map_or(("", digits), |rest| ("-", rest));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let point = i32::try_from(whole.len()).ok()? + exponent;
    let all = format!("{whole}{fraction}");
    let plain = match usize::try_from(point) {
        Ok(point) if point >= all.len() => format!("{all:0<point$}"),
        Ok(point) => format!("{}.{}", all.get(..point)?, all.get(point..)?),
        Err(_) if point < -30 => "0".to_owned(),
        Err(_) => format!("0.{}{all}", "0".repeat(point.unsigned_abs() as usize)),
    };
    format!("{sign}{plain}").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("12.3456789", "12.345679")]
    #[case("0", "0.00")]
    #[case("-3.5", "-3.50")]
    #[case("1.2E-7", "0.00")]
    #[case("1.25E-3", "0.00125")]
    #[case("-5.5E-1", "-0.55")]
    #[case("1.5E+2", "150.00")]
    fn amounts_are_read_exactly(#[case] text: &str, #[case] usd: &str) {
        assert_eq!(amount(text).unwrap().to_string(), usd);
    }

    fn day_in(unit: &str) -> sdk::ResultByTime {
        let value = sdk::MetricValue::builder().amount("1.5").unit(unit).build();
        let group = sdk::Group::builder().keys("AWS Lambda").metrics(METRIC, value).build();
        let period = sdk::DateInterval::builder().start("2026-06-01").end("2026-06-02").build().unwrap();
        sdk::ResultByTime::builder().time_period(period).groups(group).build()
    }

    #[test]
    fn a_day_has_a_cost_for_each_service() {
        let mut history = CostHistory::default();
        add_day(&mut history, day_in("USD")).unwrap();
        assert_eq!(history.services(), ["AWS Lambda"]);
        assert_eq!(history.days[0].amount.to_string(), "1.50");
        assert_eq!(history.days[0].day, "2026-06-01".parse().unwrap());
    }

    #[test]
    fn another_currency_is_not_taken_for_dollars() {
        assert!(add_day(&mut CostHistory::default(), day_in("CNY")).is_none());
    }
}
