//! What an organisation is told through its webhooks: failures and deviations, never the plain course of things.
//!
//! Invariant: a notice names resources by id and name and holds no other tag, no secret and no text of AWS's own
//! beyond its codes: it leaves the house.

use super::{
    finding::text_enum,
    ids::{AccountId, ActionId, ApprovalId},
    region::Region,
    schedule::{Action, Desired, Power, Target, TargetKind},
};
use jiff::Timestamp;
use serde::Serialize;

text_enum! {
    /// What a webhook may ask for.
    NoticeEvent {
        /// A start or stop that AWS refused, that did not hold, or whose outcome is not known.
        ActionFailed = "scheduler.actionFailed",
        /// A resource is not in the state that its schedule wants, and not by a person's hand.
        Deviation = "scheduler.deviation",
        /// More at once than may be done without asking.
        ApprovalNeeded = "scheduler.approvalNeeded",
        /// Nothing is started or stopped in an account any more, since its role lets nobody in.
        AccountStopped = "scheduler.accountStopped",
        /// Changes that were due while nobody looked, and are too old to be caught up.
        Missed = "scheduler.missed",
    }
}

text_enum! {
    DeviationReason {
        /// AWS starts a database that was stopped for seven days.
        RestartedByAws = "restartedByAws",
        /// The call was accepted, and the state did not follow.
        NotReached = "notReached",
        /// The state was reached and did not last.
        FellBack = "fellBack",
    }
}

/// The resource that a notice is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NoticedResource {
    pub account_id: AccountId,
    pub region: Region,
    pub kind: TargetKind,
    pub resource_id: Box<str>,
    pub resource_name: Option<Box<str>>,
    /// The name of the schedule that it follows.
    pub schedule: Option<Box<str>>,
}

impl NoticedResource {
    #[must_use]
    pub fn of(target: &Target, name: Option<&str>, schedule: Option<&str>) -> Self {
        Self {
            account_id: target.account,
            region: target.region.clone(),
            kind: target.kind,
            resource_id: target.id.clone(),
            resource_name: name.map(Box::from),
            schedule: schedule.map(Box::from),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FailedAction {
    #[serde(flatten)]
    pub resource: NoticedResource,
    pub action_id: ActionId,
    pub action: Action,
    /// AWS's code, or Tuner's word where AWS gave none.
    pub code: Option<Box<str>>,
    pub due_at: Timestamp,
    /// None: it is not tried again before the next change.
    pub next_attempt_at: Option<Timestamp>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Deviation {
    #[serde(flatten)]
    pub resource: NoticedResource,
    pub reason: DeviationReason,
    pub expected: Desired,
    pub found: Power,
    /// The start or stop that this is about, if it is about one.
    pub action_id: Option<ActionId>,
    /// The code of the reason that AWS gives for the state.
    pub code: Option<Box<str>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NeededApproval {
    pub account_id: AccountId,
    pub approval_id: ApprovalId,
    pub schedule: Box<str>,
    pub action: Action,
    /// How many resources wait for it.
    pub resources: u32,
    pub expires_at: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StoppedAccount {
    pub account_id: AccountId,
    /// AWS's code.
    pub code: Box<str>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MissedChanges {
    pub account_id: AccountId,
    pub schedule: Option<Box<str>>,
    pub changes: u32,
    pub resources: u32,
    /// When the oldest of them was due.
    pub oldest_due_at: Timestamp,
}

/// One thing to tell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Notice {
    ActionFailed(FailedAction),
    Deviation(Deviation),
    ApprovalNeeded(NeededApproval),
    AccountStopped(StoppedAccount),
    Missed(MissedChanges),
}

impl Notice {
    #[must_use]
    pub const fn event(&self) -> NoticeEvent {
        match self {
            Self::ActionFailed(_) => NoticeEvent::ActionFailed,
            Self::Deviation(_) => NoticeEvent::Deviation,
            Self::ApprovalNeeded(_) => NoticeEvent::ApprovalNeeded,
            Self::AccountStopped(_) => NoticeEvent::AccountStopped,
            Self::Missed(_) => NoticeEvent::Missed,
        }
    }

    /// Whoever may not see the account is not told.
    #[must_use]
    pub const fn account(&self) -> AccountId {
        match self {
            Self::ActionFailed(failed) => failed.resource.account_id,
            Self::Deviation(deviation) => deviation.resource.account_id,
            Self::ApprovalNeeded(needed) => needed.account_id,
            Self::AccountStopped(stopped) => stopped.account_id,
            Self::Missed(missed) => missed.account_id,
        }
    }
}

/// The body of a message, as the Standard Webhooks rules recommend it.
#[derive(Serialize)]
struct Message<'a, T> {
    r#type: &'a str,
    timestamp: Timestamp,
    data: &'a T,
}

/// The text that is signed and sent. Our own types always serialise.
#[must_use]
pub fn message(event: &str, at: Timestamp, data: &impl Serialize) -> String {
    serde_json::to_string(&Message { r#type: event, timestamp: at, data }).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_message_is_what_the_page_for_receivers_shows() {
        let target = Target {
            account: "123456789012".parse().unwrap(),
            region: "eu-central-1".parse().unwrap(),
            kind: TargetKind::Instance,
            id: "i-0abc".into(),
        };
        let failed = FailedAction {
            resource: NoticedResource::of(&target, Some("web-1"), Some("office")),
            action_id: ActionId::from_uuid(uuid::Uuid::nil()),
            action: Action::Start,
            code: Some("InsufficientInstanceCapacity".into()),
            due_at: "2026-11-23T06:00:00Z".parse().unwrap(),
            next_attempt_at: None,
        };
        let notice = Notice::ActionFailed(failed);
        let text = message(notice.event().as_str(), "2026-11-23T06:00:05Z".parse().unwrap(), &notice);
        let expected = json!({
            "type": "scheduler.actionFailed",
            "timestamp": "2026-11-23T06:00:05Z",
            "data": {
                "accountId": "123456789012", "region": "eu-central-1", "kind": "instance", "resourceId": "i-0abc",
                "resourceName": "web-1", "schedule": "office", "actionId": "00000000-0000-0000-0000-000000000000",
                "action": "start", "code": "InsufficientInstanceCapacity", "dueAt": "2026-11-23T06:00:00Z",
                "nextAttemptAt": null
            }
        });
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), expected);
        assert_eq!(notice.account(), target.account);
    }
}
