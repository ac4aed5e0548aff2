//! A slow model of what a schedule wants, for tests: it walks over the instants of a window, looks at the clock on
//! the wall, and reads the rules sentence by sentence. It shares nothing with the timeline but the document's text.

use crate::domain::schedule::Desired;
use jiff::{
    SignedDuration, Timestamp, ToSpan,
    civil::{Date, DateTime},
    tz::TimeZone,
};
use serde_json::Value;
use std::collections::{BTreeSet, HashMap};

pub struct Model {
    document: Value,
    holidays: BTreeSet<Date>,
    from: Timestamp,
    step: SignedDuration,
    /// The latest time that the clock has shown up to each instant.
    reached: Vec<DateTime>,
    /// The earliest time that it shows from each instant on.
    to_come: Vec<DateTime>,
    /// When it shows a time for the last time.
    last: HashMap<DateTime, usize>,
}

impl Model {
    /// Looks at the clock at each step of `[from, to)`; answers for instants three days inside of it.
    pub fn new(
        document: &Value,
        holidays: &[Date],
        window: (Timestamp, Timestamp),
        step: SignedDuration,
    ) -> Self {
        let zone = TimeZone::get(document["timezone"].as_str().unwrap()).unwrap();
        let mut shown = Vec::new();
        let mut at = window.0;
        while at < window.1 {
            shown.push(zone.to_datetime(at));
            at += step;
        }
        let last = shown.iter().enumerate().map(|(i, shown)| (*shown, i)).collect();
        let mut reached = shown.clone();
        for i in 1..reached.len() {
            reached[i] = reached[i].max(reached[i - 1]);
        }
        let mut to_come = shown;
        for i in (0..to_come.len() - 1).rev() {
            to_come[i] = to_come[i].min(to_come[i + 1]);
        }
        let holidays = holidays.iter().copied().collect();
        Self { document: document.clone(), holidays, from: window.0, step, reached, to_come, last }
    }

    pub fn state(&self, at: Timestamp) -> Desired {
        let i = usize::try_from(at.duration_since(self.from).as_secs() / self.step.as_secs()).unwrap();
        let today = self.reached[i].date();
        let on_holiday = self.document["options"]["onHoliday"].as_str().unwrap_or("noStart");
        let is_holiday = |day: Date| on_holiday != "ignore" && self.holidays.contains(&day);
        if on_holiday == "stopped" && is_holiday(today) {
            return Desired::Stopped;
        }
        let near = (-3..=1).map(|days| today + days.days());
        let mut held = false;
        for day in near {
            for period in self.two_ended(day) {
                if self.reached[i] >= period.0 && self.end(period.1, i) > i {
                    if !is_holiday(day) {
                        return Desired::Running;
                    }
                    held |= on_holiday == "noStart";
                }
            }
        }
        if held { Desired::None } else { self.ground(today, i, is_holiday(today)) }
    }

    /// Outside of every period with two ends.
    fn ground(&self, today: Date, i: usize, holiday: bool) -> Desired {
        let two_ends = self.periods().any(is_two_ended);
        let matching: Vec<&Value> = self.periods().filter(|period| matches(period, today)).collect();
        let one_way_only = !matching.is_empty() && !matching.iter().any(|period| is_two_ended(period));
        let mut last = None;
        for period in matching.iter().filter(|period| !is_two_ended(period)) {
            let (begin, end) = (time(period, "begin"), time(period, "end"));
            let minutes = begin.or(end).unwrap();
            let edge = clock(today, minutes);
            // The first instant at which the begin has been reached, or the end is not to come any more.
            let happened = match begin {
                Some(_) => self.reached[..=i].partition_point(|shown| *shown < edge),
                None => self.end(edge, i),
            };
            if happened <= i {
                last = last.max(Some((happened, minutes, begin.is_some())));
            }
        }
        match last {
            Some((_, _, true)) if holiday => Desired::None,
            Some((_, _, true)) => Desired::Running,
            Some((_, _, false)) => Desired::Stopped,
            None if two_ends && !one_way_only => Desired::Stopped,
            None => Desired::None,
        }
    }

    /// When a time is over: shown for the last time, or left out. Something after `now` if it is to come.
    fn end(&self, time: DateTime, now: usize) -> usize {
        let passed = self.to_come[..=now].partition_point(|shown| *shown < time);
        self.last.get(&time).map_or(passed, |last| passed.max(*last))
    }

