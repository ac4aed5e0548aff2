//! The sentences of the manual, one by one.

use super::{Course, Holidays, Timeline};
use crate::domain::schedule::{Calendar, Schedule};
use jiff::{Timestamp, ToSpan};
use rstest::rstest;
use serde_json::{Value, json};
use std::collections::BTreeMap;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn schedule(zone: &str, periods: Value) -> Schedule {
    let document = json!({"name": "x", "timezone": zone, "holidays": ["h"], "periods": periods});
    Schedule::from_value(&document).unwrap_or_else(|error| panic!("{error}"))
}

/// `MM-DD hh:mm state`, UTC, of 2026.
fn shown(timeline: &Timeline) -> Vec<String> {
    let text = |at: Timestamp| at.strftime("%m-%d %H:%M").to_string();
    timeline.iter().map(|change| format!("{} {}", text(change.at), change.state)).collect()
}

/// The changes of some days of 2026 in a zone, the state at the begin first.
fn changes(zone: &str, periods: Value, from: &str, days: i64) -> Vec<String> {
    changes_of(&schedule(zone, periods), from, days)
}

fn changes_of(schedule: &Schedule, from: &str, days: i64) -> Vec<String> {
    let from = at(&format!("2026-{from}T00:00:00Z"));
    shown(&Timeline::compile(schedule, &Holidays::default(), from, from + (days * 24).hours()))
}

// 2026-03-02 is a Monday.
#[rstest]
#[case::both_ends(json!([{"begin": "07:00", "end": "19:00"}]), "03-02", 1,
    &["03-02 00:00 stopped", "03-02 07:00 running", "03-02 19:00 stopped"])]
#[case::whole_day(json!([{"weekdays": ["tue"]}]), "03-02", 3,
    &["03-02 00:00 stopped", "03-03 00:00 running", "03-04 00:00 stopped"])]
#[case::till_24(json!([{"begin": "07:00", "end": "24:00", "weekdays": ["mon"]}]), "03-02", 2,
    &["03-02 00:00 stopped", "03-02 07:00 running", "03-03 00:00 stopped"])]
#[case::over_midnight_belongs_to_the_day_it_starts_on(
    json!([{"begin": "22:00", "end": "02:00", "weekdays": ["mon"]}]), "03-02", 2,
    &["03-02 00:00 stopped", "03-02 22:00 running", "03-03 02:00 stopped"])]
#[case::over_midnight_and_over_the_end_of_a_month(
    json!([{"begin": "22:00", "end": "02:00", "monthDays": ["L"]}]), "03-31", 2,
    &["03-31 00:00 stopped", "03-31 22:00 running", "04-01 02:00 stopped"])]
#[case::begin_only(json!([{"begin": "08:00", "weekdays": ["mon"]}]), "03-02", 2,
    &["03-02 00:00 none", "03-02 08:00 running", "03-03 00:00 none"])]
#[case::end_only(json!([{"end": "18:00", "weekdays": ["mon"]}]), "03-02", 2,
    &["03-02 00:00 none", "03-02 18:00 stopped", "03-03 00:00 none"])]
#[case::the_later_of_two_one_way_events_wins(json!([{"begin": "08:00"}, {"end": "18:00"}]), "03-02", 1,
    &["03-02 00:00 none", "03-02 08:00 running", "03-02 18:00 stopped"])]
#[case::whatever_their_order(json!([{"end": "06:00"}, {"begin": "20:00"}]), "03-02", 1,
    &["03-02 00:00 none", "03-02 06:00 stopped", "03-02 20:00 running"])]
#[case::of_two_at_one_time_the_start_wins(json!([{"end": "08:00"}, {"begin": "08:00"}]), "03-02", 1,
    &["03-02 00:00 none", "03-02 08:00 running"])]
#[case::a_day_without_a_match_is_stopped_if_a_period_has_both_ends(
    json!([{"begin": "07:00", "end": "19:00", "weekdays": ["mon"]}, {"begin": "06:00", "weekdays": ["wed"]}]), "03-03", 2,
    &["03-03 00:00 stopped", "03-04 00:00 none", "03-04 06:00 running"])]
#[case::else_there_is_no_opinion(json!([{"begin": "06:00", "weekdays": ["wed"]}]), "03-02", 2, &["03-02 00:00 none"])]
#[case::running_beats_a_one_way_stop(json!([{"begin": "07:00", "end": "19:00"}, {"end": "12:00"}]), "03-02", 1,
    &["03-02 00:00 stopped", "03-02 07:00 running", "03-02 19:00 stopped"])]
