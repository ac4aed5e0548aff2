//! One look at one resource: has something turned that leads to an action?

use super::{Decision, Reason, settle::Wish};
use crate::domain::schedule::{
    Action, Desired, Memory, OverrideState, Plan, Power, Seen,
    memory::later,
    plan::{Prospect, Source, horizon},
};
use jiff::{SignedDuration, Timestamp};

/// A clock that was further ahead than that was no clock: what was remembered by it counts from now.
const LONGEST_JUMP: SignedDuration = SignedDuration::from_hours(24);

pub struct Look<'a> {
    pub plan: &'a Plan<'a>,
    pub seen: Seen,
    pub prospect: Prospect,
    pub memory: Memory,
}

impl Look<'_> {
    /// Of a resource that followed no schedule so far, or another one.
    pub fn first_sight(mut self) -> Decision {
        let due_at = self.now();
        let span = self.keep_books();
        let decision = match self.seen.power {
            Power::Gone => self.gone(),
            _ => self.settle(Wish { reason: Reason::FirstSight, due_at, in_time: true, first_sight: true }),
        };
        Decision { off: span, ..decision }
    }

    pub fn known(mut self) -> Decision {
        if self.now() < self.memory.looked_at {
            return self.with_the_clock_behind();
        }
        let span = self.keep_books();
        let decision = if self.seen.power == Power::Gone { self.gone() } else { self.look() };
        Decision { off: span, ..decision }
    }

    fn look(mut self) -> Decision {
        let edited = self.memory.schedule.revision != self.plan.key.revision;
        let news = self.plan.news(&self.prospect, self.memory.looked_at);
        let another = self.prospect.desired != self.memory.desired;
        self.memory.schedule = self.plan.key;
        if let Some(since) = self.memory.pending_since.filter(|_| !news.any && !edited) {
            return self.pending(since);
        }
        if !news.any && !another {
            self.forget_pending();
            return self.unchanged();
        }
        // What was pending and is overtaken will not be done any more.
        let overtaken = u32::from(self.memory.pending_since.is_some());
        self.forget_pending();
        self.memory.looked_at = self.now();
        self.memory.retry = None;
        let before = news.wishes.saturating_sub(u32::from(self.prospect.desired != Desired::None));
        let decision = self.turned();
        let last = u32::from(decision.reason == Reason::Missed);
        Decision { missed: overtaken + before + last, ..decision }
    }

    /// The wanted state has changed, or was wanted anew.
    fn turned(self) -> Decision {
        let reason = match self.prospect.source {
            Source::Override(_) | Source::OverrideEnded => Reason::OverrideChange,
            Source::Schedule | Source::Holiday => Reason::ScheduleChange,
        };
        let due_at = self.prospect.since;
        let window = i64::from(self.plan.options.catch_up_minutes);
        // What is brought back at every tick is never too old.
        let in_time = self.now() <= later(due_at, window) || self.plan.options.enforce;
        self.settle(Wish { reason, due_at, in_time, first_sight: false })
    }

    /// Was decided before, in time, and could not be carried out yet.
    fn pending(self, since: Timestamp) -> Decision {
        let reason = self.memory.pending_reason.unwrap_or(Reason::ScheduleChange);
        let first_sight = reason == Reason::FirstSight;
        let due_at = match reason {
            Reason::ScheduleChange | Reason::OverrideChange => self.prospect.since,
            _ => since,
        };
        self.settle(Wish { reason, due_at, in_time: true, first_sight })
    }

    /// People may do as they like until the next change, unless AWS did it or the schedule is enforced.
    fn unchanged(self) -> Decision {
        let Some(action) = self.prospect.desired.action() else {
            let reason = self.no_opinion();
            return self.rest(reason);
        };
        if self.seen.power == action.leads_to() {
            return self.rest(Reason::Unchanged);
        }
        let now = self.now();
        if action == Action::Stop && self.seen.power == Power::Running && self.restart_is_due() {
            let due_at = self.memory.restart_due.unwrap_or(now);
            return self.settle(Wish {
                reason: Reason::RestartedByAws,
                due_at,
                in_time: true,
                first_sight: false,
            });
        }
        if !self.plan.options.enforce {
            return self.rest(Reason::Unchanged);
        }
        if self.seen.power == Power::Changing || self.has_just_done(action) {
            return Decision { look_again_at: now, ..self.rest(Reason::WaitingForStableState) };
        }
        self.settle(Wish { reason: Reason::Enforced, due_at: now, in_time: true, first_sight: false })
    }

    fn gone(mut self) -> Decision {
        self.forget_pending();
        self.memory.retry = None;
        self.rest(Reason::Gone)
    }

    /// Nothing is done twice, and nothing undone, because a clock was set back.
    fn with_the_clock_behind(mut self) -> Decision {
        let ahead = self.memory.looked_at;
        if ahead.duration_since(self.now()) <= LONGEST_JUMP {
            return Decision { look_again_at: ahead, ..self.rest(Reason::ClockWentBack) };
        }
        self.memory = Memory {
            last_action: self.memory.last_action,
            started_by_hand: self.memory.started_by_hand,
            ..Memory::new(self.plan.key, self.prospect.desired, self.now())
        };
        if let Some(last) = &mut self.memory.last_action {
            last.at = last.at.min(self.prospect.at);
        }
        self.rest(Reason::ClockWentBack)
    }

    /// No action, and nothing to wait for but the next change.
    pub fn rest(self, reason: Reason) -> Decision {
        let look_again_at = self.prospect.next.unwrap_or_else(|| horizon(self.now()));
        Decision {
            desired: self.prospect.desired,
            action: None,
            reason,
            due_at: self.prospect.since,
            memory: self.memory,
            missed: 0,
            next_change_at: self.prospect.next,
            look_again_at,
            off: None,
        }
    }

    pub fn no_opinion(&self) -> Reason {
        match self.prospect.source {
            Source::Holiday => Reason::HolidayNoStart,
            Source::Override(OverrideState::Leave) => Reason::OverrideLeave,
            _ => Reason::NoOpinion,
        }
    }

    pub fn now(&self) -> Timestamp {
        self.prospect.at
    }

    fn forget_pending(&mut self) {
        self.memory.pending_since = None;
        self.memory.pending_reason = None;
    }
}
