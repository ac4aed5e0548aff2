//! What was spent: by service and day, from Cost Explorer.

use super::money::MicroUsd;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DailyCost {
    pub day: Date,
    /// As Cost Explorer names it, `Amazon Relational Database Service` say.
    pub service: String,
    pub amount: MicroUsd,
}

/// Daily costs of one account; the newest two days are still incomplete at AWS.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CostHistory {
    pub days: Vec<DailyCost>,
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
