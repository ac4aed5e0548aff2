//! What Cost Explorer says beside costs: forecast, commitments' use, purchase advice, anomaly monitors.
//!
//! Each answer costs 0.01 USD, so only what a rule can decide is asked; None is "not known", never "none".

use super::{inventory::ResourceKind, money::MicroUsd, region::Region};
use jiff::civil::Date;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Billing {
    pub forecast: Option<Forecast>,
    /// How far Savings Plans and reservations cover what they could cover.
    pub coverage: Vec<CommitmentCoverage>,
    /// How far commitments that the account owns are used.
    pub utilization: Vec<CommitmentUtilization>,
    /// What AWS advises to buy; a kind that was asked for and has no advice has no options.
    pub purchases: Vec<Purchase>,
    /// What was asked for and could not be read.
    pub purchases_unknown: Vec<ResourceKind>,
    pub anomaly_monitors: Option<u32>,
    pub organization: Option<Membership>,
    /// AWS services of advice that the account has not switched on: no gap, only less help.
    pub not_opted_in: Vec<FindingSource>,
}

/// What the current month will cost from today to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forecast {
    pub from: Date,
    /// The first day of the next month.
    pub until: Date,
    pub amount: MicroUsd,
}

/// The two ways to commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Commitment {
    SavingsPlans,
    Reservations,
}

impl Commitment {
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::SavingsPlans => "Savings Plans",
            Self::Reservations => "Reservations",
        }
    }
}

/// How far commitments covered one service in the last 30 complete days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommitmentCoverage {
    pub commitment: Commitment,
    /// As Cost Explorer names it; all that they can cover where it is empty.
    pub service: &'static str,
    /// Share of what could be covered, in hundredths of a percent.
    pub covered_basis_points: u32,
    /// What was paid on demand beside it.
    pub on_demand: MicroUsd,
}

/// How far commitments for one service were used in the last 30 complete days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommitmentUtilization {
    pub commitment: Commitment,
    pub service: &'static str,
    pub used_basis_points: u32,
    /// Paid for and not used, in the 30 days.
    pub unused: MicroUsd,
    pub total: MicroUsd,
}

/// AWS's advice to buy one kind of commitment: one year, from the last 30 days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Purchase {
    pub kind: ResourceKind,
    pub options: Vec<PurchaseOption>,
}

/// One line of the advice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PurchaseOption {
    /// None for what holds everywhere.
    pub region: Option<Region>,
    /// A family or a type: `m5`, `db.r6g.large`; empty for what covers all.
    pub instance: Box<str>,
    /// `Linux/UNIX`, `postgresql`, `redis`; empty where it does not matter.
    pub product: Box<str>,
    pub amount: PurchaseAmount,
    pub offering_id: Option<Box<str>>,
    /// A month, as AWS estimates it.
    pub monthly_savings: MicroUsd,
    /// What it would cover, at what a month of it costs now.
    pub monthly_on_demand: MicroUsd,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PurchaseAmount {
    /// The hourly commitment of a Savings Plan.
    Hourly(MicroUsd),
    /// Instances, nodes or capacity units.
    Units(i64),
}

impl PurchaseAmount {
    /// AWS sells Savings Plans in tenths of a cent an hour.
    const HOURLY_STEP: i64 = 1_000;

    #[must_use]
    pub const fn get(self) -> i64 {
        match self {
            Self::Hourly(amount) => amount.get(),
            Self::Units(count) => count,
        }
    }

    /// As much of it as covers what is left of what was advised, in what can be bought; none where that is nothing.
    #[must_use]
    pub fn part(self, left: MicroUsd, advised: MicroUsd) -> Option<Self> {
        let share = i128::from(self.get()) * i128::from(left.get()) / i128::from(advised.get().max(1));
        let share = i64::try_from(share).ok()?;
        match self {
            Self::Hourly(_) => {
                Some(share / Self::HOURLY_STEP * Self::HOURLY_STEP).map(|a| Self::Hourly(MicroUsd::new(a)))
            }
            Self::Units(_) => Some(Self::Units(share)),
        }
        .filter(|part| part.get() > 0)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Membership {
    Standalone,
    Member { management_account: Box<str>, all_features: bool },
}

super::finding::text_enum! {
    /// Who found it.
    FindingSource {
        Tuner = "tuner",
        CostOptimizationHub = "costOptimizationHub",
        ComputeOptimizer = "computeOptimizer",
        CostExplorer = "costExplorer",
    }
}
