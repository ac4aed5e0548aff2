//! What follows from a state that is wanted: an action, a reason against it, or one to wait.

use super::{Decision, Reason, look::Look};
use crate::domain::schedule::{Action, Memory, Power, memory::later, plan::Source};
use jiff::Timestamp;

/// Never two opposite actions within these minutes, and never the same one again.
const PAUSE_MINUTES: i64 = 5;

/// Why a state is wanted now.
pub struct Wish {
    pub reason: Reason,
    pub due_at: Timestamp,
    /// Within the catch-up window, or decided when it was.
    pub in_time: bool,
    pub first_sight: bool,
}

impl Look<'_> {
    pub fn settle(mut self, wish: Wish) -> Decision {
        let Some(action) = self.prospect.desired.action() else {
            let reason = self.no_opinion();
            self.memory.retry = None;
            return self.done(reason);
        };
        if self.memory.retry.as_ref().is_some_and(|retry| retry.action != action) {
            self.memory.retry = None;
        }
        if self.seen.power == action.leads_to() {
            return self.already_there(action, &wish);
        }
        match self.against(action, &wish) {
            Some(reason) => self.done(reason),
            None => self.act(action, wish),
        }
    }

    /// It is as wanted already.
    fn already_there(mut self, action: Action, wish: &Wish) -> Decision {
        let last = self.memory.last_action.filter(|last| last.action == action);
        let pending_since = self.memory.pending_since;
        if action == Action::Start {
            self.memory.started_by_hand =
                !wish.first_sight && pending_since.is_none() && last.is_none() && self.ran_before(wish);
        } else if self.memory.off_since.is_none() {
            // A call for this very change whose answer was lost has come true.
            let call = last.filter(|last| pending_since.is_some_and(|since| since <= last.at));
            self.memory.off_since = call.map(|call| call.at);
        }
        self.memory.retry = None;
        self.done(Reason::AlreadyThere)
    }

    /// Where AWS does not tell when it was started, seeing it run at the begin must do.
    fn ran_before(&self, wish: &Wish) -> bool {
        self.seen.launched_at.is_none_or(|launched| launched < wish.due_at)
    }

    /// What speaks against it until the next change.
    fn against(&self, action: Action, wish: &Wish) -> Option<Reason> {
        let options = self.plan.options;
        let overridden = matches!(self.prospect.source, Source::Override(_));
        let new_alone = match action {
            Action::Start => !options.start_new,
            Action::Stop => !options.stop_new,
        };
        let by_hand = action == Action::Stop && options.keep_started_by_hand && self.memory.started_by_hand;
        if wish.first_sight && new_alone && !overridden && !options.enforce {
            Some(Reason::NewLeftAlone)
        } else if by_hand && !overridden {
            Some(Reason::KeptStartedByHand)
        } else if !wish.in_time {
            Some(Reason::Missed)
        } else {
            None
        }
    }

    fn act(mut self, action: Action, wish: Wish) -> Decision {
        let now = self.now();
        if self.memory.pending_since.is_none() {
            self.memory.pending_since = Some(now);
            self.memory.pending_reason = Some(wish.reason);
        }
        let retrying = self.memory.retry.as_ref().map(|retry| retry.not_before);
        let (reason, action, again) = if self.seen.power == Power::Changing {
            (Reason::WaitingForStableState, None, now)
        } else if let Some(end) = self.pause_after_opposite(action) {
            (Reason::TooSoon, None, end)
        } else if let Some(not_before) = retrying.filter(|not_before| *not_before > now) {
            (Reason::WaitingForRetry, None, not_before)
        } else {
            let reason = if retrying.is_some() { Reason::RetryAfterFailure } else { wish.reason };
            (reason, Some(action), now)
        };
        let look_again_at = self.prospect.next.map_or(again, |next| next.min(again));
        Decision { action, due_at: wish.due_at, look_again_at, ..self.rest(reason) }
    }

    /// Nothing is left to do for this change.
    fn done(mut self, reason: Reason) -> Decision {
        self.memory = Memory {
            desired: self.prospect.desired,
            pending_since: None,
            pending_reason: None,
            ..self.memory
        };
        self.rest(reason)
    }

    /// When the pause ends that an opposite action began; a last action in the future is one, too.
    fn pause_after_opposite(&self, action: Action) -> Option<Timestamp> {
        let last = self.memory.last_action.filter(|last| last.action == action.opposite())?;
        Some(later(last.at, PAUSE_MINUTES)).filter(|end| *end > self.now())
    }

    /// AWS may show the old state for a while.
    pub fn has_just_done(&self, action: Action) -> bool {
        self.memory
            .last_action
            .is_some_and(|last| last.action == action && later(last.at, PAUSE_MINUTES) > self.now())
    }
}
