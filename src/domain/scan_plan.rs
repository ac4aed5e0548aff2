//! When an account is scanned by itself: a cron expression in a time zone, and the account's own minute in it.
//!
//! Deliberately no seconds and nothing more often than hourly: each scan asks Cost Explorer, which costs money.
//!
//! Invariant: the same account of the same organisation always has the same delay, below the spread, so that
//! thousands of accounts with one expression do not begin in one second.

use super::ids::{AccountId, OrgKey};
use cronexpr::{Crontab, MakeTimestamp, parse_crontab};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use serde::Serialize;

/// Accounts begin within so many seconds after their time.
const SPREAD_SECS: u64 = 600;
const LEAST_SECS: i64 = 3_600;
/// Enough to see what is too often in any field, the minutes of a single hour in a year included.
const LOOKED_AT: usize = 100;
const MOST_CHARS: usize = 120;

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ScanPlan {
    cron: String,
    time_zone: String,
    #[serde(skip)]
    times: Crontab,
}

/// What is wrong with which field.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {reason}")]
pub struct PlanError {
    pub field: &'static str,
    pub reason: String,
}

fn wrong(field: &'static str, reason: impl Into<String>) -> PlanError {
    PlanError { field, reason: reason.into() }
}

impl ScanPlan {
    /// Five fields (minute, hour, day of month, month, day of week) and a name of the tz database.
    pub fn parse(cron: &str, time_zone: &str) -> Result<Self, PlanError> {
        let fields: Vec<&str> = cron.split_ascii_whitespace().collect();
        if fields.len() != 5 || cron.chars().count() > MOST_CHARS {
            let why = "write five fields: minute, hour, day of month, month, day of week ('30 2 * * *')";
            return Err(wrong("cron", why));
        }
        let time_zone = zone_name(time_zone)?;
        let cron = fields.join(" ");
        let times = parse_crontab(&format!("{cron} {time_zone}"))
            .map_err(|error| wrong("cron", first_reason(&error.to_string())))?;
        let plan = Self { cron, time_zone, times };
        plan.require_rare()?;
        Ok(plan)
    }

    #[must_use]
    pub fn cron(&self) -> &str {
        &self.cron
    }

    #[must_use]
    pub fn time_zone(&self) -> &str {
        &self.time_zone
    }

    /// The next time after an instant that this account is due; none where the expression has no further time.
    #[must_use]
    pub fn next_after(&self, now: Timestamp, org: OrgKey, account: AccountId) -> Option<Timestamp> {
        let delay = delay_of(org, account);
        Some(self.time_after(now - delay)? + delay)
    }

    fn time_after(&self, instant: Timestamp) -> Option<Timestamp> {
        self.times.find_next(MakeTimestamp(instant)).ok().map(|at| at.timestamp())
    }

    fn require_rare(&self) -> Result<(), PlanError> {
        let begin = Timestamp::UNIX_EPOCH;
        let first = self.time_after(begin).ok_or_else(|| wrong("cron", "never comes true"))?;
        let times = std::iter::successors(Some(first), |at| self.time_after(*at)).take(LOOKED_AT);
        let (mut before, mut least) = (None::<Timestamp>, i64::MAX);
        for at in times {
            least = before.map_or(least, |before| least.min(at.as_second() - before.as_second()));
            before = Some(at);
        }
        if least < LEAST_SECS {
            Err(wrong("cron", "at most once an hour: each scan costs money"))
        } else {
            Ok(())
        }
    }
}

/// The parser shows where it stumbled in a drawing of several lines: its last one says why.
fn first_reason(text: &str) -> String {
    let line = text.lines().last().unwrap_or_default();
    line.trim_start_matches([' ', '^']).trim().to_owned()
}

fn zone_name(text: &str) -> Result<String, PlanError> {
    let known = TimeZone::get(text).ok().and_then(|zone| zone.iana_name().map(str::to_owned));
    known
        .filter(|name| name != "Etc/Unknown" && !name.contains(' '))
        .ok_or_else(|| wrong("timeZone", "write a name of the IANA database such as Europe/Berlin or UTC"))
}

fn delay_of(org: OrgKey, account: AccountId) -> SignedDuration {
    let mixed = (org.uuid().as_u128() ^ u128::from(account.to_i64().unsigned_abs()))
        .wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835)
        >> 64;
    SignedDuration::from_secs(i64::try_from(mixed % u128::from(SPREAD_SECS)).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn account(number: &str) -> AccountId {
        number.parse().unwrap()
    }

    #[test]
    fn a_plan_follows_the_clock_of_its_zone() {
        let plan = ScanPlan::parse("30 2 * * *", "Europe/Berlin").unwrap();
        assert_eq!(plan.time_after(at("2026-07-01T12:00:00Z")), Some(at("2026-07-02T00:30:00Z")));
        assert_eq!(plan.time_after(at("2026-12-01T12:00:00Z")), Some(at("2026-12-02T01:30:00Z")));
    }

    #[test]
    fn accounts_are_due_within_ten_minutes_and_always_at_the_same() {
        let plan = ScanPlan::parse("0 4 * * mon", "UTC").unwrap();
        let org = OrgKey::from_uuid(uuid::Uuid::from_u128(7));
        let monday = at("2026-07-06T04:00:00Z");
        let mut seen = std::collections::BTreeSet::new();
        for number in 100_000_000_000_u64..100_000_000_100 {
            let due = plan.next_after(at("2026-07-01T12:00:00Z"), org, account(&number.to_string())).unwrap();
            assert!(due >= monday && due < monday + SignedDuration::from_mins(10), "{due}");
            let next = plan.next_after(due, org, account(&number.to_string())).unwrap();
            assert_eq!(next, due + SignedDuration::from_hours(7 * 24), "never twice for one time");
            seen.insert(due);
        }
        assert!(seen.len() > 50, "they are spread");
    }

    #[rstest]
    #[case("* * * * *", "UTC", "cron")]
    #[case("*/30 * * * *", "UTC", "cron")]
    #[case("0,59 4 * * *", "UTC", "cron")]
    #[case("0 4 * *", "UTC", "cron")]
    #[case("0 25 * * *", "UTC", "cron")]
    #[case("0 4 30 2 *", "UTC", "cron")]
    #[case("0 4 * * * *", "UTC", "cron")]
    #[case("@daily", "UTC", "cron")]
    #[case("0 4 * * *", "Mars/Olympus", "timeZone")]
    #[case("0 4 * * *", "", "timeZone")]
    fn what_is_not_understood_or_too_often_is_refused(
        #[case] cron: &str,
        #[case] zone: &str,
        #[case] field: &str,
    ) {
        let error = ScanPlan::parse(cron, zone).unwrap_err();
        assert_eq!(error.field, field, "{error}");
        assert!(!error.reason.contains('\n') && error.reason.len() > 5, "{error}");
    }

    #[test]
    fn hourly_is_often_enough() {
        assert!(ScanPlan::parse("0 * * * *", "Asia/Kolkata").is_ok());
    }
}
