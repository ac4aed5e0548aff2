//! Services that cost markedly more in the last 30 days than in the 30 before: worth a look, no promised saving.

use super::{Amounts, Case, Meta, Rule, case::property, command::daily_costs};
use crate::domain::{
    cost::CostHistory,
    figure::Figure,
    finding::{
        ActionType, ConflictClass, Effort, Finding, Level, Remediation, SavingsBasis, UnknownReason, Verdicts,
    },
    inventory::{Common, Inventoried, ResourceKind},
    money::MicroUsd,
    region::Region,
};
use jiff::{Span, civil::Date};
use serde::Serialize;
use serde_json::json;

pub const RULE: Rule = Rule { meta: &META, check };

static META: Meta = Meta {
    id: "cost-increase-month-over-month",
    title: "Service costs more than a month ago",
    condition: "A service's cost of the last 30 complete days is at least cost_increase_percent and cost_increase_usd \
                above that of the 30 days before. Needs 60 days of costs; tax is left out.",
    formula: "none: the increase is shown, nothing is counted as saved",
    pitfalls: "Growth of the business, yearly fees and purchases of reservations look the same; credits and refunds \
               distort the sums.",
    kind: ResourceKind::ServiceSpend,
    action_type: ActionType::Configure,
    class: ConflictClass::Add,
    basis: SavingsBasis::Exposure,
    effort: Effort::Medium,
    risk: Level::Low,
    restart_needed: false,
    rollback_possible: true,
    actions: &["ce:GetCostAndUsage"],
    metrics: &[],
    thresholds: &["cost_increase_percent", "cost_increase_usd"],
    on_by_default: true,
};

const DAYS: i64 = 30;

/// A service of the account in the place of a resource.
#[derive(Serialize)]
struct ServiceSpend {
    common: Common,
}

impl Inventoried for ServiceSpend {
    const KIND: ResourceKind = ResourceKind::ServiceSpend;
    fn common(&self) -> &Common {
        &self.common
    }
}

/// Two spans of 30 days, the later one up to the last complete day; both ends included.
struct Months {
    before: (Date, Date),
    last: (Date, Date),
}

impl Months {
    fn ending(end: Date) -> Self {
        let back = |days: i64| end.saturating_sub(Span::new().days(days));
        Self { before: (back(2 * DAYS - 1), back(DAYS)), last: (back(DAYS - 1), end) }
    }

    /// Some cost is known of each day.
    fn known(&self, costs: &CostHistory) -> bool {
        i64::try_from(costs.days_known(self.before.0, self.last.1)) == Ok(2 * DAYS)
    }
}

fn check(case: &Case<'_>) -> Verdicts {
    let months = Months::ending(CostHistory::last_complete_day(case.today()));
    let Some(costs) = case.snapshot.costs.as_ref().filter(|costs| months.known(costs)) else {
        let account = case.snapshot.account.to_string();
        return Verdicts {
            findings: Vec::new(),
            unknown: vec![case.unknown_whole(account, UnknownReason::CostMissing)],
        };
    };
    let services: Vec<ServiceSpend> = costs
        .services()
        .into_iter()
        .filter(|name| *name != "Tax")
        .map(|name| ServiceSpend { common: Common::new(Region::global(), name) })
        .collect();
    case.judge_each(&services, |case, service| Ok(judge(case, service, costs, &months)))
}

fn judge(case: &Case<'_>, service: &ServiceSpend, costs: &CostHistory, months: &Months) -> Option<Finding> {
    let name = &*service.common.id;
    let before = costs.between(name, months.before.0, months.before.1);
    let last = costs.between(name, months.last.0, months.last.1);
    let (increase, limits) = (last - before, case.thresholds);
    let minimum = MicroUsd::from_usd(i64::from(limits.cost_increase_usd));
    if increase < minimum || increase < before.scale(i64::from(limits.cost_increase_percent), 100) {
        return None;
    }
    let cost_of = |(from, to): (Date, Date), sum: MicroUsd, limit| {
        property(&format!("cost from {from} to {to}"), format!("{} USD", sum.to_cents()), limit)
    };
    let limit = format!("{} % and {} USD more", limits.cost_increase_percent, limits.cost_increase_usd);
    Some(Finding {
        title: title(name, before, increase),
        current: json!({"service": name, "cost": last, "costBefore": before}),
        recommended: json!({"action": "find what grew"}),
        look_back_days: u32::try_from(2 * DAYS).ok(),
        evidence: vec![cost_of(months.before, before, None), cost_of(months.last, last, Some(limit))],
        remediation: remediation(name, months),
        ..case.finding(
            service,
            Amounts { cost: Figure::stated(last), savings: Figure::zero(), bill: case.bill() },
        )
    })
}

