//! From periods to changes: what the days say, laid over each other, read from left to right.

use super::{
    Change, Holidays, Timeline,
    instants::{Edge, begin_of_day, instant, next},
};
use crate::domain::schedule::{
    ClockTime, Desired, OnHoliday, Schedule,
    document::{Hours, MonthShape},
};
use jiff::{Timestamp, civil::Date, tz::TimeZone};

/// What begins or ends at an instant. The first three lie over the day's own state, the topmost first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Layer {
    /// A holiday on which all is off.
    Off,
    /// Inside a period with two ends.
    Running,
    /// Inside a period that would have begun on a holiday.
    Held,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Event {
    Begin(Layer),
    End(Layer),
    /// What counts outside of all layers from then on.
    Ground(Desired),
    /// No opinion, because a start falls on a holiday.
    NoStart,
}

pub fn compile(schedule: &Schedule, holidays: &Holidays<'_>, from: Timestamp, to: Timestamp) -> Timeline {
    let mut days = Days::new(schedule, holidays);
    // The day before may reach over midnight; one more where a zone has left out a day.
    let mut day = from.to_zoned(schedule.zone().clone()).date();
    for _ in 0..2 {
        day = day.yesterday().unwrap_or(day);
    }
    loop {
        let begin = begin_of_day(schedule.zone(), day);
        if begin >= to && begin > from || day == Date::MAX {
            break;
        }
        days.add(day, begin);
        day = next(day);
    }
    days.events.sort_by_key(|(at, _)| *at);
    read(&days.events, from, to)
}

struct Days<'a> {
    schedule: &'a Schedule,
    holidays: &'a Holidays<'a>,
    zone: &'a TimeZone,
    /// Some period has both ends: outside of them it is off.
    two_ends: bool,
    month: Option<MonthShape>,
    /// For each period the days of the month on which it begins.
    matches: Vec<(Hours, u32)>,
    events: Vec<(Timestamp, Event)>,
}

impl<'a> Days<'a> {
    fn new(schedule: &'a Schedule, holidays: &'a Holidays<'a>) -> Self {
        let two_ends = schedule.periods().iter().any(|period| matches!(period.hours(), Hours::Between(..)));
        let matches = schedule.periods().iter().map(|period| (period.hours(), 0)).collect();
        Self { schedule, holidays, zone: schedule.zone(), two_ends, month: None, matches, events: Vec::new() }
    }

    fn add(&mut self, day: Date, begin: Timestamp) {
        self.turn_to(day);
        let holiday = match self.schedule.options().on_holiday {
            OnHoliday::Ignore => None,
            kind => Some(kind).filter(|_| self.holidays.contains(day)),
        };
        if holiday == Some(OnHoliday::Stopped) {
            self.events.push((begin, Event::Ground(Desired::Stopped)));
            self.lay(Layer::Off, begin, begin_of_day(self.zone, next(day)));
            return;
        }
        let bit = 1_u32 << day.day();
        let hours: Vec<Hours> =
            self.matches.iter().filter(|(_, days)| days & bit != 0).map(|(hours, _)| *hours).collect();
        let one_way_only =
            !hours.is_empty() && !hours.iter().any(|hours| matches!(hours, Hours::Between(..)));
        let ground = if self.two_ends && !one_way_only { Desired::Stopped } else { Desired::None };
        self.events.push((begin, Event::Ground(ground)));
        self.add_between(day, &hours, if holiday.is_some() { Layer::Held } else { Layer::Running });
        self.add_one_way(day, &hours, holiday.is_some());
    }

    /// Which days a period begins on is worked out once a month.
    fn turn_to(&mut self, day: Date) {
        if self.month.is_some_and(|month| month.is_of(day)) {
            return;
        }
        let month = MonthShape::of(day);
        for (period, (_, days)) in self.schedule.periods().iter().zip(&mut self.matches) {
            *days = period.days_in(month);
        }
        self.month = Some(month);
    }

    fn add_between(&mut self, day: Date, hours: &[Hours], layer: Layer) {
        for hours in hours {
            if let Hours::Between(begin, end) = *hours {
                let last_day = if begin < end { day } else { next(day) };
                let begin = instant(self.zone, day, begin, Edge::Begin);
                self.lay(layer, begin, instant(self.zone, last_day, end, Edge::End));
            }
        }
    }

    /// The later event wins; of two at one instant the one that the clock shows later, then the start.
    fn add_one_way(&mut self, day: Date, hours: &[Hours], holiday: bool) {
        let mut events: Vec<(Timestamp, ClockTime, Event)> = Vec::new();
        let start = if holiday { Event::NoStart } else { Event::Ground(Desired::Running) };
        for hours in hours {
            match *hours {
                Hours::From(time) => {
                    let at = instant(self.zone, day, time, Edge::Begin);
                    events.push((at, time, start));
                }
                Hours::StoppedFrom(time) => {
                    let at = instant(self.zone, day, time, Edge::End);
                    events.push((at, time, Event::Ground(Desired::Stopped)));
                }
                Hours::Between(..) => {}
            }
        }
        events.sort_by_key(|(at, time, event)| (*at, *time, *event == start));
        self.events.extend(events.into_iter().map(|(at, _, event)| (at, event)));
    }

    fn lay(&mut self, layer: Layer, from: Timestamp, to: Timestamp) {
        if from < to {
            self.events.push((from, Event::Begin(layer)));
            self.events.push((to, Event::End(layer)));
        }
    }
}

/// The state that results from all that has begun and not ended.
#[derive(Default)]
struct State {
    off: u32,
    running: u32,
    held: u32,
    /// With whether a holiday is why.
    ground: Option<(Desired, bool)>,
}

impl State {
    fn apply(&mut self, event: Event) {
        match event {
            Event::Ground(state) => self.ground = Some((state, false)),
            Event::NoStart => self.ground = Some((Desired::None, true)),
            Event::Begin(layer) => *self.count(layer) += 1,
            Event::End(layer) => *self.count(layer) = self.count(layer).saturating_sub(1),
        }
    }

    fn count(&mut self, layer: Layer) -> &mut u32 {
        match layer {
            Layer::Off => &mut self.off,
            Layer::Running => &mut self.running,
            Layer::Held => &mut self.held,
        }
    }

    fn change(&self, at: Timestamp) -> Change {
        let (state, holiday) = match self {
            Self { off: 1.., .. } => (Desired::Stopped, false),
            Self { running: 1.., .. } => (Desired::Running, false),
            Self { held: 1.., .. } => (Desired::None, true),
            Self { ground, .. } => ground.unwrap_or((Desired::None, false)),
        };
        Change { at, state, holiday }
    }
}

fn read(events: &[(Timestamp, Event)], from: Timestamp, to: Timestamp) -> Timeline {
    let mut state = State::default();
    let mut first = state.change(from);
    let mut changes: Vec<Change> = Vec::new();
    for group in events.chunk_by(|(a, _), (b, _)| a == b) {
        let Some((at, _)) = group.first() else { continue };
        for (_, event) in group {
            state.apply(*event);
        }
        if *at <= from {
            first = state.change(from);
        } else if *at < to && state.change(*at).state != changes.last().unwrap_or(&first).state {
            changes.push(state.change(*at));
        }
    }
    Timeline { first, to: to.max(from), changes }
}
