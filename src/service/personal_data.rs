//! All that is kept of a person: to hand it out to them, and to forget it.
//!
//! Invariant: no hash, seed or secret is exported. After erasure only the user id is left, in what they
//! decided and in the audit, where it tells nobody who it was.

use super::{
    audit::{self, AuditFilter, AuditOrder, AuditRecord},
    local::forget_attempts,
    members::get_member,
};
use crate::{
    app::App,
    db::{
        ApiKey, Credential, EntryFilter, KeptDecision, KeptEntry, KeptEvent, KeptInvitation, KeptOverride,
        KeptSession, OverrideFilter,
    },
    domain::ids::UserId,
    error::Error,
    op::OpCx,
};
use serde_json::{Value, json};

pub use super::members::KnownMember;

/// A person reads thousands of pages a year: an export of each look would help nobody.
const NEWEST_ENTRIES: u32 = 10_000;

pub struct PersonalData {
    pub member: KnownMember,
    pub credential: Option<Credential>,
    pub invitation: Option<KeptInvitation>,
    pub sessions: Vec<KeptSession>,
    pub api_keys: Vec<ApiKey>,
    pub decisions: Vec<KeptDecision>,
    /// Earlier ones, too.
    pub decision_history: Vec<KeptEvent>,
    /// What they implemented: the ledger keeps it longer than the recommendation.
    pub implemented: Vec<KeptEntry>,
    pub overrides: Vec<KeptOverride>,
    pub audit_entries: Vec<AuditRecord>,
}

impl PersonalData {
    /// Field by field, so that a new column does not slip in.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let member = &self.member.member;
        json!({
            "userId": member.user, "name": member.subject, "displayName": member.display_name,
            "role": member.role, "accountIds": self.member.accounts, "createdAt": member.created_at,
            "disabledAt": member.disabled_at,
            "signIn": self.credential.as_ref().map(|kept| json!({
                "passwordChangedAt": kept.changed_at, "oneTimeCodesSince": kept.totp_since,
            })),
            "invitation": self.invitation.as_ref().map(|kept| json!({
                "createdAt": kept.created_at, "expiresAt": kept.expires_at, "usedAt": kept.used_at,
            })),
            "sessions": self.sessions.iter().map(session).collect::<Vec<_>>(),
            "apiKeys": self.api_keys.iter().map(api_key).collect::<Vec<_>>(),
            "decisions": self.decisions.iter().map(decision).collect::<Vec<_>>(),
            "decisionHistory": self.decision_history.iter().map(event).collect::<Vec<_>>(),
            "implemented": self.implemented.iter().map(implemented).collect::<Vec<_>>(),
            "overrides": self.overrides.iter().map(over).collect::<Vec<_>>(),
            "auditEntries": self.audit_entries,
        })
    }
}

fn session(kept: &KeptSession) -> Value {
    json!({
        "sessionId": kept.id, "createdAt": kept.created_at, "lastSeenAt": kept.last_seen_at,
        "expiresAt": kept.expires_at, "ip": kept.ip, "userAgent": kept.user_agent,
    })
}

fn api_key(kept: &ApiKey) -> Value {
    json!({
        "apiKeyId": kept.id, "name": kept.name, "prefix": kept.shown, "role": kept.role, "scopes": kept.scopes,
        "accountIds": kept.accounts, "createdAt": kept.created_at, "expiresAt": kept.expires_at,
        "revokedAt": kept.revoked_at, "lastUsedAt": kept.last_used_at,
    })
}

fn decision(kept: &KeptDecision) -> Value {
    json!({
        "recommendationId": kept.recommendation, "accountId": kept.account, "status": kept.status,
        "decidedAt": kept.decided_at, "note": kept.note, "until": kept.until,
    })
}

fn event(kept: &KeptEvent) -> Value {
    json!({
        "recommendationId": kept.recommendation, "accountId": kept.account, "event": kept.event, "at": kept.at,
        "note": kept.note, "until": kept.until,
    })
}

fn implemented(kept: &KeptEntry) -> Value {
    json!({
        "recommendationId": kept.entry.recommendation, "accountId": kept.entry.account,
        "implementedAt": kept.entry.implemented_at, "note": kept.entry.note,
    })
}

fn over(kept: &KeptOverride) -> Value {
    json!({
        "overrideId": kept.what.id, "state": kept.what.state, "reason": kept.what.reason,
        "from": kept.what.from, "until": kept.what.until, "createdAt": kept.created_at,
    })
}

pub async fn export(app: &App, cx: &OpCx, user: UserId) -> Result<PersonalData, Error> {
    let db = app.database.scoped(&cx.scope);
    let of_user = OverrideFilter { actor: Some(user), ..OverrideFilter::default() };
    let by_user = EntryFilter { implemented_by: Some(user), ..EntryFilter::default() };
    Ok(PersonalData {
        member: get_member(app, cx, user).await?,
        credential: db.find_credential(user).await?,
        invitation: db.find_kept_invitation(user).await?,
        sessions: db.list_sessions(user).await?,
        api_keys: db.list_api_keys(Some(user), None, u32::MAX).await?,
        decisions: db.list_decisions_of(user).await?,
        decision_history: db.list_events_of(user).await?,
        implemented: db.list_saving_entries(&by_user, None, u32::MAX).await?,
        overrides: db.list_overrides(&of_user, None, u32::MAX).await?,
        audit_entries: audit_entries(app, cx, user).await?,
    })
}

/// The person goes, the id stays as a pseudonym. The last administrator cannot be erased.
pub async fn erase(app: &App, cx: &OpCx, user: UserId) -> Result<(), Error> {
    let member = get_member(app, cx, user).await?.member;
    app.database.scoped(&cx.scope).erase_member(user, cx.now).await?;
    forget_attempts(app, cx.scope.organization(), &member.subject).await?;
    erase_audit_origin(app, cx, user).await
}

/// The newest entries of what the person did; `GET /audit-log?userId=` has all of them.
async fn audit_entries(app: &App, cx: &OpCx, user: UserId) -> Result<Vec<AuditRecord>, Error> {
    let filter = AuditFilter { user: Some(user), ..AuditFilter::default() };
    audit::list(app, cx, &filter, AuditOrder::NewestFirst, None, NEWEST_ENTRIES).await
}

/// Addresses and user agents in the audit. What waits to be written is written first.
async fn erase_audit_origin(app: &App, cx: &OpCx, user: UserId) -> Result<(), Error> {
    app.audit.flush().await;
    app.database.scoped(&cx.scope).erase_audit_origin(user).await?;
    Ok(())
}