fn title(service: &str, before: MicroUsd, increase: MicroUsd) -> String {
    let more = increase.to_cents();
    if before.is_positive() {
        let percent = increase.percent_of(before);
        format!("{service} cost {more} USD ({percent} %) more in 30 days than in the 30 before")
    } else {
        format!("{service} cost {more} USD more in 30 days, and nothing in the 30 before")
    }
}

/// Nothing to change yet: the command shows what grew.
fn remediation(service: &str, months: &Months) -> Remediation {
    Remediation {
        commands: vec![daily_costs("SERVICE", service, (months.before.0, months.last.1))],
        rollback_commands: Vec::new(),
        notes: vec!["The command only reads; Cost Explorer charges 0.01 USD a request.".into()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::cost::DailyCost;
    use crate::rules::fixtures::Lab;

    /// Costs of a service on each of the 30 days before and the last 30, which end on 2026-06-29.
    fn spend(service: &str, before: &str, last: &str) -> Vec<DailyCost> {
        let first: Date = "2026-05-01".parse().unwrap();
        let cost = |day: i64| DailyCost {
            day: first.saturating_add(Span::new().days(day)),
            service: service.to_owned(),
            amount: if day < DAYS { before } else { last }.parse().unwrap(),
        };
        (0..2 * DAYS).map(cost).collect()
    }

    fn lab(days: Vec<DailyCost>) -> Lab {
        let mut lab = Lab::new();
        lab.snapshot.costs = Some(CostHistory { days, ..CostHistory::default() });
        lab
    }

    #[test]
    fn a_service_that_grew_is_shown_with_both_sums() {
        let finding = lab(spend("Amazon S3", "10", "15")).only_finding(&RULE);
        assert_eq!(finding.title, "Amazon S3 cost 150.00 USD (50 %) more in 30 days than in the 30 before");
        assert_eq!(
            (finding.monthly_cost.to_string(), finding.monthly_savings),
            ("450.00".into(), MicroUsd::ZERO)
        );
        assert_eq!((finding.basis, &*finding.subject.id), (SavingsBasis::Exposure, "Amazon S3"));
        let shown: Vec<_> = finding.evidence.iter().map(|e| (&*e.fact, &*e.observed)).collect();
        assert_eq!(
            shown,
            [
                ("cost from 2026-05-01 to 2026-05-30", "300.00 USD"),
                ("cost from 2026-05-31 to 2026-06-29", "450.00 USD")
            ]
        );
        assert!(finding.remediation.commands[0].contains("--time-period Start=2026-05-01,End=2026-06-30"));
    }

    #[test]
    fn both_limits_have_to_be_reached() {
        lab(spend("Amazon S3", "100", "119")).nothing(&RULE);
        lab(spend("Amazon S3", "100", "120")).only_finding(&RULE);
        lab(spend("Amazon S3", "1", "2.66")).nothing(&RULE);
        lab(spend("Amazon S3", "1", "2.67")).only_finding(&RULE);
        lab(spend("Amazon S3", "100", "50")).nothing(&RULE);
    }

    #[test]
    fn a_new_service_has_no_percentage() {
        let finding = lab(spend("Amazon S3", "0", "2")).only_finding(&RULE);
        assert!(finding.title.ends_with("60.00 USD more in 30 days, and nothing in the 30 before"));
    }

    #[test]
    fn tax_is_left_out_and_the_newest_days_do_not_count() {
        lab(spend("Tax", "10", "15")).nothing(&RULE);
        let mut days = spend("Amazon S3", "10", "10");
        let incomplete = DailyCost {
            day: "2026-06-30".parse().unwrap(),
            amount: MicroUsd::from_usd(900),
            ..days[0].clone()
        };
        days.push(incomplete);
        lab(days).nothing(&RULE);
    }

    #[test]
    fn without_60_days_the_account_is_unknown_once() {
        Lab::new().unknown(&RULE, UnknownReason::CostMissing);
        let mut gap = lab(spend("Amazon S3", "10", "15"));
        gap.snapshot.costs.as_mut().unwrap().days.remove(7);
        gap.unknown(&RULE, UnknownReason::CostMissing);
        assert_eq!(&*gap.verdicts(&RULE).unknown[0].resource_id, "123456789012");
    }
}
