//! The hours of a week in which something rests, and the schedule that keeps it on in the others.
//!
//! All hours are UTC, Monday 00:00 first, as in `WeekProfile`.

use crate::domain::{
    finding::Remediation, inventory::Common, metric::HOURS_PER_WEEK, thresholds::Thresholds,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// Which hours of a week are idle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdleWeek([bool; HOURS_PER_WEEK]);

impl IdleWeek {
    /// Keeps those idle hours that stand in runs of at least `schedule_min_run_hours`; Sunday night runs on
    /// into Monday.
    #[must_use]
    pub fn of(thresholds: &Thresholds, is_idle: impl Fn(usize) -> bool) -> Self {
        let Some(busy) = (0..HOURS_PER_WEEK).find(|hour| !is_idle(*hour)) else {
            return Self([true; HOURS_PER_WEEK]);
        };
        let mut hours = [false; HOURS_PER_WEEK];
        let mut run = Vec::new();
        let min_run = usize::try_from(thresholds.schedule_min_run_hours).unwrap_or(usize::MAX);
        for hour in (busy..=busy + HOURS_PER_WEEK).map(|hour| hour % HOURS_PER_WEEK) {
            if is_idle(hour) {
                run.push(hour);
                continue;
            }
            let idle = std::mem::take(&mut run);
            if idle.len() >= min_run {
                for hour in idle {
                    set(&mut hours, hour);
                }
            }
        }
        Self(hours)
    }

    /// The idle hours a week, if they are enough to save and not the whole week: that is idleness.
    #[must_use]
    pub fn worthwhile_hours(&self, thresholds: &Thresholds) -> Option<i64> {
        let idle = self.0.iter().filter(|idle| **idle).count();
        let minimum = i64::from(thresholds.schedule_min_idle_hours_per_week);
        i64::try_from(idle).ok().filter(|hours| idle < HOURS_PER_WEEK && *hours >= minimum)
    }

    /// The busy hours as a schedule of the scheduler's own form.
    #[must_use]
    pub fn schedule(&self, name: &str) -> Value {
        json!({"schedule": {"name": name, "timezone": "UTC", "periods": self.periods()}})
    }

    /// When it goes to rest and when it is wanted again: the hours of the day, each with its days.
    #[must_use]
    pub fn turns(&self) -> [BTreeMap<usize, Vec<&'static str>>; 2] {
        let mut turns = [BTreeMap::new(), BTreeMap::new()];
        let before = self.0.iter().rev().take(1).chain(&self.0);
        for (at, (was_idle, is_idle)) in before.zip(&self.0).enumerate() {
            let [rests, wakes] = &mut turns;
            let turn: &mut BTreeMap<usize, Vec<&str>> = if *is_idle { rests } else { wakes };
            if was_idle != is_idle {
                turn.entry(at % 24).or_default().push(DAYS.get(at / 24).copied().unwrap_or_default());
            }
        }
        turns
    }

    fn periods(&self) -> Vec<Value> {
        let mut days_of: BTreeMap<(usize, usize), Vec<usize>> = BTreeMap::new();
        for (day, hours) in self.0.chunks(24).enumerate() {
            for span in busy_spans(hours) {
                days_of.entry(span).or_default().push(day);
            }
        }
        let clock = |hour: usize| format!("{hour:02}:00");
        days_of
            .into_iter()
            .map(|((begin, end), days)| {
                json!({"begin": clock(begin), "end": clock(end), "weekdays": weekdays(&days)})
            })
            .collect()
    }
}

fn set(hours: &mut [bool; HOURS_PER_WEEK], hour: usize) {
    if let Some(idle) = hours.get_mut(hour) {
        *idle = true;
    }
}

/// The half-open spans of a day's busy hours.
fn busy_spans(idle: &[bool]) -> Vec<(usize, usize)> {
    let mut spans: Vec<(usize, usize)> = Vec::new();
    for hour in idle.iter().enumerate().filter(|(_, idle)| !**idle).map(|(hour, _)| hour) {
        match spans.last_mut() {
            Some((_, end)) if *end == hour => *end = hour + 1,
            _ => spans.push((hour, hour + 1)),
        }
    }
    spans
}

/// `["mon-fri", "sun"]` of the days 0 to 4 and 6.
fn weekdays(days: &[usize]) -> Vec<String> {
    let mut ranges: Vec<(usize, usize)> = Vec::new();
    for day in days {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == *day => *last = *day,
            _ => ranges.push((*day, *day)),
        }
    }
    let name = |day: usize| DAYS.get(day).copied().unwrap_or_default();
    ranges
        .into_iter()
        .map(
            |(first, last)| {
                if first == last { name(first).to_owned() } else { format!("{}-{}", name(first), name(last)) }
            },
        )
        .collect()
}

