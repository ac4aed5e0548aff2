//! Holidays: dates, and days of every year, in the time zone of the schedule that uses them.

use super::{
    ScheduleError,
    document::{Field, clipped, distinct, read, read_name},
};
use jiff::civil::Date;
use serde::{Serialize, Serializer};
use serde_json::Value;
use std::{collections::BTreeSet, fmt};

const MAX_DATES: usize = 2_000;
const MAX_YEARLY: usize = 366;
const YEARS: std::ops::RangeInclusive<i16> = 1970..=2199;

/// The document: `{"name": "de-be", "dates": ["2026-04-03"], "yearly": ["12-25"]}`. Written in the order of days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Calendar {
    name: String,
    dates: BTreeSet<Date>,
    yearly: BTreeSet<MonthDay>,
}

/// `MM-DD`; 29 February is a holiday in leap years only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct MonthDay {
    month: i8,
    day: i8,
}

impl Calendar {
    /// Reads and checks a document.
    pub fn parse(text: &str) -> Result<Self, ScheduleError> {
        Self::from_value(&read(text)?)
    }

    /// The same for a document that was read already, in a request say.
    pub fn from_value(document: &Value) -> Result<Self, ScheduleError> {
        let root = Field::document(document).object(&["name", "dates", "yearly"])?;
        let list = |name, most| root.field(name)?.map_or(Ok(Vec::new()), |field| field.list(most));
        Ok(Self {
            name: read_name(&root.required("name")?)?,
            dates: distinct(&list("dates", MAX_DATES)?, read_date)?.into_iter().collect(),
            yearly: distinct(&list("yearly", MAX_YEARLY)?, MonthDay::read)?.into_iter().collect(),
        })
    }

    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    #[must_use]
    pub fn is_holiday(&self, day: Date) -> bool {
        let yearly = MonthDay { month: day.month(), day: day.day() };
        self.yearly.contains(&yearly) || self.dates.contains(&day)
    }
}

fn read_date(field: &Field<'_>) -> Result<Date, ScheduleError> {
    let text = field.text()?;
    let date =
        text.parse::<Date>().ok().filter(|date| date.to_string() == text && YEARS.contains(&date.year()));
    date.ok_or_else(|| {
        field.error(format!("is '{}', which is no day; write YYYY-MM-DD, 2026-04-03 say", clipped(text)))
    })
}

impl MonthDay {
    fn read(field: &Field<'_>) -> Result<Self, ScheduleError> {
        let text = field.text()?;
        // A leap year has all days.
        let date = format!("2024-{text}").parse::<Date>().ok();
        let known = date.map(|date| Self { month: date.month(), day: date.day() });
        known.filter(|day| day.to_string() == text).ok_or_else(|| {
            field.error(format!("is '{}', which is no day of a year; write MM-DD, 12-25 say", clipped(text)))
        })
    }
}

impl fmt::Display for MonthDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}-{:02}", self.month, self.day)
    }
}

impl Serialize for MonthDay {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
