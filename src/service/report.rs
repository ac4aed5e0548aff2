//! The report of one scan, as `tuner scan` prints it and the database keeps it.

use super::advice::SavingsSummary;
use crate::domain::{
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