/// The name under which a resource's proposed schedule is kept.
#[must_use]
pub fn schedule_name(common: &Common) -> String {
    format!("busy-hours-of-{}", common.id)
}

/// The two tags that hand a resource to the scheduler, as the AWS CLI reads them.
#[must_use]
pub fn schedule_tags(common: &Common) -> String {
    json!([{"Key": "Scheduler", "Value": "Enabled"}, {"Key": "Schedule", "Value": schedule_name(common)}])
        .to_string()
}

/// A fix that sets the tags, with the notes that go with every schedule.
#[must_use]
pub fn tagging(tag: String, untag: String, note: &str) -> Remediation {
    Remediation {
        commands: vec![tag],
        rollback_commands: vec![untag],
        notes: vec![
            "Look at what it would do first: save recommendedConfiguration.schedule as schedule.json and run 'tuner \
             schedule preview --file schedule.json'; once it is created, GET /api/v1/schedules/{id}/preview \
             shows it with what it saves."
                .into(),
            "Create the schedule before the tags; without one of that name nothing is stopped.".into(),
            note.into(),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::schedule::{Schedule, preview::View};

    /// Monday to Friday 07:00 to 19:00 is busy.
    fn office(hour: usize) -> bool {
        !(hour < 120 && (7..19).contains(&(hour % 24)))
    }

    fn idle(is_idle: impl Fn(usize) -> bool) -> IdleWeek {
        IdleWeek::of(&Thresholds::default(), is_idle)
    }

    fn hours(week: &IdleWeek) -> Option<i64> {
        week.worthwhile_hours(&Thresholds { schedule_min_idle_hours_per_week: 1, ..Thresholds::default() })
    }

    #[test]
    fn an_office_week_is_one_period() {
        let week = idle(office);
        assert_eq!(week.worthwhile_hours(&Thresholds::default()), Some(168 - 60));
        let expected = json!({"schedule": {"name": "n", "timezone": "UTC", "periods": [
            {"begin": "07:00", "end": "19:00", "weekdays": ["mon-fri"]},
        ]}});
        assert_eq!(week.schedule("n"), expected);
    }

    #[test]
    fn an_office_week_turns_on_working_days() {
        let [rests, wakes] = idle(office).turns();
        let working = vec!["mon", "tue", "wed", "thu", "fri"];
        assert_eq!(rests.into_iter().collect::<Vec<_>>(), [(19, working.clone())]);
        assert_eq!(wakes.into_iter().collect::<Vec<_>>(), [(7, working)]);
    }

    #[test]
    fn short_runs_stay_busy_and_a_run_goes_round_the_end_of_the_week() {
        let week = idle(|hour| [0, 50, 100, 101, 167].contains(&hour));
        assert_eq!(hours(&week), Some(4), "hour 50 stands alone, 167 and 0 are neighbours");
        assert_eq!(hours(&idle(|hour| hour == 0)), None);
    }

    #[test]
    fn too_few_hours_and_the_whole_week_are_no_schedule() {
        assert_eq!(idle(|hour| hour < 19).worthwhile_hours(&Thresholds::default()), None);
        assert_eq!(idle(|hour| hour < 20).worthwhile_hours(&Thresholds::default()), Some(20));
        assert_eq!(hours(&idle(|_| true)), None);
    }

    /// What is proposed must be what the scheduler reads, and be off in exactly the idle hours.
    #[test]
    fn the_scheduler_reads_every_proposal() {
        let odd = |hour: usize| ((hour * 7) % 168 / 4).is_multiple_of(3) || hour % 24 < 5;
        for is_idle in [office as fn(usize) -> bool, |hour| hour % 24 < 4, |hour| hour < 24, odd] {
            let week = idle(is_idle);
            let document = week.schedule("busy-hours-of-i-0123456789abcdef0");
            let schedule = Schedule::from_value(&document["schedule"]).unwrap();
            let calendars = BTreeMap::new();
            let view = View { schedule: &schedule, calendars: &calendars, overrides: &[] };
            // A Monday, four weeks long.
            let from = "2026-03-02T00:00:00Z".parse().unwrap();
            let off = view.hours_off(from, from + jiff::SignedDuration::from_hours(28 * 24));
            assert_eq!(Some(off.seconds_off_a_week() / 3600), hours(&week), "{document}");
        }
    }

    #[test]
    fn a_busy_day_ends_at_24() {
        let week = idle(|hour| (24..168).contains(&hour) && hour / 24 != 2 && hour / 24 != 6);
        assert_eq!(
            week.periods(),
            [json!({"begin": "00:00", "end": "24:00", "weekdays": ["mon", "wed", "sun"]})]
        );
    }
}
