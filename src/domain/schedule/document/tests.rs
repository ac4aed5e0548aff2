//! What is read, what is refused, and what is written again.

use super::*;
use rstest::rstest;
use serde_json::json;

fn with_period(period: Value) -> Value {
    json!({"name": "office", "timezone": "Europe/Berlin", "periods": [period]})
}

fn refusal(document: &Value) -> String {
    Schedule::from_value(document).expect_err("it is refused").to_string()
}

/// How the only period is written again.
fn normal(period: Value) -> Value {
    let schedule = Schedule::from_value(&with_period(period)).unwrap_or_else(|error| panic!("{error}"));
    let written = serde_json::to_value(&schedule).unwrap();
    assert_eq!(Schedule::from_value(&written).unwrap(), schedule, "what is written reads the same");
    assert_eq!(serde_json::to_value(Schedule::from_value(&written).unwrap()).unwrap(), written);
    written["periods"][0].clone()
}

#[test]
fn the_example_of_the_manual_is_read_and_completed() {
    let text = r#"{"name": "office", "timezone": "europe/berlin", "holidays": ["de-be"],
        "options": {"enforce": true, "onHoliday": "stopped"},
        "periods": [{"begin": "07:00", "end": "19:00", "weekdays": ["MON-FRI"]},
                    {"begin": "22:00", "end": "02:00", "weekdays": ["sat"], "months": ["1-mar"]}]}"#;
    let schedule = Schedule::parse(text).unwrap();
    let expected = json!({
        "name": "office", "timezone": "Europe/Berlin", "holidays": ["de-be"],
        "periods": [{"begin": "07:00", "end": "19:00", "weekdays": ["mon-fri"]},
                    {"begin": "22:00", "end": "02:00", "weekdays": ["sat"], "months": ["jan-mar"]}],
        "options": {"enforce": true, "keepStartedByHand": false, "stopNew": true, "startNew": false,
                    "onHoliday": "stopped", "catchUpMinutes": 60},
    });
    assert_eq!(serde_json::to_value(&schedule).unwrap(), expected);
}

/// What the manual shows is what is read: schedules, calendars, and bundles of both.
#[test]
fn the_examples_of_the_manual_are_read() {
    let manual = include_str!("../../../../docs/scheduler.md");
    let examples = manual.split("```json\n").skip(1).filter_map(|text| text.split("```").next());
    let (mut schedules, mut calendars) = (Vec::new(), Vec::new());
    for example in examples {
        let example: Value = serde_json::from_str(example).unwrap();
        match (example["schedules"].as_array(), example["calendars"].as_array()) {
            (None, None) if example["timezone"].is_string() => schedules.push(example),
            (None, None) => calendars.push(example),
            (mine, theirs) => {
                schedules.extend(mine.into_iter().flatten().cloned());
                calendars.extend(theirs.into_iter().flatten().cloned());
            }
        }
    }
    assert_eq!((schedules.len(), calendars.len()), (5, 2));
    for document in schedules {
        Schedule::from_value(&document).unwrap_or_else(|error| panic!("{document}: {error}"));
    }
    for document in calendars {
        crate::domain::schedule::Calendar::from_value(&document)
            .unwrap_or_else(|error| panic!("{document}: {error}"));
    }
}

#[rstest]
#[case(json!({"begin": "00:00", "end": "24:00"}), json!({"begin": "00:00", "end": "24:00"}))]
#[case(json!({"begin": "07:00"}), json!({"begin": "07:00"}))]
#[case(json!({"end": "00:00"}), json!({"end": "00:00"}))]
#[case(json!({}), json!({}))]
#[case(json!({"weekdays": ["SAT-mon", "Tue#2", "FRIl"]}), json!({"weekdays": ["sat-mon", "tue#2", "friL"]}))]
#[case(json!({"monthDays": ["5", "1-7", "1/7", "l", "20-l", "15w", "1-15/2", "3-L/1"]}),
       json!({"monthDays": ["5", "1-7", "1/7", "L", "20-L", "15W", "1-15/2", "3-L"]}))]
#[case(json!({"months": ["1", "NOV-feb", "Jan/3", "2-8/2", "12/5"]}),
       json!({"months": ["jan", "nov-feb", "jan/3", "feb-aug/2", "dec"]}))]
#[case(json!({"monthDays": ["29"], "months": ["feb"]}), json!({"monthDays": ["29"], "months": ["feb"]}))]
#[case(json!({"monthDays": ["28-31"], "months": ["feb"]}), json!({"monthDays": ["28-31"], "months": ["feb"]}))]
fn periods_are_normalised(#[case] period: Value, #[case] expected: Value) {
    assert_eq!(normal(period), expected);
}

