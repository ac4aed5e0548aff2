//! `tuner schedule preview` in the hands of people who write their first schedule: every slip is named with its field
//! in one line, and nothing is printed that could be taken for a schedule.

use crate::support::tuner::{Run, run, tuner};
use rstest::rstest;
use serde_json::{Value, json};
use std::fs;

fn preview_bytes(bytes: &[u8], span: [&str; 2]) -> Run {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("my.json"), bytes).unwrap();
    let arguments = ["schedule", "preview", "--file", "my.json", "--format", "json"];
    let times = ["--from", span[0], "--to", span[1]];
    run(tuner(folder.path()).current_dir(folder.path()).args(arguments).args(times))
}

fn preview_text(text: &str) -> Run {
    preview_bytes(text.as_bytes(), ["2026-03-02T00:00:00Z", "2026-03-09T00:00:00Z"])
}

/// A sound schedule but for one period.
fn with_period(period: &Value) -> String {
    json!({"name": "office", "timezone": "Europe/Berlin", "periods": [period]}).to_string()
}

#[rstest]
#[case::begin_is_end(json!({"begin": "07:00", "end": "07:00"}), "periods[0].end")]
#[case::an_hour_that_is_none(json!({"begin": "25:00", "end": "26:00"}), "periods[0].begin")]
#[case::a_minute_that_is_none(json!({"begin": "07:60", "end": "19:00"}), "periods[0].begin")]
#[case::midnight_as_a_begin(json!({"begin": "24:00", "end": "02:00"}), "periods[0].begin")]
#[case::with_a_point(json!({"begin": "07.00", "end": "19.00"}), "periods[0].begin")]
#[case::am_and_pm(json!({"begin": "7am", "end": "7pm"}), "periods[0].begin")]
#[case::a_number(json!({"begin": 7, "end": 19}), "periods[0].begin")]
#[case::seconds(json!({"begin": "07:00:00", "end": "19:00"}), "periods[0].begin")]
#[case::a_day_that_is_none(json!({"weekdays": ["monday"]}), "periods[0].weekdays[0]")]
#[case::one_text_for_a_list(json!({"weekdays": "mon-fri"}), "periods[0].weekdays")]
#[case::a_list_in_a_text(json!({"weekdays": ["mon,tue"]}), "periods[0].weekdays[0]")]
#[case::a_sixth_monday(json!({"weekdays": ["mon#6"]}), "periods[0].weekdays[0]")]
#[case::a_zeroth_monday(json!({"weekdays": ["mon#0"]}), "periods[0].weekdays[0]")]
#[case::day_32(json!({"monthDays": ["32"]}), "periods[0].monthDays[0]")]
#[case::day_0(json!({"monthDays": ["0"]}), "periods[0].monthDays[0]")]
#[case::days_do_not_wrap(json!({"monthDays": ["25-5"]}), "periods[0].monthDays[0]")]
#[case::february_30(json!({"monthDays": ["30"], "months": ["feb"]}), "periods[0].monthDays[0]")]
#[case::month_13(json!({"months": ["13"]}), "periods[0].months[0]")]
#[case::a_long_month(json!({"months": ["march"]}), "periods[0].months[0]")]
#[case::a_field_in_the_singular(json!({"weekday": ["mon"]}), "periods[0].weekday")]
#[case::another_tool_s_field(json!({"begintime": "07:00", "endtime": "19:00"}), "periods[0].begintime")]
#[case::no_object(json!("07:00-19:00"), "periods[0]")]
fn a_slip_in_a_period_is_named(#[case] period: Value, #[case] field: &str) {
    preview_text(&with_period(&period)).fails(1, &format!("my.json: {field} "));
}

