//! Holidays: dates, and days of every year, in the time zone of the schedule that uses them.

use super::ScheduleError;
use jiff::civil::Date;
use serde::Serialize;

/// The document: `{"name": "de-be", "dates": ["2026-04-03"], "yearly": ["12-25"]}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Calendar {
    name: String,
    dates: Vec<Date>,
    /// Month and day.
    yearly: Vec<(i8, i8)>,
}

impl Calendar {
    /// Reads and checks a document.
    pub fn parse(_text: &str) -> Result<Self, ScheduleError> {
        Err(ScheduleError { field: String::new(), reason: "unwritten".into() })
    }

    /// The same for a document that was read already, in a request say.
    pub fn from_value(_document: &serde_json::Value) -> Result<Self, ScheduleError> {
        Self::parse("")
    }

    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    #[must_use]
    pub fn is_holiday(&self, day: Date) -> bool {
        self.dates.contains(&day) || self.yearly.contains(&(day.month(), day.day()))
    }
}
