//! From what AWS answered, or what was seen later, to what is written down, remembered and told.

use crate::{
    audit::Ending,
    db::ActionOutcome,
    domain::{
        audit::AuditOutcome,
        ids::ActionId,
        notice::{Deviation, DeviationReason, FailedAction, Notice, NoticedResource},
        schedule::{
            Action, ActionRecord, ActionStatus, Memory, Observed, ScheduledResource, Target, Verification,
            verify_after,
        },
    },
    schedule::{Outcome, OutcomeStatus},
};
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

/// A change that goes on is looked at again after that.
const LOOK_AGAIN: SignedDuration = SignedDuration::from_secs(60);

/// An answer of AWS.
pub(super) fn answered(outcome: &Outcome, target: &Target, now: Timestamp) -> ActionOutcome {
    let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let later = |wait: Duration| SignedDuration::try_from(wait).ok().map(|wait| now + wait);
    let (status, verify) = match outcome.status {
        OutcomeStatus::Accepted => (ActionStatus::Accepted, later(outcome.verify_after)),
        OutcomeStatus::Unknown => (ActionStatus::Unknown, later(verify_after(target.kind))),
        OutcomeStatus::NoOp => (ActionStatus::NoOp, None),
        OutcomeStatus::Retry => (ActionStatus::Failed, None),
        OutcomeStatus::Refused => (ActionStatus::Refused, None),
        OutcomeStatus::NotAdmitted => (ActionStatus::Abandoned, None),
    };
    ActionOutcome {
        code: text(&outcome.code),
        message: text(&outcome.message),
        request_id: outcome.request_id.clone(),
        verify_after: verify,
        ..ActionOutcome::new(outcome.id, status, now)
    }
}

/// What is remembered after an answer.
pub(super) fn remembered(
    memory: Memory,
    action: Action,
    status: ActionStatus,
    code: &str,
    now: Timestamp,
) -> Memory {
    match status {
        ActionStatus::Accepted => memory.after_accepted(action, now),
        ActionStatus::NoOp => memory.after_no_op(action),
        ActionStatus::Failed => memory.after_failed(action, code, now),
        ActionStatus::Refused => memory.after_refused(action, code, now),
        ActionStatus::Unknown => memory.after_unknown(action, now),
        ActionStatus::Intended | ActionStatus::Called | ActionStatus::Verified | ActionStatus::Abandoned => {
            memory
        }
    }
}

/// What a later look says of an open action.
pub(super) struct Settled {
    pub outcome: ActionOutcome,
    verification: Verification,
}

pub(super) fn settled(
    action: &ActionRecord,
    verification: &Verification,
    observed: &Observed,
    now: Timestamp,
) -> Settled {
    let base = ActionOutcome {
        state_seen: Some(observed.power),
        ..ActionOutcome::new(action.id, ActionStatus::Verified, now)
    };
    let outcome = match verification {
        Verification::Verified => ActionOutcome { verified_at: Some(now), ..base },
        Verification::Undone { reason } => ActionOutcome {
            verified_at: Some(now),
            code: Some("Undone".to_owned()),
            message: Some(reason.clone()),
            ..base
        },
        Verification::StillChanging => {
            ActionOutcome { status: open_status(action.status), verify_after: Some(now + LOOK_AGAIN), ..base }
        }
        Verification::Failed { code, reason } => ActionOutcome {
            status: ActionStatus::Failed,
            code: Some(code.clone()),
            message: Some(reason.clone()),
            ..base
        },
        Verification::Gone => ActionOutcome {
            status: ActionStatus::Failed,
            code: Some("Gone".to_owned()),
            message: Some("the resource is not there any more".to_owned()),
            ..base
        },
    };
    Settled { outcome, verification: verification.clone() }
}

/// A call whose outcome was lost is an unknown one.
const fn open_status(status: ActionStatus) -> ActionStatus {
    match status {
        ActionStatus::Accepted => ActionStatus::Accepted,
        _ => ActionStatus::Unknown,
    }
}

impl Settled {
    pub fn is_over(&self) -> bool {
        self.verification != Verification::StillChanging
    }

    /// A call whose acceptance nobody heard of counts from the call.
    pub fn memory(&self, memory: Memory, action: &ActionRecord) -> Memory {
        let called_at = action.called_at.unwrap_or(action.decided_at);
        let unheard = action.status != ActionStatus::Accepted;
        let accepted =
            |memory: Memory| if unheard { memory.after_accepted(action.action, called_at) } else { memory };
        match &self.verification {
            Verification::Verified | Verification::Undone { .. } => accepted(memory).after_verified(),
            Verification::StillChanging if action.status == ActionStatus::Called => {
                memory.after_unknown(action.action, called_at)
            }
            Verification::StillChanging | Verification::Gone => memory,
            Verification::Failed { code, .. } => {
                memory.after_failed(action.action, code, self.outcome.finished_at)
            }
        }
    }
}

pub(super) fn ending_of(status: ActionStatus, detail: Option<&str>) -> Ending {
    let outcome = match status {
        ActionStatus::Accepted | ActionStatus::NoOp | ActionStatus::Verified => AuditOutcome::Succeeded,
        ActionStatus::Failed => AuditOutcome::Failed,
        ActionStatus::Refused | ActionStatus::Abandoned => AuditOutcome::Refused,
        ActionStatus::Intended | ActionStatus::Called | ActionStatus::Unknown => AuditOutcome::Unknown,
    };
    Ending { detail: detail.map(str::to_owned).filter(|detail| !detail.is_empty()), ..outcome.into() }
}

/// A call that failed, told the first time of a row.
pub(super) fn refused_notice(
    id: ActionId,
    action: Action,
    due_at: Timestamp,
    row: &ScheduledResource,
) -> Option<Notice> {
    let retry = row.memory.as_ref().and_then(|memory| memory.retry.as_ref())?;
    (retry.failures == 1).then(|| {
        Notice::ActionFailed(FailedAction {
            resource: noticed(row),
            action_id: id,
            action,
            code: Some(retry.code.clone()),
            due_at,
            next_attempt_at: Some(retry.not_before),
        })
    })
}

/// An accepted action that did not come true is a failure and a deviation, told the first time.
pub(super) fn failed_notice(action: &ActionRecord, found: &Settled, row: &ScheduledResource) -> Vec<Notice> {
    let Some(failed) = refused_notice(action.id, action.action, action.due_at, row) else {
        return Vec::new();
    };
    let code: Option<Box<str>> = found.outcome.code.as_deref().map(Box::from);
    let fell_back = code.as_deref().is_some_and(|code| code.contains('.'));
    let deviation = Notice::Deviation(Deviation {
        resource: noticed(row),
        reason: if fell_back { DeviationReason::FellBack } else { DeviationReason::NotReached },
        expected: action.action.desired(),
        found: row.observed.power,
        action_id: Some(action.id),
        code,
    });
    vec![failed, deviation]
}

pub(super) fn noticed(row: &ScheduledResource) -> NoticedResource {
    let observed = &row.observed;
    NoticedResource::of(&observed.target, observed.name.as_deref(), row.schedule_name.as_deref())
}
