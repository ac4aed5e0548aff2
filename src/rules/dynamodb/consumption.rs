//! What was consumed in the window. CloudWatch may leave out what was zero: no datapoint is none consumed, but only
//! where another series of the same table has its datapoints.

use super::{Case, quantity::whole_units};
use crate::domain::{
    finding::UnknownReason,
    inventory::Common,
    metric::{Metric, Summary},
};

/// Sums of a day each.
pub struct Consumed {
    pub reads: Summary,
    pub writes: Summary,
}

impl Consumed {
    pub fn nothing(&self) -> bool {
        self.reads.sum + self.writes.sum <= 0.0
    }
}

/// Of a table, or of an index with its table as the witness.
pub fn consumed(case: &Case<'_>, common: &Common, witness: &Common) -> Result<Consumed, UnknownReason> {
    Ok(Consumed {
        reads: units(case, Metric::DynamoReads, common, witness)?,
        writes: units(case, Metric::DynamoWrites, common, witness)?,
    })
}

pub fn units(
    case: &Case<'_>,
    metric: Metric,
    common: &Common,
    witness: &Common,
) -> Result<Summary, UnknownReason> {
    let reason = match case.summary(metric, common) {
        Ok(summary) => return Ok(*summary),
        Err(reason) => reason,
    };
    if !is_published(case, common) && !is_published(case, witness) {
        return Err(reason);
    }
    let asked = case.snapshot.metrics.summary(metric, &common.region, &common.id).ok_or(reason)?;
    let nothing = Summary { min: 0.0, max: 0.0, sum: 0.0, ..*asked };
    Ok(if asked.found == 0 { nothing } else { *asked })
}

fn is_published(case: &Case<'_>, common: &Common) -> bool {
    const SERIES: [Metric; 3] = [Metric::DynamoReads, Metric::DynamoWrites, Metric::DynamoProvisioned];
    SERIES.iter().any(|metric| case.summary(*metric, common).is_ok())
}

/// The greatest consumption of each of the week's hours. Hours are left out like days: the days are known here.
pub fn busiest_hours(case: &Case<'_>, metric: Metric, common: &Common) -> Result<Vec<f64>, UnknownReason> {
    let week = case.snapshot.metrics.week(metric, &common.region, &common.id);
    let week = week.filter(|week| week.found > 0).ok_or(UnknownReason::MetricMissing)?;
    Ok(week.max.iter().map(|units| units.max(0.0)).collect())
}

/// The greatest of some hours.
pub fn peak(hours: &[f64]) -> f64 {
    hours.iter().copied().fold(0.0, f64::max)
}

/// Units a second that an hour's consumption needs at a utilisation; AWS provisions at least one.
pub fn needed(units_in_hour: f64, target_percent: u32) -> i64 {
    whole_units(units_in_hour / 3_600.0 * 100.0 / f64::from(target_percent.max(1))).max(1)
}
