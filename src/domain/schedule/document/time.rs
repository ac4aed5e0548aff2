//! Times of day.

use super::json::{Field, ScheduleError, clipped};
use jiff::civil::Time;
use serde::{Serialize, Serializer};
use std::fmt;

const MINUTES_PER_DAY: u16 = 24 * 60;

/// Minutes since midnight on the clock; `24:00` is the next day's midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ClockTime(u16);

impl ClockTime {
    pub const MIDNIGHT: Self = Self(0);
    pub const END_OF_DAY: Self = Self(MINUTES_PER_DAY);

    /// On the clock of its day; none for `24:00`.
    #[must_use]
    pub fn time(self) -> Option<Time> {
        let (hour, minute) = (i8::try_from(self.0 / 60).ok()?, i8::try_from(self.0 % 60).ok()?);
        Time::new(hour, minute, 0, 0).ok()
    }

    pub(super) fn read_begin(field: &Field<'_>) -> Result<Self, ScheduleError> {
        let time = Self::read(field)?;
        if time == Self::END_OF_DAY {
            return Err(field.error("is 24:00, which is an end only; write 00:00 on the next day"));
        }
        Ok(time)
    }

    pub(super) fn read_end(field: &Field<'_>) -> Result<Self, ScheduleError> {
        Self::read(field)
    }

    fn read(field: &Field<'_>) -> Result<Self, ScheduleError> {
        let text = field.text()?;
        minutes_of(text).map(Self).ok_or_else(|| {
            let text = clipped(text);
            field.error(format!("is '{text}', which is no time of day; write HH:MM, 07:00 or 19:30 say"))
        })
    }
}

/// Exactly `HH:MM`.
fn minutes_of(text: &str) -> Option<u16> {
    let [h1, h2, b':', m1, m2] = text.as_bytes() else { return None };
    let digits = |a: &u8, b: &u8| {
        let digit = |b: &u8| b.is_ascii_digit().then(|| u16::from(b - b'0'));
        Some(digit(a)? * 10 + digit(b)?)
    };
    let (hours, minutes) = (digits(h1, h2)?, digits(m1, m2)?);
    let all = hours * 60 + minutes;
    (minutes < 60 && all <= MINUTES_PER_DAY).then_some(all)
}

impl fmt::Display for ClockTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

impl Serialize for ClockTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
