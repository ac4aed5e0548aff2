//! Days of the ledger: whole days of UTC, so that the scheduler's book of hours off is complete when they are booked.

use crate::domain::money::{HOURS_PER_MONTH, MicroUsd};
use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};

const DAY_SECS: i64 = 86_400;

/// Days that are to be booked: from the first that is not booked to the last that is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub implemented_at: Timestamp,
    pub from: Date,
    /// Not included: the day of the scan.
    pub until: Date,
}

/// A day, or what of the first day came after the change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayPart {
    pub day: Date,
    pub seconds: i64,
}

/// Ten years: a clock that is wrong by centuries fills no database.
const MOST_DAYS: usize = 3_700;

/// The days of a span, oldest first.
pub fn parts_of(span: Span) -> impl Iterator<Item = DayPart> {
    let days = std::iter::successors(Some(span.from), |day| day.checked_add(1.day()).ok());
    days.take_while(move |day| *day < span.until).take(MOST_DAYS).filter_map(move |day| {
        let begins = day.to_zoned(TimeZone::UTC).ok()?.timestamp();
        let lost = (span.implemented_at.as_second() - begins.as_second()).clamp(0, DAY_SECS);
        Some(DayPart { day, seconds: DAY_SECS - lost }).filter(|part| part.seconds > 0)
    })
}

impl DayPart {
    /// Without the time that the scheduler had it off: what is off costs nothing that could be saved twice.
    #[must_use]
    pub fn without(self, seconds_off: i64) -> Self {
        Self { seconds: (self.seconds - seconds_off.max(0)).max(0), ..self }
    }

    /// Its share of a month of 730 hours, rounded down: the days of a month never exceed it.
    #[must_use]
    pub fn worth(self, monthly: MicroUsd) -> MicroUsd {
        let share =
            i128::from(monthly.get()) * i128::from(self.seconds) / i128::from(HOURS_PER_MONTH * 3_600);
        MicroUsd::new(i64::try_from(share).unwrap_or_default())
    }
}
