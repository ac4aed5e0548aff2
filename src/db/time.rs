//! Time at the edge of the database: jiff inside, chrono for sqlx; instants cut to microseconds.

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use jiff::{Timestamp, civil::Date};

/// Every instant that jiff knows, chrono knows too.
pub(super) fn to_db(at: Timestamp) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(at.as_microsecond()).unwrap_or_default()
}

/// `DATETIME` ends with the year 9999, as jiff does.
pub(super) fn from_db(at: DateTime<Utc>) -> Timestamp {
    Timestamp::from_microsecond(at.timestamp_micros()).unwrap_or_default()
}

pub(super) fn date_to_db(day: Date) -> NaiveDate {
    let (month, of_month) = (u32::from(day.month().unsigned_abs()), u32::from(day.day().unsigned_abs()));
    NaiveDate::from_ymd_opt(i32::from(day.year()), month, of_month).unwrap_or_default()
}

pub(super) fn date_from_db(day: NaiveDate) -> Date {
    let year = i16::try_from(day.year()).unwrap_or_default();
    let (month, of_month) = (i8::try_from(day.month()), i8::try_from(day.day()));
    Date::new(year, month.unwrap_or(1), of_month.unwrap_or(1)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_and_days_come_back() {
        for text in ["1970-01-01T00:00:00Z", "2026-11-22T03:02:59.123456Z", "1999-12-31T23:59:59.000001Z"] {
            let at: Timestamp = text.parse().unwrap();
            assert_eq!(from_db(to_db(at)), at);
        }
        for text in ["2024-02-29", "2026-12-31", "1970-01-01"] {
            let day: Date = text.parse().unwrap();
            assert_eq!(date_from_db(date_to_db(day)), day);
        }
    }
}
