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

/// A checked schedule. Its serde form is the document that customers write, normalised.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Schedule {
    pub name: String,
    pub timezone: String,
    pub periods: Vec<Period>,
    /// Names of calendars.
    pub holidays: Vec<String>,
    pub options: Options,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Period {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub begin: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub weekdays: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub month_days: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub months: Vec<String>,
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
}
