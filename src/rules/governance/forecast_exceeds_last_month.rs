//! The month is heading for markedly more than the last one.

use super::{Case, Meta, Rule, account, case::property, command::aws};
use crate::domain::{
    billing::Forecast,
    cost::CostHistory,
    figure::Figure,
    finding::{Finding, Remediation, UnknownReason, Verdicts},
    money::MicroUsd,
    region::Region,
};
use jiff::{ToSpan, civil::Date};
use serde_json::json;

pub const RULE: Rule = Rule { meta: &META, check };

static META: Meta = Meta {
    id: "forecast-exceeds-last-month",
    title: "The month is heading for more than the last one",
    condition: "This month's costs so far and AWS's forecast of the rest are at least cost_increase_percent and \
                cost_increase_usd above the month before. Nothing is forecast below commitment_min_spend_usd in 30 days.",
    pitfalls: "The two newest days of costs are not complete. Months differ in length; yearly fees fall into one of them.",
    actions: &["ce:GetCostAndUsage", "ce:GetCostForecast"],
    thresholds: &["commitment_min_spend_usd", "cost_increase_percent", "cost_increase_usd"],
    ..account::META
};

/// The months that are compared.
struct Months {
    last: MicroUsd,
    so_far: MicroUsd,
    forecast: Forecast,
}

impl Months {
    fn expected(&self) -> MicroUsd {
        self.so_far + self.forecast.amount
    }
}

fn check(case: &Case<'_>) -> Verdicts {
    let Some(costs) = &case.snapshot.costs else { return account::unknown(case, UnknownReason::CostMissing) };
    // Where little is spent nothing was asked.
    let Some(forecast) = case.snapshot.billing.forecast else { return Verdicts::default() };
    let Some(months) = compare(costs, forecast) else {
        return account::unknown(case, UnknownReason::CostMissing);
    };
    let (increase, limits) = (months.expected() - months.last, case.thresholds);
    let enough = increase >= MicroUsd::from_usd(limits.cost_increase_usd.into())
        && increase >= months.last.scale(limits.cost_increase_percent.into(), 100);
    if enough { account::found(finding(case, &months, increase)) } else { Verdicts::default() }
}

/// None where a day of the last month is missing, or not all is in US dollars.
fn compare(costs: &CostHistory, forecast: Forecast) -> Option<Months> {
    let first = forecast.from.first_of_month();
    let (from, to) = (first.saturating_sub(1.month()), first.saturating_sub(1.day()));
    let days = usize::try_from(to.day()).ok()?;
    if costs.days_known(from, to) < days || !costs.foreign.is_empty() {
        return None;
    }
    let sum = |from: Date, to: Date| costs.services().iter().map(|s| costs.between(s, from, to)).sum();
    let yesterday = forecast.from.saturating_sub(1.day());
    let so_far = if yesterday < first { MicroUsd::ZERO } else { sum(first, yesterday) };
    Some(Months { last: sum(from, to), so_far, forecast })
}

fn finding(case: &Case<'_>, months: &Months, increase: MicroUsd) -> Finding {
    let (expected, limits) = (months.expected(), case.thresholds);
    let period = format!("Start={},End={}", months.forecast.from, months.forecast.until);
    let limit = format!("{} % and {} USD more", limits.cost_increase_percent, limits.cost_increase_usd);
    let usd = |amount: MicroUsd| format!("{} USD", amount.to_cents());
    Finding {
        title: format!(
            "The month is heading for {}, {} more than the last one",
            usd(expected),
            usd(increase)
        ),
        current: json!({ "lastMonth": months.last, "soFar": months.so_far, "forecast": months.forecast.amount }),
        recommended: json!({ "action": "find what grew" }),
        evidence: vec![
            property("cost of the last month", usd(months.last), None),
            property("cost so far and forecast", usd(expected), Some(limit)),
        ],
        remediation: Remediation {
            commands: vec![aws(
                "ce get-cost-forecast",
                &Region::global(),
                &[("--time-period", &period), ("--metric", "UNBLENDED_COST"), ("--granularity", "DAILY")],
            )],
            rollback_commands: Vec::new(),
            notes: vec!["The command only reads; Cost Explorer charges 0.01 USD a request.".into()],
        },
        ..account::finding(case, Figure::stated(months.so_far) + Figure::stated(months.forecast.amount))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{domain::cost::DailyCost, rules::fixtures::Lab};

    /// May at one price a day, June 1 to 29 at another, and a forecast of the 30th.
    fn lab(may: &str, june: &str, forecast: &str) -> Lab {
        let first: Date = "2026-05-01".parse().unwrap();
        let cost = |n: i64| DailyCost {
            day: first.saturating_add(n.days()),
            service: "Amazon S3".into(),
            amount: if n < 31 { may } else { june }.parse().unwrap(),
        };
        let mut lab = Lab::new();
        lab.snapshot.costs =
            Some(CostHistory { days: (0..60).map(cost).collect(), ..CostHistory::default() });
        let (from, until) = ("2026-06-30".parse().unwrap(), "2026-07-01".parse().unwrap());
        lab.snapshot.billing.forecast = Some(Forecast { from, until, amount: forecast.parse().unwrap() });
        lab
    }

    #[test]
    fn costs_so_far_and_the_forecast_are_held_against_the_last_month() {
        let finding = lab("10", "20", "20").only_finding(&RULE);
        assert_eq!(finding.title, "The month is heading for 600.00 USD, 290.00 USD more than the last one");
        assert_eq!(finding.calculation.monthly_cost, "580.00 + 20.00");
    }

    #[test]
    fn a_month_like_the_last_one_is_fine() {
        lab("10", "10", "10").nothing(&RULE);
        lab("10", "10", "81.99").nothing(&RULE);
        lab("10", "10", "82").only_finding(&RULE);
    }

    #[test]
    fn a_day_that_is_missing_makes_it_unknown() {
        let mut gap = lab("10", "20", "20");
        gap.snapshot.costs.as_mut().unwrap().days.remove(3);
        gap.unknown(&RULE, UnknownReason::CostMissing);
        Lab::new().unknown(&RULE, UnknownReason::CostMissing);
    }

    #[test]
    fn on_the_first_of_a_month_nothing_was_spent_yet() {
        let mut july = lab("10", "20", "900");
        let (from, until) = ("2026-07-01".parse().unwrap(), "2026-08-01".parse().unwrap());
        july.snapshot.billing.forecast = Some(Forecast { from, until, amount: MicroUsd::from_usd(900) });
        // June has a day without costs in this history.
        july.unknown(&RULE, UnknownReason::CostMissing);
        let day = july.snapshot.costs.as_ref().unwrap().days[59].clone();
        let last = DailyCost { day: "2026-06-30".parse().unwrap(), ..day };
        july.snapshot.costs.as_mut().unwrap().days.push(last);
        assert_eq!(july.only_finding(&RULE).calculation.monthly_cost, "0.00 + 900.00");
    }
}
