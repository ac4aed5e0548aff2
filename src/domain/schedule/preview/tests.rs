//! Hours off and what they are worth, and overrides over a schedule.

use super::{TimeOff, View};
use crate::domain::{
    ids::{OverrideId, ScheduleId, UserId},
    schedule::{Calendar, Override, OverrideScope, OverrideState, Schedule},
};
use jiff::{SignedDuration, Timestamp};
use rstest::rstest;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use uuid::Uuid;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn schedule(periods: Value) -> Schedule {
    Schedule::from_value(&json!({"name": "x", "timezone": "UTC", "holidays": ["h"], "periods": periods}))
        .unwrap()
}

/// Hours off in the days from Monday, 2026-03-02; Wednesday is a holiday.
fn hours(periods: Value, days: i64) -> i64 {
    let calendar = Calendar::parse(r#"{"name": "h", "dates": ["2026-03-04"]}"#).unwrap();
    let calendars = BTreeMap::from([("h".to_owned(), calendar)]);
    let schedule = schedule(periods);
    let from = at("2026-03-02T00:00:00Z");
    let to = from + SignedDuration::from_hours(24 * days);
    View { schedule: &schedule, calendars: &calendars, overrides: &[] }.hours_off(from, to).span.seconds_off
        / 3600
}

#[rstest]
#[case::outside_of_the_period(json!([{"begin": "07:00", "end": "19:00"}]), 2, 24)]
#[case::a_holiday_stays_off(json!([{"begin": "07:00", "end": "19:00"}]), 3, 48)]
#[case::from_a_stop_to_the_next_start(json!([{"begin": "08:00"}, {"end": "18:00"}]), 2, 20)]
#[case::a_stop_alone_counts_for_its_day(json!([{"end": "18:00"}]), 2, 12)]
#[case::a_start_alone_saves_nothing(json!([{"begin": "08:00"}]), 2, 0)]
fn off_is_from_a_wanted_stop_to_a_wanted_start(
    #[case] periods: Value,
    #[case] days: i64,
    #[case] expected: i64,
) {
    assert_eq!(hours(periods, days), expected);
}

#[test]
fn a_short_time_is_averaged_over_the_year_and_money_is_exact() {
    let schedule = schedule(json!([{"begin": "07:00", "end": "19:00", "weekdays": ["mon-fri"]}]));
    let calendars = BTreeMap::new();
    let view = View { schedule: &schedule, calendars: &calendars, overrides: &[] };
    let from = at("2026-03-02T00:00:00Z");
    let off = view.hours_off(from, from + SignedDuration::from_hours(24 * 28));
    assert_eq!(off.typical, off.span);
    assert_eq!(off.seconds_off_a_week(), 108 * 3600);
    // 0.192 USD * 730 h * 108 / 168, rounded once.
    assert_eq!(off.saved_a_month("0.192".parse().unwrap()).to_string(), "90.102857");
    let off = view.hours_off(from, from + SignedDuration::from_hours(24));
    assert_eq!(off.span, TimeOff { seconds_off: 12 * 3600, seconds: 24 * 3600 });
    assert_eq!(off.typical.seconds, 365 * 24 * 3600);
    assert_eq!(off.seconds_off_a_month() / 3600, 469);
}

#[test]
fn an_override_lies_over_the_schedule() {
    let schedule = schedule(json!([{"begin": "07:00", "end": "19:00"}]));
    let entry = |id: u128, state, from: &str, until: &str| Override {
        id: OverrideId::from_uuid(Uuid::from_u128(id)),
        scope: OverrideScope::Schedule(ScheduleId::from_uuid(Uuid::nil())),
        state,
        reason: String::new(),
        from: at(&format!("2026-03-02T{from}:00Z")),
        until: at(&format!("2026-03-02T{until}:00Z")),
        actor: UserId::from_uuid(Uuid::nil()),
        actor_name: String::new(),
    };
    let overrides = [
        entry(1, OverrideState::Running, "18:00", "22:00"),
        entry(2, OverrideState::Leave, "20:00", "21:00"),
        entry(3, OverrideState::Stopped, "12:00", "12:00"),
    ];
    let calendars = BTreeMap::new();
    let view = View { schedule: &schedule, calendars: &calendars, overrides: &overrides };
    let changes = view.changes(at("2026-03-02T12:00:00Z"), at("2026-03-03T00:00:00Z"));
    let shown: Vec<String> =
        changes.iter().map(|c| format!("{} {}", c.at.strftime("%H:%M"), c.state)).collect();
    assert_eq!(shown, ["12:00 running", "20:00 none", "21:00 running", "22:00 stopped"]);
}
