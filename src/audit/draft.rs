//! What is known of an operation when it begins, and what is known when it has ended.

use crate::{
    domain::{
        audit::{AuditActor, AuditActorKind, AuditEvent, AuditOutcome, AuditPhase},
        ids::{AccountId, RequestId},
        scope::OrgScope,
    },
    error::Error,
    op::{Actor, ActorKind, OpCx, Origin},
};
use jiff::Timestamp;
use std::sync::Arc;

/// An entry before it has its place. Its phase is an event until something else is said.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Whose chain.
    pub scope: OrgScope,
    pub event: AuditEvent,
    pub origin: Origin,
}

/// How an operation ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ending {
    pub outcome: AuditOutcome,
    pub status: Option<u16>,
    pub code: Option<&'static str>,
    pub detail: Option<String>,
    /// What came to be known of the target only then: an id that was made.
    pub account: Option<AccountId>,
    pub target: Option<String>,
}

impl From<AuditOutcome> for Ending {
    fn from(outcome: AuditOutcome) -> Self {
        Self { outcome, status: None, code: None, detail: None, account: None, target: None }
    }
}

impl From<&Error> for Ending {
    fn from(error: &Error) -> Self {
        let outcome = AuditOutcome::of_status(error.code().http_status());
        Self { code: Some(error.code().as_str()), ..outcome.into() }
    }
}

impl<T> From<&Result<T, Error>> for Ending {
    fn from(result: &Result<T, Error>) -> Self {
        match result {
            Ok(_) => AuditOutcome::Succeeded.into(),
            Err(error) => error.into(),
        }
    }
}

impl Ending {
    /// From the answer to a request.
    #[must_use]
    pub fn answered(status: u16, code: Option<&'static str>) -> Self {
        Self { status: Some(status), code, ..AuditOutcome::of_status(status).into() }
    }
}

fn actor_of(actor: &Actor) -> AuditActor {
    let (kind, api_key) = match actor.kind {
        ActorKind::Member => (AuditActorKind::Member, None),
        ActorKind::ApiKey(key) => (AuditActorKind::ApiKey, Some(key)),
        ActorKind::Operator => return AuditActor::nobody(AuditActorKind::Operator),
        ActorKind::System => return AuditActor::nobody(AuditActorKind::System),
    };
    AuditActor { kind, user: Some(actor.user_id), api_key }
}

impl Draft {
    #[must_use]
    pub fn of(cx: &OpCx, action: &str) -> Self {
        let actor = actor_of(&cx.actor);
        let mut draft = Self::bare(cx.scope.whole(), actor, action, cx.now);
        draft.event.request_id = Some(cx.request_id);
        draft.origin = cx.origin.clone();
        draft
    }

    /// Of a caller whom we do not know.
    #[must_use]
    pub fn of_unknown(action: &str, request_id: RequestId, origin: Origin, now: Timestamp) -> Self {
        let actor = AuditActor::nobody(AuditActorKind::Unknown);
        let mut draft = Self::bare(OrgScope::of_nobody(), actor, action, now);
        draft.event.request_id = Some(request_id);
        draft.origin = origin;
        draft
    }

    #[must_use]
    pub fn bare(scope: OrgScope, actor: AuditActor, action: &str, at: Timestamp) -> Self {
        let event = AuditEvent {
            at,
            actor,
            action: Arc::from(action),
            account: None,
            target: None,
            phase: AuditPhase::Event,
            outcome: AuditOutcome::Unknown,
            status: None,
            code: None,
            detail: None,
            request_id: None,
            intent: None,
            origin: None,
        };
        Self { scope, event, origin: Origin::default() }
    }

    /// What it is done to: an account has a column of its own.
    #[must_use]
    pub fn on(mut self, target: Option<&str>) -> Self {
        match target.map(|text| (text, text.parse())) {
            Some((_, Ok(account))) => self.event.account = Some(account),
            Some((text, Err(_))) => self.event.target = Some(text.to_owned()),
            None => {}
        }
        self
    }

    #[must_use]
    pub(super) fn intent(mut self) -> Self {
        (self.event.phase, self.event.outcome) = (AuditPhase::Intent, AuditOutcome::Pending);
        self
    }

    /// The outcome of an intent says no more about where it came from: the intent does.
    #[must_use]
    pub(super) fn outcome_of(mut self, intent: i64) -> Self {
        (self.event.phase, self.event.intent) = (AuditPhase::Outcome, Some(intent));
        self.origin = Origin::default();
        self
    }

    #[must_use]
    pub(super) fn ended(mut self, ending: Ending) -> Self {
        let event = &mut self.event;
        event.outcome = ending.outcome;
        event.status = ending.status;
        event.code = ending.code.map(str::to_owned);
        event.detail = ending.detail;
        event.account = ending.account.or(event.account);
        event.target = ending.target.or_else(|| event.target.take());
        self
    }
}
