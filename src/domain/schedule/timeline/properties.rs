//! What holds for every schedule in every zone of the system's tz database.

use super::{
    Change, Holidays, Timeline,
    model::{Model, matches},
};
use crate::domain::schedule::{Calendar, Desired, Schedule, document::MonthShape};
use jiff::{
    SignedDuration, Timestamp, ToSpan,
    civil::Date,
    tz::{self, TimeZone},
};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

const HOUR: SignedDuration = SignedDuration::from_hours(1);
const DAY: SignedDuration = SignedDuration::from_hours(24);

fn two_years() -> (Timestamp, Timestamp) {
    ("2026-01-01T00:00:00Z".parse().unwrap(), "2028-01-01T00:00:00Z".parse().unwrap())
}

fn schedule(zone: &str, periods: &Value) -> Option<Schedule> {
    Schedule::from_value(&json!({"name": "x", "timezone": zone, "periods": periods})).ok()
}

fn timeline(schedule: &Schedule, (from, to): (Timestamp, Timestamp)) -> Timeline {
    Timeline::compile(schedule, &Holidays::default(), from, to)
}

/// Every zone that a schedule may name.
fn zones() -> Vec<String> {
    let all = tz::db().available().map(|name| name.to_string());
    let zones: Vec<String> = all.filter(|zone| schedule(zone, &json!([{}])).is_some()).collect();
    assert!(zones.len() > 400, "the machine has a tz database: {}", zones.len());
    zones
}

/// The instants at which a zone's clock jumps in two years.
fn jumps(zone: &TimeZone) -> Vec<Timestamp> {
    let (from, to) = two_years();
    let mut jumps = Vec::new();
    let mut offset = zone.to_offset(from);
    for transition in zone.following(from).take_while(|transition| transition.timestamp() < to) {
        if transition.offset() != offset {
            jumps.push(transition.timestamp());
        }
        offset = transition.offset();
    }
    jumps
}

#[test]
fn in_every_zone_changes_fall_on_the_clock_or_on_a_jump_and_never_flap() {
    let periods = json!([{"begin": "07:00", "end": "19:00", "weekdays": ["mon-fri"]}, {"begin": "22:00", "end": "02:15"}]);
    let on_the_clock = ["07:00:00", "19:00:00", "22:00:00", "02:15:00"];
    for zone in zones() {
        let schedule = schedule(&zone, &periods).unwrap();
        let changes: Vec<Change> = timeline(&schedule, two_years()).iter().skip(1).collect();
        let jumps: BTreeSet<Timestamp> = jumps(schedule.zone()).into_iter().collect();
        for pair in changes.windows(2) {
            assert!(pair[1].at.duration_since(pair[0].at) >= HOUR * 2, "{zone} flaps: {pair:?}");
            assert_ne!(pair[0].state, pair[1].state, "{zone}");
        }
        for change in &changes {
            let shown = schedule.zone().to_datetime(change.at).time().to_string();
            let known = on_the_clock.contains(&&*shown) || jumps.contains(&change.at);
            assert!(known, "{zone}: {change:?} at {shown}");
        }
        // Five of seven days have four changes, two have two; a jump may swallow one of a day.
        let expected = 730 * 24 / 7;
        assert!(changes.len().abs_diff(expected) < 12, "{zone}: {} changes", changes.len());
    }
}

/// All zones that jump alike are looked at once, a day around each jump.
#[test]
fn in_every_zone_the_slow_model_agrees_around_each_jump() {
    let documents = [
        json!([{"begin": "01:30", "end": "02:30"}, {"begin": "22:15", "end": "00:45"}]),
        json!([{"begin": "00:00", "end": "24:00", "weekdays": ["sun"]}, {"begin": "02:00"}, {"end": "02:00"}]),
        json!([{"begin": "00:15"}, {"end": "03:00"}]),
        json!([{"begin": "03:00", "end": "01:00"}, {"end": "02:15"}]),
    ];
    let mut seen = BTreeSet::new();
    for zone in zones() {
        let rules = TimeZone::get(&zone).unwrap();
        for jump in jumps(&rules) {
            let before = rules.to_offset(jump - HOUR).seconds();
            if !seen.insert((jump, before, rules.to_offset(jump).seconds())) {
                continue;
            }
            for periods in &documents {
                let window = (jump - DAY, jump + DAY);
                agrees(&json!({"name": "x", "timezone": zone, "periods": periods}), &[], window, 15).unwrap();
            }
        }
    }
    assert!(seen.len() > 40, "{}", seen.len());
}

