//! Beside the decision: the time off that counts, and when AWS will start a database by itself.

use super::look::Look;
use crate::domain::schedule::{Action, Desired, OffSpan, Power, TargetKind, memory::later};
use jiff::Timestamp;

/// RDS starts what was stopped that long, where it does not say when.
const RDS_STOPPED_AT_MOST_DAYS: i64 = 7;
/// AWS is not exact about it: what starts in these minutes before is its doing.
const RESTART_SLACK_MINUTES: i64 = 30;
/// A stop takes a while to show.
const STOP_SHOWS_MINUTES: i64 = 5;

impl Look<'_> {
    /// Ends the time off that is over, and notes what the state tells.
    pub fn keep_books(&mut self) -> Option<OffSpan> {
        let span = self.end_of_time_off();
        self.note_restart();
        if self.seen.power == Power::Stopped {
            self.memory.started_by_hand = false;
        }
        span
    }

    /// Off counts from Tuner's stop until the resource runs or the schedule wants it to.
    fn end_of_time_off(&mut self) -> Option<OffSpan> {
        let from = self.memory.off_since?;
        let now = self.now();
        let until = match self.seen.power {
            Power::Gone => now,
            Power::Running if now < later(from, STOP_SHOWS_MINUTES) => return None,
            Power::Running => self.began_to_run(from),
            _ if self.prospect.desired == Desired::Running => now,
            _ => return None,
        };
        // However late it is noticed, from when it shall run the time is not the schedule's.
        let wanted = if self.prospect.desired == Desired::Running { self.prospect.since } else { now };
        let until = until.min(wanted).max(from);
        self.memory.off_since = None;
        (from < until).then_some(OffSpan { from, until })
    }

    fn began_to_run(&self, off_since: Timestamp) -> Timestamp {
        let told = if self.restart_is_due() { self.memory.restart_due } else { self.seen.launched_at };
        told.filter(|at| (off_since..=self.now()).contains(at)).unwrap_or_else(|| self.now())
    }

    fn note_restart(&mut self) {
        if self.seen.kind == TargetKind::Instance {
            return;
        }
        let due = self.memory.restart_due;
        self.memory.restart_due = match self.seen.power {
            Power::Stopped => self.seen.automatic_restart_at.or_else(|| self.restart_as_far_as_known()),
            // Before its time it was somebody's hand; and where it may run, nothing is to be stopped again.
            Power::Running | Power::Changing => due.filter(|_| self.restart_is_due() && self.wants_stopped()),
            Power::Gone => None,
        };
    }

    pub fn restart_is_due(&self) -> bool {
        self.memory.restart_due.is_some_and(|due| later(self.now(), RESTART_SLACK_MINUTES) >= due)
    }

    fn wants_stopped(&self) -> bool {
        self.prospect.desired == Desired::Stopped
    }

    /// What was told before, or seven days after our stop; it has not come true if it is still off well after.
    fn restart_as_far_as_known(&self) -> Option<Timestamp> {
        let stop = self.memory.last_action.filter(|last| last.action == Action::Stop);
        let assumed = stop.map(|stop| later(stop.at, RDS_STOPPED_AT_MOST_DAYS * 24 * 60));
        self.memory.restart_due.or(assumed).filter(|due| later(*due, RESTART_SLACK_MINUTES) > self.now())
    }
}
