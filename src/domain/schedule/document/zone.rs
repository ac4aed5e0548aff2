//! The time zone of a schedule, from the system's tz database.

use super::json::{Field, ScheduleError, clipped};
use crate::domain::near::find_near;
use jiff::tz::{self, TimeZone};

#[derive(Clone, Debug)]
pub struct Zone {
    name: String,
    rules: TimeZone,
}

/// The name says it: a changed tz database is no change of the schedule.
impl PartialEq for Zone {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

/// Files of the database that are no zones, and zones that count leap seconds.
const NO_ZONES: [&str; 6] = ["factory", "localtime", "posixrules", "leapseconds", "posix/", "right/"];

impl Zone {
    pub fn read(field: &Field<'_>) -> Result<Self, ScheduleError> {
        let text = field.text()?;
        let lower = text.to_ascii_lowercase();
        let found = Some(text).filter(|_| !NO_ZONES.iter().any(|prefix| lower.starts_with(prefix)));
        let rules = found.and_then(|name| TimeZone::get(name).ok());
        let named = rules.and_then(|rules| Some(Self { name: rules.iana_name()?.to_owned(), rules }));
        named.filter(|zone| zone.name != "Etc/Unknown").ok_or_else(|| field.error(unknown(text)))
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn rules(&self) -> &TimeZone {
        &self.rules
    }
}

/// Of the zones of cities: the others have short names, which are near to everything.
fn near(text: &str) -> Option<String> {
    let zones: Vec<String> = tz::db().available().map(|zone| zone.to_string()).collect();
    let cities = zones.iter().map(String::as_str).filter(|zone| zone.contains('/'));
    find_near(&clipped(text), cities).map(str::to_owned)
}

/// With the zone that was meant, if one has this place in its name or nearly this name.
fn unknown(text: &str) -> String {
    let place = text.rsplit('/').next().unwrap_or(text).replace(' ', "_");
    let same_place = |zone: &tz::TimeZoneName| {
        zone.as_str().rsplit('/').next().is_some_and(|own| own.eq_ignore_ascii_case(&place))
    };
    let meant = tz::db().available().find(same_place).map(|zone| zone.to_string());
    let hint = match meant.or_else(|| near(text)) {
        Some(zone) => format!("did you mean {zone}?"),
        None => "write a name of the IANA database such as Europe/Berlin or UTC".into(),
    };
    format!("is '{}', which is no known time zone; {hint}", clipped(text))
}
