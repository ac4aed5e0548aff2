//! Schedules as files: one document, or a bundle of several kinds.

use super::documents::{AssignmentDocument, CalendarDocument, ScheduleDocument};
use crate::{
    error::{Error, ErrorCode},
    service::object,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// `{"calendars": […], "schedules": […], "assignments": […]}`
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Bundle {
    #[serde(default, deserialize_with = "object::list")]
    pub calendars: Vec<CalendarDocument>,
    #[serde(default, deserialize_with = "object::list")]
    pub schedules: Vec<ScheduleDocument>,
    #[serde(default, deserialize_with = "object::list")]
    pub assignments: Vec<AssignmentDocument>,
}

/// Which fields there are tells what a file holds.
#[derive(Deserialize)]
struct Sketch {
    calendars: Option<serde::de::IgnoredAny>,
    schedules: Option<serde::de::IgnoredAny>,
    assignments: Option<serde::de::IgnoredAny>,
    dates: Option<serde::de::IgnoredAny>,
    yearly: Option<serde::de::IgnoredAny>,
}

impl Bundle {
    /// A bundle, a schedule, or a calendar.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let sketch: Sketch = read(text)?;
        if sketch.calendars.is_some() || sketch.schedules.is_some() || sketch.assignments.is_some() {
            return read(text);
        }
        if sketch.dates.is_some() || sketch.yearly.is_some() {
            return Ok(Self { calendars: vec![read(text)?], ..Self::default() });
        }
        Ok(Self { schedules: vec![read(text)?], ..Self::default() })
    }

    /// Several files are one change.
    pub fn add(&mut self, other: Self) {
        self.calendars.extend(other.calendars);
        self.schedules.extend(other.schedules);
        self.assignments.extend(other.assignments);
    }
}

fn read<T: DeserializeOwned>(text: &str) -> Result<T, Error> {
    serde_json::from_str(text).map_err(|error| Error::new(ErrorCode::InvalidRequest, error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_what_its_fields_say() {
        let count = |text: &str| {
            let bundle = Bundle::parse(text).unwrap();
            (bundle.calendars.len(), bundle.schedules.len(), bundle.assignments.len())
        };
        assert_eq!(count(r#"{"name": "a", "timezone": "UTC", "periods": []}"#), (0, 1, 0));
        assert_eq!(count(r#"{"name": "a", "yearly": ["12-25"]}"#), (1, 0, 0));
        let bundle = r#"{"calendars": [{"name": "a"}], "assignments": [{"schedule": "x", "accountId": "123456789012"}]}"#;
        assert_eq!(count(bundle), (1, 0, 1));
    }

    #[test]
    fn what_is_not_known_is_refused() {
        for bad in [
            r#"{"name": "a", "timezone": "UTC", "periods": [], "colour": 1}"#,
            r#"{"name": "a", "name": "b", "timezone": "UTC", "periods": []}"#,
            r#"{"schedules": [{"name": "a", "timezone": "UTC", "periods": [{"start": "07:00"}]}]}"#,
            "[]",
            "{}",
            "",
        ] {
            assert!(Bundle::parse(bad).is_err(), "{bad}");
        }
    }
}
