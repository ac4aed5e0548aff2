//! What was spent: by service and day, from Cost Explorer.

use super::money::MicroUsd;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, fmt};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DailyCost {
    pub day: Date,
    /// As Cost Explorer names it, `Amazon Relational Database Service` say.
    pub service: String,
    pub amount: MicroUsd,
}

/// An amount that is not in US dollars: kept as it is, compared with nothing, added to its own kind only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ForeignAmount {
    /// `CNY`
    pub currency: Box<str>,
    /// Millionths.
    pub micros: i64,
}

/// `12.50 CNY`
impl fmt::Display for ForeignAmount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", MicroUsd::new(self.micros), self.currency)
    }
}

/// What a service cost on a day in another currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForeignCost {
    pub day: Date,
    pub service: String,
    pub amount: ForeignAmount,
}

/// Daily costs of one account; the newest two days are still incomplete at AWS.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CostHistory {
    pub days: Vec<DailyCost>,
    pub foreign: Vec<ForeignCost>,
    /// The services that somebody else than AWS sells.
    pub marketplace: BTreeSet<String>,
}

/// What was spent is held against savings over so many days.
pub const DAYS_OF_SPEND: i64 = 30;

/// Those days' amount as a month of 730 hours.
#[must_use]
pub fn a_month_of(spent: MicroUsd) -> MicroUsd {
    spent.scale(730, DAYS_OF_SPEND * 24)
}

impl CostHistory {
    /// The first and the last of the newest days of spend that are complete.
    #[must_use]
    pub fn days_of_spend(today: Date) -> (Date, Date) {
        let to = Self::last_complete_day(today);
        (to.saturating_sub(jiff::Span::new().days(DAYS_OF_SPEND - 1)), to)
    }

    /// The last day whose cost is complete.
    #[must_use]
    pub fn last_complete_day(today: Date) -> Date {
        today.saturating_sub(jiff::Span::new().days(2))
    }

    /// What services cost as a month of 730 hours; None where a day is missing or not all is in US dollars.
    #[must_use]
    pub fn last_month_of(&self, services: &[&str], today: Date) -> Option<MicroUsd> {
        let (from, to) = Self::days_of_spend(today);
        let whole = self.foreign.is_empty() && i64::try_from(self.days_known(from, to)) == Ok(DAYS_OF_SPEND);
        whole.then(|| a_month_of(services.iter().map(|service| self.between(service, from, to)).sum()))
    }

    /// What a service cost from one day to another, both included.
    #[must_use]
    pub fn between(&self, service: &str, from: Date, to: Date) -> MicroUsd {
        self.days
            .iter()
            .filter(|cost| cost.service == service && cost.day >= from && cost.day <= to)
            .map(|cost| cost.amount)
            .sum()
    }

    /// The services that cost anything, each once, sorted.
    #[must_use]
    pub fn services(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.days.iter().map(|cost| cost.service.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// The number of different days that have a cost in a span, both ends included.
    #[must_use]
    pub fn days_known(&self, from: Date, to: Date) -> usize {
        let mut days: Vec<Date> =
            self.days.iter().map(|c| c.day).filter(|day| *day >= from && *day <= to).collect();
        days.sort_unstable();
        days.dedup();
        days.len()
    }
}