#[case::a_one_way_start_beats_the_plain_stopped(json!([{"begin": "07:00", "end": "12:00"}, {"begin": "11:00"}]), "03-02", 1,
    &["03-02 00:00 stopped", "03-02 07:00 running"])]
#[case::touching_periods_leave_no_gap(
    json!([{"begin": "07:00", "end": "12:00"}, {"begin": "12:00", "end": "19:00"}]), "03-02", 1,
    &["03-02 00:00 stopped", "03-02 07:00 running", "03-02 19:00 stopped"])]
#[case::overlapping_ones_neither(
    json!([{"begin": "07:00", "end": "15:00"}, {"begin": "12:00", "end": "19:00"}, {"begin": "13:00", "end": "14:00"}]),
    "03-02", 1, &["03-02 00:00 stopped", "03-02 07:00 running", "03-02 19:00 stopped"])]
#[case::whole_days_run_through(json!([{"weekdays": ["mon-wed"]}]), "03-02", 4,
    &["03-02 00:00 running", "03-05 00:00 stopped"])]
#[case::between_fields_it_is_and(json!([{"weekdays": ["mon"], "monthDays": ["2"], "months": ["mar"]}]), "03-01", 32,
    &["03-01 00:00 stopped", "03-02 00:00 running", "03-03 00:00 stopped"])]
#[case::within_a_field_it_is_or(json!([{"weekdays": ["mon", "wed"], "months": ["feb", "mar"]}]), "03-02", 3,
    &["03-02 00:00 running", "03-03 00:00 stopped", "03-04 00:00 running"])]
fn in_utc(#[case] periods: Value, #[case] from: &str, #[case] days: i64, #[case] expected: &[&str]) {
    assert_eq!(changes("UTC", periods, from, days), expected);
}

/// The days of 2026 and their month on which a period begins.
#[rstest]
#[case(json!({"weekdays": ["sat-mon"]}), "03", &[1, 2, 7, 8, 9, 14, 15, 16, 21, 22, 23, 28, 29, 30])]
#[case(json!({"weekdays": ["mon#2"]}), "03", &[9])]
#[case(json!({"weekdays": ["mon#5"]}), "03", &[30])]
#[case(json!({"weekdays": ["mon#5"]}), "04", &[])]
#[case(json!({"weekdays": ["friL"]}), "03", &[27])]
#[case(json!({"monthDays": ["1/7"]}), "03", &[1, 8, 15, 22, 29])]
#[case(json!({"monthDays": ["L"]}), "02", &[28])]
#[case(json!({"monthDays": ["27-L"]}), "02", &[27, 28])]
#[case(json!({"monthDays": ["27-31"]}), "02", &[27, 28])]
#[case(json!({"monthDays": ["15W"]}), "02", &[16])]
#[case(json!({"monthDays": ["15W"]}), "08", &[14])]
#[case(json!({"monthDays": ["1W"]}), "08", &[3])]
#[case(json!({"monthDays": ["31W"]}), "05", &[29])]
#[case(json!({"monthDays": ["31W"]}), "04", &[])]
#[case(json!({"months": ["nov-feb"], "monthDays": ["1"]}), "02", &[1])]
#[case(json!({"months": ["nov-feb"], "monthDays": ["1"]}), "03", &[])]
#[case(json!({"months": ["jan/3"], "monthDays": ["1"]}), "04", &[1])]
#[case(json!({"months": ["nov-may/2"], "monthDays": ["1"]}), "03", &[1])]
#[case(json!({"months": ["nov-may/2"], "monthDays": ["1"]}), "04", &[])]
fn days_of_a_month(#[case] period: Value, #[case] month: &str, #[case] expected: &[u8]) {
    let schedule = schedule("UTC", json!([period]));
    let first = format!("2026-{month}-01").parse().unwrap();
    let bits = schedule.periods()[0].days_in(super::super::document::MonthShape::of(first));
    let days: Vec<u8> = (1..=31_u8)
        .filter(|day| first.days_in_month().cast_unsigned() >= *day && bits & 1 << day != 0)
        .collect();
    assert_eq!(days, expected);
}

// Berlin: 2026-03-29 01:00 UTC from 02:00 to 03:00, 2026-10-25 01:00 UTC from 03:00 back to 02:00.
#[rstest]
#[case::a_begin_in_the_gap_moves_to_the_jump("Europe/Berlin", json!([{"begin": "02:30", "end": "06:00"}]), "03-29", 1,
    &["03-29 00:00 stopped", "03-29 01:00 running", "03-29 04:00 stopped"])]
#[case::an_end_in_the_gap_too("Europe/Berlin", json!([{"begin": "01:00", "end": "02:30", "weekdays": ["sun"]}]), "03-29", 1,
    &["03-29 00:00 running", "03-29 01:00 stopped"])]
