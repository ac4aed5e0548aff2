//! What a function's running time costs: memory times time, as a month.

use super::{Bill, Case, quantity::whole_units};
use crate::domain::{
    figure::{Figure, Rate},
    finding::UnknownReason,
    inventory::{Architecture, LambdaFunction},
    metric::{Metric, Summary},
    money::HOURS_PER_MONTH,
    price::PriceKey,
    price_item::Item,
};

const MB_PER_GB: f64 = 1_024.0;
const MS_PER_SECOND: f64 = 1_000.0;

/// Not a copy of Lambda@Edge, whose price is another and whose owner is elsewhere.
pub const fn is_judged(function: &LambdaFunction) -> bool {
    !function.edge_replica
}

/// Enough invocations to judge by; none where there are fewer.
pub fn invocations<'a>(
    case: &Case<'a>,
    function: &LambdaFunction,
) -> Result<Option<&'a Summary>, UnknownReason> {
    case.require_full_window(&function.common)?;
    // Lambda publishes nothing on a day without a call: what is there is all that there was.
    let known = case.snapshot.metrics.summary(
        Metric::LambdaInvocations,
        &function.common.region,
        &function.common.id,
    );
    let seen = known.ok_or(UnknownReason::MetricMissing)?;
    if seen.found == 0 {
        return Err(UnknownReason::MetricMissing);
    }
    Ok((seen.sum >= f64::from(case.thresholds.lambda_min_invocations)).then_some(seen))
}

/// A series that exists on the days of the invocations.
pub fn beside<'a>(
    case: &Case<'a>,
    metric: Metric,
    function: &LambdaFunction,
    invocations: &Summary,
) -> Result<&'a Summary, UnknownReason> {
    let common = &function.common;
    let seen = case.snapshot.metrics.summary(metric, &common.region, &common.id);
    let seen = seen.filter(|seen| seen.found > 0).ok_or(UnknownReason::MetricMissing)?;
    if seen.found < invocations.found { Err(UnknownReason::TooFewDatapoints) } else { Ok(seen) }
}

pub fn second_rate(
    bill: &mut Bill<'_>,
    function: &LambdaFunction,
    architecture: Architecture,
) -> Result<Rate, UnknownReason> {
    let item = match architecture {
        Architecture::Arm64 => Item::LambdaDurationArm,
        _ => Item::LambdaDuration,
    };
    bill.price(PriceKey::item(item, &function.common.region))
}

/// A month of a window's milliseconds at a memory, in whole GB-seconds of the window.
#[allow(clippy::cast_precision_loss, reason = "megabytes are far below 2^52")]
pub fn month(case: &Case<'_>, rate: &Rate, memory_mb: i64, milliseconds: f64) -> Figure {
    let gb_seconds = whole_units(milliseconds / MS_PER_SECOND * memory_mb as f64 / MB_PER_GB);
    let window_hours = i64::from(case.thresholds.look_back_days) * 24;
    rate.times_ratio(gb_seconds.saturating_mul(HOURS_PER_MONTH), window_hours)
}
