//! `mon`, `mon-fri`, `sat-mon`, `mon#2`, `friL`.

use super::{
    json::{Field, ScheduleError, clipped},
    months::MonthShape,
};
use serde::{Serialize, Serializer};
use std::fmt;

pub const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// Days count from Monday, 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weekdays {
    /// Both included; may go over Sunday.
    Range(u8, u8),
    /// The nth of a month; a fifth that is not there never matches.
    Nth(u8, u8),
    Last(u8),
}

impl Weekdays {
    pub fn read(field: &Field<'_>) -> Result<Self, ScheduleError> {
        let text = field.text()?;
        Self::parse(&text.to_ascii_lowercase()).map_err(|reason| {
            field.error(format!("is '{}'{reason}; write mon, mon-fri, mon#2 or friL", clipped(text)))
        })
    }

    fn parse(text: &str) -> Result<Self, &'static str> {
        let day = |name| day_of(name).ok_or("");
        if let Some((first, last)) = text.split_once('-') {
            let (first, last) = (day(first)?, day(last)?);
            return if first == last {
                Err(", a range from a day to itself")
            } else {
                Ok(Self::Range(first, last))
            };
        }
        if let Some((name, nth)) = text.split_once('#') {
            return match nth.as_bytes() {
                [n @ b'1'..=b'5'] => Ok(Self::Nth(day(name)?, n - b'0')),
                _ => Err(", and a month has the first to the fifth of a weekday at most"),
            };
        }
        if let Some(name) = text.strip_suffix('l') {
            return Ok(Self::Last(day(name)?));
        }
        day(text).map(|day| Self::Range(day, day))
    }

    /// The days of the month on which it falls, as bits; bit 1 is the first.
    pub fn days_in(self, month: MonthShape) -> u32 {
        let matches = |day: &u8| match self {
            Self::Range(first, last) => (month.weekday(*day) + 7 - first) % 7 <= (last + 7 - first) % 7,
            Self::Nth(weekday, nth) => month.weekday(*day) == weekday && (*day - 1) / 7 + 1 == nth,
            Self::Last(weekday) => month.weekday(*day) == weekday && *day + 7 > month.len,
        };
        month.days().filter(matches).fold(0, |bits, day| bits | 1 << day)
    }
}

fn day_of(name: &str) -> Option<u8> {
    DAYS.iter().position(|day| *day == name).and_then(|day| u8::try_from(day).ok())
}

impl fmt::Display for Weekdays {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |day: u8| DAYS.get(usize::from(day)).copied().unwrap_or_default();
        match *self {
            Self::Range(first, last) if first == last => f.write_str(name(first)),
            Self::Range(first, last) => write!(f, "{}-{}", name(first), name(last)),
            Self::Nth(day, nth) => write!(f, "{}#{nth}", name(day)),
            Self::Last(day) => write!(f, "{}L", name(day)),
        }
    }
}

impl Serialize for Weekdays {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
