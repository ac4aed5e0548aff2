//! The text of a schedule: read strictly, each error with the field and what to write instead.
//!
//! Invariant: a [`Schedule`] exists only checked. What it writes is normalised: lower case, absent where it means
//! nothing; reading that gives the same again.

mod days;
mod json;
mod months;
mod name;
mod options;
mod period;
mod time;
mod weekdays;
mod zone;

pub use json::ScheduleError;
pub use options::{OnHoliday, Options};
pub use period::Period;
pub use time::ClockTime;

pub(super) use {
    json::{Field, clipped, distinct, read},
    months::MonthShape,
    name::read_name,
    period::Hours,
};

use jiff::tz::TimeZone;
use serde::{Serialize, Serializer, ser::SerializeStruct};
use serde_json::Value;
use zone::Zone;

const MAX_PERIODS: usize = 100;
const MAX_HOLIDAYS: usize = 20;

/// A checked schedule: there is no other.
#[derive(Clone, Debug, PartialEq)]
pub struct Schedule {
    name: String,
    zone: Zone,
    periods: Vec<Period>,
    holidays: Vec<String>,
    options: Options,
}

impl Schedule {
    /// Reads and checks a document.
    pub fn parse(text: &str) -> Result<Self, ScheduleError> {
        Self::from_value(&json::read(text)?)
    }

    /// The same for a document that was read already, in a request say.
    pub fn from_value(document: &Value) -> Result<Self, ScheduleError> {
        let root =
            Field::document(document).object(&["name", "timezone", "periods", "holidays", "options"])?;
        Ok(Self {
            name: read_name(&root.required("name")?)?,
            zone: Zone::read(&root.required("timezone")?)?,
            periods: read_periods(&root.required("periods")?)?,
            holidays: root.field("holidays")?.map_or(Ok(Vec::new()), |field| read_holidays(&field))?,
            options: root.field("options")?.map_or(Ok(Options::default()), |field| Options::read(&field))?,
        })
    }

    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its IANA name.
    #[must_use]
    pub fn timezone(&self) -> &str {
        self.zone.name()
    }

    #[must_use]
    pub fn zone(&self) -> &TimeZone {
        self.zone.rules()
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

fn read_periods(field: &Field<'_>) -> Result<Vec<Period>, ScheduleError> {
    let fields = field.list(MAX_PERIODS)?;
    if fields.is_empty() {
        return Err(field
            .error("is empty; write at least one period, {\"begin\": \"07:00\", \"end\": \"19:00\"} say"));
    }
    json::distinct(&fields, Period::read)
}

fn read_holidays(field: &Field<'_>) -> Result<Vec<String>, ScheduleError> {
    json::distinct(&field.list(MAX_HOLIDAYS)?, read_name)
}

impl Serialize for Schedule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut document = serializer.serialize_struct("Schedule", 5)?;
        document.serialize_field("name", &self.name)?;
        document.serialize_field("timezone", self.zone.name())?;
        document.serialize_field("periods", &self.periods)?;
        document.serialize_field("holidays", &self.holidays)?;
        document.serialize_field("options", &self.options)?;
        document.end()
    }
}

#[cfg(test)]
mod tests;
