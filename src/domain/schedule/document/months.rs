//! `jan`, `1`, `nov-feb`, `jan/3`, `jan-jul/2`, and what a month of a year looks like.

use super::json::{Field, ScheduleError, clipped};
use jiff::civil::Date;
use serde::{Serialize, Serializer};
use std::{fmt, ops::RangeInclusive};

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// Both included; may go over December. With a step every nth from the first on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Months {
    first: u8,
    last: u8,
    step: u8,
}

impl Months {
    pub fn read(field: &Field<'_>) -> Result<Self, ScheduleError> {
        let text = field.text()?;
        Self::parse(&text.to_ascii_lowercase()).ok_or_else(|| {
            field.error(format!("is '{}'; write jan, 1, nov-feb, or jan/3 for every third", clipped(text)))
        })
    }

    fn parse(text: &str) -> Option<Self> {
        let (range, step) = match text.split_once('/') {
            Some((range, step)) => (range, Some(small(step).filter(|step| (1..=12).contains(step))?)),
            None => (text, None),
        };
        let (first, last) = match range.split_once('-') {
            Some((first, last)) => (month_of(first)?, month_of(last)?),
            None => (month_of(range)?, if step.is_some() { 12 } else { month_of(range)? }),
        };
        let step = if first == last { 1 } else { step.unwrap_or(1) };
        let to_itself = range.contains('-') && first == last;
        (!to_itself).then_some(Self { first, last, step })
    }

    pub fn contains(self, month: u8) -> bool {
        let from_first = |month: u8| (month + 12 - self.first) % 12;
        from_first(month) <= from_first(self.last) && from_first(month) % self.step == 0
    }
}

fn month_of(name: &str) -> Option<u8> {
    let named = MONTHS.iter().position(|month| *month == name).and_then(|at| u8::try_from(at + 1).ok());
    named.or_else(|| small(name).filter(|month| (1..=12).contains(month)))
}

/// One or two digits without a sign or a leading zero.
pub fn small(text: &str) -> Option<u8> {
    let plain =
        (1..=2).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit()) && !text.starts_with('0');
    plain.then(|| text.parse().ok())?
}

impl fmt::Display for Months {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |month: u8| MONTHS.get(usize::from(month) - 1).copied().unwrap_or_default();
        match (self.step, self.first == self.last, self.last == 12) {
            (_, true, _) => f.write_str(name(self.first)),
            (1, ..) => write!(f, "{}-{}", name(self.first), name(self.last)),
            (step, _, true) => write!(f, "{}/{step}", name(self.first)),
            (step, ..) => write!(f, "{}-{}/{step}", name(self.first), name(self.last)),
        }
    }
}

impl Serialize for Months {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A month of a year: how long it is, and on which weekday it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MonthShape {
    pub year: i16,
    pub month: i8,
    pub len: u8,
    /// Of the first; Monday is 0.
    first_weekday: u8,
}

impl MonthShape {
    #[must_use]
    pub fn of(day: Date) -> Self {
        let first = day.first_of_month();
        let small = |number: i8| u8::try_from(number).unwrap_or_default();
        Self {
            year: day.year(),
            month: day.month(),
            len: small(day.days_in_month()),
            first_weekday: small(first.weekday().to_monday_zero_offset()),
        }
    }

    #[must_use]
    pub fn is_of(self, day: Date) -> bool {
        (self.year, self.month) == (day.year(), day.month())
    }

    #[must_use]
    pub const fn weekday(self, day: u8) -> u8 {
        (self.first_weekday + day + 6) % 7
    }

    #[must_use]
    pub const fn days(self) -> RangeInclusive<u8> {
        1..=self.len
    }

    pub(super) fn number(self) -> u8 {
        u8::try_from(self.month).unwrap_or_default()
    }
}
