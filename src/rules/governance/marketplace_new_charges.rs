//! Something that somebody else than AWS sells is charged for the first time: often a trial that nobody ended.

use super::{Amounts, Case, Meta, Rule, account, case::property, command::daily_costs};
use crate::domain::{
    cost::CostHistory,
    figure::Figure,
    finding::{Finding, Remediation, Subject, UnknownReason, Verdicts},
    inventory::ResourceKind,
    money::MicroUsd,
    region::Region,
    tags::Tags,
};
use jiff::{ToSpan, civil::Date};
use serde_json::json;

pub const RULE: Rule = Rule { meta: &META, check };

static META: Meta = Meta {
    id: "marketplace-new-charges",
    title: "New charges from AWS Marketplace",
    condition: "A product that somebody else than AWS sells cost min_monthly_savings_usd or more in the last 30 complete \
                days and nothing in the 30 before. Needs 60 days of costs.",
    formula: "none: the charge is shown",
    pitfalls: "Products that are billed once a quarter or a year look new each time.",
    kind: ResourceKind::ServiceSpend,
    actions: &["ce:GetCostAndUsage"],
    thresholds: &["min_monthly_savings_usd"],
    ..account::META
};

const DAYS: i64 = 30;

fn check(case: &Case<'_>) -> Verdicts {
    let (from, to) = CostHistory::days_of_spend(case.today());
    let before = (from.saturating_sub(DAYS.days()), from.saturating_sub(1.day()));
    let whole = |costs: &&CostHistory| i64::try_from(costs.days_known(before.0, to)) == Ok(2 * DAYS);
    let Some(costs) = case.snapshot.costs.as_ref().filter(whole) else {
        let account = case.snapshot.account.to_string();
        return Verdicts {
            findings: Vec::new(),
            unknown: vec![case.unknown_whole(account, UnknownReason::CostMissing)],
        };
    };
    let least = MicroUsd::from_usd(case.thresholds.min_monthly_savings_usd.into());
    let new = costs.marketplace.iter().filter_map(|service| {
        let now = costs.between(service, from, to);
        let is_new =
            now >= least && now.is_positive() && !costs.between(service, before.0, before.1).is_positive();
        is_new.then(|| finding(case, service, now, (from, to)))
    });
    Verdicts { findings: new.collect(), unknown: Vec::new() }
}

fn finding(case: &Case<'_>, service: &str, cost: MicroUsd, (from, to): (Date, Date)) -> Finding {
    let subject = Subject {
        kind: ResourceKind::ServiceSpend,
        region: Region::global(),
        id: service.into(),
        name: None,
        tags: Tags::default(),
    };
    Finding {
        title: format!("{service} is charged for the first time: {} USD in 30 days", cost.to_cents()),
        current: json!({ "product": service, "cost": cost }),
        recommended: json!({ "action": "see whether it is wanted; cancel the subscription if not" }),
        evidence: vec![
            property("cost of the 30 days before", "0.00 USD", None),
            property(&format!("cost from {from} to {to}"), format!("{} USD", cost.to_cents()), None),
        ],
        remediation: Remediation {
            commands: vec![daily_costs("SERVICE", service, (from, to))],
            rollback_commands: Vec::new(),
            notes: vec!["Subscriptions are ended in the console of AWS Marketplace.".into()],
        },
        ..case.finding_about(
            subject,
            Amounts { cost: Figure::stated(cost), savings: Figure::zero(), bill: case.bill() },
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{domain::cost::DailyCost, rules::fixtures::Lab};

    /// A product beside S3, at a price a day in each of the two spans of 30 days that end on 2026-06-29.
    fn lab(before: &str, last: &str) -> Lab {
        let first: Date = "2026-05-01".parse().unwrap();
        let cost = |n: i64, service: &str, amount: &str| DailyCost {
            day: first.saturating_add(n.days()),
            service: service.into(),
            amount: amount.parse().unwrap(),
        };
        let days = (0..60).flat_map(|n| {
            [cost(n, "Amazon S3", "1"), cost(n, "Scanner Pro", if n < 30 { before } else { last })]
        });
        let marketplace = ["Scanner Pro".to_owned()].into();
        let mut lab = Lab::new();
        lab.snapshot.costs =
            Some(CostHistory { days: days.collect(), marketplace, ..CostHistory::default() });
        lab
    }

    #[test]
    fn a_product_that_is_charged_for_the_first_time_is_shown() {
        let finding = lab("0", "2").only_finding(&RULE);
        assert_eq!(finding.title, "Scanner Pro is charged for the first time: 60.00 USD in 30 days");
    }

    #[test]
    fn known_products_cents_and_aws_own_services_are_fine() {
        lab("2", "2").nothing(&RULE);
        lab("0", "0.03").nothing(&RULE);
        let mut own = lab("0", "2");
        own.snapshot.costs.as_mut().unwrap().marketplace.clear();
        own.nothing(&RULE);
    }

    #[test]
    fn without_60_days_the_account_is_unknown() {
        Lab::new().unknown(&RULE, UnknownReason::CostMissing);
    }
}
