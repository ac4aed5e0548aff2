//! The span of time that metrics are asked for.
//!
//! It ends at the last full hour, not at the last midnight: what was used this morning must not read as
//! idle. CloudWatch cuts daily datapoints from the start of the span, so a span of 14 times 24 hours gives
//! 14 full days whatever the hour, and 336 full hours. A full hour is also what CloudWatch rounds to for
//! the oldest data, so the count stays exact.

use crate::domain::metric::MetricSpec;
use jiff::Timestamp;

const HOUR: i64 = 3_600;
const DAY: i64 = 86_400;

/// Seconds since 1970; the end is not part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Window {
    pub start: i64,
    pub end: i64,
}

impl Window {
    pub fn ending_at(now: Timestamp, days: u32) -> Self {
        let end = now.as_second().div_euclid(HOUR) * HOUR;
        Self { start: end - i64::from(days) * DAY, end }
    }

    /// The number of datapoints of a series without a hole.
    pub fn datapoints(self, spec: &MetricSpec) -> u32 {
        let points = (self.end - self.start) / i64::from(spec.period_secs.max(1));
        u32::try_from(points).unwrap_or_default()
    }

    /// Usage is judged only of what existed all along.
    pub fn covers_all_of(self, created_at: Option<Timestamp>) -> bool {
        created_at.is_some_and(|at| at.as_second() <= self.start)
    }

    /// The same span in pieces of at most so many datapoints.
    pub fn pieces(self, period_secs: u32, most: u32) -> impl Iterator<Item = Self> {
        let step = i64::from(period_secs.max(1)) * i64::from(most.max(1));
        let pieces = (self.end - self.start + step - 1) / step;
        (0..pieces).map(move |n| {
            let start = self.start + n * step;
            Self { start, end: self.end.min(start + step) }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::metric::Metric;

    fn window() -> Window {
        Window::ending_at("2026-07-01T12:34:56Z".parse().unwrap(), 14)
    }

    #[test]
    fn a_window_ends_at_the_last_full_hour_and_holds_14_days() {
        let end: Timestamp = "2026-07-01T12:00:00Z".parse().unwrap();
        assert_eq!(window().end, end.as_second());
        assert_eq!(window().datapoints(&Metric::Ec2CpuMax.spec()), 14);
        assert_eq!(window().datapoints(&Metric::Ec2CpuHourly.spec()), 336);
        assert_eq!(window().datapoints(&Metric::EbsReadOps.spec()), 4_032);
    }

    #[test]
    fn pieces_cover_the_window_without_overlap() {
        let pieces: Vec<Window> = window().pieces(300, 1_440).collect();
        assert_eq!(pieces.len(), 3);
        assert_eq!(pieces[0].start, window().start);
        assert_eq!(pieces[2].end, window().end);
        assert!(pieces.windows(2).all(|pair| pair[0].end == pair[1].start));
    }

    #[test]
    fn what_is_younger_than_the_window_is_not_judged() {
        let at = |text: &str| Some(text.parse::<Timestamp>().unwrap());
        assert!(window().covers_all_of(at("2026-06-17T12:00:00Z")));
        assert!(!window().covers_all_of(at("2026-06-17T12:00:01Z")));
        assert!(!window().covers_all_of(None));
    }
}