#[rstest]
#[case::a_typo_in_the_zone("timezone", json!("Europe/Berln"), "did you mean Europe/Berlin?")]
#[case::a_city_alone("timezone", json!("Berlin"), "timezone is 'Berlin'")]
#[case::an_offset("timezone", json!("+01:00"), "timezone is '+01:00'")]
#[case::a_path("timezone", json!("../../etc/passwd"), "timezone is '../../etc/passwd'")]
#[case::no_zone("timezone", json!(""), "timezone ")]
#[case::a_name_that_no_tag_holds("name", json!("office; rm -rf /"), "name contains ';'")]
#[case::an_escape("name", json!("off\u{1b}[31mice"), "name contains ")]
#[case::no_name("name", json!(""), "name has 0 characters")]
#[case::what_ignores("name", json!("ignore"), "name ")]
#[case::no_periods("periods", json!([]), "periods ")]
#[case::periods_by_name("periods", json!({"day": {"begin": "07:00"}}), "periods ")]
#[case::yes_for_true("options", json!({"enforce": "yes"}), "options.enforce ")]
#[case::an_option_in_the_past_tense("options", json!({"enforced": true}), "options.enforced ")]
#[case::a_word_for_holidays("options", json!({"onHoliday": "off"}), "options.onHoliday is 'off'")]
#[case::a_calendar_s_dates("holidays", json!([20_260_403]), "holidays[0] ")]
fn a_slip_beside_the_periods_is_named(#[case] field: &str, #[case] value: Value, #[case] words: &str) {
    let mut schedule: Value = serde_json::from_str(&with_period(&json!({"begin": "07:00"}))).unwrap();
    schedule[field] = value;
    preview_text(&schedule.to_string()).fails(1, words);
}

#[test]
fn a_file_in_another_encoding_says_how_to_save_it() {
    let ended =
        preview_bytes(&[0xff, 0xfe, b'{', 0, b'}', 0], ["2026-03-02T00:00:00Z", "2026-03-09T00:00:00Z"]);
    ended.fails(1, "my.json: it is not UTF-8 text; save it as UTF-8");
}

#[rstest]
#[case::empty(b"")]
#[case::yaml(b"name: office\ntimezone: UTC\n")]
#[case::a_comma_too_much(br#"{"name": "x", "timezone": "UTC", "periods": [{},]}"#)]
#[case::a_comment(b"// office hours\n{}")]
#[case::cut_off(br#"{"name": "x", "timezone": "UTC", "periods": [{"begin": "07:0"#)]
#[case::said_twice(br#"{"name": "x", "timezone": "UTC", "periods": [{"begin": "07:00", "begin": "08:00"}]}"#)]
#[case::two_of_them(br#"{"name": "x", "timezone": "UTC", "periods": [{}]} {"name": "y"}"#)]
#[case::a_list(br#"[{"name": "x", "timezone": "UTC", "periods": [{}]}]"#)]
#[case::nested(&[b'['; 10_000])]
fn what_is_no_schedule_at_all_is_refused(#[case] bytes: &[u8]) {
    preview_bytes(bytes, ["2026-03-02T00:00:00Z", "2026-03-09T00:00:00Z"]).fails(1, "my.json: ");
}

/// Where a period ends before it begins, people mean the next morning: the page's own example.
#[test]
fn a_night_belongs_to_the_evening_it_begins_on() {
    let night = json!({"begin": "22:00", "end": "02:00", "weekdays": ["sat"], "months": ["jan-mar"]});
    let ended = preview_bytes(
        with_period(&night).as_bytes(),
        // The last night of March 2026 that is a Saturday's runs into the spring jump, at 02:00.
        ["2026-03-21T12:00:00Z", "2026-04-12T00:00:00Z"],
    );
    let states: Value = serde_json::from_str(&ended.out).unwrap();
    let expected = json!([
        {"at": "2026-03-21T12:00:00Z", "state": "stopped"},
        {"at": "2026-03-21T21:00:00Z", "state": "running"},
        {"at": "2026-03-22T01:00:00Z", "state": "stopped"},
        {"at": "2026-03-28T21:00:00Z", "state": "running"},
        {"at": "2026-03-29T01:00:00Z", "state": "stopped"},
    ]);
    assert_eq!((states, ended.code), (expected, 0), "{}", ended.err);
}

/// A schedule that only stops, as a first cautious step: no opinion in the morning, and nothing is started.
#[test]
fn a_schedule_that_only_stops_starts_nothing() {
    let ended = preview_text(&with_period(&json!({"end": "19:00", "weekdays": ["mon-fri"]})));
    let states: Value = serde_json::from_str(&ended.out).unwrap();
    let found: Vec<&str> = states.as_array().unwrap().iter().map(|c| c["state"].as_str().unwrap()).collect();
    assert!(found.contains(&"stopped") && !found.contains(&"running"), "{found:?}");
    assert_eq!(states[1], json!({"at": "2026-03-02T18:00:00Z", "state": "stopped"}));
    assert_eq!(states[2], json!({"at": "2026-03-02T23:00:00Z", "state": "none"}));
}