    /// Begin and end, as the clock shows them, of the periods that begin on a day.
    fn two_ended(&self, day: Date) -> impl Iterator<Item = (DateTime, DateTime)> {
        self.periods().filter(move |period| is_two_ended(period) && matches(period, day)).map(move |period| {
            let begin = time(period, "begin").unwrap_or(0);
            let end = time(period, "end").unwrap_or(24 * 60);
            let last_day = if begin > end { day + 1.day() } else { day };
            (clock(day, begin), clock(last_day, end))
        })
    }

    fn periods(&self) -> impl Iterator<Item = &Value> {
        self.document["periods"].as_array().unwrap().iter()
    }
}

fn is_two_ended(period: &Value) -> bool {
    period.get("begin").is_some() == period.get("end").is_some()
}

fn clock(day: Date, minutes: i64) -> DateTime {
    day.at(0, 0, 0, 0) + SignedDuration::from_mins(minutes)
}

fn time(period: &Value, name: &str) -> Option<i64> {
    let (hours, minutes) = period.get(name)?.as_str()?.split_once(':')?;
    Some(hours.parse::<i64>().ok()? * 60 + minutes.parse::<i64>().ok()?)
}

/// Within a field: or. Between fields: and.
pub fn matches(period: &Value, day: Date) -> bool {
    let any = |name: &str, test: fn(&str, Date) -> bool| {
        period
            .get(name)
            .is_none_or(|list| list.as_array().unwrap().iter().any(|e| test(e.as_str().unwrap(), day)))
    };
    any("weekdays", is_weekday) && any("monthDays", is_month_day) && any("months", is_month)
}

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

fn is_weekday(text: &str, day: Date) -> bool {
    let today = usize::try_from(day.weekday().to_monday_zero_offset()).unwrap();
    let number = |name: &str| DAYS.iter().position(|day| *day == name).unwrap();
    if let Some((name, nth)) = text.split_once('#') {
        let nth: i8 = nth.parse().unwrap();
        return number(name) == today && (7 * (nth - 1) + 1..=7 * nth).contains(&day.day());
    }
    if let Some(name) = text.strip_suffix('L') {
        return number(name) == today && (day + 7.days()).month() != day.month();
    }
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let mut walk = number(first);
    while walk != today && walk != number(last) {
        walk = (walk + 1) % 7;
    }
    walk == today
}

fn is_month_day(text: &str, day: Date) -> bool {
    let number = |text: &str| if text == "L" { day.days_in_month() } else { text.parse::<i8>().unwrap() };
    if let Some(target) = text.strip_suffix('W') {
        return nearest_weekday(day, number(target)) == Some(day);
    }
    let (range, step) = text.split_once('/').unwrap_or((text, "1"));
    let (first, last) = match range.split_once('-') {
        Some((first, last)) => (number(first), number(last)),
        None if text.contains('/') => (number(range), 31),
        None => (number(range), number(range)),
    };
    (first..=last).step_by(step.parse().unwrap()).any(|number| number == day.day())
}

/// Of the days of the month from Monday to Friday the one that is the least far away.
fn nearest_weekday(month: Date, target: i8) -> Option<Date> {
    let wanted = month.with().day(target).build().ok()?;
    (1..=month.days_in_month())
        .map(|day| month.with().day(day).build().unwrap())
        .filter(|day| day.weekday().to_monday_zero_offset() < 5)
        .min_by_key(|day| (day.day() - wanted.day()).abs())
}

fn is_month(text: &str, day: Date) -> bool {
    let number = |name: &str| {
        let named = MONTHS.iter().position(|month| *month == name);
        named.map_or_else(|| name.parse::<usize>().unwrap(), |at| at + 1)
    };
    let today = usize::try_from(day.month()).unwrap();
    let (range, step) = text.split_once('/').unwrap_or((text, "1"));
    let (first, last) = match range.split_once('-') {
        Some((first, last)) => (number(first), number(last)),
        None if text.contains('/') => (number(range), 12),
        None => (number(range), number(range)),
    };
    let last = if last < first { last + 12 } else { last };
    (first..=last).step_by(step.parse().unwrap()).any(|month| (month - 1) % 12 + 1 == today)
}