/// Compares the timeline with the model at each step of a window.
fn agrees(
    document: &Value,
    holidays: &[Date],
    (from, to): (Timestamp, Timestamp),
    minutes: i64,
) -> Result<(), TestCaseError> {
    let step = SignedDuration::from_mins(minutes);
    let model = Model::new(document, holidays, (from - DAY * 2, to + DAY * 2), step);
    let schedule = Schedule::from_value(document).unwrap();
    let dates: Vec<String> = holidays.iter().map(ToString::to_string).collect();
    let calendar = Calendar::from_value(&json!({"name": "h", "dates": dates})).unwrap();
    let calendars = BTreeMap::from([("h".to_owned(), calendar)]);
    let (holidays, _) = Holidays::of(&schedule, &calendars);
    let timeline = Timeline::compile(&schedule, &holidays, from, to);
    let mut at = from;
    while at < to {
        prop_assert_eq!(timeline.at(at).state, model.state(at), "at {} in {}", at, document);
        at += step;
    }
    Ok(())
}

fn some_of(entries: &'static [&'static str]) -> impl Strategy<Value = Option<BTreeSet<&'static str>>> {
    proptest::option::of(proptest::collection::btree_set(proptest::sample::select(entries), 1..3))
}

fn time() -> impl Strategy<Value = Option<String>> {
    // Mostly at night, when clocks jump.
    let minutes = prop_oneof![0..240_i64, 0..240_i64, 0..1440_i64, 1300..1440_i64];
    proptest::option::weighted(0.8, minutes.prop_map(|m| format!("{:02}:{:02}", m / 60, m % 60)))
}

fn period() -> impl Strategy<Value = Value> {
    let weekdays =
        some_of(&["mon", "mon-fri", "sat-mon", "sun", "fri-wed", "sun#2", "sunL", "mon#5", "satL"]);
    let days = some_of(&["1", "1-7", "1/7", "L", "20-L", "15W", "31W", "1W", "25-31", "10-20/3", "29"]);
    let months = some_of(&["mar", "3-4", "oct-apr", "jan/2", "sep-mar/3", "feb"]);
    (time(), time(), weekdays, days, months).prop_map(|(begin, end, weekdays, days, months)| {
        let mut period = json!({});
        let mut set = |name: &str, value: Option<Value>| value.map(|value| period[name] = value);
        set("begin", begin.map(Value::from));
        set("end", end.map(Value::from));
        set("weekdays", weekdays.map(|list| json!(list)));
        set("monthDays", days.map(|list| json!(list)));
        set("months", months.map(|list| json!(list)));
        period
    })
}

/// Documents that are accepted, in zones of all kinds.
fn document() -> impl Strategy<Value = Value> {
    let zone = proptest::sample::select(vec![
        "UTC",
        "Europe/Berlin",
        "America/New_York",
        "America/Havana",
        "Australia/Lord_Howe",
        "Asia/Kathmandu",
        "Antarctica/Troll",
        "Africa/Cairo",
        "America/Santiago",
        "Pacific/Chatham",
        "Asia/Beirut",
        "Africa/Casablanca",
    ]);
    let on_holiday = proptest::sample::select(vec!["noStart", "stopped", "ignore"]);
    let periods = proptest::collection::vec(period(), 1..4);
    (zone, on_holiday, periods)
        .prop_map(|(zone, on_holiday, periods)| {
            json!({"name": "x", "timezone": zone, "holidays": ["h"], "options": {"onHoliday": on_holiday}, "periods": periods})
        })
        .prop_filter("is refused", |document| Schedule::from_value(document).is_ok())
}