#[rstest]
#[case(json!({"begin": "7:00"}), "periods[0].begin is '7:00', which is no time of day; write HH:MM, 07:00 or 19:30 say")]
#[case(json!({"begin": "07:60"}), "periods[0].begin is '07:60'")]
#[case(json!({"end": "24:01"}), "periods[0].end is '24:01'")]
#[case(json!({"begin": "+7:00"}), "periods[0].begin is '+7:00'")]
#[case(json!({"begin": 7}), "periods[0].begin is 7; write a text in quotes")]
#[case(json!({"begin": null}), "periods[0].begin is null; leave it out")]
#[case(json!({"begin": "24:00"}), "periods[0].begin is 24:00, which is an end only")]
#[case(json!({"end": "24:00"}), "periods[0].end is 24:00 without a begin")]
#[case(json!({"begin": "09:00", "end": "09:00"}), "periods[0].end is 09:00, the same as begin; write 24:00")]
#[case(json!({"weekDays": ["mon"]}), "periods[0].weekDays is not known here; write 'weekdays'")]
#[case(json!({"hours": 1}), "periods[0].hours is not known here; known are: begin, end, weekdays, monthDays, months")]
#[case(json!({"weekdays": []}), "periods[0].weekdays is empty; leave it out for any")]
#[case(json!({"weekdays": "mon"}), "periods[0].weekdays is the text \"mon\"; write a list, […]")]
#[case(json!({"weekdays": ["mon", "monday"]}), "periods[0].weekdays[1] is 'monday'; write mon, mon-fri, mon#2 or friL")]
#[case(json!({"weekdays": ["mon", "MON"]}), "periods[0].weekdays[1] says the same as entry 0")]
#[case(json!({"weekdays": ["mon-mon"]}), "periods[0].weekdays[0] is 'mon-mon', a range from a day to itself")]
#[case(json!({"weekdays": ["mon#6"]}), "periods[0].weekdays[0] is 'mon#6', and a month has the first to the fifth")]
#[case(json!({"weekdays": ["mon#0"]}), "periods[0].weekdays[0] is 'mon#0'")]
#[case(json!({"weekdays": ["mon-fri#2"]}), "periods[0].weekdays[0] is 'mon-fri#2'")]
#[case(json!({"weekdays": ["0"]}), "periods[0].weekdays[0] is '0'")]
#[case(json!({"monthDays": [5]}), "periods[0].monthDays[0] is 5; write a text in quotes")]
#[case(json!({"monthDays": 32}), "periods[0].monthDays is 32; write a list")]
#[case(json!({"monthDays": ["32"]}), "periods[0].monthDays[0] is '32', and no month has that day")]
#[case(json!({"monthDays": ["0"]}), "periods[0].monthDays[0] is '0', and no month has that day")]
#[case(json!({"monthDays": ["32W"]}), "periods[0].monthDays[0] is '32W', and no month has that day")]
#[case(json!({"monthDays": ["-1"]}), "periods[0].monthDays[0] is '-1'")]
#[case(json!({"monthDays": ["28-3"]}), "periods[0].monthDays[0] is '28-3', and a range does not go into the next month")]
#[case(json!({"monthDays": ["1/0"]}), "periods[0].monthDays[0] is '1/0', and a step is 1 to 31 days")]
#[case(json!({"monthDays": ["LW"]}), "periods[0].monthDays[0] is 'LW'")]
#[case(json!({"monthDays": ["1", "31"], "months": ["feb"]}), "periods[0].monthDays[1] is '31', which none of the period's months has")]
#[case(json!({"monthDays": ["31W"], "months": ["apr", "jun"]}), "periods[0].monthDays[0] is '31W', which none")]
#[case(json!({"monthDays": ["30-L"], "months": ["feb"]}), "periods[0].monthDays[0] is '30-L', which none")]
#[case(json!({"months": ["13"]}), "periods[0].months[0] is '13'; write jan, 1, nov-feb, or jan/3")]
#[case(json!({"months": ["january"]}), "periods[0].months[0] is 'january'")]
#[case(json!({"months": ["jan/0"]}), "periods[0].months[0] is 'jan/0'")]
#[case(json!({"months": ["jan-jan"]}), "periods[0].months[0] is 'jan-jan'")]
#[case(json!({"weekdays": ["mon#1"], "monthDays": ["8-L"]}), "periods[0] never matches a day")]
#[case(json!(["07:00", "19:00"]), "periods[0] is a list; write an object, {…}")]
fn a_period_is_refused_with_its_field(#[case] period: Value, #[case] expected: &str) {
    let refusal = refusal(&with_period(period));
    assert!(refusal.starts_with(expected), "{refusal}");
}

