//! What a scan may still spend on calls that AWS charges for.
//!
//! Asked before such a call leaves; an empty purse is a gap like any other, so that what rests on it is unknown.

use crate::{
    aws::{COST_EXPLORER_REQUEST, Failure, METRIC_REQUESTED},
    domain::{money::MicroUsd, scan::GapReason},
};
use std::sync::{Mutex, PoisonError};

/// None: no limit.
#[derive(Debug)]
pub(super) struct Purse(Mutex<Option<MicroUsd>>);

impl Purse {
    pub const fn of(limit: Option<MicroUsd>) -> Self {
        Self(Mutex::new(limit))
    }

    /// Takes the price of one call of an action; most cost nothing.
    pub fn pay_for(&self, action: &str) -> Result<(), Failure> {
        if action.starts_with("ce:") { self.take(COST_EXPLORER_REQUEST) } else { Ok(()) }
    }

    /// Takes the price of some metrics of `GetMetricData`.
    pub fn pay_for_metrics(&self, metrics: usize) -> Result<(), Failure> {
        self.take(METRIC_REQUESTED.scale(i64::try_from(metrics).unwrap_or(i64::MAX), 1))
    }

    fn take(&self, price: MicroUsd) -> Result<(), Failure> {
        let mut left = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match left.as_mut() {
            None => Ok(()),
            Some(left) if *left >= price => {
                *left = *left - price;
                Ok(())
            }
            Some(_) => Err(Failure::new(GapReason::BudgetSpent, "MonthlyBudget")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_purse_is_never_overdrawn() {
        let purse = Purse::of(Some(MicroUsd::new(25_000)));
        assert!(purse.pay_for("ec2:DescribeVolumes").is_ok(), "costs nothing");
        assert!(purse.pay_for("ce:GetCostAndUsage").is_ok());
        assert!(purse.pay_for_metrics(1_500).is_ok());
        let refused = purse.pay_for_metrics(1).unwrap_err();
        assert_eq!(refused.reason, GapReason::BudgetSpent);
        assert!(Purse::of(None).pay_for_metrics(usize::MAX).is_ok());
    }
}