/// An instant of the two years, most often one at which the zone's clock jumps.
fn instant_in(zone: &str, pick: usize, minute: i64) -> Timestamp {
    let jumps = jumps(&TimeZone::get(zone).unwrap());
    match jumps.get(pick) {
        Some(jump) => *jump,
        None => two_years().0 + SignedDuration::from_mins(minute),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn the_slow_model_agrees_minute_by_minute(
        document in document(), pick in 0_usize..6, minute in 0..1_000_000_i64,
        holidays in proptest::collection::vec(-2..3_i64, 0..3),
    ) {
        let zone = document["timezone"].as_str().unwrap();
        let middle = instant_in(zone, pick, minute);
        let today = TimeZone::get(zone).unwrap().to_datetime(middle).date();
        let holidays: Vec<Date> = BTreeSet::from_iter(holidays).into_iter().map(|days| today + days.days()).collect();
        agrees(&document, &holidays, (middle - HOUR * 14, middle + HOUR * 14), 1)?;
    }
}

proptest! {
    /// A window tells the same as a larger one around it.
    #[test]
    fn where_a_window_begins_makes_no_difference(document in document(), day in 0..700_i64, hours in 0..400_i64) {
        let schedule = Schedule::from_value(&document).unwrap();
        let from = two_years().0 + DAY * i32::try_from(day).unwrap();
        let at = from + SignedDuration::from_hours(hours);
        let whole = timeline(&schedule, (from, at + DAY * 20));
        let part = timeline(&schedule, (at, at + DAY * 10));
        prop_assert_eq!(part.iter().next().map(|change| change.state), Some(whole.at(at).state));
        prop_assert_eq!(part.iter().skip(1).collect::<Vec<_>>(), whole.changes(at, at + DAY * 10 - SignedDuration::from_nanos(1)));
    }

    /// With two ends each, what runs is the union of what runs by each period alone.
    #[test]
    fn periods_unite(document in document(), day in 0..700_i64) {
        let from = two_years().0 + DAY * i32::try_from(day).unwrap();
        let window = (from, from + DAY * 8);
        let two_ended = |period: &&Value| period.get("begin").is_some() == period.get("end").is_some();
        let periods: Vec<Value> = document["periods"].as_array().unwrap().iter().filter(two_ended).cloned().collect();
        prop_assume!(!periods.is_empty());
        let zone = document["timezone"].as_str().unwrap();
        let line = |periods: &[Value]| timeline(&schedule(zone, &json!(periods)).unwrap(), window);
        let all = line(&periods);
        let alone: Vec<Timeline> = periods.iter().map(|period| line(std::slice::from_ref(period))).collect();
        let instants = all.iter().chain(alone.iter().flat_map(Timeline::iter)).map(|change| change.at);
        for at in instants {
            let union = alone.iter().any(|line| line.at(at).state == Desired::Running);
            prop_assert_eq!(all.at(at).state == Desired::Running, union, "at {}", at);
        }
    }

    /// In a zone that is some hours behind, all happens those hours later.
    #[test]
    fn shifting_the_zone_shifts_the_result(document in document(), hours in -12..=12_i64, day in 0..700_i64) {
        let (periods, from) = (&document["periods"], two_years().0 + DAY * i32::try_from(day).unwrap());
        let zone = format!("Etc/GMT{hours:+}");
        let shift = SignedDuration::from_hours(hours);
        let here = timeline(&schedule("UTC", periods).unwrap(), (from, from + DAY * 9));
        let there = timeline(&schedule(&zone, periods).unwrap(), (from + shift, from + shift + DAY * 9));
        let shifted: Vec<Change> = here.iter().map(|change| Change { at: change.at + shift, ..change }).collect();
        prop_assert_eq!(there.iter().collect::<Vec<_>>(), shifted);
    }

    /// The bits of a month are its days.
    #[test]
    fn months_are_matched_as_days_are(period in period(), days in 0..40_000_i64) {
        let first = (jiff::civil::date(1990, 1, 1) + days.days()).first_of_month();
        let Some(schedule) = schedule("UTC", &json!([period])) else { return Ok(()) };
        let bits = schedule.periods()[0].days_in(MonthShape::of(first));
        for day in first.series(1.day()).take(usize::try_from(first.days_in_month()).unwrap()) {
            prop_assert_eq!(bits & 1 << day.day() != 0, matches(&period, day), "{} in {}", day, period);
        }
    }
}