#[rstest]
#[case("timezone", json!("Berlin"), "timezone is 'Berlin', which is no known time zone; did you mean Europe/Berlin?")]
#[case("timezone", json!("Europe/Berln"), "timezone is 'Europe/Berln', which is no known time zone; did you mean Europe/Berlin?")]
#[case("timezone", json!("Mars/Olympus"), "timezone is 'Mars/Olympus', which is no known time zone; write a name of the IANA")]
#[case("timezone", json!("posix/Europe/Berlin"), "timezone is 'posix/Europe/Berlin'")]
#[case("timezone", json!("right/Europe/Berlin"), "timezone is 'right/Europe/Berlin'")]
#[case("timezone", json!("../../etc/passwd"), "timezone is '../../etc/passwd'")]
#[case("timezone", json!(""), "timezone is ''")]
#[case("name", json!(""), "name has 0 characters; write 1 to 128")]
#[case("name", json!("a".repeat(129)), "name has 129 characters")]
#[case("name", json!("a,b"), "name contains ','; a tag holds letters, digits, spaces and + - = . _ : / @")]
#[case("name", json!("a\u{1b}[2J"), "name contains '\u{fffd}'")]
#[case("name", json!(" office"), "name begins or ends with a space")]
#[case("name", json!("Ignore"), "name is reserved: the tag Schedule=ignore exempts a resource")]
#[case("name", json!("AWS:x"), "name begins with 'aws:'")]
#[case("periods", json!([]), "periods is empty; write at least one period")]
#[case("periods", json!({}), "periods is an object; write a list")]
#[case("periods", json!(vec![json!({}); 101]), "periods has 101 entries; at most 100 are allowed")]
#[case("periods", json!([{"end": "19:00"}, {"end": "19:00"}]), "periods[1] says the same as entry 0")]
#[case("holidays", json!("de-be"), "holidays is the text \"de-be\"; write a list")]
#[case("holidays", json!(["de-be", "de-be"]), "holidays[1] says the same as entry 0")]
#[case("options", json!({"enforced": true}), "options.enforced is not known here")]
#[case("options", json!({"stop_new": true}), "options.stop_new is not known here; write 'stopNew'")]
#[case("options", json!({"enforce": "yes"}), "options.enforce is the text \"yes\"; write true or false")]
#[case("options", json!({"onHoliday": "off"}), "options.onHoliday is 'off'; write noStart, stopped or ignore")]
#[case("options", json!({"catchUpMinutes": 1441}), "options.catchUpMinutes is 1441; write a whole number from 0 to 1440")]
#[case("options", json!({"catchUpMinutes": -1}), "options.catchUpMinutes is -1")]
#[case("options", json!({"catchUpMinutes": 1.5}), "options.catchUpMinutes is 1.5")]
#[case("comment", json!(""), "comment is not known here; known are: name, timezone, periods, holidays, options")]
fn a_field_is_refused_with_its_reason(#[case] field: &str, #[case] value: Value, #[case] expected: &str) {
    let mut document = with_period(json!({"begin": "07:00", "end": "19:00"}));
    document[field] = value;
    let refusal = refusal(&document);
    assert!(refusal.starts_with(expected), "{refusal}");
}

#[rstest]
#[case("", "the document is not JSON: EOF")]
#[case("[]", "the document is a list; write an object, {…}")]
#[case("{}", "name is missing; it is needed")]
#[case(r#"{"name": "a", "timezone": "UTC"}"#, "periods is missing; it is needed")]
#[case(r#"{"name": "a", "name": "b"}"#, "the document is not JSON: the field 'name' stands twice at line 1")]
#[case(
    r#"{"periods": [{"begin": "07:00", "begin": "08:00"}]}"#,
    "the document is not JSON: the field 'begin' stands twice"
)]
#[case(r#"{"name": "a",}"#, "the document is not JSON: trailing comma")]
fn a_text_is_refused(#[case] text: &str, #[case] expected: &str) {
    let refusal = Schedule::parse(text).expect_err("it is refused").to_string();
    assert!(refusal.starts_with(expected), "{refusal}");
}

#[test]
fn a_text_has_a_greatest_length_and_depth() {
    assert!(Schedule::parse(&" ".repeat(70_000)).unwrap_err().reason.contains("longer than 64 KiB"));
    assert!(Schedule::parse(&"[".repeat(60_000)).unwrap_err().reason.contains("recursion limit"));
}

#[test]
fn names_hold_what_tags_hold() {
    for name in ["office", "Büro 7-19 @Köln", "a/b:c=d+e_f.g", &"x".repeat(128)] {
        let mut document = with_period(json!({}));
        document["name"] = json!(name);
        assert_eq!(Schedule::from_value(&document).unwrap().name(), name);
    }
}

proptest::proptest! {
    /// Whatever the text, reading ends with a schedule that reads the same again, or one line.
    #[test]
    fn no_entry_can_break_the_reader(text in "[a-zA-Z0-9#/L-]{0,7}", field in 0_usize..3) {
        let name = ["weekdays", "monthDays", "months"][field];
        let period = json!({name: [text]});
        match Schedule::from_value(&with_period(period.clone())) {
            Ok(_) => { normal(period); }
            Err(error) => {
                proptest::prop_assert!(error.field.starts_with("periods[0]"), "{error}");
                proptest::prop_assert!(!error.to_string().contains('\n'));
            }
        }
    }
}
