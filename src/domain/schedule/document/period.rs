//! One period: hours of a day, and the days on which it begins.

use super::{
    days::MonthDays,
    json::{Field, ScheduleError, distinct},
    months::{MonthShape, Months},
    time::ClockTime,
    weekdays::Weekdays,
};
use jiff::civil::date;
use serde::Serialize;

/// Entries of one of the lists of a period.
const MAX_ENTRIES: usize = 50;
/// After as many years all shapes of months have been there, whatever weekday they begin on.
const YEARS_OF_ALL_SHAPES: std::ops::Range<i16> = 2001..2029;

/// Within a field: or. Between fields: and.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Period {
    #[serde(skip_serializing_if = "Option::is_none")]
    begin: Option<ClockTime>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end: Option<ClockTime>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    weekdays: Vec<Weekdays>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    month_days: Vec<MonthDays>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    months: Vec<Months>,
}

/// What a period wants on a day that it matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hours {
    /// Running in between; where the end is not after the begin it is on the next day.
    Between(ClockTime, ClockTime),
    /// Running from then to the end of the day, no opinion before.
    From(ClockTime),
    /// Stopped from then to the end of the day, no opinion before.
    StoppedFrom(ClockTime),
}

impl Period {
    pub(super) fn read(field: &Field<'_>) -> Result<Self, ScheduleError> {
        let fields = field.object(&["begin", "end", "weekdays", "monthDays", "months"])?;
        let period = Self {
            begin: fields.field("begin")?.map(|field| ClockTime::read_begin(&field)).transpose()?,
            end: fields.field("end")?.map(|field| ClockTime::read_end(&field)).transpose()?,
            weekdays: read_any(fields.field("weekdays")?, Weekdays::read)?,
            month_days: read_any(fields.field("monthDays")?, MonthDays::read)?,
            months: read_any(fields.field("months")?, Months::read)?,
        };
        if let Some(end) = fields.field("end")? {
            period.check_hours(&end)?;
        }
        if let Some(days) = fields.field("monthDays")? {
            period.check_month_days(&days)?;
        }
        if period.never_matches() {
            return Err(field.error("never matches a day: its weekdays and monthDays exclude each other"));
        }
        Ok(period)
    }

    fn check_hours(&self, end: &Field<'_>) -> Result<(), ScheduleError> {
        let hint = "write 24:00 for the end of the day, or leave out begin and end for the whole day";
        match (self.begin, self.end) {
            (Some(begin), Some(same)) if begin == same => {
                Err(end.error(format!("is {same}, the same as begin; {hint}")))
            }
            (None, Some(ClockTime::END_OF_DAY)) => {
                Err(end.error("is 24:00 without a begin: nothing of the day is left; write an earlier time"))
            }
            _ => Ok(()),
        }
    }

    /// Each entry must be a day of one of the months at least; the 29th of February is.
    fn check_month_days(&self, days: &Field<'_>) -> Result<(), ScheduleError> {
        let months = |days: &MonthDays| {
            (1..=12)
                .filter(|month| self.in_month(*month))
                .any(|month| [2023, 2024].into_iter().any(|year| days.days_in(shape(year, month)) != 0))
        };
        for (entry, field) in self.month_days.iter().zip(days.list(MAX_ENTRIES)?) {
            if !months(entry) {
                return Err(
                    field.error(format!("is '{entry}', which none of the period's months has; leave it out"))
                );
            }
        }
        Ok(())
    }

    fn never_matches(&self) -> bool {
        let both = !self.weekdays.is_empty() && !self.month_days.is_empty();
        both && YEARS_OF_ALL_SHAPES
            .flat_map(|year| (1..=12).map(move |month| shape(year, month)))
            .all(|month| self.days_in(month) == 0)
    }

    fn in_month(&self, month: u8) -> bool {
        self.months.is_empty() || self.months.iter().any(|months| months.contains(month))
    }

    #[must_use]
    pub fn hours(&self) -> Hours {
        match (self.begin, self.end) {
            (Some(begin), Some(end)) => Hours::Between(begin, end),
            (Some(begin), None) => Hours::From(begin),
            (None, Some(end)) => Hours::StoppedFrom(end),
            (None, None) => Hours::Between(ClockTime::MIDNIGHT, ClockTime::END_OF_DAY),
        }
    }

    /// The days of the month on which it begins, as bits; bit 1 is the first.
    #[must_use]
    pub fn days_in(&self, month: MonthShape) -> u32 {
        if !self.in_month(month.number()) {
            return 0;
        }
        let any = |none: bool, bits: u32| if none { u32::MAX } else { bits };
        let weekdays = self.weekdays.iter().fold(0, |bits, days| bits | days.days_in(month));
        let days = self.month_days.iter().fold(0, |bits, days| bits | days.days_in(month));
        any(self.weekdays.is_empty(), weekdays) & any(self.month_days.is_empty(), days)
    }
}

fn shape(year: i16, month: u8) -> MonthShape {
    MonthShape::of(date(year, i8::try_from(month).unwrap_or(1), 1))
}

/// A list that means any where it is left out.
fn read_any<T: PartialEq>(
    field: Option<Field<'_>>,
    read: impl Fn(&Field<'_>) -> Result<T, ScheduleError>,
) -> Result<Vec<T>, ScheduleError> {
    let Some(field) = field else { return Ok(Vec::new()) };
    let fields = field.list(MAX_ENTRIES)?;
    if fields.is_empty() {
        return Err(field.error("is empty; leave it out for any"));
    }
    distinct(&fields, read)
}
