//! The text of a schedule: read strictly, each error with the field and what to write instead.

use crate::domain::finding::text_enum;
use serde::{Deserialize, Serialize};

text_enum! {
    OnHoliday {
        /// Starts are left out, stops still happen.
        NoStart = "noStart",
        /// All day.
        Stopped = "stopped",
        Ignore = "ignore",
    }
}

/// `periods[1].weekdays[0]` and why it is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {reason}")]
pub struct ScheduleError {
    pub field: String,
    pub reason: String,
}

/// A checked schedule: there is no other. Its serde form is the document that customers write, normalised.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Schedule {
    name: String,
    timezone: String,
    periods: Vec<Period>,
    holidays: Vec<String>,
    options: Options,
}

/// A time of day, `24:00` included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct ClockTime {
    minutes: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Period {
    begin: Option<ClockTime>,
    end: Option<ClockTime>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Options {
    pub enforce: bool,
    pub keep_started_by_hand: bool,
    pub stop_new: bool,
    pub start_new: bool,
    pub on_holiday: OnHoliday,
    /// Changes that are older when they are noticed are recorded as missed.
    pub catch_up_minutes: u32,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            enforce: false,
            keep_started_by_hand: false,
            stop_new: true,
            start_new: false,
            on_holiday: OnHoliday::NoStart,
            catch_up_minutes: 60,
        }
    }
}

impl Schedule {
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

    /// Its IANA name.
    #[must_use]
    pub fn timezone(&self) -> &str {
        &self.timezone
    }

    #[must_use]
    pub fn periods(&self) -> &[Period] {
        &self.periods
    }

    /// Names of calendars.
    #[must_use]
    pub fn holidays(&self) -> &[String] {
        &self.holidays
    }

    #[must_use]
    pub fn options(&self) -> &Options {
        &self.options
    }
}