#[case::nothing_is_left_of_what_lies_in_the_gap("Europe/Berlin", json!([{"begin": "02:10", "end": "02:50"}]), "03-29", 1,
    &["03-29 00:00 stopped"])]
#[case::nor_of_what_ends_at_the_jump("Europe/Berlin", json!([{"begin": "02:30", "end": "03:00"}]), "03-29", 1,
    &["03-29 00:00 stopped"])]
#[case::an_ambiguous_begin_is_the_first_and_an_end_the_last("Europe/Berlin", json!([{"begin": "02:15", "end": "02:45"}]),
    "10-25", 1, &["10-25 00:00 stopped", "10-25 00:15 running", "10-25 01:45 stopped"])]
#[case::an_hour_more_in_between("Europe/Berlin", json!([{"begin": "01:00", "end": "04:00"}]), "10-24", 2,
    &["10-24 00:00 running", "10-24 02:00 stopped", "10-24 23:00 running", "10-25 03:00 stopped"])]
#[case::over_midnight_into_the_gap("Europe/Berlin", json!([{"begin": "22:00", "end": "02:30", "weekdays": ["sat"]}]), "03-28", 2,
    &["03-28 00:00 stopped", "03-28 21:00 running", "03-29 01:00 stopped"])]
#[case::one_way_stop_in_the_repeated_hour("Europe/Berlin", json!([{"begin": "01:00"}, {"end": "02:30"}]), "10-25", 1,
    &["10-25 00:00 running", "10-25 01:30 stopped", "10-25 23:00 none"])]
#[case::of_two_one_ways_in_the_gap_the_clock_decides("Europe/Berlin", json!([{"begin": "02:10"}, {"end": "02:40"}]), "03-29", 1,
    &["03-29 00:00 none", "03-29 01:00 stopped", "03-29 22:00 none"])]
// Cairo: midnight does not exist on 2026-04-24, 00:00 is 01:00 (22:00 UTC the day before).
#[case::midnight_can_be_a_gap("Africa/Cairo", json!([{"weekdays": ["fri"]}]), "04-23", 3,
    &["04-23 00:00 stopped", "04-23 22:00 running", "04-24 21:00 stopped"])]
#[case::a_day_that_begins_at_one("Africa/Cairo", json!([{"begin": "00:30", "end": "00:50"}]), "04-23", 2,
    &["04-23 00:00 stopped", "04-24 21:30 running", "04-24 21:50 stopped"])]
// Havana: on 2026-11-01 the hour after midnight comes twice, 04:00 and 05:00 UTC.
#[case::midnight_can_come_twice("America/Havana", json!([{"begin": "00:00", "end": "00:30", "weekdays": ["sun"]}]), "11-01", 1,
    &["11-01 00:00 stopped", "11-01 04:00 running", "11-01 05:30 stopped"])]
#[case::and_a_day_ends_at_the_last_of_them("America/Havana", json!([{"begin": "12:00", "end": "24:00", "weekdays": ["sat"]}]),
    "10-31", 2, &["10-31 00:00 stopped", "10-31 16:00 running", "11-01 05:00 stopped"])]
#[case::half_an_hour("Australia/Lord_Howe", json!([{"begin": "02:15", "end": "04:00"}]), "10-03", 2,
    &["10-03 00:00 stopped", "10-03 15:30 running", "10-03 17:00 stopped", "10-04 15:15 running", "10-04 17:00 stopped"])]
fn when_the_clock_jumps(
    #[case] zone: &str,
    #[case] periods: Value,
    #[case] from: &str,
    #[case] days: i64,
    #[case] expected: &[&str],
) {
    assert_eq!(changes(zone, periods, from, days), expected);
}

#[test]
fn a_day_that_a_zone_left_out_never_runs() {
    // Samoa went from 29 to 31 December 2011.
    let schedule = schedule("Pacific/Apia", json!([{"weekdays": ["fri"]}]));
    let (from, to) = (at("2011-12-25T00:00:00Z"), at("2012-01-05T00:00:00Z"));
    let timeline = Timeline::compile(&schedule, &Holidays::default(), from, to);
    assert_eq!(shown(&timeline), ["12-25 00:00 stopped"]);
}

