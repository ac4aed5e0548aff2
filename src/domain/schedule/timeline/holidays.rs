//! The days on which a schedule's holidays fall.

use crate::domain::schedule::{Calendar, Schedule};
use jiff::civil::Date;
use std::collections::BTreeMap;

#[derive(Clone, Debug, Default)]
pub struct Holidays<'a>(Vec<&'a Calendar>);

impl<'a> Holidays<'a> {
    /// Of the calendars that a schedule names, with the names of those that are not there.
    #[must_use]
    pub fn of<'s>(schedule: &'s Schedule, calendars: &'a BTreeMap<String, Calendar>) -> (Self, Vec<&'s str>) {
        let (mut known, mut unknown) = (Vec::new(), Vec::new());
        for name in schedule.holidays() {
            match calendars.get(name) {
                Some(calendar) => known.push(calendar),
                None => unknown.push(name.as_str()),
            }
        }
        (Self(known), unknown)
    }

    #[must_use]
    pub fn contains(&self, day: Date) -> bool {
        self.0.iter().any(|calendar| calendar.is_holiday(day))
    }
}
