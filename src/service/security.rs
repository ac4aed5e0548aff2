//! Security events on their way out: one log line, one count, and one entry of the audit.

use crate::{
    app::App,
    audit::{Draft, Ending},
    domain::{
        audit::{AuditActor, AuditActorKind, AuditOutcome},
        ids::{AccountId, UserId},
        scope::OrgScope,
        security_event::SecurityEvent,
    },
    op::Origin,
};

/// What is known of the event beside its name. `detail` holds no secret and no personal data.
#[derive(Clone, Debug, Default)]
pub struct Circumstances<'a> {
    /// None: before anybody is known, as for a forged token.
    pub scope: Option<&'a OrgScope>,
    pub user: Option<UserId>,
    pub account: Option<AccountId>,
    pub origin: Option<&'a Origin>,
    pub detail: String,
}

/// Never fails and never waits: what it reports has happened already.
pub fn report(app: &App, event: SecurityEvent, what: Circumstances<'_>) {
    metrics::counter!("tuner_security_events_total", "event" => event.as_str()).increment(1);
    tracing::warn!(
        event = event.as_str(),
        org.id = what.scope.map(|scope| tracing::field::display(scope.organization())),
        user.id = what.user.map(tracing::field::display),
        account.id = what.account.map(tracing::field::display),
        client.ip = what.origin.and_then(|origin| origin.ip).map(tracing::field::display),
        detail = what.detail,
        "security event"
    );
    // While the audit cannot be written, telling it so would only fill its queue.
    if event != SecurityEvent::AuditUnavailable {
        audit(app, event, what);
    }
}

/// Its entry stands in the chain of the organisation, or of nobody's.
fn audit(app: &App, event: SecurityEvent, what: Circumstances<'_>) {
    let scope = what.scope.map_or_else(OrgScope::of_nobody, OrgScope::whole);
    let kind = match (what.user, what.scope) {
        (Some(_), _) => AuditActorKind::Member,
        (None, Some(_)) => AuditActorKind::System,
        (None, None) => AuditActorKind::Unknown,
    };
    let actor = AuditActor { kind, user: what.user, api_key: None };
    let mut draft = Draft::bare(scope, actor, event.as_str(), app.clock.now());
    draft.event.account = what.account;
    draft.origin = what.origin.cloned().unwrap_or_default();
    let detail = Some(what.detail).filter(|detail| !detail.is_empty());
    app.audit.offer(draft, Ending { detail, ..outcome(event).into() });
}

const fn outcome(event: SecurityEvent) -> AuditOutcome {
    match event {
        SecurityEvent::RoleDrifted
        | SecurityEvent::SchedulerAccountStopped
        | SecurityEvent::AuditChainBroken
        | SecurityEvent::AuditUnavailable => AuditOutcome::Failed,
        _ => AuditOutcome::Refused,
    }
}
