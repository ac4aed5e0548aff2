//! What being off is worth.

use super::{Observed, OffSpan};
use crate::domain::{
    finding::{SavingsBasis, text_enum},
    money::MicroUsd,
    price::PriceKey,
};
use jiff::civil::Date;

text_enum! {
    /// Who pays for the hours anyway.
    Coverage {
        /// Nobody: each hour off is an hour less on the bill.
        OnDemand = "onDemand",
        /// A Savings Plan or a reservation: being off saves nothing.
        Covered = "covered",
        Unknown = "unknown",
    }
}

/// What time off saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Saved {
    pub amount: MicroUsd,
    /// `upperBound` where nobody knows whether commitments cover the hours.
    pub basis: SavingsBasis,
}

/// What runs, and how often: members of a cluster are counted by their class. None where there is no plain
/// price: licensed engines, dedicated hosts, serverless, ….
#[must_use]
pub fn price_keys(_observed: &Observed) -> Option<Vec<(PriceKey, i64)>> {
    None
}

/// Whole seconds off by the day (UTC).
#[must_use]
pub fn off_by_day(_span: OffSpan) -> Vec<(Date, i64)> {
    Vec::new()
}

/// The worth of seconds off at a price of an hour.
#[must_use]
pub fn saved(_seconds: i64, _an_hour: MicroUsd, _coverage: Coverage) -> Saved {
    Saved { amount: MicroUsd::ZERO, basis: SavingsBasis::Exact }
}