fn on_holiday(kind: &str, periods: Value, holiday: &str, from: &str, days: i64) -> Vec<String> {
    let document = json!({"name": "x", "timezone": "UTC", "holidays": ["h"], "options": {"onHoliday": kind}, "periods": periods});
    let schedule = Schedule::from_value(&document).unwrap();
    let calendar = Calendar::from_value(&json!({"name": "h", "dates": [format!("2026-{holiday}")]})).unwrap();
    let calendars = BTreeMap::from([("h".to_owned(), calendar)]);
    let from = at(&format!("2026-{from}T00:00:00Z"));
    let (holidays, _) = Holidays::of(&schedule, &calendars);
    shown(&Timeline::compile(&schedule, &holidays, from, from + (days * 24).hours()))
}

#[rstest]
#[case::starts_are_left_out_and_stops_happen("noStart", json!([{"begin": "07:00", "end": "19:00"}]), "03-03", "03-02", 3,
    &["03-02 00:00 stopped", "03-02 07:00 running", "03-02 19:00 stopped", "03-03 07:00 none", "03-03 19:00 stopped",
      "03-04 07:00 running", "03-04 19:00 stopped"])]
#[case::what_began_the_day_before_goes_on("noStart", json!([{"begin": "22:00", "end": "02:00"}]), "03-03", "03-02", 3,
    &["03-02 00:00 running", "03-02 02:00 stopped", "03-02 22:00 running", "03-03 02:00 stopped", "03-03 22:00 none",
      "03-04 02:00 stopped", "03-04 22:00 running"])]
#[case::one_way_starts_too("noStart", json!([{"begin": "08:00"}, {"end": "18:00"}]), "03-02", "03-02", 1,
    &["03-02 00:00 none", "03-02 18:00 stopped"])]
#[case::all_day("stopped", json!([{"begin": "22:00", "end": "02:00"}]), "03-03", "03-02", 3,
    &["03-02 00:00 running", "03-02 02:00 stopped", "03-02 22:00 running", "03-03 00:00 stopped", "03-04 22:00 running"])]
#[case::all_day_without_an_opinion_else("stopped", json!([{"begin": "08:00"}]), "03-03", "03-02", 3,
    &["03-02 00:00 none", "03-02 08:00 running", "03-03 00:00 stopped", "03-04 00:00 none", "03-04 08:00 running"])]
#[case::as_if_there_were_none("ignore", json!([{"begin": "07:00", "end": "19:00"}]), "03-02", "03-02", 1,
    &["03-02 00:00 stopped", "03-02 07:00 running", "03-02 19:00 stopped"])]
fn on_a_holiday(
    #[case] kind: &str,
    #[case] periods: Value,
    #[case] holiday: &str,
    #[case] from: &str,
    #[case] days: i64,
    #[case] expected: &[&str],
) {
    assert_eq!(on_holiday(kind, periods, holiday, from, days), expected);
}

#[test]
fn holidays_are_days_of_the_schedule_s_zone() {
    let document = json!({"name": "x", "timezone": "Asia/Tokyo", "holidays": ["h"], "options": {"onHoliday": "stopped"},
                          "periods": [{"weekdays": ["mon-sun"]}]});
    let schedule = Schedule::from_value(&document).unwrap();
    let calendar = Calendar::parse(r#"{"name": "h", "yearly": ["03-03"]}"#).unwrap();
    let calendars = BTreeMap::from([("h".to_owned(), calendar)]);
    let (holidays, _) = Holidays::of(&schedule, &calendars);
    let timeline =
        Timeline::compile(&schedule, &holidays, at("2026-03-01T00:00:00Z"), at("2026-03-05T00:00:00Z"));
    assert_eq!(shown(&timeline), ["03-01 00:00 running", "03-02 15:00 stopped", "03-03 15:00 running"]);
}

#[test]
fn a_course_finds_what_is_far_away() {
    let yearly = schedule(
        "Europe/Berlin",
        json!([{"begin": "08:00", "end": "10:00", "monthDays": ["24"], "months": ["dec"]}]),
    );
    let now = at("2026-12-25T00:00:00Z");
    let course = Course::new(&yearly, Holidays::default(), now);
    assert_eq!(course.last_change(now).map(|change| change.at), Some(at("2026-12-24T09:00:00Z")));
    assert_eq!(course.next_change(now).map(|change| change.at), Some(at("2027-12-24T07:00:00Z")));
    let july = at("2026-07-01T00:00:00Z");
    let course = Course::new(&yearly, Holidays::default(), july);
    assert_eq!(course.last_change(july).map(|change| change.at), Some(at("2025-12-24T09:00:00Z")));
    assert_eq!(course.next_change(july).map(|change| change.at), Some(at("2026-12-24T07:00:00Z")));
    let always = schedule("UTC", json!([{}]));
    let course = Course::new(&always, Holidays::default(), july);
    assert_eq!((course.last_change(july), course.next_change(july)), (None, None));
}
