//! `tuner schedule preview`: no server, no settings, no database.

use crate::support::tuner::{run, tuner};
use rstest::rstest;
use serde_json::{Value, json};
use std::{fs, path::Path};

const OFFICE: &str = r#"{"name": "office", "timezone": "Europe/Berlin", "holidays": ["de-be"],
    "periods": [{"begin": "07:00", "end": "19:00", "weekdays": ["mon-fri"]}]}"#;
const HOLIDAYS: &str = r#"{"name": "de-be", "dates": ["2026-03-31"]}"#;

fn preview(folder: &Path, arguments: &[&str]) -> crate::support::tuner::Run {
    fs::write(folder.join("office.json"), OFFICE).unwrap();
    fs::write(folder.join("de-be.json"), HOLIDAYS).unwrap();
    run(tuner(folder).current_dir(folder).args(["schedule", "preview"]).args(arguments))
}

/// Over the last Sunday in March, when Berlin's clocks jump from 02:00 to 03:00.
const SPAN: [&str; 4] = ["--from", "2026-03-27T12:00:00Z", "--to", "2026-04-01T12:00:00+02:00"];

#[test]
fn changes_are_printed_as_json() {
    let folder = tempfile::tempdir().unwrap();
    let ended = preview(folder.path(), &[&["--file", "office.json", "--format", "json"], &SPAN[..]].concat());
    assert_eq!(ended.code, 0, "{}", ended.err);
    let states: Value = serde_json::from_str(&ended.out).unwrap();
    let expected = json!([
        {"at": "2026-03-27T12:00:00Z", "state": "running"},
        {"at": "2026-03-27T18:00:00Z", "state": "stopped"},
        {"at": "2026-03-30T05:00:00Z", "state": "running"},
        {"at": "2026-03-30T17:00:00Z", "state": "stopped"},
        {"at": "2026-03-31T05:00:00Z", "state": "running"},
        {"at": "2026-03-31T17:00:00Z", "state": "stopped"},
        {"at": "2026-04-01T05:00:00Z", "state": "running"},
    ]);
    assert_eq!(states, expected);
    assert!(ended.err.contains("the calendar 'de-be' is not given"), "{}", ended.err);
}

#[test]
fn a_holiday_leaves_out_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let span = ["--from", "2026-03-31T00:00:00Z", "--to", "2026-04-01T00:00:00Z"];
    let arguments = ["--file", "office.json", "--calendar", "de-be.json", "--format", "json"];
    let ended = preview(folder.path(), &[&arguments, &span[..]].concat());
    let states: Value = serde_json::from_str(&ended.out).unwrap();
    let expected = json!([
        {"at": "2026-03-31T00:00:00Z", "state": "stopped"},
        {"at": "2026-03-31T05:00:00Z", "state": "none"},
        {"at": "2026-03-31T17:00:00Z", "state": "stopped"},
    ]);
    assert_eq!((states, &*ended.err), (expected, ""));
}

#[test]
fn people_see_local_times_hours_and_money() {
    let folder = tempfile::tempdir().unwrap();
    let ended =
        preview(folder.path(), &[&["--file", "office.json", "--hourly-cost", "0.192"], &SPAN[..]].concat());
    let lines = |words: &str| {
        ended.out.lines().any(|line| line.split_whitespace().collect::<Vec<_>>().join(" ").contains(words))
    };
    assert!(lines("2026-03-30 05:00:00 Mon 2026-03-30 07:00 CEST running"), "{}", ended.out);
    // Six hours of the first Friday and 260 working days of twelve: 5,634 of the year's 8,760 hours are off.
    assert!(lines("A week (168 h) on 60.0 h · off 108.0 h"), "{}", ended.out);
    assert!(lines("A month (730 h) on 260.5 h · off 469.5 h"), "{}", ended.out);
    assert!(lines("Saved a month 90.14 of 140.16 USD"), "{}", ended.out);
}

#[rstest]
#[case::no_file(&[], 2, "--file")]
#[case::a_time_without_its_offset(&["--file", "office.json", "--from", "2026-03-02"], 2, "such as 2026-03-02T00:00:00Z")]
#[case::backwards(&["--file", "office.json", "--from", "2026-03-02T00:00:00Z", "--to", "2026-03-01T00:00:00Z"], 2, "is not after --from")]
#[case::too_long(&["--file", "office.json", "--from", "2026-03-02T00:00:00Z", "--to", "2096-03-01T00:00:00Z"], 2, "ten years")]
#[case::money(&["--file", "office.json", "--hourly-cost=-1"], 2, "--hourly-cost")]
#[case::format(&["--file", "office.json", "--format", "xml"], 2, "xml")]
#[case::no_such_file(&["--file", "none.json"], 1, "none.json: No such file")]
#[case::a_folder(&["--file", "."], 1, "directory")]
#[case::not_a_schedule(&["--file", "de-be.json"], 1, "de-be.json: dates is not known here")]
#[case::not_a_calendar(&["--file", "office.json", "--calendar", "office.json"], 1, "office.json: holidays is not known here")]
#[case::the_same_calendar_twice(&["--file", "office.json", "--calendar", "de-be.json", "--calendar", "de-be.json"], 1, "was given before")]
fn what_is_wrong_is_said_in_one_line(#[case] arguments: &[&str], #[case] code: i32, #[case] words: &str) {
    let folder = tempfile::tempdir().unwrap();
    preview(folder.path(), arguments).fails(code, words);
}

#[test]
fn a_bad_schedule_is_named_with_its_field() {
    let folder = tempfile::tempdir().unwrap();
    let bad = r#"{"name": "x", "timezone": "UTC", "periods": [{}, {"weekdays": ["mo"]}]}"#;
    fs::write(folder.path().join("bad.json"), bad).unwrap();
    preview(folder.path(), &["--file", "bad.json"])
        .fails(1, "bad.json: periods[1].weekdays[0] is 'mo'; write mon, mon-fri, mon#2 or friL");
}

#[test]
fn broken_settings_do_not_matter() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("office.json"), OFFICE).unwrap();
    let arguments = ["schedule", "preview", "--file", "office.json", "--format", "json"];
    let ended = run(tuner(folder.path())
        .current_dir(folder.path())
        .env("TUNER_DATABASE__URL", "nonsense://x")
        .args(arguments));
    assert_eq!(ended.code, 0, "{}", ended.err);
    let files = fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(files, 1, "nothing is left behind");
}
