//! Security events on their way out: one log line, one count, and one entry of the audit.

use crate::{
    app::App,
    domain::{
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
pub fn report(_app: &App, event: SecurityEvent, what: Circumstances<'_>) {
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
}
