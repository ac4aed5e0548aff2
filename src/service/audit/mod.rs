//! The audit as the rest of the house uses it.
//!
//! HTTP requests are audited by the HTTP layer, commands by `cli::operator`; a use case needs this only for
//! what neither of them sees: timers, sign-ins.

mod read;
mod verify;
mod view;

#[cfg(test)]
pub(crate) use crate::audit::fixtures;
pub use crate::audit::{AuditLog, Draft, Ending, Pending as Intent, Unwritten};
pub use crate::db::{AuditCursor, AuditFilter, AuditOrder};
pub use read::list;
pub use verify::{ChainReport, chains, verify, verify_all};
pub use view::{ActorView, AuditRecord};

use super::security::{Circumstances, report};
use crate::{
    app::App,
    domain::{
        audit::{AuditActor, AuditActorKind, AuditOutcome},
        ids::{RequestId, UserId},
        scope::OrgScope,
        security_event::SecurityEvent,
    },
    error::{Error, ErrorCode},
    op::{OpCx, Origin},
};
use jiff::Timestamp;

/// Writes the intent of an effect. Without it nothing may be done.
pub async fn begin(app: &App, cx: &OpCx, action: &str, target: Option<&str>) -> Result<Intent, Error> {
    app.audit.begin(Draft::of(cx, action).on(target)).await.map_err(|reason| unwritten(app, reason))
}

/// Writes what became of it. An intent that is dropped instead has an unknown outcome.
pub async fn finish(_app: &App, intent: Intent, ending: impl Into<Ending>) {
    intent.finish(ending.into()).await;
}

/// Writes what has happened already: a sign-in, a sign-out.
pub async fn record(
    app: &App,
    cx: &OpCx,
    action: &str,
    target: Option<&str>,
    ending: impl Into<Ending>,
) -> Result<(), Error> {
    let draft = Draft::of(cx, action).on(target);
    app.audit.record(draft, ending.into()).await.map_err(|reason| unwritten(app, reason))
}

/// Where somebody signed in from.
#[derive(Clone, Debug)]
pub struct SignedInFrom {
    pub request_id: RequestId,
    pub origin: Origin,
    pub now: Timestamp,
}

/// Somebody has proved who they are, in a request whose sender was unknown when it came.
pub async fn record_sign_in(
    app: &App,
    scope: &OrgScope,
    user: UserId,
    from: SignedInFrom,
) -> Result<(), Error> {
    let actor = AuditActor { kind: AuditActorKind::Member, user: Some(user), api_key: None };
    let mut draft = Draft::bare(scope.whole(), actor, "sign_in", from.now);
    draft.event.request_id = Some(from.request_id);
    draft.origin = from.origin;
    let recorded = app.audit.record(draft, AuditOutcome::Succeeded.into()).await;
    recorded.map_err(|reason| unwritten(app, reason))
}

/// What cannot be audited is refused, and whoever watches is told.
pub fn unwritten(app: &App, reason: Unwritten) -> Error {
    report(app, SecurityEvent::AuditUnavailable, Circumstances::default());
    refusal(reason)
}

#[must_use]
pub fn refusal(reason: Unwritten) -> Error {
    Error::new(ErrorCode::AuditUnavailable, "").with_source(reason)
}
