//! What shall be done to one resource, and what became of it.

use crate::domain::{
    finding::text_enum,
    ids::ActionId,
    schedule::{Action, Observed, Power, Target, check_eligibility},
};
use jiff::Timestamp;
use std::time::Duration;

/// A look that is older proves nothing: tags and states change.
const FRESH: Duration = Duration::from_mins(5);

/// Says that the resource was seen just now with `Scheduler=Enabled`, is eligible and in the state that the
/// action begins from. Made here alone, and good for this action on this resource only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagProof {
    target: Target,
    action: Action,
    group: Box<str>,
}

impl TagProof {
    /// None unless all of it is so.
    #[must_use]
    pub fn of(observed: &Observed, action: Action, now: Timestamp) -> Option<Self> {
        let begins_from = action.opposite().leads_to();
        let fresh =
            Duration::try_from(now.duration_since(observed.seen_at).abs()).is_ok_and(|age| age <= FRESH);
        let holds = fresh
            && observed.tags.scheduled()
            && observed.power == begins_from
            && observed.power != Power::Gone
            && check_eligibility(observed).is_ok();
        let group = || format!("{}/{}", observed.facts.size, observed.facts.zone).into();
        holds.then(|| Self { target: observed.target.clone(), action, group: group() })
    }

    #[must_use]
    pub fn target(&self) -> &Target {
        &self.target
    }

    #[must_use]
    pub fn action(&self) -> Action {
        self.action
    }

    /// Starts of one type in one zone go together: capacity is by both.
    #[must_use]
    pub fn group(&self) -> &str {
        &self.group
    }
}

/// `target` and `action` are for reading: what is called is what was proved.
#[derive(Clone, Debug)]
pub struct Order {
    pub id: ActionId,
    pub target: Target,
    pub action: Action,
    proof: TagProof,
}

impl Order {
    #[must_use]
    pub fn new(id: ActionId, proof: TagProof) -> Self {
        Self { id, target: proof.target.clone(), action: proof.action, proof }
    }

    pub(super) fn proof(&self) -> &TagProof {
        &self.proof
    }
}

text_enum! {
    OutcomeStatus {
        /// AWS took the call; whether it came true is seen later.
        Accepted = "accepted",
        /// It was in that state already.
        NoOp = "noOp",
        /// Capacity, limits, throttling, a state that has just changed: tried again, slowly.
        Retry = "retry",
        /// It will not work until somebody changes something: no permission, no tag, stop protection, ….
        Refused = "refused",
        /// The call was made and no answer came: seen at the next tick.
        Unknown = "unknown",
        /// Not called: the ledger did not admit it, or the rate budget of this tick was used up.
        NotAdmitted = "notAdmitted",
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    pub id: ActionId,
    pub status: OutcomeStatus,
    /// AWS's code; empty if it took the call.
    pub code: String,
    /// One line for people, without secrets.
    pub message: String,
    pub request_id: Option<String>,
    /// How long AWS needs at least before the state says something; zero where nothing was accepted.
    pub verify_after: Duration,
}

#[cfg(test)]
mod tests {
    use super::{super::lab::*, *};
    use crate::domain::{schedule::TargetKind, tags::Tags};

    #[test]
    fn a_proof_needs_the_tag_eligibility_the_state_and_a_fresh_look() {
        let stop = |change: fn(&mut Observed)| {
            let mut observed = seen(TargetKind::Instance, "i-1", Action::Stop);
            change(&mut observed);
            TagProof::of(&observed, Action::Stop, NOW + jiff::SignedDuration::from_mins(1)).is_some()
        };
        assert!(stop(|_| ()));
        assert!(!stop(|o| o.tags = Tags::from_iter([("Scheduler", "enabled")])));
        assert!(!stop(|o| o.facts.spot = true));
        assert!(!stop(|o| o.power = Power::Stopped));
        assert!(!stop(|o| o.power = Power::Changing));
        assert!(!stop(|o| o.power = Power::Gone));
        assert!(!stop(|o| o.seen_at = NOW - jiff::SignedDuration::from_mins(5)));
        assert!(!stop(|o| o.seen_at = NOW + jiff::SignedDuration::from_hours(1)), "the clock was set back");
    }
}
