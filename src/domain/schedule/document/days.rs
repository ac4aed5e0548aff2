//! `5`, `1-7`, `1/7`, `1-15/2`, `L`, `20-L`, `15W`.

use super::{
    json::{Field, ScheduleError, clipped},
    months::{MonthShape, small},
};
use serde::{Serialize, Serializer};
use std::fmt;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MonthDays {
    /// Both included, clipped to the month, every nth from the first on. Does not go into the next month.
    Range {
        first: u8,
        last: LastDay,
        step: u8,
    },
    LastDay,
    /// The weekday nearest to a day, staying in the month.
    NearestWeekday(u8),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LastDay {
    Day(u8),
    OfMonth,
}

impl MonthDays {
    pub fn read(field: &Field<'_>) -> Result<Self, ScheduleError> {
        let text = field.text()?;
        Self::parse(&text.to_ascii_uppercase()).map_err(|reason| {
            field.error(format!("is '{}'{reason}; write 5, 1-7, 1/7, L, 20-L or 15W", clipped(text)))
        })
    }

    fn parse(text: &str) -> Result<Self, &'static str> {
        if text == "L" {
            return Ok(Self::LastDay);
        }
        if let Some(day) = text.strip_suffix('W') {
            return Ok(Self::NearestWeekday(day_of(day)?));
        }
        let (range, step) = match text.split_once('/') {
            Some((range, step)) => (range, Some(step_of(step)?)),
            None => (text, None),
        };
        let (first, last) = match range.split_once('-') {
            Some((first, "L")) => (day_of(first)?, LastDay::OfMonth),
            Some((first, last)) => ordered(day_of(first)?, day_of(last)?)?,
            None if step.is_some() => (day_of(range)?, LastDay::OfMonth),
            None => (day_of(range)?, LastDay::Day(day_of(range)?)),
        };
        Ok(Self::Range { first, last, step: step.unwrap_or(1) })
    }

    /// Days of the month as bits; bit 1 is the first.
    pub fn days_in(self, month: MonthShape) -> u32 {
        match self {
            Self::Range { first, last, step } => {
                let last = if let LastDay::Day(last) = last { last.min(month.len) } else { month.len };
                (first..=last).step_by(usize::from(step)).fold(0, |bits, day| bits | 1 << day)
            }
            Self::LastDay => 1 << month.len,
            Self::NearestWeekday(day) if day > month.len => 0,
            Self::NearestWeekday(day) => 1 << nearest_weekday(day, month),
        }
    }
}

/// Saturday goes back to Friday and Sunday on to Monday, unless that is another month.
fn nearest_weekday(day: u8, month: MonthShape) -> u8 {
    match month.weekday(day) {
        5 if day == 1 => 3,
        5 => day - 1,
        6 if day == month.len => day - 2,
        6 => day + 1,
        _ => day,
    }
}

fn day_of(text: &str) -> Result<u8, &'static str> {
    match small(text) {
        Some(day) if (1..=31).contains(&day) => Ok(day),
        Some(_) => Err(", and no month has that day"),
        None if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) => {
            Err(", and no month has that day")
        }
        None => Err(""),
    }
}

fn step_of(text: &str) -> Result<u8, &'static str> {
    small(text).filter(|step| (1..=31).contains(step)).ok_or(", and a step is 1 to 31 days")
}

fn ordered(first: u8, last: u8) -> Result<(u8, LastDay), &'static str> {
    match first.cmp(&last) {
        std::cmp::Ordering::Less => Ok((first, LastDay::Day(last))),
        std::cmp::Ordering::Equal => Err(", a range from a day to itself"),
        std::cmp::Ordering::Greater => {
            Err(", and a range does not go into the next month: write two, 28-L and 1-3 say")
        }
    }
}

impl fmt::Display for MonthDays {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::LastDay => f.write_str("L"),
            Self::NearestWeekday(day) => write!(f, "{day}W"),
            Self::Range { first, last: LastDay::Day(last), .. } if first == last => write!(f, "{first}"),
            Self::Range { first, last: LastDay::Day(last), step: 1 } => write!(f, "{first}-{last}"),
            Self::Range { first, last: LastDay::Day(last), step } => write!(f, "{first}-{last}/{step}"),
            Self::Range { first, last: LastDay::OfMonth, step: 1 } => write!(f, "{first}-L"),
            Self::Range { first, last: LastDay::OfMonth, step } => write!(f, "{first}/{step}"),
        }
    }
}

impl Serialize for MonthDays {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
