//! The report of one scan, as `tuner scan` prints it and the database keeps it.

use super::advice::{SavingsSummary, summarize};
use crate::domain::{
    finding::SavingsBasis,
    money::MicroUsd,
    recommendation::Recommendation,
    scan::{ApiUsage, Gap, Scan},
};
use serde::Serialize;

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ScanReport {
    pub scan: Scan,
    pub summary: SavingsSummary,
    pub recommendations: Vec<Recommendation>,
    pub gaps: Vec<Gap>,
    pub api_usage: ApiUsage,
}

impl ScanReport {
    /// Leaves out what saves less; totals follow what is shown. Exposures promise nothing and stay.
    pub fn leave_out_below(&mut self, minimum: MicroUsd) {
        self.recommendations
            .retain(|r| r.savings_basis == SavingsBasis::Exposure || r.estimated_monthly_savings >= minimum);
        let shown = summarize(&self.recommendations);
        self.summary = SavingsSummary {
            capped_by_spend: self.summary.capped_by_spend,
            not_capped_because: self.summary.not_capped_because.take(),
            unknown_count: self.summary.unknown_count,
            excluded_count: self.summary.excluded_count,
            ..shown
        };
    }
}
