//! What became of a start or stop that AWS accepted, told from a later look at the resource.
//!
//! Accepted is not done: a start whose key or capacity is missing is accepted and falls back to stopped.

use super::{Action, Observed, Power, TargetKind};
use jiff::Timestamp;
use std::time::Duration;

/// An accepted action that has not been verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accepted {
    pub action: Action,
    /// The last moment before the call.
    pub called_at: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verification {
    Verified,
    /// On its way: look again.
    StillChanging,
    /// It did not come true. Worth another try, ever more slowly, and worth telling.
    Failed {
        code: String,
        reason: String,
    },
    /// It came true, and somebody has done the opposite since: respected, not tried again.
    Undone {
        reason: String,
    },
    Gone,
}

/// How long a change may take before it counts as failed. Databases with much to recover take hours.
const fn patience(kind: TargetKind) -> Duration {
    match kind {
        TargetKind::Instance => Duration::from_mins(20),
        TargetKind::DbInstance | TargetKind::DbCluster => Duration::from_hours(3),
    }
}

/// How long AWS needs at least before the state says something.
#[must_use]
pub const fn verify_after(kind: TargetKind) -> Duration {
    match kind {
        TargetKind::Instance => Duration::from_mins(1),
        TargetKind::DbInstance => Duration::from_mins(3),
        TargetKind::DbCluster => Duration::from_mins(5),
    }
}

#[must_use]
pub fn judge_verification(accepted: &Accepted, observed: &Observed) -> Verification {
    match observed.power {
        Power::Gone => Verification::Gone,
        Power::Changing => judge_changing(accepted, observed),
        power if power == accepted.action.leads_to() => Verification::Verified,
        _ if undone(accepted, observed) => {
            Verification::Undone { reason: "somebody did the opposite since".into() }
        }
        _ => fell_back(accepted.action, observed),
    }
}

fn judge_changing(accepted: &Accepted, observed: &Observed) -> Verification {
    let patience = patience(observed.target.kind);
    let since = Duration::try_from(observed.seen_at.duration_since(accepted.called_at)).unwrap_or_default();
    if since <= patience {
        return Verification::StillChanging;
    }
    let (state, minutes) = (&observed.facts.aws_state, patience.as_secs() / 60);
    let reason = format!("it is still '{state}' {minutes} minutes after the {}", accepted.action);
    Verification::Failed { code: "StillChanging".into(), reason }
}

/// An instance that was started after our call has a launch time after it. One of the same second is our own
/// start's; a stop takes longer than that, so it was launched before it.
fn undone(accepted: &Accepted, observed: &Observed) -> bool {
    let Some(launched_at) = observed.facts.launched_at else { return false };
    let called_at = whole_second(accepted.called_at);
    match accepted.action {
        Action::Stop => launched_at > called_at,
        Action::Start => {
            launched_at >= called_at
                && by_somebody(observed.facts.state_reason.as_deref().unwrap_or_default())
        }
    }
}

/// AWS gives launch times in whole seconds.
fn whole_second(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}

fn by_somebody(state_reason: &str) -> bool {
    ["Client.UserInitiated", "Client.InstanceInitiatedShutdown"]
        .iter()
        .any(|code| state_reason.starts_with(code))
}

