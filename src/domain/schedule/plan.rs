//! What one resource follows: a schedule's course with the overrides on it.

use super::{
    Change, Desired, Options, OverrideState, ScheduleKey, memory::later, overrides::Overrides,
    timeline::Course,
};
use jiff::Timestamp;

#[derive(Clone, Copy, Debug)]
pub struct Plan<'a> {
    pub name: &'a str,
    pub key: ScheduleKey,
    pub options: &'a Options,
    /// When the schedule's meaning changed last.
    pub changed_at: Timestamp,
    pub(super) course: &'a Course<'a>,
    pub(super) overrides: Overrides<'a>,
    /// What is wanted at the instant that all was prepared for, without overrides on the resource.
    pub(super) prepared: &'a Prospect,
}

/// What is wanted at an instant, since when, and until when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prospect {
    pub at: Timestamp,
    pub desired: Desired,
    pub source: Source,
    /// The last turn: a change, the begin or end of an override, an edit.
    pub since: Timestamp,
    /// None within the horizon.
    pub next: Option<Timestamp>,
}

/// Who decides at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    Schedule,
    /// No start because of a holiday.
    Holiday,
    Override(OverrideState),
    /// The schedule, whose state is applied since an override ended.
    OverrideEnded,
}

/// What has turned since somebody looked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct News {
    pub any: bool,
    /// Those that wanted something.
    pub wishes: u32,
}

impl Plan<'_> {
    /// The state wanted at an instant, overrides included.
    #[must_use]
    pub fn desired_at(&self, at: Timestamp) -> Desired {
        self.overrides.in_force(at).map_or_else(|| self.course.at(at).state, |entry| entry.state.desired())
    }

    /// The next changes after an instant, overrides included; fewer where the horizon of a year ends.
    #[must_use]
    pub fn next_changes(&self, after: Timestamp, count: usize) -> Vec<Change> {
        let (mut at, mut found) = (after, Vec::new());
        let mut state = self.desired_at(at);
        while found.len() < count {
            let Some(next) = self.next_turn(at) else { break };
            at = next;
            let desired = self.desired_at(at);
            if desired != state {
                let holiday = self.overrides.in_force(at).is_none() && self.course.at(at).holiday;
                found.push(Change { at, state: desired, holiday });
                state = desired;
            }
        }
        found
    }

    #[must_use]
    pub fn next_ten(&self, after: Timestamp) -> Vec<Change> {
        self.next_changes(after, 10)
    }

    pub(super) fn prospect(&self, at: Timestamp) -> Prospect {
        if at == self.prepared.at && self.overrides.of_resource.is_empty() {
            return *self.prepared;
        }
        prospect(self.course, self.overrides, self.changed_at, at)
    }

    /// What has turned in `(after, at]`. Before the last edit it was another schedule, and while an override
    /// decides, the schedule's own changes are none.
    pub(super) fn news(&self, prospect: &Prospect, after: Timestamp) -> News {
        if prospect.since <= after {
            return News::default();
        }
        let turned = self.overrides.last_turn(prospect.at).filter(|at| *at > after);
        let left = prospect.source == Source::Override(OverrideState::Leave);
        let mut wishes = u32::from(turned.is_some() && !left);
        let mut any = turned.is_some();
        if !matches!(prospect.source, Source::Override(_)) {
            let after = turned.unwrap_or(after).max(self.changed_at);
            let changes = self.course.recent_changes(after, prospect.at);
            any |= !changes.is_empty();
            let wanted = changes.iter().filter(|change| change.state != Desired::None).count();
            wishes = wishes.saturating_add(u32::try_from(wanted).unwrap_or(u32::MAX));
        }
        News { any, wishes }
    }

    fn next_turn(&self, after: Timestamp) -> Option<Timestamp> {
        next_turn(self.course, self.overrides, after)
    }
}

pub(super) fn prospect(
    course: &Course<'_>,
    overrides: Overrides<'_>,
    changed_at: Timestamp,
    at: Timestamp,
) -> Prospect {
    let next = next_turn(course, overrides, at);
    let turned = overrides.last_turn(at);
    if let Some(entry) = overrides.in_force(at) {
        let (desired, source) = (entry.state.desired(), Source::Override(entry.state));
        return Prospect { at, desired, source, since: turned.unwrap_or(entry.from), next };
    }
    let change = course.at(at);
    let edited = changed_at.min(at);
    let changed = course.last_change(at).map_or(edited, |last| last.at.max(edited));
    let source = match turned {
        _ if change.holiday => Source::Holiday,
        Some(ended) if ended >= changed => Source::OverrideEnded,
        _ => Source::Schedule,
    };
    Prospect { at, desired: change.state, source, since: turned.map_or(changed, |at| at.max(changed)), next }
}

fn next_turn(course: &Course<'_>, overrides: Overrides<'_>, after: Timestamp) -> Option<Timestamp> {
    let turn = overrides.next_turn(after);
    if overrides.in_force(after).is_some() {
        return turn;
    }
    let change = course.next_change(after).map(|change| change.at);
    turn.into_iter().chain(change).min()
}

/// Where nothing changes within the horizon, somebody looks again then.
pub(super) fn horizon(now: Timestamp) -> Timestamp {
    later(now, 400 * 24 * 60)
}
