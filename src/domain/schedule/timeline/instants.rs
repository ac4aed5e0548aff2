//! From a clock on the wall to instants.

use crate::domain::schedule::ClockTime;
use jiff::{
    Timestamp,
    civil::{Date, DateTime, Time},
    tz::{AmbiguousOffset, Offset, TimeZone},
};

/// A time that the clock shows twice is the first of the two for what begins, the last for what ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edge {
    Begin,
    End,
}

/// The instant at which a clock of the zone shows that time on that day; a time that it leaves out is the jump.
pub fn instant(zone: &TimeZone, day: Date, time: ClockTime, edge: Edge) -> Timestamp {
    let at = match time.time() {
        Some(time) => day.to_datetime(time),
        None => next(day).to_datetime(Time::midnight()),
    };
    let offset = match (zone.to_ambiguous_timestamp(at).offset(), edge) {
        (AmbiguousOffset::Unambiguous { offset }, _) => offset,
        (AmbiguousOffset::Fold { before, .. }, Edge::Begin) => before,
        (AmbiguousOffset::Fold { after, .. }, Edge::End) => after,
        (AmbiguousOffset::Gap { after, .. }, _) => return jump(zone, timestamp(after, at)),
    };
    timestamp(offset, at)
}

/// The first instant of a day.
pub fn begin_of_day(zone: &TimeZone, day: Date) -> Timestamp {
    instant(zone, day, ClockTime::MIDNIGHT, Edge::Begin)
}

/// The next day; the last one of all is followed by itself.
pub fn next(day: Date) -> Date {
    day.tomorrow().unwrap_or(day)
}

/// With the offset after a gap a time in it lies before the jump, by less than the gap's length.
fn jump(zone: &TimeZone, before: Timestamp) -> Timestamp {
    zone.following(before).next().map_or(before, |transition| transition.timestamp())
}

fn timestamp(offset: Offset, at: DateTime) -> Timestamp {
    offset.to_timestamp(at).unwrap_or(if at.year() < 0 { Timestamp::MIN } else { Timestamp::MAX })
}