fn fell_back(action: Action, observed: &Observed) -> Verification {
    let told = observed.facts.state_reason.as_deref().filter(|_| action == Action::Start);
    let told = told.filter(|reason| !by_somebody(reason));
    let code = told.map_or("NotDone", |reason| reason.split(':').next().unwrap_or(reason));
    let state = &observed.facts.aws_state;
    let reason = match (code, action) {
        ("Client.InternalError", _) => {
            "it stopped again (Client.InternalError): most likely a volume is encrypted with a key that the \
             scheduler's role may not use; allow it kms:CreateGrant on that key"
                .to_owned()
        }
        ("Server.InsufficientInstanceCapacity", _) => {
            "it stopped again: AWS has no capacity for its type in its zone now".to_owned()
        }
        ("NotDone", action) => format!("AWS accepted the {action}, and it is still '{state}'"),
        (code, _) => format!("it is '{state}' again ({code})"),
    };
    Verification::Failed { code: code.to_owned(), reason }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        schedule::{Facts, Target},
        tags::Tags,
    };
    use rstest::rstest;

    const CALLED: &str = "2026-07-01T07:00:00.5Z";

    fn look(action: Action, power: Power, change: impl Fn(&mut Observed)) -> Verification {
        let (account, region) = ("123456789012".parse().unwrap(), "eu-west-1".parse().unwrap());
        let mut observed = Observed {
            target: Target { account, region, kind: TargetKind::Instance, id: "i-1".into() },
            name: None,
            tags: Tags::default(),
            power,
            seen_at: "2026-07-01T07:01:30Z".parse().unwrap(),
            facts: Facts { aws_state: power.as_str().into(), ..Facts::default() },
        };
        change(&mut observed);
        judge_verification(&Accepted { action, called_at: CALLED.parse().unwrap() }, &observed)
    }

    fn failed(verification: Verification) -> (String, String) {
        match verification {
            Verification::Failed { code, reason } => (code, reason),
            other => panic!("{other:?}"),
        }
    }

    #[rstest]
    #[case(Action::Start, Power::Running, Verification::Verified)]
    #[case(Action::Stop, Power::Stopped, Verification::Verified)]
    #[case(Action::Start, Power::Changing, Verification::StillChanging)]
    #[case(Action::Stop, Power::Changing, Verification::StillChanging)]
    #[case(Action::Stop, Power::Gone, Verification::Gone)]
    fn a_later_look_tells(#[case] action: Action, #[case] power: Power, #[case] seen: Verification) {
        assert_eq!(look(action, power, |_| ()), seen);
    }

    #[test]
    fn a_start_that_fell_back_for_its_key_names_the_missing_grant() {
        let seen = look(Action::Start, Power::Stopped, |o| {
            o.facts.state_reason = Some("Client.InternalError: Client error on launch".into());
            o.facts.launched_at = Some("2026-07-01T07:00:01Z".parse().unwrap());
        });
        let (code, reason) = failed(seen);
        assert_eq!(code, "Client.InternalError");
        assert!(reason.contains("kms:CreateGrant"), "{reason}");
    }

    #[test]
    fn a_start_that_fell_back_for_capacity_says_so() {
        let seen = look(Action::Start, Power::Stopped, |o| {
            o.facts.state_reason = Some("Server.InsufficientInstanceCapacity: Insufficient capacity".into());
        });
        let (code, reason) = failed(seen);
        assert_eq!(code, "Server.InsufficientInstanceCapacity");
        assert!(reason.contains("capacity"), "{reason}");
    }

    #[test]
    fn the_reason_of_an_older_stop_is_not_the_reason_of_a_failed_start() {
        let seen = look(Action::Start, Power::Stopped, |o| {
            o.facts.state_reason = Some("Client.UserInitiatedShutdown: User initiated shutdown".into());
            o.facts.launched_at = Some("2026-06-30T07:00:00Z".parse().unwrap());
        });
        assert_eq!(failed(seen).0, "NotDone");
    }

    #[test]
    fn what_somebody_did_since_is_respected() {
        let stopped = look(Action::Start, Power::Stopped, |o| {
            o.facts.state_reason = Some("Client.UserInitiatedShutdown: User initiated shutdown".into());
            o.facts.launched_at = Some("2026-07-01T07:00:00Z".parse().unwrap());
        });
        assert!(matches!(stopped, Verification::Undone { .. }), "{stopped:?}");
        let started = look(Action::Stop, Power::Running, |o| {
            o.facts.launched_at = Some("2026-07-01T07:01:00Z".parse().unwrap());
        });
        assert!(matches!(started, Verification::Undone { .. }), "{started:?}");
    }

    #[test]
    fn a_stop_that_nothing_came_of_has_failed() {
        let seen = look(Action::Stop, Power::Running, |o| {
            o.facts.launched_at = Some("2026-06-30T07:00:00Z".parse().unwrap());
        });
        assert_eq!(failed(seen).0, "NotDone");
    }

    /// A call that got lost, of a machine that was launched a moment before.
    #[test]
    fn what_was_launched_in_the_second_of_the_stop_was_launched_before_it() {
        let seen = look(Action::Stop, Power::Running, |o| {
            o.facts.launched_at = Some("2026-07-01T07:00:00Z".parse().unwrap());
        });
        assert_eq!(failed(seen).0, "NotDone");
    }

    #[rstest]
    #[case(TargetKind::Instance, "2026-07-01T07:25:00Z", true)]
    #[case(TargetKind::DbInstance, "2026-07-01T07:25:00Z", false)]
    #[case(TargetKind::DbCluster, "2026-07-01T10:01:00Z", true)]
    fn a_change_without_end_has_failed(#[case] kind: TargetKind, #[case] seen_at: &str, #[case] over: bool) {
        let seen = look(Action::Stop, Power::Changing, |o| {
            o.target.kind = kind;
            o.seen_at = seen_at.parse().unwrap();
        });
        assert_eq!(seen != Verification::StillChanging, over, "{seen:?}");
    }
}
