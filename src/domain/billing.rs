//! What Cost Explorer says beside costs: forecast, commitments' use, purchase advice, anomaly monitors.
//!
//! Each answer costs 0.01 USD, so only what a rule can decide is asked; None is "not known", never "none".

use super::{inventory::ResourceKind, money::MicroUsd};
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
    /// Kinds whose advice was asked for and could not be read.
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

/// The last 30 complete days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommitmentCoverage {
    pub commitment: Commitment,
    /// Share of what could be covered, in hundredths of a percent.
    pub covered_basis_points: u32,
    /// What was paid on demand beside it.
    pub on_demand: MicroUsd,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommitmentUtilization {
    pub commitment: Commitment,
    pub used_basis_points: u32,
    /// Paid for and not used, in the 30 days.
    pub unused: MicroUsd,
    pub total: MicroUsd,
}

/// AWS's advice to buy one kind of commitment: one year, no upfront payment, from the last 30 days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Purchase {
    pub kind: ResourceKind,
    pub options: Vec<PurchaseOption>,
}

impl Purchase {
    #[must_use]
    pub fn monthly_savings(&self) -> MicroUsd {
        self.options.iter().map(|option| option.monthly_savings).sum()
    }

    #[must_use]
    pub fn monthly_on_demand(&self) -> MicroUsd {
        self.options.iter().map(|option| option.monthly_on_demand).sum()
    }
}

/// One line of the advice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PurchaseOption {
    /// `m5 in eu-west-1` or `2 x db.r6g.large in us-east-1`; empty for what covers everything.
    pub what: String,
    /// The usage types that it covers begin so; all of the kind's where empty.
    pub usage_prefixes: Vec<String>,
    /// `0.35 USD an hour` or `2 instances`.
    pub amount: String,
    pub offering_id: Option<String>,
    /// The hourly commitment of a Savings Plan, as AWS writes it.
    pub hourly_commitment: Option<MicroUsd>,
    pub monthly_savings: MicroUsd,
    /// What it would cover, at what it costs now.
    pub monthly_on_demand: MicroUsd,
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
